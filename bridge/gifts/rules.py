"""What to do about the gifts of one open basket. Pure.

The examples stand as tables in ``tests/bridge/gifts/test_rules.py``. What is added is only what
the shop makes free at that moment; what is taken out is only what the bridge put in, as it put
it in; nothing is touched once a checkout has begun, but for what a plugin gives instead.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from bridge.gifts.models import GiftState
from connectors.rewards import Cart, CartItem, CartTotals, Promotion, PromotionKind, Threshold
from connectors.sales import NO_MONEY, Money

MOST_TRIES = 8
"""Refusals in a row after which a gift is no longer offered to a basket."""


@dataclass(frozen=True, slots=True)
class GiftOffer:
    """A gift that the shop makes free in one store, as its promotion says."""

    rule: str
    store_id: str
    product_id: str
    quantity: int
    threshold: Threshold
    group_ids: tuple[str, ...] = ()
    """Empty: everyone, guests too."""
    starts_at: datetime | None = None
    ends_at: datetime | None = None

    def is_for(self, cart: Cart, now: datetime) -> bool:
        return (
            cart.store_id == self.store_id
            and (not self.group_ids or cart.group_id in self.group_ids)
            and (self.starts_at is None or self.starts_at <= now)
            and (self.ends_at is None or now < self.ends_at)
        )


def offer_from(rule: str, promotion: Promotion) -> GiftOffer | None:
    """``None``: it is no gift that can be put into a basket."""
    if promotion.kind is not PromotionKind.GIFT or promotion.threshold is None:
        return None
    (product_id,) = promotion.product_ids
    return GiftOffer(
        rule=rule,
        store_id=promotion.store_id,
        product_id=product_id,
        quantity=promotion.most_pieces or 1,
        threshold=promotion.threshold,
        group_ids=promotion.group_ids,
        starts_at=promotion.starts_at,
        ends_at=promotion.ends_at,
    )


@dataclass(frozen=True, slots=True)
class Remembered:
    """What the bridge did about one rule in one basket."""

    rule: str
    store_id: str
    product_id: str
    quantity: int
    state: GiftState
    item_id: str = ""
    items_before: frozenset[str] = frozenset()
    attempts: int = 0
    not_before: datetime | None = None
    is_leased: bool = False
    """What was sent last may still be on its way."""
    error: str = ""
    since: datetime | None = None
    """When it came to this."""


# --- what is seen in the basket --------------------------------------------------------------


def seen(gift: Remembered, cart: Cart | None) -> Remembered:
    """What is remembered, after a look into the basket (``None``: there is none any more)."""
    if gift.state in (GiftState.DECLINED, GiftState.ORDERED):
        return gift
    if cart is None:
        return _out(gift, "The basket is gone.") if gift.state is not GiftState.REMOVED else gift
    found = _found(gift, cart)
    if not cart.is_open and gift.state is not GiftState.REMOVED:
        if found is None:
            return _out(gift, "It was not in the basket when that was closed.")
        return replace(gift, state=GiftState.ORDERED, item_id=found.id, error="")
    if gift.state is GiftState.ADDING:
        return _seen_adding(gift, found)
    if gift.state is GiftState.ADDED:
        return _seen_added(gift, found)
    if gift.state is GiftState.REMOVING:
        return _seen_removing(gift, found)
    return gift


def _found(gift: Remembered, cart: Cart) -> CartItem | None:
    """The line that is the bridge's: the one it was told of, or one of the product that was not
    there before."""
    if gift.state is GiftState.ADDING:
        new = (item for item in cart.items if item.id not in gift.items_before)
        return next((item for item in new if _is(item, gift.product_id)), None)
    return next((item for item in cart.items if item.id == gift.item_id), None)


def _seen_adding(gift: Remembered, found: CartItem | None) -> Remembered:
    if found is None:
        if gift.is_leased:
            return gift
        lost = replace(gift, attempts=gift.attempts + 1)
        return _out(lost, "It did not get into the basket.")
    added = replace(gift, state=GiftState.ADDED, item_id=found.id, attempts=0, error="")
    return _seen_added(added, found)


def _seen_added(gift: Remembered, found: CartItem | None) -> Remembered:
    if found is None:
        return replace(gift, state=GiftState.DECLINED, error="The shopper took it out.")
    if found.quantity > gift.quantity:
        return replace(gift, state=GiftState.DECLINED, error="The shopper took more of it.")
    return gift


def _seen_removing(gift: Remembered, found: CartItem | None) -> Remembered:
    if found is None:
        return _out(replace(gift, attempts=0), "")
    return gift if gift.is_leased else _seen_added(replace(gift, state=GiftState.ADDED), found)


def _out(gift: Remembered, why: str) -> Remembered:
    return replace(gift, state=GiftState.REMOVED, item_id="", error=why, not_before=None)


# --- what is to be done ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Add:
    offer: GiftOffer

    @property
    def rule(self) -> str:
        return self.offer.rule


@dataclass(frozen=True, slots=True)
class Remove:
    gift: Remembered

    @property
    def rule(self) -> str:
        return self.gift.rule


Step = Add | Remove


def may_change(cart: Cart | None) -> bool:
    return cart is not None and cart.is_open and not cart.in_checkout


def needs_totals(
    cart: Cart, offers: Iterable[GiftOffer], gifts: Mapping[str, Remembered], now: datetime
) -> bool:
    """Whether what the basket is worth matters for anything."""
    return any(
        _is_in(gifts.get(offer.rule)) or _may_add(offer, gifts.get(offer.rule), cart, now)
        for offer in offers
        if offer.is_for(cart, now)
    )


def moved_away(
    cart: Cart, gifts: Mapping[str, Remembered], moved: Collection[tuple[str, str]]
) -> Remove | None:
    """A gift of a rule that a plugin in the shop gives by now. The shopper is asked money for it,
    beside the one he is given: it goes in a checkout, too."""
    if not cart.is_open:
        return None
    found = (one for one in gifts.values() if _is_in(one) and (one.rule, one.store_id) in moved)
    return next((Remove(one) for one in found), None)


def decide(
    cart: Cart,
    offers: Sequence[GiftOffer],
    gifts: Mapping[str, Remembered],
    totals: CartTotals | None,
    now: datetime,
) -> Step | None:
    """The next thing to do, one at a time: each changes what the basket is worth.

    ``gifts``: what is remembered of this basket, by rule, as :func:`seen`. ``totals`` may be
    ``None`` where they do not matter.
    """
    if not may_change(cart):
        return None
    fitting = {offer.rule: offer for offer in offers if offer.is_for(cart, now)}
    ours = frozenset(gift.item_id for gift in gifts.values() if _is_in(gift))
    for gift in gifts.values():
        if _is_in(gift) and _is_over(gift, fitting.get(gift.rule), totals, ours):
            return Remove(gift)
    for offer in fitting.values():
        if _may_add(offer, gifts.get(offer.rule), cart, now) and _reached(offer, totals, ours):
            return Add(offer)
    return None


def _is_over(
    gift: Remembered, offer: GiftOffer | None, totals: CartTotals | None, ours: Collection[str]
) -> bool:
    if offer is None or (offer.product_id, offer.quantity) != (gift.product_id, gift.quantity):
        return True
    return _reached(offer, totals, ours) is False


def _may_add(offer: GiftOffer, gift: Remembered | None, cart: Cart, now: datetime) -> bool:
    if any(_is(item, offer.product_id) for item in cart.items):
        return False  # he bought it himself, or another rule gave it
    if gift is None:
        return True
    return (
        gift.state is GiftState.REMOVED
        and gift.attempts < MOST_TRIES
        and (gift.not_before is None or gift.not_before <= now)
    )


def _is_in(gift: Remembered | None) -> bool:
    return gift is not None and gift.state is GiftState.ADDED


def _is(item: CartItem, product_id: str) -> bool:
    return item.product_id.casefold() == product_id.casefold()


# --- what the basket is worth ----------------------------------------------------------------


def _reached(offer: GiftOffer, totals: CartTotals | None, ours: Collection[str]) -> bool | None:
    """``None``: it cannot be told; then everything stays as it is."""
    bounds = None if totals is None else worth(totals, ours, offer.threshold)
    if bounds is None:
        return None
    least, most = bounds
    if least >= offer.threshold.amount:
        return True
    return False if most < offer.threshold.amount else None


def worth(
    totals: CartTotals, ours: Collection[str], threshold: Threshold
) -> tuple[Decimal, Decimal] | None:
    """What the basket is worth without the gifts in it, at least and at most. The two differ
    only after discounts where the shop does not tell which line they are on: a gift may be free
    already, or not. ``None``: the shop does not tell what the gifts cost."""
    if ours and totals.by_item is None:
        return None
    given = _sum(totals.by_item, ours)
    goods = _side(totals.goods - given, threshold)
    if not threshold.after_discounts:
        return goods, goods
    discount = _side(totals.discount, threshold)
    if totals.discount_by_item is not None:
        others = discount - _side(_sum(totals.discount_by_item, ours), threshold)
        return goods - others, goods - others
    return goods - discount, goods - max(Decimal(0), discount - _side(given, threshold))


def _sum(by_item: Mapping[str, Money] | None, ids: Collection[str]) -> Money:
    return sum(((by_item or {}).get(id_, NO_MONEY) for id_ in ids), NO_MONEY)


def _side(money: Money, threshold: Threshold) -> Decimal:
    return money.gross if threshold.is_gross else money.net
