"""Putting what was fetched into the inbox: what is new, once; what was there already, not again.

An entity's rows are its versions. Which of them is the newest is told by (change time, time of
the fetch), and only that one is handled (see :mod:`bridge.inbox.handling`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col

from bridge.inbox import erased
from bridge.inbox.codec import Told, at_change, encoded, fingerprint, resource_of
from bridge.inbox.entities import EntityKey, among, lock
from bridge.inbox.models import InboxRow, InboxState

FETCH_LASTS = timedelta(minutes=5)
"""At most. Of two fetches that began further apart, the later one knows better, whatever the
change times say: a shop's clock can be set back."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """One record, and how new it is."""

    record: Told
    changed_at: datetime
    """On the shop's clock, never after the end of the fetch."""
    fetched_at: datetime
    """On ours: when the fetch began."""


@dataclass(slots=True)
class _Version:
    id: int | None
    """``None``: not inserted yet."""
    changed_at: datetime
    fetched_at: datetime
    state: str
    row: dict[str, Any] | None = None
    is_back: bool = False
    """It holds again, after something else did."""

    @property
    def age(self) -> tuple[datetime, datetime]:
        return self.changed_at, self.fetched_at


def store(
    session: Session, workspace_id: int, installation_id: int, fetched: Sequence[Fetched]
) -> int:
    """How many rows are to be handled because of it: new versions, and old ones that hold
    again. Locks the entities until the transaction ends."""
    fetched = _let_in(session, workspace_id, installation_id, fetched)
    if not fetched:
        return 0
    keys = {EntityKey(installation_id, resource_of(one.record), one.record.id) for one in fetched}
    lock(session, keys)
    known = _versions(session, workspace_id, keys)
    inserted: list[_Version] = []
    renewed: dict[int, _Version] = {}
    for one in sorted(fetched, key=lambda one: (one.changed_at, one.fetched_at)):
        key = EntityKey(installation_id, resource_of(one.record), one.record.id)
        version = _weighed(known[key], one, workspace_id, key)
        if version is None:
            continue
        if version.id is None:
            inserted.append(version)
        else:
            renewed[version.id] = version
    insert(session, [version.row for version in inserted if version.row is not None])
    _renew(session, workspace_id, renewed)
    forget_unread(session, workspace_id, keys)
    return len(inserted) + sum(version.is_back for version in renewed.values())


def _let_in(
    session: Session, workspace_id: int, installation_id: int, fetched: Sequence[Fetched]
) -> list[Fetched]:
    """Without people who were erased."""
    told = [one.record for one in fetched]
    kept = erased.let_in(session, workspace_id, installation_id, told)
    return [
        one if record is one.record else replace(one, record=record)
        for one, record in zip(fetched, kept, strict=True)
        if record is not None
    ]


def _weighed(
    versions: dict[str, _Version], one: Fetched, workspace_id: int, key: EntityKey
) -> _Version | None:
    """The version that this record is or renews; ``None`` when nothing is to be written."""
    newest = max(versions.values(), key=lambda version: version.age, default=None)
    changed_at = one.changed_at
    if newest is not None and one.fetched_at >= newest.fetched_at + FETCH_LASTS:
        changed_at = max(changed_at, newest.changed_at)
    hash_ = fingerprint(one.record)
    version = versions.get(hash_)
    content = encoded(at_change(one.record, changed_at))
    if version is None:
        row = {
            "workspace_id": workspace_id,
            **key._asdict(),
            "content_hash": hash_,
            "content": content,
            "changed_at": changed_at,
            "fetched_at": one.fetched_at,
            "state": InboxState.QUEUED.value,
            "attempts": 0,
            "not_before": None,
            "error": "",
        }
        versions[hash_] = _Version(None, changed_at, one.fetched_at, row["state"], row)
        return versions[hash_]
    if (changed_at, one.fetched_at) <= version.age:
        return None
    assert newest is not None
    # What it said before holds again: something else was handled meanwhile.
    is_back = newest is not version and (changed_at, one.fetched_at) > newest.age
    version.changed_at, version.fetched_at = changed_at, one.fetched_at
    if is_back:
        version.is_back, version.state = True, InboxState.QUEUED.value
    news = {
        "content": content,
        "changed_at": changed_at,
        "fetched_at": one.fetched_at,
        "state": version.state,
    }
    version.row = {**(version.row or {}), **news}
    return version if version.id is not None else None


def _versions(
    session: Session, workspace_id: int, keys: set[EntityKey]
) -> defaultdict[EntityKey, dict[str, _Version]]:
    """By content hash."""
    found: defaultdict[EntityKey, dict[str, _Version]] = defaultdict(dict)
    rows = session.execute(
        select(
            col(InboxRow.id),
            col(InboxRow.installation_id),
            col(InboxRow.resource),
            col(InboxRow.entity_id),
            col(InboxRow.content_hash),
            col(InboxRow.changed_at),
            col(InboxRow.fetched_at),
            col(InboxRow.state),
        ).where(
            col(InboxRow.workspace_id) == workspace_id,
            col(InboxRow.state) != InboxState.UNREAD.value,
            among(keys),
        )
    )
    for id_, installation_id, resource, entity_id, hash_, changed_at, fetched_at, state in rows:
        key = EntityKey(installation_id, resource, entity_id)
        found[key][hash_] = _Version(id_, changed_at, fetched_at, state)
    return found


def insert(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Rows with every column; one that is there already is left as it is."""
    if not rows:
        return
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    inserting = sqlite.insert if is_sqlite else postgresql.insert
    statement: Any = inserting(InboxRow).on_conflict_do_nothing(
        index_elements=["installation_id", "resource", "entity_id", "content_hash"]
    )
    session.connection().execute(statement, list(rows))


def _renew(session: Session, workspace_id: int, renewed: Mapping[int, _Version]) -> None:
    if not renewed:
        return
    session.connection().execute(
        update(InboxRow.__table__)  # type: ignore[attr-defined]
        .where(col(InboxRow.workspace_id) == workspace_id, col(InboxRow.id) == bindparam("row_id"))
        .values(
            content=bindparam("content"),
            changed_at=bindparam("changed_at"),
            fetched_at=bindparam("fetched_at"),
            state=bindparam("state"),
        ),
        [{"row_id": id_, **(version.row or {})} for id_, version in renewed.items()],
    )


def forget_unread(session: Session, workspace_id: int, keys: Collection[EntityKey]) -> None:
    """These entities were told, or are gone."""
    if keys:
        session.connection().execute(
            delete(InboxRow).where(
                col(InboxRow.workspace_id) == workspace_id,
                col(InboxRow.state) == InboxState.UNREAD.value,
                among(keys),
            )
        )
