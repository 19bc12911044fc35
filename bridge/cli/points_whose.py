"""Whose points a command is about, and how times and balances are written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import click
from sqlmodel import Session

from bridge.application import Application
from bridge.kit.errors import BridgeError
from bridge.members.finding import Listed, described, member_named
from bridge.members.holding import account_holder
from bridge.members.models import Company, Member
from bridge.points.book import HolderKey
from bridge.points.models import Holder
from bridge.points.statement import Standing, standing
from bridge.programme import service as programme

who_argument = click.argument("who", metavar="EMAIL")


@dataclass(frozen=True, slots=True)
class Whose:
    member: Listed
    holder: HolderKey
    standing: Standing

    @property
    def account(self) -> str:
        """In words."""
        if self.holder[0] is Holder.COMPANY:
            return f"the company {self.member.company}, together with all its people"
        return f"member #{self.member.id} ({self.member.name})"

    @property
    def record(self) -> dict[str, Any]:
        is_company = self.holder[0] is Holder.COMPANY
        return {
            "member": self.member.id,
            "email": self.member.name if "@" in self.member.name else None,
            "account": {
                "holder": self.holder[0].value,
                "id": self.holder[1],
                "company": self.member.company if is_company else None,
            },
        }


def whose(session: Session, app: Application, who: str) -> Whose:
    """Raises UnknownMember, ManyMembers."""
    member_id = member_named(session, app.workspace_id, who)
    (member,) = described(session, app.workspace_id, [member_id])
    holder = account_holder(session, session.get_one(Member, member_id))
    return Whose(member, holder, standing(session, app.workspace_id, *holder))


def holder_name(session: Session, app: Application, holder: HolderKey) -> str:
    kind, holder_id = holder
    if kind is Holder.COMPANY:
        return f"company {session.get_one(Company, holder_id).name}"
    found = described(session, app.workspace_id, [holder_id])
    return f"member #{holder_id} ({found[0].name})" if found else f"member #{holder_id}"


def balance_record(standing: Standing) -> dict[str, int]:
    return {
        "available": standing.available,
        "pending": standing.pending,
        "reserved": standing.reserved,
        "owed": standing.debt,
    }


def balance_text(standing: Standing) -> str:
    more = [
        f"{points:,} {name}"
        for name, points in balance_record(standing).items()
        if points and name != "available"
    ]
    return ", ".join([f"{standing.available:,} available", *more])


def zone_of(session: Session, app: Application) -> ZoneInfo:
    """The programme's; UTC before one was loaded."""
    current = programme.current(session, app.workspace_id)
    return ZoneInfo(current[1].timezone if current else "UTC")


def required_zone(session: Session, app: Application) -> ZoneInfo:
    """Raises BridgeError while no programme was loaded."""
    if programme.current(session, app.workspace_id) is None:
        raise BridgeError(
            "No programme was loaded yet, and its time zone says when a day ends: "
            "loyalty-bridge program load FILE"
        )
    return zone_of(session, app)


def last_day(expires_at: datetime | None, zone: ZoneInfo) -> str:
    """The last day on which the points can be spent."""
    if expires_at is None:
        return ""
    return f"{(expires_at - timedelta(microseconds=1)).astimezone(zone):%Y-%m-%d}"


def local(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"


def stamp(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
