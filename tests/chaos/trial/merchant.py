"""One merchant with one shop, and all that can be compared after a run: the shop, the bridge's
memory, its mirror, its deliveries, its plan."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, create_engine, text

from bridge.config import normalised
from bridge.demo.differences import differences
from trial.command import Command, Ran
from trial.shops import Dump, Shop

OPEN = ("queued", "leased")
_MEMORY = {
    "bindings": "kind, key, batch, native_id, ours, theirs, original, owned, source",
    "shop_prices": "key, product_id, native_id, value",
    "shop_groups": "group_id, name, tax",
    "shop_audiences": "audience_id, group_ids, ours",
    "shop_customers": "customer_id, group_id",
    "deliveries": "kind, key, before, after, base, native_id, state",
}
"""What must be the same however often a run was interrupted; numbers of rows and runs, times
and tries are not."""


@dataclass(frozen=True)
class Size:
    articles: int
    rows_each: int


@dataclass(frozen=True)
class Ending:
    """Everything there is after a run."""

    shop: Dump = field(repr=False)
    memory: Mapping[str, Counter[tuple[str, ...]]] = field(repr=False)
    plan: Any = field(repr=False)

    def unlike(self, other: Ending) -> list[str]:
        """Where they differ, in words; empty: nowhere."""
        found = [str(one) for one in differences(other.shop, self.shop)]
        for table in self.memory:
            ours, theirs = self.memory[table], other.memory[table]
            found += [f"+ {table} {row}" for row in (ours - theirs)]
            found += [f"- {table} {row}" for row in (theirs - ours)]
        if self.plan != other.plan:
            found.append(f"plan {self.plan} instead of {other.plan}")
        return found


@dataclass
class Merchant:
    platform: str
    size: Size
    shop: Shop
    bridge: Command
    at_first: Dump = field(repr=False)
    """The shop before the bridge came."""

    def apply(self) -> Ran:
        return self.bridge.run("apply", "--yes")

    def ending(self) -> Ending:
        return Ending(self.shop.dump(), self.memory(), self.bridge.json("plan"))

    # -- the bridge's memory -------------------------------------------------------------------

    def memory(self) -> dict[str, Counter[tuple[str, ...]]]:
        with self._database() as connection:
            return {
                table: Counter(
                    tuple(str(value) for value in row)
                    for row in connection.execute(text(f"SELECT {columns} FROM {table}"))
                )
                for table, columns in _MEMORY.items()
                if (self.platform, table) != ("magento", "shop_audiences")  # they are the groups
            }

    def states(self) -> Counter[str]:
        """How many deliveries are in which state."""
        with self._database() as connection:
            rows = connection.execute(text("SELECT state, count(*) FROM deliveries GROUP BY state"))
            return Counter({str(state): int(count) for state, count in rows})

    def open_deliveries(self) -> int:
        states = self.states()
        return sum(states[state] for state in OPEN)

    @contextmanager
    def _database(self) -> Iterator[Connection]:
        url = self.bridge.database_url or f"sqlite:///{self.bridge.home / 'loyalty-bridge.db'}"
        engine = create_engine(normalised(url))
        try:
            with engine.connect() as connection:
                yield connection
        finally:
            engine.dispose()
