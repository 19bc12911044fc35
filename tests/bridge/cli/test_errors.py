"""Whatever goes wrong: one line, an exit code, never a trace on the screen."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from sqlalchemy.exc import IntegrityError, OperationalError

from bridge.cli import main
from bridge.cli.errors import explanation, failure
from bridge.db import Database
from bridge.kit.encryption import UnreadableSecret
from bridge.kit.errors import BridgeError
from bridge.programme.issues import Issue, ProgrammeError
from connectors.base import Severity
from connectors.errors import Rejected

COMMAND = [str(Path(sys.executable).with_name("loyalty-bridge"))]


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[BaseException]]:
    """`store list` raises what is put in here."""
    raised: list[BaseException] = []

    @click.command()
    def command() -> None:
        raise raised[0]

    monkeypatch.setattr("bridge.cli.store_list.list_", command)
    return raised


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (BridgeError("Do this."), "Do this."),
        (
            Rejected("The SKU is unknown", where="POST /x"),
            "The SKU is unknown (POST /x).",
        ),
        (UnreadableSecret(), "The stored credentials cannot be decrypted"),
        (
            ProgrammeError(
                [
                    Issue(Severity.ERROR, "p.yaml", 3, "currency", "is not a currency"),
                    Issue(Severity.ERROR, "p.yaml", 4, "", "is odd"),
                ]
            ),
            "p.yaml:3 currency: is not a currency (and 1 more",
        ),
        (FileNotFoundError(2, "No such file", "x.csv"), "x.csv: No such file."),
        (ValueError("first\nsecond"), "first"),
        (KeyError("price"), "Something went wrong inside the bridge: KeyError: 'price'."),
        (
            OperationalError("SELECT secret", {"a": "S3CR3T"}, Exception("database is locked")),
            "The database is busy",
        ),
        (
            IntegrityError("INSERT", {"a": "S3CR3T"}, Exception("duplicate\nDETAIL: S3CR3T")),
            "The database refused a statement: IntegrityError: duplicate",
        ),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_errors_become_one_line(failing: list[BaseException], error: Exception, line: str) -> None:
    failing.append(error)
    result = CliRunner().invoke(main, ["store", "list"])
    assert result.exit_code == 1
    (told,) = result.stderr.splitlines()
    assert told.startswith(f"Error: {line}")
    assert "S3CR3T" not in told


def test_the_trace_goes_to_the_log_when_asked(failing: list[BaseException], bare) -> None:
    failing.append(KeyError("price"))
    assert "Traceback" not in bare("store", "list").stderr
    assert "Traceback" in bare("--verbose", "store", "list").stderr


def test_secrets_in_an_error_are_masked() -> None:
    error = BridgeError("Refused: Authorization: Bearer abcdef123456, password=hunter22")
    assert "abcdef123456" not in failure(error).message
    assert "hunter22" not in failure(error).message


def test_interrupted_is_130(failing: list[BaseException]) -> None:
    failing.append(KeyboardInterrupt())
    result = CliRunner().invoke(main, ["store", "list"])
    assert result.exit_code == 130
    assert result.stderr == "Interrupted.\n"


def test_a_database_that_is_down_is_named_without_its_password(bare) -> None:
    url = "postgresql://me:S3CR3T-pass@127.0.0.1:1/x"
    line = bare.error("--database-url", url, "store", "list")
    assert "The database cannot be used" in line
    assert "S3CR3T-pass" not in line


@pytest.mark.parametrize("url", ["nonsense:S3CR3T-pass", "oracle2://me:S3CR3T-pass@host/x"])
def test_a_database_url_that_cannot_be_read_is_not_repeated(bare, url: str) -> None:
    line = bare.error("--database-url", url, "init")
    assert "The database URL cannot be read" in line
    assert "S3CR3T-pass" not in line


def test_a_file_that_is_no_database(bare) -> None:
    bare.home.mkdir()
    (bare.home / "loyalty-bridge.db").write_text("this is no database, whatever its name says")
    assert "not a database" in bare.error("store", "list")


def test_a_busy_database_says_so(bare, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bridge.db.BUSY_TIMEOUT_MS", 50)
    bare.ok("init")
    other = Database(f"sqlite:///{bare.home / 'loyalty-bridge.db'}")
    with other.writing() as session:
        session.connection()
        assert "The database is busy" in bare.error("keys", "rotate")
    other.close()


@pytest.mark.parametrize(
    ("name", "value", "part"),
    [
        ("LEASE_SECONDS", "soon", "LOYALTY_BRIDGE_LEASE_SECONDS: "),
        ("LOG_LEVEL", "loud", "Unknown log level 'loud'"),
        ("KEYS", "S3CR3T-key", "LOYALTY_BRIDGE_KEYS cannot be used"),
    ],
)
def test_a_setting_that_cannot_be_is_named(
    bare, monkeypatch: pytest.MonkeyPatch, name: str, value: str, part: str
) -> None:
    monkeypatch.setenv(f"LOYALTY_BRIDGE_{name}", value)
    line = bare.error("init")
    assert part in line
    assert "S3CR3T" not in line


def test_explanation_of_an_error_without_text() -> None:
    assert explanation(ValueError()) == "ValueError"


def test_a_reader_that_goes_away_is_no_error(bare) -> None:
    """`loyalty-bridge … | head -0`"""
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as closed:
        ended = subprocess.run(
            [*COMMAND, "--help"], stdout=closed, stderr=subprocess.PIPE, text=True, timeout=60
        )
    assert ended.stderr == ""


def test_ctrl_c_in_a_real_process(bare, tmp_path: Path) -> None:
    bare.ok("init")
    credentials = tmp_path / "credentials"
    os.mkfifo(credentials)
    args = ("store", "add", "x", "--platform", "magento", "--url", "http://127.0.0.1:1")
    process = subprocess.Popen(
        [*COMMAND, *args, "--credentials", str(credentials)], stderr=subprocess.PIPE, text=True
    )
    with credentials.open("w"):  # opens when the command does, which then waits for a line
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=60)
    assert process.returncode == 130
    assert told == "Interrupted.\n"
