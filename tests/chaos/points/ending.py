"""What a bridge holds in the end, with people and shops by name, so that two bridges compare."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, text

from bridge.config import normalised

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

    def left(self) -> list[str]:
        """What is still to be done."""
        with self.engine.connect() as connection:
            counts = {
                what: connection.execute(text(query)).scalar_one() for what, query in _LEFT.items()
            }
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
    """SQLite tells truth as numbers, PostgreSQL sums as decimals."""
    return value if isinstance(value, str) or value is None else int(value)
