"""Vouchers: redeemed, listed, withdrawn."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, Field, StringConstraints
from sqlmodel import Session

from bridge.api_tokens.scopes import Scope
from bridge.audit.service import Subject, record
from bridge.kit.money import from_millionths, from_minor
from bridge.points.book import NotEnoughPoints
from bridge.programme.kinds import LARGEST
from bridge.vouchers.codes import workspace_secret
from bridge.vouchers.ending import withdraw
from bridge.vouchers.exchanging import exchange
from bridge.vouchers.models import Voucher, VoucherState
from bridge.vouchers.redeeming import Request
from bridge.vouchers.redeeming import redeem as redeem_points
from bridge.vouchers.review import Listed, Wanted, vouchers
from bridge.vouchers.stores import stores_of
from bridge.vouchers.where import voucher_store
from bridge.web.api.members import Text, present
from bridge.web.api.operations import Call, Nothing, Operations, Sent
from bridge.web.api.paging import Page, Paging, after, page
from bridge.web.api.problems import Refusal

operations = Operations("Vouchers")

StoreName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class VoucherOut(BaseModel):
    id: int
    code: str
    store: str
    kind: str
    member: int | None
    points: int
    amount: Decimal | None
    percent: Decimal | None
    maximum: Decimal | None
    currency: str
    state: VoucherState
    ending: str | None
    made_at: datetime
    valid_until: datetime | None
    in_shop: bool = Field(description="Whether the shop has its code: only then can it be used.")
    problem: str | None
    orders: list[str] = Field(description="Numbers of the orders it was used on.")


class VouchersQuery(Paging):
    member: Annotated[int | None, Field(ge=0, le=2**31 - 1)] = None
    code: Annotated[str, Field(max_length=100)] = ""
    state: VoucherState | None = None


class RedeemIn(Sent):
    points: Annotated[int, Field(ge=1, le=LARGEST)]
    store: StoreName = Field(
        description="Where it can be used: `installation` or `installation/store`."
    )


class WithdrawIn(Sent):
    reason: Text


class ExchangeIn(Sent):
    store: StoreName = Field(description="Where the new one is to be used.")
    reason: Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)] = ""


@operations.get("/vouchers", Scope.READ_MEMBERS, Page[VoucherOut], query=VouchersQuery)
def list_vouchers(call: Call, query: VouchersQuery) -> Page[VoucherOut]:
    """Vouchers, the newest first."""
    last = after(query, int)
    wanted = Wanted(
        member_id=query.member,
        code=query.code,
        states=(query.state.value,) if query.state else (),
        before=last[0] if last else 0,
    )
    with call.app.database.reading() as session:
        found = vouchers(session, call.app.workspace_id, wanted, query.limit + 1)
        places = _places(session, call)
    return page(found, query, lambda one: _voucher(one, places), lambda one: (one.voucher.id,))


@operations.get("/vouchers/{voucher}", Scope.READ_MEMBERS, VoucherOut)
def get_voucher(call: Call, query: Nothing, voucher: int) -> VoucherOut:
    """One voucher."""
    with call.app.database.reading() as session:
        return _one(session, call, voucher)


@operations.post(
    "/members/{member}/vouchers",
    Scope.WRITE_VOUCHERS,
    VoucherOut,
    body=RedeemIn,
    status=201,
    wakes=("vouchers",),
)
def redeem(call: Call, session: Session, body: RedeemIn, member: int) -> VoucherOut:
    """Turns a member's points into a voucher for one store.

    The points are reserved at once. The code gets into the shop a moment later: `in_shop` of the
    voucher says when.
    """
    number = present(session, call, member)
    place = voucher_store(call.app, body.store)
    now = call.app.now()
    secret = workspace_secret(session, call.app.workspace_id, call.app.keyring, now)
    asked = Request(number, body.points, place, str(uuid.uuid4()))
    try:
        done = redeem_points(session, call.app.workspace_id, secret, asked, now)
    except NotEnoughPoints as error:
        raise Refusal(
            409,
            f"{error.wanted} points cannot be redeemed: only {error.available} are available.",
            code="not-enough-points",
        ) from None
    assert done.voucher.id is not None
    _record(session, call, "voucher.redeemed", done.voucher, {"points": body.points})
    session.flush()
    return _one(session, call, done.voucher.id)


@operations.post(
    "/vouchers/{voucher}/withdrawal",
    Scope.WRITE_VOUCHERS,
    VoucherOut,
    body=WithdrawIn,
    wakes=("vouchers",),
)
def withdraw_voucher(call: Call, session: Session, body: WithdrawIn, voucher: int) -> VoucherOut:
    """Takes an unused voucher back.

    Its code leaves the shop first; reserved points are free again once a poll shows that nobody
    used it in the last moment.
    """
    _one(session, call, voucher)
    done = withdraw(session, call.app.workspace_id, voucher, body.reason, call.app.now())
    if done.is_new:
        _record(session, call, "voucher.withdrawn", done.voucher, {"reason": body.reason})
    assert done.voucher.id is not None
    return _one(session, call, done.voucher.id)


@operations.post(
    "/vouchers/{voucher}/exchange",
    Scope.WRITE_VOUCHERS,
    VoucherOut,
    body=ExchangeIn,
    wakes=("vouchers",),
)
def exchange_voucher(call: Call, session: Session, body: ExchangeIn, voucher: int) -> VoucherOut:
    """Exchanges an unused voucher for points for one in another store.

    Answers with the new one where the old one never got into its shop; else with the old one,
    which leaves its shop first. The new one comes once nobody can have used the old one; until
    then its points stay reserved.
    """
    before = _one(session, call, voucher)
    place = voucher_store(call.app, body.store)
    workspace_id, now = call.app.workspace_id, call.app.now()
    secret = workspace_secret(session, workspace_id, call.app.keyring, now)
    found = exchange(session, workspace_id, secret, voucher, place, body.reason, now)
    if before.state is VoucherState.OPEN:
        old = session.get_one(Voucher, voucher)
        _record(session, call, "voucher.exchanged", old, {"store": body.store})
    session.flush()
    assert found.id is not None
    return _one(session, call, found.id)


def _one(session: Session, call: Call, voucher: int) -> VoucherOut:
    found: Sequence[Listed] = vouchers(session, call.app.workspace_id, Wanted(ids=(voucher,)), 1)
    if not found:
        raise Refusal(404, f"There is no voucher {voucher}.")
    return _voucher(found[0], _places(session, call))


def _places(session: Session, call: Call) -> Mapping[tuple[int, str], str]:
    found = stores_of(session, call.app.workspace_id)
    return {(one.installation_id, one.store_id): one.name for one in found}


def _voucher(one: Listed, places: Mapping[tuple[int, str], str]) -> VoucherOut:
    row = one.voucher
    assert row.id is not None
    percent = row.percent_millionths
    return VoucherOut(
        id=row.id,
        code=row.code,
        store=places.get((row.installation_id, row.store_id), one.installation),
        kind=row.kind,
        member=row.member_id,
        points=row.points,
        amount=_money(row.amount_minor, row.currency),
        percent=None if percent is None else from_millionths(percent),
        maximum=_money(row.maximum_minor, row.currency),
        currency=row.currency,
        state=VoucherState(row.state),
        ending=row.ending or None,
        made_at=row.made_at,
        valid_until=row.valid_until,
        in_shop=row.is_there,
        problem=one.problem or None,
        orders=[use.order_number for use in one.uses],
    )


def _money(minor: int | None, currency: str) -> Decimal | None:
    return None if minor is None else from_minor(minor, currency)


def _record(
    session: Session, call: Call, action: str, voucher: Voucher, after_: Mapping[str, Any]
) -> None:
    subject = Subject("voucher", str(voucher.id), voucher.code)
    record(
        session,
        call.app.workspace_id,
        call.holder.actor,
        action,
        subject,
        call.app.now(),
        after=after_,
    )
