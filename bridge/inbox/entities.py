"""One entity, one at a time: whoever stores or handles what a shop told of it holds its lock."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, or_, text
from sqlmodel import Session, col

from bridge.inbox.models import InboxRow


class EntityKey(NamedTuple):
    installation_id: int
    resource: str
    """``order``, ``customer``, ``activity`` or ``award``."""
    entity_id: str


def lock(session: Session, keys: Collection[EntityKey]) -> None:
    """Waits for these entities, until the transaction ends.

    Always in the same order, so that two who wait never wait for each other. On SQLite a
    writing transaction is alone anyway.
    """
    if keys and _has_locks(session):
        session.connection().execute(_LOCK, {"keys": sorted(map(_number, keys))})


def try_lock(session: Session, keys: Collection[EntityKey]) -> set[EntityKey]:
    """Locks those of these entities that nobody else holds, and says which."""
    if not keys or not _has_locks(session):
        return set(keys)
    numbers = {key: _number(key) for key in keys}
    found = session.connection().execute(_TRY_LOCK, {"keys": sorted(set(numbers.values()))})
    got = {row.number for row in found if row.locked}
    return {key for key, number in numbers.items() if number in got}


def among(keys: Iterable[EntityKey]) -> ColumnElement[bool]:
    """The inbox rows of these entities."""
    groups: defaultdict[tuple[int, str], list[str]] = defaultdict(list)
    for key in keys:
        groups[key.installation_id, key.resource].append(key.entity_id)
    return or_(
        *(
            and_(
                col(InboxRow.installation_id) == installation_id,
                col(InboxRow.resource) == resource,
                col(InboxRow.entity_id).in_(ids),
            )
            for (installation_id, resource), ids in groups.items()
        )
    )


# Not row locks: a version that comes in while an older one is handled has no row yet.
_LOCK = text("SELECT pg_advisory_xact_lock(number) FROM unnest(CAST(:keys AS bigint[])) AS number")
_TRY_LOCK = text(
    "SELECT number, pg_try_advisory_xact_lock(number) AS locked"
    " FROM unnest(CAST(:keys AS bigint[])) AS number"
)


def _has_locks(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"


def _number(key: EntityKey) -> int:
    """What PostgreSQL knows the lock by. Two entities of one number only wait needlessly."""
    name = f"inbox/{key.installation_id}/{key.resource}/{key.entity_id}"
    digest = hashlib.sha256(name.encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)
