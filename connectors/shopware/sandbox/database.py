"""Tables in memory with transactions: what fails leaves nothing behind."""

from __future__ import annotations

import threading
from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from connectors.shopware.sandbox.definitions import LIVE_VERSION, Definition, definitions
from connectors.shopware.sandbox.happenings import Happenings, Put
from connectors.shopware.sandbox.identifiers import stamp

Key = str | tuple[str, ...]


@dataclass(slots=True)
class Row:
    """A stored row. Never changed once it is in a table: a change puts a new one."""

    values: dict[str, Any]
    translations: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By language id; only translatable fields."""

    def copy(self) -> Row:
        return Row(dict(self.values), {k: dict(v) for k, v in self.translations.items()})


class Table:
    def __init__(self, definition: Definition) -> None:
        self.definition = definition
        self.rows: dict[Key, Row] = {}
        self._indexes: dict[str, dict[Any, dict[Key, None]]] = {}
        self._folded: dict[str, dict[Any, dict[Key, None]]] = {}
        self._ordered: dict[str, list[tuple[str, Key]]] = {}
        self._sorted: list[Key] | None = None

    def key_of(self, values: dict[str, Any]) -> Key:
        names = self.definition.primary_key
        if len(names) == 1:
            return str(values[names[0]])
        return tuple(str(values[name]) for name in names)

    def by_id(self, key: Key | None) -> Row | None:
        return self.rows.get(key) if key is not None else None

    def keys(self) -> list[Key]:
        """All keys in ascending order."""
        if self._sorted is None:
            self._sorted = sorted(self.rows)
        return self._sorted

    def keys_from(self, start: str) -> list[Key]:
        keys = self.keys()
        return keys[bisect_left(keys, start) :]

    def where(self, name: str, value: Any) -> list[Key]:
        """The keys of rows with this value, by an index that is built when first asked for."""
        index = self._indexes.get(name)
        if index is None:
            index = self._indexes[name] = {}
            for key, row in self.rows.items():
                index.setdefault(row.values.get(name), {})[key] = None
        return list(index.get(value, ()))

    def where_text(self, name: str, text: str) -> list[Key]:
        """As :meth:`where`, regardless of case, as the database's collation compares."""
        index = self._folded.get(name)
        if index is None:
            index = self._folded[name] = {}
            for key, row in self.rows.items():
                index.setdefault(_fold(row.values.get(name)), {})[key] = None
        return list(index.get(text.casefold(), ()))

    def since(self, name: str, start: str) -> list[Key]:
        """The keys of rows whose time of this name is ``start`` or later, oldest first."""
        ordered = self._ordered.get(name)
        if ordered is None:
            times = ((row.values.get(name), key) for key, row in self.rows.items())
            ordered = self._ordered[name] = sorted((at, key) for at, key in times if at)
        place = bisect_left(ordered, start, key=lambda entry: entry[0])
        return [key for _, key in ordered[place:]]

    def store(self, key: Key, row: Row | None) -> Row | None:
        """Puts or (``None``) drops a row and returns what was there."""
        before = self.rows.get(key)
        if row is None:
            self.rows.pop(key, None)
        else:
            self.rows[key] = row
        self._order(key, before, row)
        for name, index in self._indexes.items():
            _reindex(index, key, before and before.values.get(name), before is not None, False)
            _reindex(index, key, row and row.values.get(name), row is not None, True)
        for name, index in self._folded.items():
            old, new = (_fold(one and one.values.get(name)) for one in (before, row))
            _reindex(index, key, old, before is not None, False)
            _reindex(index, key, new, row is not None, True)
        for name, ordered in self._ordered.items():
            _reorder(ordered, key, before, row, name)
        return before

    def _order(self, key: Key, before: Row | None, row: Row | None) -> None:
        if self._sorted is None or (before is None) == (row is None):
            return
        if row is not None:
            insort(self._sorted, key)
        else:
            del self._sorted[bisect_left(self._sorted, key)]


