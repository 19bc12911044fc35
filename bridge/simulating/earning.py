"""What the basket would earn, by the very rules that judge orders, and the tier it leads to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from bridge.earning.batch import Buyer, Shop, Version, Versions, segments_of, shops
from bridge.earning.facts import SHIPPING, History, ProductFacts
from bridge.earning.judging import NO_PAST, Past, asks_the_past, buyer_facts, judge
from bridge.earning.news import MissingRate, rate_of
from bridge.earning.paid import PointsVoucher, paid_with_points
from bridge.earning.past import past_of
from bridge.earning.products import asks_for_products, product_facts
from bridge.kit.money import from_minor
from bridge.members.models import Member
from bridge.orders.totals import totals
from bridge.programme.points import PointsSettings
from bridge.simulating.codes import face
from bridge.simulating.records import EarnedTold, PointsTold, TierTold
from bridge.tiers.rules import Override, Volume, decide
from bridge.tiers.service import standings
from bridge.vouchers.models import Voucher
from connectors.base import Basis
from connectors.quotes import Quote
from connectors.sales import LineKind, Order, OrderLine, UsedCode

_LAST = "\N{BLACK DIAMOND}"
"""An order's id behind all others: of orders of one moment the id decides which came first."""


@dataclass(frozen=True, slots=True)
class Sale:
    """A basket as if it were ordered, paid and sent at this moment."""

    installation_id: int
    order: Order
    buyer: Buyer
    is_member: bool
    voucher: Voucher | None
    """The one that takes something off."""


def order_of(
    quote: Quote,
    skus: Mapping[str, str],
    store_id: str,
    currency: str,
    used: UsedCode | None,
    now: datetime,
    *,
    customer_id: str,
    company: str,
    email: str,
) -> Order:
    """``skus``: by product id. Lines are named by their places, from 1."""
    lines = tuple(
        OrderLine(
            id=str(place),
            kind=LineKind.PRODUCT,
            product_id=line.product_id,
            sku=skus[line.product_id],
            name="",
            quantity=Decimal(line.quantity),
            price=line.price,
            discount=line.discount,
            is_gift=line.is_gift,
        )
        for place, line in enumerate(quote.lines, 1)
    )
    return Order(
        id=_LAST,
        number="",
        store_id=store_id,
        currency=currency,
        placed_at=now,
        changed_at=now,
        customer_id=customer_id,
        email=email,
        is_guest=not customer_id,
        group_id=quote.group_id,
        company=company,
        lines=lines,
        paid_at=now,
        completed_at=now,
        codes=() if used is None else (used,),
    )


# --- points --------------------------------------------------------------------------------


def points_of(
    session: Session, workspace_id: int, sale: Sale, known: Versions, now: datetime
) -> PointsTold:
    version = known.at(now)
    settings = version.programme.points if version else None
    if version is None or settings is None:
        return PointsTold(why_none="The programme gives no points.")
    shop = shops(session, workspace_id, [sale.installation_id]).get(sale.installation_id)
    try:
        rate = rate_of(sale.order, known)
    except MissingRate:
        return PointsTold(
            why_none=f"The programme knows no rate for {sale.order.currency} today: add one "
            "under `rates`."
        )
    assert shop is not None
    return _judged(session, workspace_id, sale, version, settings, shop, rate)


def _judged(
    session: Session,
    workspace_id: int,
    sale: Sale,
    version: Version,
    settings: PointsSettings,
    shop: Shop,
    rate: Decimal,
) -> PointsTold:
    programme, order = version.programme, sale.order
    zone = ZoneInfo(programme.timezone)
    segments = segments_of(session, workspace_id, [sale.buyer.member_id])
    theirs = segments.get(sale.buyer.member_id, frozenset())
    paid = paid_with_points(order, _vouchers(sale.voucher))
    verdict = judge(
        settings,
        order,
        rate,
        buyer_facts(order, sale.buyer, shop, programme, theirs),
        _facts(session, workspace_id, sale, settings),
        zone,
        past=_past(session, workspace_id, sale, settings, programme.currency, zone),
        told={},
        paid_with_points=paid,
    )
    skus = {line.id: line.sku for line in order.lines}
    entries = tuple(
        EarnedTold(line, skus.get(line, "shipping"), rule, one.points, one.why)
        for (line, rule), one in verdict.worth.items()
        if line in skus or line == SHIPPING
    )
    why_none = "" if entries else "No rule of the programme gives points for it."
    return PointsTold(entries, paid, verdict.ripens_at, why_none)


def _vouchers(voucher: Voucher | None) -> Mapping[str, PointsVoucher]:
    if voucher is None or not voucher.points:
        return {}
    return {voucher.code: PointsVoucher(face(voucher), voucher.currency, voucher.account_id)}


def _facts(
    session: Session, workspace_id: int, sale: Sale, settings: PointsSettings
) -> Mapping[str, ProductFacts]:
    if not asks_for_products(settings):
        return {}
    bought: Mapping[str, tuple[str, ...]] = {line.product_id: () for line in sale.order.lines}
    return product_facts(session, workspace_id, sale.installation_id, bought)


def _past(
    session: Session,
    workspace_id: int,
    sale: Sale,
    settings: PointsSettings,
    currency: str,
    zone: ZoneInfo,
) -> Past:
    if not asks_the_past(settings):
        return NO_PAST
    if not sale.is_member:
        return Past(History(currency=currency))
    place = (sale.installation_id, sale.order, settings, currency, zone)
    return past_of(session, workspace_id, sale.buyer, *place)


# --- tiers ---------------------------------------------------------------------------------


def tier_of(
    session: Session, workspace_id: int, sale: Sale, known: Versions, now: datetime
) -> TierTold | None:
    """What the member's tier would be once the order counts; ``None``: there are no tiers, or he
    is no member."""
    version = known.at(now)
    if version is None or not version.programme.tiers or not sale.is_member:
        return None
    found = standings(session, workspace_id, now, member_ids=[sale.buyer.member_id]).standings
    if not found:
        return None
    standing, programme = found[0], version.programme
    try:
        rate = rate_of(sale.order, known)
    except MissingRate:
        return None
    settings = (programme.points or PointsSettings()).with_price(programme.prices_are)
    own = totals(sale.order, rate, programme.currency)
    spend = own.net if settings.basis_of().price is Basis.NET else own.gross
    member = session.exec(
        select(Member).where(
            col(Member.workspace_id) == workspace_id, col(Member.id) == sale.buyer.member_id
        )
    ).one()
    given = member.tier_override
    decision = decide(
        programme.tiers,
        member.tier,
        member.tier_since,
        member.tier_until,
        None if given is None else Override(given, member.tier_override_until),
        {
            key: Volume(
                volume.spend + from_minor(spend, programme.currency),
                volume.items + Decimal(own.items) / 1000,
                volume.orders + int(own.counts),
            )
            for key, volume in standing.volumes.items()
        },
        member.joined_at,
        now,
        ZoneInfo(programme.timezone),
    )
    return TierTold(member.tier, decision.tier, decision.reason)
