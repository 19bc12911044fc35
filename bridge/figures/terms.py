"""What the programme says that figures are told in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, func, select

from bridge.figures.money import Money, Rate, value
from bridge.programme.document import Programme
from bridge.programme.models import ProgrammeVersion
from bridge.programme.service import in_force
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


def terms(session: Session, workspace_id: int, now: datetime) -> Terms:
    """Of the version in force. A version is read once in a process, however large it is."""
    found = in_force(session, workspace_id, now)
    if found is None:
        return Terms(NO_PROGRAMME, "", "", "UTC", Basis.NET, None, (), ())
    number = session.exec(
        select(func.max(ProgrammeVersion.number)).where(
            col(ProgrammeVersion.workspace_id) == workspace_id,
            col(ProgrammeVersion.loaded_at) <= now,
        )
    ).one()
    return terms_of(number or NO_PROGRAMME, found)


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
