"""A member turns points into a voucher: reserved and issued in one unit of work, or not at all."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlmodel import Session, col

from bridge.earning.batch import Version, versions
from bridge.kit.calendar import day_of
from bridge.kit.errors import BridgeError
from bridge.members.holding import account_holder
from bridge.members.joining import takes_part
from bridge.members.meant import NO_QUALITIES, is_meant
from bridge.members.models import Member
from bridge.members.qualities import qualities_of
from bridge.members.standing import identity, locked
from bridge.points.book import Book, Cause, NotEnoughPoints
from bridge.points.expiring import expired
from bridge.points.ripening import expire_due
from bridge.points.spending import reserve
from bridge.points.statement import open_lots, standing
from bridge.programme.document import Programme
from bridge.programme.rewards import Redemption
from bridge.vouchers.issuing import NewVoucher, issue
from bridge.vouchers.models import Voucher, VoucherKind
from bridge.vouchers.pooling import CODES_PER_POOL
from bridge.vouchers.rules import NotRedeemable, in_currency, smallest_basket, valid_until, value_of
from bridge.vouchers.stores import StorePlace
from connectors.base import Basis
from connectors.sentences import joined, sentence

REQUEST = "request"
"""``source_kind`` of what a person asked for; its ``source_id`` is the request's id."""
VOUCHER = "voucher"
"""Kind of the causes under which the book moves points for a voucher."""
LABEL = "Points"
"""What the buyer's basket and order show."""


class RequestedOtherwise(BridgeError):
    """The request's id stands for another redemption."""


@dataclass(frozen=True, slots=True)
class Request:
    """``points`` of a member are to become a voucher in ``store``. Told again under the same
    ``id``, it gives the same voucher back."""

    member_id: int
    points: int
    store: StorePlace
    id: str
    source_kind: str = REQUEST


@dataclass(frozen=True, slots=True)
class Redeemed:
    voucher: Voucher
    is_new: bool
    """False: it had been asked for before, and nothing was reserved."""


def redeem(
    session: Session,
    workspace_id: int,
    secret: bytes,
    request: Request,
    now: datetime,
    *,
    codes_per_pool: int = CODES_PER_POOL,
) -> Redeemed:
    """Reserves the points and issues the voucher. A company that holds its people's points pays
    for them; a member who was merged into another is that one.

    ``secret``: :func:`bridge.vouchers.codes.workspace_secret`. Raises NotRedeemable,
    NotEnoughPoints, MissingVoucherRate, :class:`RequestedOtherwise`, and KeyError for a member
    who is not there; then nothing was posted or issued, and the unit of work may go on.
    """
    member = locked(session, workspace_id, request.member_id)
    holder = account_holder(session, member)
    book = Book(session, workspace_id, now)
    account = book.open([holder])[holder]
    found = _asked_before(session, workspace_id, request)
    if found is not None:
        _check_same(found, request, member)
        return Redeemed(found, is_new=False)
    new = voucher_for(session, workspace_id, request, member, account.id, now)
    expire_due(book, account)
    if request.points > account.available:
        raise NotEnoughPoints(request.points, account.available)
    voucher = issue(session, workspace_id, secret, new, now, codes_per_pool=codes_per_pool)
    if voucher.member_id != identity(member) or voucher.points != request.points:
        raise _taken(request)  # by somebody else, at this very moment
    reserve(book, account, request.points, cause_of(voucher, now, new.programme_number))
    book.write()
    return Redeemed(voucher, is_new=True)


def preview(session: Session, workspace_id: int, request: Request, now: datetime) -> NewVoucher:
    """What :func:`redeem` would issue; locks, reserves and writes nothing. Raises as it does."""
    member = session.get_one(Member, request.member_id)
    holder = account_holder(session, member)
    has = standing(session, workspace_id, *holder)
    new = voucher_for(session, workspace_id, request, member, has.account_id, now)
    over = expired(open_lots(session, workspace_id, has.account_id), now)
    if request.points > has.available - over:
        raise NotEnoughPoints(request.points, has.available - over)
    return new


def cause_of(voucher: Voucher, at: datetime, programme: int | None = None) -> Cause:
    """Why points move for this voucher: one for its whole life."""
    told: dict[str, object] = {"code": voucher.code}
    if voucher.is_for_basket:
        told["basket"] = True
    why = json.dumps(told)
    return Cause(VOUCHER, str(voucher.id), at, programme=programme, why=why)


# -- what was asked -------------------------------------------------------------------------


