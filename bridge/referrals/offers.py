"""What the programme promises a friend and his referrer, in a store's own money."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlmodel import Session, col

from bridge.earning.batch import Version, versions
from bridge.installations.models import Installation, ShopFacts
from bridge.kit.calendar import day_end, day_of, months_later
from bridge.kit.errors import BridgeError
from bridge.kit.money import exponent
from bridge.members.models import MemberCustomer, ShopCustomer
from bridge.orders.models import HandledOrder
from bridge.preferences.sections import Branding
from bridge.preferences.service import preferences
from bridge.programme.document import Programme
from bridge.programme.giving import Give, Lasting
from bridge.programme.loyalty import rate_on
from bridge.programme.rewards import Referrals
from bridge.referrals.codes import code_named
from bridge.referrals.models import ReferralCode
from bridge.vouchers.issuing import NewVoucher
from bridge.vouchers.models import VoucherKind
from bridge.vouchers.stores import StorePlace, stores_of
from connectors.base import Basis
from connectors.sentences import sentence

REFERRAL = "referral"
"""The cause of vouchers and points, with the referral's id."""


@dataclass(frozen=True, slots=True)
class Terms:
    """A version of the programme that has referrals."""

    version: Version
    referrals: Referrals

    @property
    def programme(self) -> Programme:
        return self.version.programme

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.programme.timezone)

    @property
    def is_gross(self) -> bool:
        """The side that amounts of baskets and orders are meant on."""
        return self.programme.prices_are is Basis.GROSS


def terms_at(session: Session, workspace_id: int, moment: datetime) -> Terms | None:
    """``None``: the programme that was in force has no section ``referrals``."""
    version = versions(session, workspace_id).at(moment)
    if version is None or version.programme.referrals is None:
        return None
    return Terms(version, version.programme.referrals)


@dataclass(frozen=True, slots=True)
class Place:
    """A store that a friend may choose, and what people call it."""

    store: StorePlace
    title: str


@dataclass(frozen=True, slots=True)
class Invitation:
    """What stands behind a code, now."""

    code: ReferralCode
    terms: Terms
    places: Sequence[Place]
    """Where the voucher can be used; never empty."""
    merchant: str
    """What members know the programme by."""

    def place(self, name: str) -> Place | None:
        """By ``installation/store``; the only one needs no name."""
        if not name and len(self.places) == 1:
            return self.places[0]
        return next((one for one in self.places if one.store.name == name), None)


def invitation(session: Session, workspace_id: int, typed: str, now: datetime) -> Invitation | None:
    """``None``: there is no such code, or nothing that it could give."""
    code = code_named(session, workspace_id, typed)
    terms = terms_at(session, workspace_id, now)
    if code is None or terms is None:
        return None
    friend = terms.referrals.friend
    if not friend.holds_on(day_of(now, terms.zone)):
        return None
    places = [
        place
        for place in _places(session, workspace_id)
        if friend.holds_in(place.store.installation, place.store.code)
        and _is_listed(terms.referrals.stores, place.store)
    ]
    if not places:
        return None
    return Invitation(code, terms, places, merchant_name(session, workspace_id, terms.programme))


def merchant_name(session: Session, workspace_id: int, programme: Programme) -> str:
    """As on members' pages: the name of the branding, else that of the programme."""
    return preferences(session, workspace_id, Branding).name or programme.name


def _is_listed(stores: Sequence[str], place: StorePlace) -> bool:
    return not stores or bool({place.installation, place.name} & {*stores})


def _places(session: Session, workspace_id: int) -> list[Place]:
    titles: dict[tuple[int, str], str] = {}
    rows = session.execute(
        select(col(ShopFacts.installation_id), col(ShopFacts.stores))
        .join(Installation, col(Installation.id) == col(ShopFacts.installation_id))
        .where(col(Installation.workspace_id) == workspace_id)
    )
    for installation_id, stores in rows:
        for store in stores:
            titles[installation_id, store["id"]] = store.get("name") or store["code"]
    return [
        Place(place, titles.get((place.installation_id, place.store_id), place.code))
        for place in stores_of(session, workspace_id)
    ]


def place_title(session: Session, workspace_id: int, installation_id: int, store_id: str) -> str:
    """What people call a store; empty: its shop does not tell of it."""
    stores = session.execute(
        select(col(ShopFacts.stores)).where(
            col(ShopFacts.workspace_id) == workspace_id,
            col(ShopFacts.installation_id) == installation_id,
        )
    ).scalar_one_or_none()
    return next(
        (one.get("name") or one["code"] for one in stores or () if one["id"] == store_id), ""
    )


