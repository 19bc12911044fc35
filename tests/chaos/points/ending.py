"""What a bridge holds in the end, with people and shops by name, so that two bridges compare."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, func, or_, select, text
from sqlmodel import col

from bridge.config import normalised
from bridge.inbox.models import Cursor

_WHO = """
  (SELECT min(i.name || '/' || c.customer_id) FROM member_customers c
   JOIN installations i ON i.id = c.installation_id WHERE c.member_id = a.holder_id) AS who
"""
_SHOP = "coalesce((SELECT name FROM installations WHERE id = e.installation_id), '') AS shop"

_QUERIES = {
    "sums": f"""
      SELECT {_WHO}, {_SHOP}, e.source_kind, e.source_id, e.source_line, e.rule, e.effect,
        sum(e.points) AS points
      FROM entries e JOIN accounts a ON a.id = e.account_id
      GROUP BY a.holder_id, e.installation_id, e.source_kind, e.source_id, e.source_line, e.rule,
        e.effect
    """,
    "lots": f"""
      SELECT {_WHO}, {_SHOP}, e.source_id, e.pending, e.available, e.reserved
      FROM lots e JOIN accounts a ON a.id = e.account_id
    """,
    "balances": f"SELECT {_WHO}, available, pending, reserved, debt FROM accounts a",
    "orders": f"""
      SELECT {_SHOP}, order_id, counts, is_decided, is_frozen, net_total, gross_total, items,
        content
      FROM orders e
    """,
    "inbox": f"SELECT {_SHOP}, resource, entity_id, content_hash, state FROM inbox e",
}
_CHANGED = re.compile(r'"changed_at":"[^"]*",')
_LEFT = {
    "rows of the inbox": "SELECT count(*) FROM inbox WHERE state NOT IN ('handled', 'stale')",
    "walks that failed": "SELECT count(*) FROM cursors WHERE error <> ''",
    "orders to decide": """
      SELECT count(*) FROM orders WHERE NOT is_decided AND ripens_at IS NOT NULL
    """,
    "lots to ripen": "SELECT count(*) FROM lots WHERE pending > 0 AND ripens_at IS NOT NULL",
}


@dataclass(frozen=True)
class Progress:
    """Rows that there are; each only grows."""

    stored: int
    handled: int
    entries: int

    def share_of(self, whole: Progress, since: Progress) -> float:
        """Of the way from ``since`` to ``whole``, 0 to 1."""
        ways = [
            (getattr(self, name) - getattr(since, name))
            / max(getattr(whole, name) - getattr(since, name), 1)
            for name in ("stored", "handled", "entries")
        ]
        return sum(ways) / len(ways)


@dataclass
class Ledger:
    """A bridge's database, read from outside."""

    engine: Engine = field(repr=False)

    @classmethod
    def of(cls, home: Path, database_url: str | None) -> Ledger:
        return cls(create_engine(normalised(database_url or f"sqlite:///{home}/loyalty-bridge.db")))

    def books(self) -> dict[str, Counter[tuple[Any, ...]]]:
        with self.engine.connect() as connection:
            return {
                name: Counter(
                    tuple(_plain(value) for value in row) for row in connection.execute(text(query))
                )
                for name, query in _QUERIES.items()
            }

    def progress(self) -> Progress:
        with self.engine.connect() as connection:
            row = connection.execute(
                text(
                    "SELECT (SELECT count(*) FROM inbox),"
                    " (SELECT count(*) FROM inbox WHERE state IN ('handled', 'stale')),"
                    " (SELECT count(*) FROM entries)"
                )
            ).one()
            return Progress(*row)

    def left(self, changed_at: datetime) -> list[str]:
        """What is still to be done; the shops changed last at ``changed_at``."""
        with self.engine.connect() as connection:
            counts = {
                what: connection.execute(text(query)).scalar_one() for what, query in _LEFT.items()
            }
            behind = connection.execute(
                select(func.count()).where(
                    or_(
                        col(Cursor.complete_through).is_(None),
                        col(Cursor.complete_through) <= changed_at,
                    )
                )
            ).scalar_one()
        counts["walks that are behind"] = behind
        return [f"{count} {what}" for what, count in counts.items() if count]

    def close(self) -> None:
        self.engine.dispose()


def unlike(
    ours: Mapping[str, Counter[tuple[Any, ...]]], theirs: Mapping[str, Counter[tuple[Any, ...]]]
) -> list[str]:
    """Where two books differ, in words; empty: nowhere."""
    found = []
    for name in ours:
        found += [f"+ {name} {row}" for row in (ours[name] - theirs[name])]
        found += [f"- {name} {row}" for row in (theirs[name] - ours[name])]
    return found


def _plain(value: Any) -> Any:
    """SQLite tells truth as numbers, PostgreSQL sums as decimals. When an order was changed is
    told no later than it was read, by the shop's clock as it was measured: two bridges differ in
    that by parts of a second."""
    if isinstance(value, str):
        return _CHANGED.sub("", value)
    return None if value is None else int(value)
