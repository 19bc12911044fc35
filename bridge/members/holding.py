"""Whose account a member's points are in, and moving them when that changes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, func, select, update

from bridge.earning.models import HandledActivity
from bridge.members.models import Company, Member
from bridge.members.standing import identity
from bridge.orders.models import HandledOrder
from bridge.points.book import Book, Cause, HolderKey
from bridge.points.models import Account, Entry, Holder, Lot
from bridge.points.moving import move_all, move_lots
from bridge.rewards.models import RewardClaim
from bridge.vouchers.models import Voucher

SourceKey = tuple[int, str]
"""Installation id, and the id of an order or an activity."""

EARNING: tuple[Any, ...] = (HandledOrder, HandledActivity)
"""What knows the account that its points went to."""
HELD: tuple[Any, ...] = (Voucher, RewardClaim)
"""What knows the account whose points are held for it: there they come back to. Those held
already stay where they are until then."""
_CHUNK = 500
"""How many values one statement takes at most here; SQLite has a limit."""


def account_holder(session: Session, member: Member) -> HolderKey:
    """Whose account he earns into: his company's when it holds its people's points."""
    if member.company_id is not None:
        holds = session.exec(
            select(Company.holds_points).where(
                col(Company.workspace_id) == member.workspace_id,
                col(Company.id) == member.company_id,
            )
        ).one()
        if holds:
            return Holder.COMPANY, member.company_id
    return Holder.MEMBER, identity(member)


def account_id(session: Session, workspace_id: int, holder: HolderKey) -> int | None:
    """``None``: the holder never had any points."""
    kind, holder_id = holder
    return session.exec(
        select(Account.id).where(
            col(Account.workspace_id) == workspace_id,
            col(Account.holder) == kind.value,
            col(Account.holder_id) == holder_id,
        )
    ).first()


def ensure_account(session: Session, workspace_id: int, holder: HolderKey, now: datetime) -> int:
    """The holder's account, made when there is none: so that shops show it, even empty."""
    found = account_id(session, workspace_id, holder)
    # Only a new one is opened, and so locked: an old one is locked with the one it exchanges
    # points with, in the order that every book keeps.
    return found or Book(session, workspace_id, now).open([holder])[holder].id


def move_everything(
    session: Session,
    workspace_id: int,
    old: HolderKey,
    new: HolderKey,
    members: Sequence[int] | None,
    cause: Cause,
) -> None:
    """All points of one holder become another's. Orders and activities of ``members`` (``None``:
    of everybody) whose points were there follow, so that what they take back later is taken
    from where the points are; so do vouchers and rewards that points are held for."""

    def move(source: int, target: int, told: Cause) -> None:
        move_all(session, workspace_id, source, target, told, told.occurred_at)

    moved = _move(session, workspace_id, old, new, cause, move)
    if moved is not None:
        for table in (*EARNING, *HELD):
            which = [
                col(table.workspace_id) == workspace_id,
                col(table.account_id) == moved[0],
            ]
            if members is not None:
                which.append(col(table.member_id).in_(members))
            session.exec(update(table).where(*which).values(account_id=moved[1]))


def move_earned(
    session: Session,
    workspace_id: int,
    old: HolderKey,
    new: HolderKey,
    orders: Sequence[SourceKey],
    activities: Sequence[SourceKey],
    cause: Cause,
) -> None:
    """What these orders and activities earned and is still there becomes another holder's."""

    def move(source: int, target: int, told: Cause) -> None:
        lots = [
            *_lots(session, workspace_id, source, "order", orders),
            *_lots(session, workspace_id, source, "activity", activities),
        ]
        move_lots(session, workspace_id, lots, source, target, told, told.occurred_at)

    moved = _move(session, workspace_id, old, new, cause, move)
    if moved is not None:
        for table, id_, sources in (
            (HandledOrder, HandledOrder.order_id, orders),
            (HandledActivity, HandledActivity.activity_id, activities),
        ):
            _follow(session, workspace_id, table, id_, sources, moved)


def _follow(
    session: Session,
    workspace_id: int,
    table: Any,
    id_: Any,
    sources: Sequence[SourceKey],
    moved: tuple[int, int],
) -> None:
    for installation_id, ids in _by_installation(sources):
        session.exec(
            update(table)
            .where(
                col(table.workspace_id) == workspace_id,
                col(table.installation_id) == installation_id,
                col(id_).in_(ids),
                col(table.account_id) == moved[0],
            )
            .values(account_id=moved[1])
        )


def tell_shops(session: Session, workspace_id: int, holder: HolderKey) -> None:
    """A customer more or less shows this balance: have it pushed again."""
    kind, holder_id = holder
    session.exec(
        update(Account)
        .where(
            col(Account.workspace_id) == workspace_id,
            col(Account.holder) == kind.value,
            col(Account.holder_id) == holder_id,
        )
        .values(push_due=True)
    )


def cause_of(kind: str, source_id: str, by: str, now: datetime) -> Cause:
    """Why points move between holders: ``merge``, ``split`` or ``company``, and who said so."""
    return Cause(kind, source_id, now, why=json.dumps({"by": by}, ensure_ascii=False))


def _lots(
    session: Session, workspace_id: int, account_id: int, kind: str, sources: Iterable[SourceKey]
) -> list[int]:
    """Lots of the account that these sources filled."""
    found: list[int] = []
    for installation_id, ids in _by_installation(sources):
        rows = session.exec(
            select(Lot.id).where(
                col(Lot.workspace_id) == workspace_id,
                col(Lot.account_id) == account_id,
                col(Lot.installation_id) == installation_id,
                col(Lot.source_kind) == kind,
                col(Lot.source_id).in_(ids),
            )
        )
        found += [lot_id for lot_id in rows if lot_id is not None]
    return sorted(found)


def _move(
    session: Session,
    workspace_id: int,
    old: HolderKey,
    new: HolderKey,
    cause: Cause,
    move: Callable[[int, int, Cause], None],
) -> tuple[int, int] | None:
    """From which account to which; ``None``: there is nothing that could move."""
    if old == new:
        return None
    source = account_id(session, workspace_id, old)
    if source is None:
        tell_shops(session, workspace_id, new)
        return None
    target = ensure_account(session, workspace_id, new, cause.occurred_at)
    told = _told_anew(session, workspace_id, cause)
    move(source, target, told)
    for holder in (old, new):
        tell_shops(session, workspace_id, holder)
    return source, target


def _told_anew(session: Session, workspace_id: int, cause: Cause) -> Cause:
    """The cause with a revision of its own: a company may take up, let go and take up again
    the very same points."""
    last = session.exec(
        select(func.max(Entry.revision)).where(
            col(Entry.workspace_id) == workspace_id,
            col(Entry.installation_id) == cause.installation_id,
            col(Entry.source_kind) == cause.kind,
            col(Entry.source_id) == cause.id,
        )
    ).one()
    if last is None:
        return cause
    return Cause(
        cause.kind,
        cause.id,
        cause.occurred_at,
        installation_id=cause.installation_id,
        revision=last + 1,
        why=cause.why,
    )


def _by_installation(sources: Iterable[SourceKey]) -> Iterable[tuple[int, list[str]]]:
    grouped: dict[int, list[str]] = {}
    for installation_id, source_id in sources:
        grouped.setdefault(installation_id, []).append(source_id)
    for installation_id, ids in grouped.items():
        for start in range(0, len(ids), _CHUNK):
            yield installation_id, ids[start : start + _CHUNK]
