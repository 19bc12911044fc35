"""A look at the book that shares no code with it."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, datetime

from sqlalchemy import text

from bridge.db import Database

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def assert_sound(database: Database, workspace_id: int) -> None:
    """Accounts and lots are exactly what their entries add up to; nothing is negative."""
    with database.reading() as session:
        entries = (
            session.connection()
            .execute(
                text(
                    "SELECT account_id, lot_id, debit, credit, points FROM entries"
                    " WHERE workspace_id = :w"
                ),
                {"w": workspace_id},
            )
            .all()
        )
        accounts = (
            session.connection()
            .execute(
                text(
                    "SELECT id, pending, available, reserved, debt FROM accounts"
                    " WHERE workspace_id = :w"
                ),
                {"w": workspace_id},
            )
            .all()
        )
        lots = (
            session.connection()
            .execute(
                text(
                    "SELECT id, account_id, pending, available, reserved FROM lots"
                    " WHERE workspace_id = :w"
                ),
                {"w": workspace_id},
            )
            .all()
        )
    by_account: dict[int, Counter[str]] = defaultdict(Counter)
    by_lot: dict[int, Counter[str]] = defaultdict(Counter)
    whole: Counter[str] = Counter()
    for account_id, lot_id, debit, credit, points in entries:
        assert points > 0
        for place, change in ((debit, -points), (credit, points)):
            by_account[account_id][place] += change
            by_lot[lot_id][place] += change
            whole[place] += change
    assert sum(whole.values()) == 0
    assert whole["moved"] == 0
    in_lots: dict[int, Counter[str]] = defaultdict(Counter)
    for lot_id, account_id, *held in lots:
        for place, points in zip(("pending", "available", "reserved"), held, strict=True):
            assert points == by_lot[lot_id][place] >= 0
            in_lots[account_id][place] += points
    for account_id, pending, available, reserved, debt in accounts:
        summed = by_account[account_id]
        assert (pending, available, reserved) == (
            summed["pending"],
            summed["available"],
            summed["reserved"],
        )
        assert debt == -summed["debt"] >= 0
        for place, points in (("pending", pending), ("available", available)):
            assert points == in_lots[account_id][place]
        assert not (debt and available), "debt is paid before anything is available"
