"""When things became what they are, from the shop's state history. Pure.

A state changes without the order's ``updatedAt`` (recorded: changes_a_poller_sees.json #2); its
time is the history's (#6). What was created in a state has no history: then its creation counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from connectors.shopware.mapping import moment
from connectors.shopware.paging import Row

PAID = "paid"
REFUNDED = "refunded"
PARTLY_REFUNDED = "refunded_partially"
SETTLED = frozenset({PAID, REFUNDED, PARTLY_REFUNDED})
"""The money came in; giving some back does not change that it did."""


@dataclass(frozen=True, slots=True)
class Entry:
    at: datetime
    left: str
    entered: str


class History:
    """The entries of many things, by the id of the thing, oldest first."""

    def __init__(self, rows: Iterable[Row]) -> None:
        found: dict[str, list[tuple[datetime, str, Entry]]] = {}
        for row in rows:
            at = moment(row.get("createdAt"))
            if at is not None:
                entry = Entry(at, state_of(row, "fromStateMachineState"), state_of(row, _TO))
                thing = str(row.get("referencedId"))
                found.setdefault(thing, []).append((at, str(row.get("id")), entry))
        self._entries: Mapping[str, tuple[Entry, ...]] = {
            thing: tuple(entry for _, _, entry in sorted(entries, key=lambda one: one[:2]))
            for thing, entries in found.items()
        }

    def of(self, thing_id: str) -> Sequence[Entry]:
        return self._entries.get(thing_id, ())

    def entered(self, thing_id: str, state: str, created: datetime) -> datetime:
        """When the thing last became what it is now."""
        times = [entry.at for entry in self.of(thing_id) if entry.entered == state]
        return times[-1] if times else created

    def paid(self, transaction_id: str, state: str, created: datetime) -> datetime | None:
        """Since when a transaction is paid; ``None`` when it is not, or no longer: authorised,
        failed, cancelled, reminded, charged back. A refund leaves it paid."""
        if state not in SETTLED:
            return None
        entries = self.of(transaction_id)
        since = created if not entries or entries[0].left in SETTLED else None
        for entry in entries:
            if entry.entered not in SETTLED:
                since = None
            elif since is None and entry.entered == PAID:
                since = entry.at
        if since is None and state == PAID:
            return self.entered(transaction_id, PAID, created)
        return since


_TO = "toStateMachineState"


def state_of(row: Row, name: str = "stateMachineState") -> str:
    state = row.get(name)
    return str(state.get("technicalName") or "") if isinstance(state, dict) else ""
