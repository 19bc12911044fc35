"""Events of vouchers, and of claims on rewards of the catalogue."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlmodel import Session, col, select

from bridge.kit.money import from_millionths, from_minor
from bridge.rewards.models import FulfilmentState, RewardClaim
from bridge.subscribers.event import Event, People, Source, event, installation_names
from bridge.subscribers.event_types import (
    ClaimCancelled,
    ClaimFulfilled,
    ClaimMade,
    ClaimTold,
    EventType,
    OrderTold,
    VoucherEnded,
    VoucherIssued,
    VoucherUsed,
)
from bridge.vouchers.models import Voucher
from bridge.vouchers.uses import uses_of

_Events = Callable[[Session, int, Sequence[int]], Sequence[Event]]


# -- vouchers -------------------------------------------------------------------------------


def _issued(session: Session, workspace_id: int, ids: Sequence[int]) -> list[Event]:
    vouchers, facts = _vouchers(session, workspace_id, ids)
    return [
        _of_voucher(one, EventType.VOUCHER_ISSUED, one.ready_at, VoucherIssued(**facts(one)))
        for one in vouchers
        if one.ready_at is not None
    ]


def _used(session: Session, workspace_id: int, ids: Sequence[int]) -> list[Event]:
    vouchers, facts = _vouchers(session, workspace_id, ids)
    uses = uses_of(session, workspace_id, ids)
    found = []
    for one in vouchers:
        orders = [
            OrderTold(id=use.order_id, number=use.order_number) for use in uses.get(one.id or 0, ())
        ]
        if one.used_at is not None:
            told = VoucherUsed(**facts(one), orders=orders)
            found.append(_of_voucher(one, EventType.VOUCHER_USED, one.used_at, told))
    return found


def _ended(session: Session, workspace_id: int, ids: Sequence[int]) -> list[Event]:
    vouchers, facts = _vouchers(session, workspace_id, ids)
    found = []
    for one in vouchers:
        if one.ended_at is not None:
            told = VoucherEnded(**facts(one), ending=one.ending, replaced_by=one.replaced_by)
            found.append(_of_voucher(one, EventType.VOUCHER_ENDED, one.ended_at, told))
    return found


def _vouchers(
    session: Session, workspace_id: int, ids: Sequence[int]
) -> tuple[Sequence[Voucher], Callable[[Voucher], dict[str, Any]]]:
    """These vouchers, and what every message tells of one."""
    rows = session.exec(
        select(Voucher)
        .where(
            col(Voucher.workspace_id) == workspace_id,
            col(Voucher.id).in_(ids),
            col(Voucher.basket_minor).is_(None),  # no code that anybody could be told
        )
        .order_by(col(Voucher.id))
    ).all()
    people = People(session, workspace_id, [one.member_id for one in rows])
    shops = installation_names(session, workspace_id)

    def facts(one: Voucher) -> dict[str, Any]:
        return {
            "voucher": one.id,
            "code": one.code,
            "kind": one.kind,
            "installation": shops[one.installation_id],
            "store_id": one.store_id,
            "member": people.told_if_any(one.member_id),
            "points": one.points,
            "amount": _amount(one),
            "percent": _percent(one),
            "currency": one.currency,
            "valid_until": one.valid_until,
        }

    return rows, facts


def _amount(one: Voucher) -> str | None:
    return None if one.amount_minor is None else str(from_minor(one.amount_minor, one.currency))


def _percent(one: Voucher) -> str | None:
    if one.percent_millionths is None:
        return None
    share = from_millionths(one.percent_millionths)
    return f"{Decimal(share).normalize():f}"


def _of_voucher(one: Voucher, kind: EventType, at: datetime, told: Any) -> Event:
    key = f"voucher/{one.id}/{kind.value.partition('.')[2]}"
    return event(key, kind, at, one.member_id, told)


# -- claims ---------------------------------------------------------------------------------


def _made(session: Session, workspace_id: int, ids: Sequence[int]) -> list[Event]:
    return _claims(
        session, workspace_id, ids, lambda one: (EventType.CLAIM_MADE, one.claimed_at, ClaimMade)
    )


_DECISIONS: dict[str, tuple[EventType, type[ClaimTold]]] = {
    FulfilmentState.FULFILLED.value: (EventType.CLAIM_FULFILLED, ClaimFulfilled),
    FulfilmentState.CANCELLED.value: (EventType.CLAIM_CANCELLED, ClaimCancelled),
}


def _decided(session: Session, workspace_id: int, ids: Sequence[int]) -> list[Event]:
    def what(one: RewardClaim) -> Any:
        found = _DECISIONS.get(one.state)
        return None if found is None else (found[0], one.decided_at, found[1])

    return _claims(session, workspace_id, ids, what)


def _claims(
    session: Session, workspace_id: int, ids: Sequence[int], what: Callable[[RewardClaim], Any]
) -> list[Event]:
    """``what``: type, time and shape of what is told of a claim; ``None``: nothing."""
    rows = session.exec(
        select(RewardClaim)
        .where(col(RewardClaim.workspace_id) == workspace_id, col(RewardClaim.id).in_(ids))
        .order_by(col(RewardClaim.id))
    ).all()
    people = People(session, workspace_id, [one.member_id for one in rows])
    found = []
    for one in rows:
        said = what(one)
        if said is None:
            continue
        kind, at, shape = said
        told = shape(
            claim=one.id,
            reward=one.reward,
            name=one.name,
            points=one.points,
            member=people.told(one.member_id),
            claimed_at=one.claimed_at,
        )
        key = f"claim/{one.id}/{kind.value.partition('.')[2]}"
        found.append(event(key, kind, at, one.member_id, told))
    return found


def _source(name: str, table: Any, at: Any, read: _Events, *types: EventType) -> Source:
    return Source(name, frozenset(types), table, at, read)


ISSUED = _source("issued", Voucher, col(Voucher.ready_at), _issued, EventType.VOUCHER_ISSUED)
USED = _source("used", Voucher, col(Voucher.used_at), _used, EventType.VOUCHER_USED)
ENDED = _source("ended", Voucher, col(Voucher.ended_at), _ended, EventType.VOUCHER_ENDED)
MADE = _source("claims", RewardClaim, col(RewardClaim.claimed_at), _made, EventType.CLAIM_MADE)
DECIDED = _source(
    "decided",
    RewardClaim,
    col(RewardClaim.decided_at),
    _decided,
    EventType.CLAIM_FULFILLED,
    EventType.CLAIM_CANCELLED,
)
