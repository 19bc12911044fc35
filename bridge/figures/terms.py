"""What the programme says that figures are told in."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import Session, col, func, select

from bridge.figures.money import Money, Rate, value
from bridge.kit.errors import BridgeError
from bridge.programme.document import Programme
from bridge.programme.models import ProgrammeVersion
from bridge.programme.service import in_force, version
from connectors.base import Basis

NO_PROGRAMME = 0


@dataclass(frozen=True, slots=True)
class Terms:
    programme: int
    """The version's number; 0: none was loaded yet."""
    name: str
    currency: str
    """ISO 4217; empty before a programme was loaded."""
    timezone: str
    """In which days begin; UTC before a programme was loaded."""
    basis: Basis
    """Whether what members bought counts with or without tax."""
    rate: Rate | None
    """What points are worth; ``None``: the programme has no section ``redemption``."""
    tiers: tuple[tuple[str, str], ...]
    """Key and name, the lowest first."""
    segments: tuple[str, ...]

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    def value(self, points: int) -> Money | None:
        return None if self.rate is None else value(points, self.rate)


_NONE = Terms(NO_PROGRAMME, "", "", "UTC", Basis.NET, None, (), ())


def terms(session: Session, workspace_id: int, now: datetime) -> Terms:
    """Of the version in force. A version is read once in a process, however large it is."""
    found = in_force(session, workspace_id, now)
    if found is None:
        return _NONE
    number = session.exec(
        select(func.max(ProgrammeVersion.number)).where(
            col(ProgrammeVersion.workspace_id) == workspace_id,
            col(ProgrammeVersion.loaded_at) <= now,
        )
    ).one()
    return terms_of(number or NO_PROGRAMME, found)


def terms_of_many(session: Session, workspace_ids: Collection[int]) -> dict[int, Terms]:
    """Of the newest versions of several workspaces: what a process has read once it does not read
    again. One that this release cannot read tells nothing."""
    newest = (
        select(
            col(ProgrammeVersion.workspace_id).label("id"),
            func.max(ProgrammeVersion.number).label("number"),
        )
        .where(col(ProgrammeVersion.workspace_id).in_(workspace_ids))
        .group_by(col(ProgrammeVersion.workspace_id))
        .subquery()
    )
    rows = session.execute(
        sa.select(newest.c.id, newest.c.number, col(ProgrammeVersion.digest)).join(
            ProgrammeVersion,
            sa.and_(
                col(ProgrammeVersion.workspace_id) == newest.c.id,
                col(ProgrammeVersion.number) == newest.c.number,
            ),
        )
    )
    digests = {row[0]: (int(row[1]), str(row[2])) for row in rows}
    found = dict.fromkeys(workspace_ids, _NONE)
    for id_, (number, digest) in digests.items():
        if digest not in _READ:
            while len(_READ) >= _READ_AT_MOST:
                _READ.pop(next(iter(_READ)), None)
            _READ[digest] = _read(session, id_, number)
        found[id_] = replace(_READ[digest], programme=number)
    return found


def _read(session: Session, workspace_id: int, number: int) -> Terms:
    try:
        return terms_of(number, version(session, workspace_id, number))
    except BridgeError:
        return _NONE


_READ: dict[str, Terms] = {}
_READ_AT_MOST = 1_000


def terms_of(number: int, programme: Programme) -> Terms:
    points, redemption = programme.points, programme.redemption
    return Terms(
        number,
        programme.name,
        programme.currency,
        programme.timezone,
        points.basis.side if points else programme.prices_are,
        None
        if redemption is None
        else Rate(redemption.rate.points, redemption.rate.amount, programme.currency),
        tuple((key, tier.name) for key, tier in programme.tiers.items()),
        tuple(programme.segments),
    )
