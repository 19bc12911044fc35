"""What time it is in the shop: everything it tells of carries times of its own clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlmodel import Session, col

from bridge.db import Database, upsert
from bridge.inbox.models import ShopClock
from bridge.kit.clock import Clock
from connectors.base import Connector
from connectors.errors import ConnectorError

HOLDS_FOR = timedelta(hours=1)
"""How long one measurement is believed."""


@dataclass(frozen=True, slots=True)
class ShopTime:
    """The shop's clock, as far as it is known."""

    offset: timedelta | None
    """Ahead of ours; ``None``: the shop does not tell its time."""

    @property
    def is_known(self) -> bool:
        return self.offset is not None

    def of(self, ours: datetime) -> datetime:
        """The same moment on the shop's clock; on ours where it is not known."""
        return ours + (self.offset or timedelta(0))


def shop_time(
    database: Database,
    workspace_id: int,
    installation_id: int,
    connector: Connector,
    clock: Clock,
) -> ShopTime:
    """As last measured, or measured anew. A shop that cannot be asked now has the clock it had."""
    with database.reading() as session:
        stored = _stored(session, workspace_id, installation_id)
    age = None if stored is None else clock() - stored.measured_at
    if stored is not None and age is not None and timedelta(0) <= age < HOLDS_FOR:
        return _time(stored.offset_ms)
    try:
        offset = connector.shop().clock_offset
    except ConnectorError:
        return _time(None if stored is None else stored.offset_ms)
    offset_ms = None if offset is None else round(offset / timedelta(milliseconds=1))
    row = {
        "installation_id": installation_id,
        "workspace_id": workspace_id,
        "offset_ms": offset_ms,
        "measured_at": clock(),
    }
    with database.writing() as session:
        upsert(session, ShopClock, [row])
    return _time(offset_ms)


def _stored(session: Session, workspace_id: int, installation_id: int) -> ShopClock | None:
    return session.execute(
        select(ShopClock).where(
            col(ShopClock.workspace_id) == workspace_id,
            col(ShopClock.installation_id) == installation_id,
        )
    ).scalar_one_or_none()


def _time(offset_ms: int | None) -> ShopTime:
    return ShopTime(None if offset_ms is None else timedelta(milliseconds=offset_ms))
