"""Accounts of which a person withdrew a voucher that had come by itself: its points are not made
into another one against what the person wanted; only what is earned since then is."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import case, func, select
from sqlmodel import Session, col

from bridge.points.granting import EARN, TAKE_AVAILABLE
from bridge.points.models import Entry, Place
from bridge.points.ripening import RIPEN
from bridge.vouchers.automatic_rules import Withdrawn, counts_since, more_due
from bridge.vouchers.exchanging import EXCHANGED
from bridge.vouchers.models import Ending, Voucher, VoucherKind

AUTOMATIC = "automatic"
"""``source_kind`` of what became a voucher by itself; its ``source_id`` is ``account/number``."""


def due_after_withdrawal(
    session: Session, workspace_id: int, account_ids: Collection[int], points: int, now: datetime
) -> dict[int, int]:
    """By account, how many more vouchers of ``points`` may come by themselves; an account of
    which no such voucher was withdrawn by a person is left out.

    One that was exchanged and withdrawn in its new store counts as withdrawn; one that expired,
    or was only exchanged, does not. Earned is what an order, an occasion, a campaign or a
    referral gave, from when it can be spent, less what was taken back of available points since;
    not what a person gave, an opening balance, what came with a merged member, or what came back
    from a voucher.
    """
    due: dict[int, int] = {}
    for account_id, withdrawn in _withdrawn(session, workspace_id, account_ids).items():
        since = counts_since(withdrawn, now)
        if since is not None:
            earned = _earned(session, workspace_id, account_id, since)
            made = _made(session, workspace_id, account_id, since)
            due[account_id] = more_due(points, earned, made)
    return due


def _withdrawn(
    session: Session, workspace_id: int, account_ids: Collection[int]
) -> dict[int, list[Withdrawn]]:
    rows = session.execute(
        select(
            col(Voucher.account_id),
            col(Voucher.source_kind),
            col(Voucher.source_id),
            col(Voucher.removed_at),
            col(Voucher.ended_at),
        ).where(
            col(Voucher.workspace_id) == workspace_id,
            col(Voucher.kind) == VoucherKind.POINTS.value,
            col(Voucher.account_id).in_(account_ids),
            col(Voucher.ending) == Ending.WITHDRAWN.value,
        )
    ).all()
    found: dict[int, list[Withdrawn]] = {}
    for row in rows:
        if _came_by_itself(session, workspace_id, row.source_kind, row.source_id):
            found.setdefault(row.account_id, []).append(Withdrawn(row.removed_at, row.ended_at))
    return found


def _came_by_itself(session: Session, workspace_id: int, kind: str, source_id: str) -> bool:
    """It, or what it was exchanged for in the first place."""
    while kind == EXCHANGED:
        before = session.execute(
            select(col(Voucher.source_kind), col(Voucher.source_id)).where(
                col(Voucher.workspace_id) == workspace_id, col(Voucher.id) == int(source_id)
            )
        ).one()
        kind, source_id = before.source_kind, before.source_id
    return kind == AUTOMATIC


def _earned(session: Session, workspace_id: int, account_id: int, since: datetime) -> int:
    available = Place.AVAILABLE.value
    net = case((col(Entry.credit) == available, col(Entry.points)), else_=-col(Entry.points))
    of_place = (col(Entry.credit) == available) | (col(Entry.debit) == available)
    return int(
        session.execute(
            select(func.coalesce(func.sum(net), 0)).where(
                col(Entry.workspace_id) == workspace_id,
                col(Entry.account_id) == account_id,
                col(Entry.effect).in_([EARN, RIPEN, TAKE_AVAILABLE]),
                of_place,
                col(Entry.posted_at) > since,
            )
        ).scalar_one()
    )


def _made(session: Session, workspace_id: int, account_id: int, since: datetime) -> int:
    return int(
        session.execute(
            select(func.coalesce(func.sum(col(Voucher.points)), 0)).where(
                col(Voucher.workspace_id) == workspace_id,
                col(Voucher.kind) == VoucherKind.POINTS.value,
                col(Voucher.rule) == "",
                col(Voucher.source_kind) == AUTOMATIC,
                col(Voucher.account_id) == account_id,
                col(Voucher.made_at) > since,
            )
        ).scalar_one()
    )
