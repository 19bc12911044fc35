"""What an order is worth: the pure rules, given everything they ask for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from bridge.earning.batch import Buyer, Shop
from bridge.earning.dates import counts_from, expires_at, ripens_at
from bridge.earning.earning import earned
from bridge.earning.facts import Buyer as BuyerFacts
from bridge.earning.facts import Earned, History, ProductFacts
from bridge.earning.history import capped, earned_by_history
from bridge.earning.posting import LineRule, Worth
from bridge.earning.refunds import Reversal, reversed_points
from bridge.orders.totals import as_told
from bridge.programme.document import Programme
from bridge.programme.earning_rules import HISTORY_KINDS
from bridge.programme.points import PointsSettings
from connectors.sales import NO_MONEY, Money, Order


@dataclass(frozen=True, slots=True)
class Past:
    """What decides beside the order itself."""

    history: History
    earned_today: int = 0
    earned_ever: int = 0


NO_PAST = Past(History())


@dataclass(frozen=True, slots=True)
class Verdict:
    worth: Mapping[LineRule, Worth]
    ripens_at: datetime | None
    expires_at: datetime | None
    frozen: bool = False
    unknown: tuple[str, ...] = ()
    """Refunds whose amount a person has to tell."""


NOTHING = Verdict({}, None, None)


def asks_the_past(settings: PointsSettings) -> bool:
    """Whether an order's points depend on the buyer's other orders."""
    caps = settings.caps
    return (
        caps.day is not None
        or caps.member is not None
        or any(rule.kind in HISTORY_KINDS for rule in settings.rules.values())
    )


def judge(
    settings: PointsSettings,
    order: Order,
    rate: Decimal,
    buyer: BuyerFacts,
    products: Mapping[str, ProductFacts],
    zone: ZoneInfo,
    *,
    past: Past | None,
    told: Mapping[str, Money],
    paid_with_points: Money = NO_MONEY,
) -> Verdict:
    """``past``: ``None`` while it is not known whether all that came before has arrived; then
    only what the order earns by itself is counted. ``paid_with_points``: what vouchers for
    points took off, in the order's currency (see :mod:`bridge.earning.paid`)."""
    found: Sequence[Earned] = earned(settings, order, rate, buyer, products, paid_with_points, zone)
    if past is not None:
        found = (
            *found,
            *earned_by_history(
                settings,
                as_told(order, told),
                rate,
                buyer,
                past.history,
                zone,
                products,
                paid_with_points,
            ),
        )
    given = past or NO_PAST
    found = capped(found, settings.caps, given.earned_today, given.earned_ever)
    reversal = reversed_points(
        order,
        {(one.line_id, one.rule): one.points for one in found},
        settings.unknown_refund,
        told,
    )
    ripens = ripens_at(settings, order, zone)
    return Verdict(
        _worth(found, reversal),
        ripens,
        _expires(settings, order, ripens, zone),
        reversal.frozen,
        reversal.unknown,
    )


def _worth(found: Sequence[Earned], reversal: Reversal) -> dict[LineRule, Worth]:
    worth = {}
    for one in found:
        key = (one.line_id, one.rule)
        returned = reversal.points.get(key, 0)
        why = dict(one.why)
        if returned:
            why |= {"earned": one.points, "returned": returned}
        worth[key] = Worth(one.points - returned, why)
    return worth


def _expires(
    settings: PointsSettings, order: Order, ripens: datetime | None, zone: ZoneInfo
) -> datetime | None:
    if ripens is None:
        return None
    return expires_at(settings, counts_from(settings, order.placed_at, ripens), zone)


def buyer_facts(
    order: Order,
    buyer: Buyer,
    shop: Shop,
    programme: Programme,
    segments: frozenset[str],
    *,
    takes_part: bool = True,
) -> BuyerFacts:
    group = shop.groups.get(order.group_id, "")
    return BuyerFacts(
        installation=shop.name,
        store=shop.stores.get(order.store_id, ""),
        group_name=group,
        group_key=_group_key(programme, shop.name, group),
        segments=segments,
        tier=buyer.tier,
        company=buyer.company or order.company,
        member_since=buyer.joined_at,
        member_number=buyer.member_id,
        takes_part=takes_part,
    )


def _group_key(programme: Programme, installation: str, name: str) -> str:
    folded = name.casefold()
    for key, group in programme.groups.items():
        if group.name_in(installation).casefold() == folded:
            return key
    return ""