def _asked_before(session: Session, workspace_id: int, request: Request) -> Voucher | None:
    return session.execute(
        select(Voucher)
        .where(
            col(Voucher.workspace_id) == workspace_id,
            col(Voucher.kind) == VoucherKind.POINTS.value,
            col(Voucher.rule) == "",
            col(Voucher.source_kind) == request.source_kind,
            col(Voucher.source_id) == request.id,
        )
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()


def _check_same(found: Voucher, request: Request, member: Member) -> None:
    store = request.store
    same = (
        found.points == request.points
        and (found.installation_id, found.store_id) == (store.installation_id, store.store_id)
        and found.member_id == identity(member)  # vouchers follow when members merge
    )
    if not same:
        raise _taken(request)


def _taken(request: Request) -> RequestedOtherwise:
    return RequestedOtherwise(
        sentence(
            "The request id `%(request_id)s` stands for another voucher. Choose another "
            "id; nothing was changed.",
            request_id=f"{request.id}",
        )
    )


# -- what the programme says ----------------------------------------------------------------


def voucher_for(
    session: Session,
    workspace_id: int,
    request: Request,
    member: Member,
    account_id: int,
    now: datetime,
) -> NewVoucher:
    """What the programme makes of these points now. Raises NotRedeemable, MissingVoucherRate."""
    version, redemption = redemption_at(session, workspace_id, now)
    programme = version.programme
    zone = ZoneInfo(programme.timezone)
    store = request.store
    check_offered(redemption, programme, store, now)
    _check_meant(session, workspace_id, redemption, programme, identity(member), now)
    value = value_of(redemption, request.points, programme.currency)
    day = day_of(now, zone)
    face = in_currency(value, programme.currency, store.currency, programme.rates, day)
    return NewVoucher(
        kind=VoucherKind.POINTS,
        source_kind=request.source_kind,
        source_id=request.id,
        store=store,
        amount=face,
        member_id=identity(member),
        account_id=account_id,
        points=request.points,
        basket=basket_of(redemption, face, store),
        basket_is_gross=programme.prices_are is Basis.GROSS,
        valid_until=valid_until(redemption.valid, now, zone),
        zone=zone,
        label=LABEL,
        programme_number=version.number,
    )


def redemption_at(session: Session, workspace_id: int, now: datetime) -> tuple[Version, Redemption]:
    """What is in force. Raises NotRedeemable where points do not become vouchers."""
    version = versions(session, workspace_id).at(now)
    if version is None or version.programme.redemption is None:
        raise NotRedeemable(
            sentence("The programme turns no points into vouchers: it has no section `redemption`.")
        )
    return version, version.programme.redemption


def check_offered(
    redemption: Redemption, programme: Programme, store: StorePlace, now: datetime
) -> None:
    """Raises NotRedeemable when it does not hold in this store or on this day."""
    if not redemption.holds_on(day_of(now, ZoneInfo(programme.timezone))):
        starts, until = redemption.starts, redemption.until
        days = joined(
            sentence("from %(day)s", day=starts) if starts else "",
            sentence("until %(day)s", day=until) if until else "",
        )
        raise NotRedeemable(sentence("Points become vouchers %(days)s, and not today.", days=days))
    if not redemption.holds_in(store.installation, store.code):
        raise NotRedeemable(
            sentence(
                "Points become no vouchers in %(store_name)s; they do in: %(stores)s.",
                store_name=store.name,
                stores=", ".join(redemption.stores),
            )
        )


def basket_of(redemption: Redemption, face: Decimal, store: StorePlace) -> Decimal | None:
    return smallest_basket(face, redemption.of_order, store.currency)


def _check_meant(
    session: Session,
    workspace_id: int,
    redemption: Redemption,
    programme: Programme,
    member_id: int,
    now: datetime,
) -> None:
    if member_id not in takes_part(session, workspace_id, [member_id], now):
        raise NotRedeemable(
            sentence(
                "Member #%(member_id)s does not take part in the programme: see `members join`.",
                member_id=f"{member_id}",
            )
        )
    if redemption.when is None:
        return
    found = qualities_of(session, workspace_id, programme, [member_id])
    if not is_meant(redemption.when, found.get(member_id, NO_QUALITIES)):
        raise NotRedeemable(
            sentence(
                "Member #%(member_id)s is none of those whose points become vouchers: see "
                "`redemption: when` in the programme.",
                member_id=f"{member_id}",
            )
        )