# -- vouchers -------------------------------------------------------------------------------


def friends_voucher(
    terms: Terms, store: StorePlace, referral_id: int, email: str, now: datetime
) -> NewVoucher:
    """Raises BridgeError when there is no rate for the store's currency."""
    friend = terms.referrals.friend
    until = last_moment(friend.valid, now, terms.zone)
    if friend.until is not None:
        until = min(until, day_end(friend.until, terms.zone))
    give, day = friend.give, day_of(now, terms.zone)
    return NewVoucher(
        VoucherKind.FRIEND,
        REFERRAL,
        str(referral_id),
        store,
        amount=_worth(give.amount, terms, store, day),
        percent=give.percent,
        maximum=_worth(give.maximum, terms, store, day),
        email=email,
        basket=None if friend.basket is None else _least(friend.basket, terms, store, day),
        basket_is_gross=terms.is_gross,
        valid_until=until,
        zone=terms.zone,
        label=friend.label or "Welcome discount",
        first_order_only=True,
        programme_number=terms.version.number,
    )


def referrers_voucher(
    terms: Terms, give: Give, store: StorePlace, referral_id: int, member_id: int, now: datetime
) -> NewVoucher:
    """Raises BridgeError when there is no rate for the store's currency."""
    day = day_of(now, terms.zone)
    return NewVoucher(
        VoucherKind.REFERRER,
        REFERRAL,
        str(referral_id),
        store,
        amount=_worth(give.amount, terms, store, day),
        percent=give.percent,
        maximum=_worth(give.maximum, terms, store, day),
        member_id=member_id,
        valid_until=last_moment(terms.referrals.valid, now, terms.zone),
        zone=terms.zone,
        label="Thank you for your recommendation",
        programme_number=terms.version.number,
    )


def last_moment(lasting: Lasting, now: datetime, zone: ZoneInfo) -> datetime:
    """The end of the last day."""
    today = day_of(now, zone)
    if lasting.months is not None:
        return day_end(months_later(today, lasting.months), zone)
    return day_end(today + timedelta(days=lasting.days or 0), zone)


def _worth(amount: Decimal | None, terms: Terms, store: StorePlace, day: date) -> Decimal | None:
    return None if amount is None else in_currency(amount, terms.programme, store.currency, day)


def _least(amount: Decimal, terms: Terms, store: StorePlace, day: date) -> Decimal:
    return in_currency(amount, terms.programme, store.currency, day, ROUND_CEILING)


def in_currency(
    amount: Decimal,
    programme: Programme,
    currency: str,
    day: date,
    rounding: str = ROUND_FLOOR,
) -> Decimal:
    """An amount of the programme's currency in a store's, to its smallest unit; rounded down,
    so that nobody gets more than was promised. Raises BridgeError when there is no rate."""
    if currency != programme.currency:
        rate = rate_on(programme.rates, currency, day)
        if rate is None:
            raise BridgeError(
                sentence(
                    "There is no rate of %(currency)s for %(day)s: write it under `rates` in the "
                    "programme, and load it.",
                    currency=currency,
                    day=day,
                )
            )
        amount = amount / rate
    return amount.quantize(Decimal(1).scaleb(-exponent(currency)), rounding=rounding)


# -- where a referrer's voucher holds -------------------------------------------------------


def store_of_member(
    session: Session, workspace_id: int, member_ids: Sequence[int], *, otherwise: StorePlace | None
) -> StorePlace | None:
    """Where he bought last, else where he is registered, else ``otherwise``."""
    known = {
        (place.installation_id, place.store_id): place for place in stores_of(session, workspace_id)
    }
    bought = session.execute(
        select(col(HandledOrder.installation_id), col(HandledOrder.store_id))
        .where(
            col(HandledOrder.workspace_id) == workspace_id,
            col(HandledOrder.member_id).in_(member_ids),
        )
        .order_by(col(HandledOrder.placed_at).desc())
        .limit(1)
    )
    registered = session.execute(
        select(col(ShopCustomer.installation_id), col(ShopCustomer.store_id))
        .join(
            MemberCustomer,
            (col(MemberCustomer.installation_id) == col(ShopCustomer.installation_id))
            & (col(MemberCustomer.customer_id) == col(ShopCustomer.customer_id)),
        )
        .where(
            col(MemberCustomer.workspace_id) == workspace_id,
            col(MemberCustomer.member_id).in_(member_ids),
        )
        .order_by(col(ShopCustomer.created_at).desc())
    )
    for row in (*bought, *registered):
        place = known.get((row[0], row[1]))
        if place is not None:
            return place
    return otherwise
