"""Lists that a poller walks: found by id, by order and by the time of change without looking at
every row."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Generic, Protocol, TypeVar

from connectors.magento.sandbox.criteria import Columns, Criteria, Filter, moment, select
from connectors.magento.sandbox.errors import internal


class Listed(Protocol):
    id: int

    @property
    def order_id(self) -> int: ...

    @property
    def updated_at(self) -> str: ...


Entry = TypeVar("Entry", bound=Listed)

_BY_CHANGE = ("updated_at", "ASC")
_BY_ID = ("entity_id", "ASC")
_KEYS = ("entity_id", "order_id")
_NOT_BEFORE = ("gt", "gteq", "from", "moreq")


@dataclass(slots=True)
class Entries(Generic[Entry]):
    rows: dict[int, Entry] = field(default_factory=dict)
    """In the order they were made, which is that of their ids."""
    _by_order: dict[int, list[Entry]] = field(default_factory=dict)
    _by_change: list[tuple[str, int]] = field(default_factory=list)
    _changed: bool = False

    def add(self, entry: Entry) -> Entry:
        self.rows[entry.id] = entry
        self._by_order.setdefault(entry.order_id, []).append(entry)
        self._changed = True
        return entry

    def of_order(self, order_id: int) -> list[Entry]:
        return self._by_order.get(order_id, [])

    def touched(self) -> None:
        """To be called after a change of time."""
        self._changed = True

    def search(self, criteria: Criteria, columns: Columns) -> tuple[list[Entry], int]:
        """As :func:`criteria.select`; an unknown field breaks the shop (recorded: #18)."""
        candidates, left = self._narrowed(criteria, columns)
        if left.groups or left.sort:
            return select((self.rows[one] for one in candidates), left, columns, _unknown)
        total = len(candidates)
        if left.page_size:
            size = max(left.page_size, 1)
            start = (max(left.page or 1, 1) - 1) * size
            candidates = candidates[start : start + size]
        return [self.rows[one] for one in candidates], total

    def _narrowed(self, criteria: Criteria, columns: Columns) -> tuple[list[int], Criteria]:
        """Ids that can be among those looked for, and what is left to check and to sort."""
        keyed = next(
            (one for one in _single(criteria) if one.field in columns and _is_keyed(one)), None
        )
        if keyed is not None:
            return self._by_key(keyed), _without(criteria, keyed, criteria.sort)
        wanted = criteria.sort in ((_BY_CHANGE,), (_BY_CHANGE, _BY_ID))
        since = next((one for one in _single(criteria) if _is_since(one)), None)
        if since is None and not wanted:
            sort = () if criteria.sort == (_BY_ID,) else criteria.sort
            return list(self.rows), replace(criteria, sort=sort)
        ordered = self._ordered()
        start = _start(ordered, since) if since is not None else 0
        found = [one for _, one in ordered[start:]]
        return found, _without(criteria, since, () if wanted else criteria.sort)

    def _ordered(self) -> list[tuple[str, int]]:
        if self._changed:
            self._by_change = sorted((row.updated_at, row.id) for row in self.rows.values())
            self._changed = False
        return self._by_change

    def _by_key(self, one: Filter) -> list[int]:
        wanted = {int(text) for text in (one.value or "").split(",")}
        if one.field == "entity_id":
            return sorted(number for number in wanted if number in self.rows)
        return sorted(row.id for number in wanted for row in self.of_order(number))


def _unknown(name: str) -> Exception:
    return internal()


def _single(criteria: Criteria) -> Iterable[Filter]:
    return (group[0] for group in criteria.groups if len(group) == 1)


def _is_keyed(one: Filter) -> bool:
    parts = (one.value or "").split(",")
    if one.condition == "eq" and len(parts) > 1:
        return False
    return one.field in _KEYS and one.condition in ("eq", "in") and all(map(str.isdecimal, parts))


def _is_since(one: Filter) -> bool:
    return one.field == "updated_at" and one.condition in _NOT_BEFORE and one.value is not None


def _start(ordered: list[tuple[str, int]], since: Filter) -> int:
    key = moment(since.value or "")
    if since.condition == "gt":
        return bisect_left(ordered, (key + "\0", 0))
    return bisect_left(ordered, (key, 0))


def _without(
    criteria: Criteria, done: Filter | None, sort: tuple[tuple[str, str], ...]
) -> Criteria:
    groups = tuple(group for group in criteria.groups if done is None or group != (done,))
    return replace(criteria, groups=groups, sort=sort)