def _fold(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value


def _reindex(
    index: dict[Any, dict[Key, None]], key: Key, value: Any, applies: bool, add: bool
) -> None:
    if not applies:
        return
    if add:
        index.setdefault(value, {})[key] = None
        return
    keys = index.get(value)
    if keys is not None:
        keys.pop(key, None)
        if not keys:
            del index[value]


def system_clock() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class _Stored:
    table: Table
    key: Key
    before: Row | None
    named: tuple[str, ...] | None
    heard: bool


def _reorder(
    ordered: list[tuple[str, Key]], key: Key, before: Row | None, row: Row | None, name: str
) -> None:
    old, new = (one and one.values.get(name) for one in (before, row))
    if old == new:
        return
    if old:
        del ordered[bisect_left(ordered, (old, key))]
    if new:
        insort(ordered, (new, key))


class Database:
    """All tables of one shop. Everything happens under :attr:`lock`."""

    version_id = LIVE_VERSION
    is_draft = False

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.tables = {entity: Table(d) for entity, d in definitions().items()}
        self.config: dict[str, Any] = {}
        self._counters: dict[str, int] = {}
        self._journal: list[_Stored] | None = None
        self.happenings = Happenings()
        self.drafts: dict[str, Any] = {}
        """Open drafts of orders, by version id."""
        self.clock: Callable[[], datetime] = system_clock

    def __getitem__(self, entity: str) -> Table:
        return self.tables[entity]

    def now(self) -> str:
        """The shop's time as its answers write it."""
        return stamp(self.clock())

    def put(
        self,
        entity: str,
        key: Key,
        row: Row | None,
        *,
        fields: Iterable[str] | None = None,
        heard: bool = True,
    ) -> None:
        """``fields``: what the write named, for those who listen; ``None``: what differs.
        Not ``heard``: they are not told."""
        table = self.tables[entity]
        named = None if fields is None else tuple(fields)
        stored = _Stored(table, key, table.store(key, row), named, heard)
        if self._journal is not None:
            self._journal.append(stored)
        else:
            self._note([stored])

    def _note(self, journal: list[_Stored]) -> None:
        """Tells what a write came to: each row once, as it was and as it is now."""
        if not self.happenings.listeners or not journal:
            return
        first: dict[tuple[str, Key], _Stored] = {}
        named: dict[tuple[str, Key], dict[str, None] | None] = {}
        for one in journal:
            if not one.heard:
                continue
            place = (one.table.definition.entity, one.key)
            first.setdefault(place, one)
            known = named.get(place, {})
            fields = None if one.named is None or known is None else dict.fromkeys(one.named)
            named[place] = None if fields is None or known is None else {**known, **fields}
        puts = []
        for place, one in first.items():
            after, fields = one.table.rows.get(one.key), named[place]
            puts.append(
                Put(
                    one.table.definition,
                    one.key,
                    one.before.values if one.before else None,
                    after.values if after else None,
                    None if fields is None else tuple(fields),
                )
            )
        moved = [put for put in puts if put.before is not None or put.after is not None]
        self.happenings.note_written(moved, self.now())

    def next_number(self, entity: str) -> int:
        """The next auto-increment value; like the shop's, never given twice."""
        self._counters[entity] = self._counters.get(entity, 0) + 1
        return self._counters[entity]

    def clear(self) -> None:
        """Empties everything; numbers start anew."""
        with self.lock:
            self.tables = {entity: Table(d) for entity, d in definitions().items()}
            self.config.clear()
            self.drafts.clear()
            self._counters.clear()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All puts of the block, or none when it raises. Transactions do not nest."""
        with self.lock:
            self._journal = []
            try:
                yield
            except BaseException:
                for one in reversed(self._journal):
                    one.table.store(one.key, one.before)
                raise
            else:
                self._note(self._journal)
            finally:
                self._journal = None
