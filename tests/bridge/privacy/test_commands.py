"""`privacy`: as a merchant's people give the commands."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from eve import EMAIL, Eve

from bridge.application import Application
from bridge.cli import main
from bridge.config import Settings

Run = Callable[..., Result]


@pytest.fixture
def run(one_eve: Eve, sqlite_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"LOYALTY_BRIDGE_{name.upper()}", raising=False)
    monkeypatch.setenv("LOYALTY_BRIDGE_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("LOYALTY_BRIDGE_HOME", str(tmp_path))
    [row] = one_eve.rows("SELECT key FROM workspaces WHERE id = :w")
    monkeypatch.setenv("LOYALTY_BRIDGE_WORKSPACE", row.key)
    opened = Application.open.__func__  # type: ignore[attr-defined]
    monkeypatch.setattr(
        Application,
        "open",
        classmethod(lambda cls, settings: opened(cls, settings, now=lambda: one_eve.now)),
    )
    return lambda *args, **more: CliRunner().invoke(main, ["privacy", *args], **more)


def test_export_writes_one_file_and_never_over_another(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "eve.zip"
    done = run("export", EMAIL, "--to", str(path))
    assert done.exit_code == 0, done.output
    assert EMAIL in zipfile.ZipFile(path).read("data.json").decode()
    assert path.stat().st_mode & 0o077 == 0, "nobody else on the machine reads it"
    again = run("export", EMAIL, "--to", str(path))
    assert (again.exit_code, "already" in again.stderr) == (1, True)


def test_erase_says_what_it_will_do_and_asks_for_the_number(run: Run, one_eve: Eve) -> None:
    dry = run("erase", EMAIL, "--dry-run")
    assert "165 points written off" in dry.stdout
    assert "2 open vouchers withdrawn" in dry.stdout
    wrong = run("erase", EMAIL, input="#999\n")
    assert (wrong.exit_code, "Nothing was erased" in wrong.stderr) == (1, True)
    assert one_eve.told() != []
    done = run("erase", EMAIL, input=f"#{one_eve.eve}\n")
    assert done.exit_code == 0, done.output
    assert f"Member #{one_eve.eve} is erased" in done.stdout
    again = run("erase", f"#{one_eve.eve}", "--yes")
    assert (again.exit_code, "was erased before" in again.stderr) == (1, True)
    [listed] = json.loads(run("requests", "--json").stdout)
    assert (listed["member"], listed["state"]) == (one_eve.eve, "finishing")
    assert listed["counts"]["points"] == one_eve.had


def test_consents_and_retention_are_shown_and_set(run: Run) -> None:
    told = json.loads(run("consents", EMAIL, "--json").stdout)
    assert [(one["purpose"], one["is_given"], one["way"]) for one in told] == [
        ("letters", True, "page")
    ]
    assert "What letters said: after 24 months" in run("retention").stdout
    done = run("retention", "--letters", "0", "--inactive", "36", "--json")
    assert json.loads(done.stdout) | {"letters_months": None, "inactive_months": 36} == json.loads(
        done.stdout
    )
    wrong = run("retention", "--inactive", "1")
    assert (wrong.exit_code, "inactive_months" in wrong.stderr) == (1, True)
