"""Points that a shop's own rules give: the flow action of its app, as the inbox hands it over.

It is booked as an adjustment, once for each run of the flow, and what cannot be booked stays in
the inbox with the reason: nothing is rounded, cut down or forgotten.
"""

from __future__ import annotations

import re
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from bridge.earning.batch import versions
from bridge.earning.dates import expires_at
from bridge.inbox.handling import Arrived, Outcome
from bridge.installations.models import Installation
from bridge.kit.errors import BridgeError
from bridge.members.adjusting import Adjustment, adjust
from bridge.members.models import ShopCustomer
from bridge.members.participation import Participation
from bridge.members.standing import identity, locked_of_customer
from bridge.preferences.sections import Limits
from bridge.preferences.service import preferences
from bridge.programme.document import Programme
from connectors.sentences import sentence
from connectors.shop_pages import Award

AWARD = "award"
"""The first part of an adjustment's id."""
_NUMBER = re.compile(r"[1-9]\d{0,9}", re.ASCII)


def award_handler(session: Session, arrived: Arrived, now: datetime) -> Outcome:
    """Raises BridgeError for no number of points, for more than the limit, and while nobody knows
    whose customer it is. A guest, and who takes no part in the programme, gets nothing."""
    award = arrived.record
    assert isinstance(award, Award)
    workspace_id, shop = arrived.workspace_id, arrived.installation_id
    points = _points(award, preferences(session, workspace_id, Limits).award_points)
    programme = _programme(session, workspace_id, now)
    found = locked_of_customer(session, workspace_id, shop, award.customer_id)
    if found is None:
        if _is_guest(session, arrived, award):
            return Outcome.HANDLED
        raise BridgeError(
            sentence(
                "The bridge does not know yet which member this customer is. It is tried again "
                "once the shop has told of him."
            )
        )
    member_id = identity(found[1])
    who = Participation(session, workspace_id, [member_id])
    if not who.took_part(programme, member_id, award.at):
        return Outcome.HANDLED
    ends = None
    if programme.points is not None:
        ends = expires_at(programme.points, award.at, ZoneInfo(programme.timezone))
    adjustment = Adjustment(
        f"{AWARD}/{shop}/{award.id}", points, award.reason, _name(session, arrived), ends
    )
    adjust(session, workspace_id, member_id, adjustment, now)
    return Outcome.HANDLED


def _points(award: Award, limit: int | None) -> int:
    if not _NUMBER.fullmatch(award.points):
        raise BridgeError(
            sentence(
                "`%(points)s` is no number of points. Write a whole number above 0, in digits "
                "alone, into the action of the flow.",
                points=award.points,
            )
        )
    points = int(award.points)
    if limit is not None and points > limit:
        raise BridgeError(
            sentence(
                "%(points)s points are more than one run of a flow may give (%(limit)s). If they "
                "are meant, raise the limit in the settings and try this again; else drop it.",
                points=points,
                limit=limit,
            )
        )
    return points


def _programme(session: Session, workspace_id: int, now: datetime) -> Programme:
    version = versions(session, workspace_id).at(now)
    if version is None:
        raise BridgeError(
            sentence("No programme is loaded, so nobody can be given points: load one first.")
        )
    return version.programme


def _is_guest(session: Session, arrived: Arrived, award: Award) -> bool:
    is_guest = session.exec(
        select(ShopCustomer.is_guest).where(
            col(ShopCustomer.workspace_id) == arrived.workspace_id,
            col(ShopCustomer.installation_id) == arrived.installation_id,
            col(ShopCustomer.customer_id) == award.customer_id,
        )
    ).first()
    return is_guest is True


def _name(session: Session, arrived: Arrived) -> str:
    """Who gives them, in the member's history."""
    shop = session.exec(
        select(Installation.name).where(
            col(Installation.workspace_id) == arrived.workspace_id,
            col(Installation.id) == arrived.installation_id,
        )
    ).one()
    return f"flow in {shop}"
