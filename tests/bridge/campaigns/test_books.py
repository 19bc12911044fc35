"""The books are clean after campaigns gave and rewards were taken."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

from campaign_world import CampaignWorld
from ledger_world import line, order
from sqlalchemy import text

from bridge.application import Application
from bridge.config import Settings
from bridge.reconciling.service import reconcile
from bridge.rewards.claiming import Claiming, claim
from bridge.rewards.fulfilling import cancel, fulfil


def test_reconciling_finds_no_difference(shops: CampaignWorld, tmp_path: Path) -> None:
    shops.programme(
        {"expire": {"days": 30}},
        campaigns={"bd": {"birthday": True, "give": {"points": 50}}},
        next_purchase={"again": {"give": {"share": 3}}},
        rewards={"ticket": {"name": "Ticket", "points": 10}},
    )
    ada = shops.registered("ada", birthday=date(1990, 3, 2))
    shops.arrive(order("1", line("a", 100), customer="ada"))
    shops.now = datetime(2026, 3, 2, 0, 30, tzinfo=UTC)
    done = shops.due()
    assert (done.points, done.vouchers) == (1, 1)
    shops.deliver()
    app = Application(
        Settings(home=tmp_path), shops.database, shops.workspace, now=lambda: shops.now
    )
    for step in ("taken", "provided", "expired"):
        with shops.database.writing() as session:
            if step == "taken":
                made = [
                    claim(session, shops.workspace, Claiming(name, ada, "ticket"), shops.now)
                    for name in ("1", "2", "3")
                ]
            elif step == "provided":
                numbers = [one.claim.id or 0 for one in made]
                fulfil(session, shops.workspace, numbers[0], "", "", shops.now)
                cancel(session, shops.workspace, numbers[1], "", "", shops.now)
        if step == "expired":
            shops.later(days=40)
        found = [one.check for one in reconcile(app, ask_shops=False).left]
        assert found == [], step
    assert shops.balance(ada) == (0, 0, 0)


def test_a_lost_entry_of_a_campaign_is_posted_again_under_its_cause(
    shops: CampaignWorld, tmp_path: Path
) -> None:
    shops.programme({}, campaigns={"bd": {"birthday": True, "give": {"points": 50}}})
    ada = shops.registered("ada", birthday=date(1990, 3, 2))
    shops.now = datetime(2026, 3, 2, 0, 30, tzinfo=UTC)
    assert shops.due().points == 1
    kept = "SELECT source_line, rule, effect, points FROM entries WHERE workspace_id = :w"
    before = [tuple(row) for row in shops.rows(kept)]
    with shops.database.writing() as session:
        is_sqlite = session.get_bind().dialect.name == "sqlite"
        session.execute(
            text(
                "DROP TRIGGER entries_are_never_deleted"
                if is_sqlite
                else "ALTER TABLE entries DISABLE TRIGGER entries_are_never_changed"
            )
        )
        session.connection().execute(
            text("DELETE FROM entries WHERE workspace_id = :w"), {"w": shops.workspace}
        )
    app = Application(
        Settings(home=tmp_path), shops.database, shops.workspace, now=lambda: shops.now
    )
    reconcile(app, ask_shops=False, repair=True)
    assert [tuple(row) for row in shops.rows(kept)] == before
    assert before == [(str(ada), "bd", "earn", 50)]
    assert shops.due().points == 0
