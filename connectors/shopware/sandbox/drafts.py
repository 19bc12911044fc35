"""Drafts: versions of an order that only those see who name them, until they are merged.

Shopware VersionManager: a version holds copies of the order and of all that belongs to it; what
is written to them reaches the live rows by the merge, field by field. Recorded: activities.json
#4 to #8.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any

from connectors.shopware.sandbox import stock
from connectors.shopware.sandbox.database import Database, Key, Row, Table
from connectors.shopware.sandbox.definitions import Definition, definitions, versions_of
from connectors.shopware.sandbox.identifiers import new_id


class _Rows(MutableMapping[Key, Row]):
    """The live rows with a draft's own in their place."""

    def __init__(self, live: Table) -> None:
        self._live = live
        self.own: dict[Key, Row] = {}
        self.gone: set[Key] = set()

    def __getitem__(self, key: Key) -> Row:
        if key in self.own:
            return self.own[key]
        if key in self.gone:
            raise KeyError(key)
        return self._live.rows[key]

    def __setitem__(self, key: Key, row: Row) -> None:
        self.gone.discard(key)
        self.own[key] = row

    def __delitem__(self, key: Key) -> None:
        self[key]
        self.own.pop(key, None)
        self.gone.add(key)

    def __iter__(self) -> Iterator[Key]:
        yield from (key for key in self._live.rows if key not in self.gone)
        yield from (key for key in self.own if key not in self._live.rows)

    def __len__(self) -> int:
        return sum(1 for _ in self)


class _DraftTable(Table):
    def __init__(self, live: Table) -> None:
        super().__init__(live.definition)
        self._live = live
        self.draft = _Rows(live)
        self.rows = self.draft  # type: ignore[assignment]

    def keys(self) -> list[Key]:
        return sorted(self.draft)

    def where(self, name: str, value: Any) -> list[Key]:
        own, gone = self.draft.own, self.draft.gone
        found = [key for key in self._live.where(name, value) if key not in own and key not in gone]
        return found + [key for key, row in own.items() if row.values.get(name) == value]

    def since(self, name: str, start: str) -> list[Key]:
        rows = ((row.values.get(name) or "", key) for key, row in self.draft.items())
        return [key for at, key in sorted(rows) if at >= start]

    def store(self, key: Key, row: Row | None) -> Row | None:
        before = self.draft.get(key)
        if row is None:
            self.draft.pop(key, None)
        else:
            self.draft[key] = row
        return before


class Draft(Database):
    """The shop as a draft sees it: its own rows of the order, everything else live."""

    is_draft = True

    def __init__(self, live: Database, version_id: str) -> None:
        self._live = live
        self.version_id = version_id
        self.lock = live.lock
        self.tables = {
            entity: _DraftTable(table) if _is_drafted(table.definition) else table
            for entity, table in live.tables.items()
        }
        self.config = live.config
        self._counters = live._counters
        self._journal = None
        self.happenings = live.happenings
        self.clock = live.clock
        self.drafts = live.drafts
        self.changed: dict[tuple[str, Key], dict[str, None]] = {}
        """What was written since the draft was made: per row, the fields."""

    def now(self) -> str:
        return self._live.now()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        before = {place: dict(fields) for place, fields in self.changed.items()}
        try:
            with super().transaction():
                yield
        except BaseException:
            self.changed = before
            raise

    def put(
        self,
        entity: str,
        key: Key,
        row: Row | None,
        *,
        fields: Iterable[str] | None = None,
        heard: bool = True,
    ) -> None:
        before = self.tables[entity].rows.get(key)
        super().put(entity, key, row, fields=fields, heard=heard)
        if _is_drafted(definitions()[entity]):
            named = self.changed.setdefault((entity, key), {})
            named.update(dict.fromkeys(fields or ()))
            named.update(dict.fromkeys(_differing(before, row)))

    def copy(self, entity: str, key: Key) -> None:
        """Takes a live row and all that hangs on it into the draft."""
        definition = definitions()[entity]
        row = self._live[entity].rows[key].copy()
        row.values.update(versions_of(definition, self.version_id))
        self.tables[entity].store(key, row)
        for child, child_key in self._parts(definition, row):
            self.copy(child, child_key)

    def _parts(self, definition: Definition, row: Row) -> Iterator[tuple[str, Key]]:
        for association in definition.associations.values():
            table = self._live.tables.get(association.entity)
            if not association.has("cascade_delete") or table is None:
                continue
            if association.local == "id" and _is_drafted(table.definition):
                taken = self.tables[association.entity].rows
                for key in table.where(association.reference, row.values["id"]):
                    if taken[key].values.get("versionId") != self.version_id:
                        yield association.entity, key


def _is_drafted(definition: Definition) -> bool:
    return definition.versioned and definition.entity.startswith("order")


def _differing(before: Row | None, after: Row | None) -> list[str]:
    old, new = (before.values if before else {}), (after.values if after else {})
    return [name for name in {**old, **new} if old.get(name) != new.get(name)]


def open_draft(live: Database, entity: str, key: str, version_id: str | None = None) -> Draft:
    """A new draft of a row that is there."""
    draft = Draft(live, version_id or new_id())
    draft.copy(entity, key)
    live.drafts[draft.version_id] = draft
    return draft


def merge(live: Database, version_id: str) -> None:
    """Writes what the draft changed to the live rows and drops it. Runs inside a transaction; a
    version that is not there has nothing to merge."""
    draft = live.drafts.pop(version_id, None)
    if draft is None:
        return
    for (entity, key), fields in draft.changed.items():
        row = draft[entity].by_id(key)
        before = live[entity].by_id(key)
        after = None if row is None else _merged(live, entity, row, before, list(fields))
        if entity == "order_line_item":
            stock.move(live, before, after)
        if before is not None or after is not None:
            live.put(entity, key, after, fields=[name for name in fields if name != "updatedAt"])


def _merged(live: Database, entity: str, row: Row, before: Row | None, fields: list[str]) -> Row:
    versions = versions_of(definitions()[entity], live.version_id)
    if before is None:
        return Row({**row.values, **versions, "createdAt": live.now(), "updatedAt": None})
    after = before.copy()
    after.values.update({name: row.values.get(name) for name in fields})
    after.values.update({**versions, "updatedAt": live.now()})
    return after
