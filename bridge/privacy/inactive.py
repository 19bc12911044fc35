"""Members of whom nothing was heard for long, and who have nothing left: a list to look at, and
where the merchant says so, who is erased."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, exists, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from bridge.db import Database, upsert
from bridge.earning.models import HandledActivity
from bridge.figures.models import KeptFigure
from bridge.kit.clock import Clock
from bridge.members.models import Member
from bridge.orders.models import HandledOrder
from bridge.points.models import Account, Holder
from bridge.rewards.models import FulfilmentState, RewardClaim
from bridge.vouchers.models import Voucher, VoucherState

NAME = "inactive"
MOST = 1_000
"""Members on the list; with more of them the rest comes once these are done with."""
_PAGE = 500
_ALIVE = (VoucherState.OPEN.value, VoucherState.ENDING.value)


@dataclass(frozen=True, slots=True)
class Inactive:
    as_of: datetime
    since: datetime
    """Nothing was heard of them since."""
    member_ids: tuple[int, ...]


def look(database: Database, workspace_id: int, since: datetime, clock: Clock) -> Inactive:
    """Goes through all members, some at a time, and keeps the list."""
    found: list[int] = []
    last = 0
    while len(found) < MOST:
        with database.reading() as session:
            page = _page(session, workspace_id, last)
            found += _silent(session, workspace_id, page, since)
        if len(page) < _PAGE:
            break
        last = page[-1]
    kept = Inactive(clock(), since, tuple(found[:MOST]))
    row = {
        "workspace_id": workspace_id,
        "name": NAME,
        "as_of": kept.as_of,
        "content": json.dumps({"since": since.isoformat(), "members": kept.member_ids}),
    }
    with database.writing() as session:
        upsert(session, KeptFigure, [row])
    return kept


def kept(session: Session, workspace_id: int) -> Inactive | None:
    """As last looked for; ``None``: nobody looked yet. Those who were erased since are left out."""
    row = session.scalars(
        select(KeptFigure).where(
            col(KeptFigure.workspace_id) == workspace_id, col(KeptFigure.name) == NAME
        )
    ).first()
    if row is None:
        return None
    content = json.loads(row.content)
    since = datetime.fromisoformat(content["since"])
    there = tuple(_silent(session, workspace_id, content["members"], since))
    return Inactive(row.as_of, since, there)


def _page(session: Session, workspace_id: int, after: int) -> list[int]:
    found = session.scalars(
        select(col(Member.id))
        .where(col(Member.workspace_id) == workspace_id, col(Member.id) > after)
        .order_by(col(Member.id))
        .limit(_PAGE)
    )
    return [one for one in found if one is not None]


def _silent(
    session: Session, workspace_id: int, member_ids: list[int], since: datetime
) -> list[int]:
    """Of these members those who neither did anything since nor have anything."""
    if not member_ids:
        return []
    before = aliased(Member)
    # Of everybody he was: orders follow a merge, the time he was made known does not.
    found = session.scalars(
        select(col(Member.id))
        .where(
            col(Member.workspace_id) == workspace_id,
            col(Member.id).in_(member_ids),
            col(Member.merged_into).is_(None),
            col(Member.erased_at).is_(None),
            col(Member.joined_at) < since,
            ~exists().where(
                col(HandledOrder.workspace_id) == workspace_id,
                col(HandledOrder.member_id) == col(Member.id),
                col(HandledOrder.placed_at) >= since,
            ),
            ~exists().where(
                col(HandledActivity.workspace_id) == workspace_id,
                col(HandledActivity.member_id) == col(Member.id),
                col(HandledActivity.at) >= since,
            ),
            ~exists().where(
                col(Account.workspace_id) == workspace_id,
                col(Account.holder) == Holder.MEMBER.value,
                col(Account.holder_id) == col(Member.id),
                col(Account.available)
                + col(Account.pending)
                + col(Account.reserved)
                + col(Account.debt)
                > 0,
            ),
            ~exists().where(
                col(Voucher.workspace_id) == workspace_id,
                col(Voucher.member_id) == col(Member.id),
                col(Voucher.state).in_(_ALIVE),
            ),
            ~exists().where(
                col(RewardClaim.workspace_id) == workspace_id,
                col(RewardClaim.member_id) == col(Member.id),
                col(RewardClaim.state) == FulfilmentState.OPEN.value,
            ),
            ~exists().where(
                and_(
                    col(before.workspace_id) == workspace_id,
                    col(before.merged_into) == col(Member.id),
                    col(before.merged_at) >= since,
                )
            ),
        )
        .order_by(col(Member.id))
    )
    return [one for one in found if one is not None]
