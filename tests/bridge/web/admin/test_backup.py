"""The page Backup: what was made last, and what to run."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from office import Office, seen

from bridge.audit.service import Actor
from bridge.backups.making import make
from bridge.backups.noting import note
from bridge.kit.progress import NoProgress

MADE = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)


def test_it_says_when_the_last_backup_was_made_and_what_to_run(
    office: Office, tmp_path: Path
) -> None:
    browser, other = office.sign_in(), office.sign_in(workspace="other")
    before = browser.get("settings/backup")
    assert "None was made yet" in seen(before)
    assert "loyalty-bridge backup loyalty-" in seen(before)
    app = office.application
    path = tmp_path / "everybodys.db"
    made = make(app.settings, app.database, path, MADE, NoProgress(), with_keys=False)
    with app.database.writing() as session:
        note(session, made, Actor("root, by command"), MADE)
    after = seen(browser.get("settings/backup"))
    assert "None was made yet" not in after
    assert "without the keys" in after
    assert "2026" in after and "12:30" in after
    told = seen(browser.get("audit"))
    assert "backup.made" in told
    assert "everybodys" not in told
    assert "12:30" in seen(other.get("settings/backup"))
