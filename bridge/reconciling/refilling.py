"""Posting anew the entry that filled a lot, where the lot is the last that tells of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session, col

from bridge.campaigns.giving import CAMPAIGN
from bridge.earning.occasions_due import OCCASION
from bridge.members.adjusting import ADJUSTMENT
from bridge.members.models import Member
from bridge.points.adjusting import ADJUST
from bridge.points.granting import EARN
from bridge.points.models import Entry, Holder, Lot, Place
from bridge.points.opening_entries import IMPORT
from bridge.reconciling.correcting import CORRECT, RECONCILE
from bridge.reconciling.standing import AccountStanding, LotStanding
from bridge.reconciling.sums import PLACES
from bridge.referrals.offers import REFERRAL
from bridge.referrals.rewarding import RULE as REFERRALS

_FILLED_BY: Mapping[str, tuple[Place, str]] = {
    OCCASION: (Place.ISSUED, EARN),
    CAMPAIGN: (Place.ISSUED, EARN),
    REFERRAL: (Place.ISSUED, EARN),
    ADJUSTMENT: (Place.ADJUSTED, ADJUST),
    IMPORT: (Place.ADJUSTED, IMPORT),
}

_NAMING = (OCCASION, ADJUSTMENT, CAMPAIGN, REFERRAL)
"""Whose entries name the member."""


def refill(
    session: Session,
    workspace_id: int,
    standing: AccountStanding,
    lot: LotStanding,
    now: datetime,
) -> list[dict[str, Any]]:
    """What the lot's row holds more than its entries say, under the cause that it was filled
    for: told again, that cause is known. Nothing, where the row does not hold more."""
    if sum(lot.missing) <= 0:
        return []
    earned_at = session.execute(
        select(col(Lot.earned_at)).where(
            col(Lot.workspace_id) == workspace_id, col(Lot.id) == lot.id
        )
    ).scalar_one()
    debit, effect = _FILLED_BY.get(lot.kind, (Place.ADJUSTED, CORRECT))
    member, rule = _whose(session, workspace_id, standing), ""
    if lot.kind == REFERRAL:
        rule = REFERRALS
    if lot.kind in (OCCASION, CAMPAIGN):
        member, rule, *_ = (*lot.source_id.split("/"), "")
    why = {"by": RECONCILE, "reason": f"The entry that filled lot {lot.id} was gone."}
    return [
        {
            "workspace_id": workspace_id,
            "account_id": standing.id,
            "lot_id": lot.id,
            "debit": debit.value if points > 0 else place.value,
            "credit": place.value if points > 0 else debit.value,
            "points": abs(points),
            "effect": effect if points > 0 else CORRECT,
            "installation_id": lot.installation_id,
            "source_kind": lot.kind,
            "source_id": lot.source_id,
            "source_line": member if lot.kind in _NAMING else "",
            "revision": _free(session, workspace_id, lot) + number,
            "rule": rule,
            "reverses_id": None,
            "programme_number": None,
            "occurred_at": earned_at,
            "posted_at": now,
            "why": json.dumps(why),
        }
        for number, (place, points) in enumerate(zip(PLACES, lot.missing, strict=False))
        if points
    ]


def _free(session: Session, workspace_id: int, lot: LotStanding) -> int:
    last = session.execute(
        select(func.max(col(Entry.revision))).where(
            col(Entry.workspace_id) == workspace_id,
            col(Entry.installation_id) == lot.installation_id,
            col(Entry.source_kind) == lot.kind,
            col(Entry.source_id) == lot.source_id,
        )
    ).scalar_one()
    return 0 if last is None else int(last) + 1


def _whose(session: Session, workspace_id: int, standing: AccountStanding) -> str:
    """A member's id, as adjustments name whom they were made for."""
    if standing.holder == Holder.MEMBER.value:
        return str(standing.holder_id)
    first = session.execute(
        select(func.min(col(Member.id))).where(
            col(Member.workspace_id) == workspace_id,
            col(Member.company_id) == standing.holder_id,
            col(Member.merged_into).is_(None),
        )
    ).scalar_one()
    return str(first or "")
