"""What a basket would cost in Shopware, told from what the bridge has read. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from connectors.base import Basis, PricingFacts
from connectors.quotes import (
    Basket,
    CannotQuote,
    Outcome,
    Quote,
    QuotedLine,
    QuotedOffer,
    sold_alone,
)
from connectors.sales import NO_MONEY, Money
from connectors.shopware.order_money import shared_out
from connectors.shopware.quoting_prices import UnitPrice, View, unit_price, unjudged, view
from connectors.shopware.quoting_promotions import (
    Discount,
    Good,
    Surroundings,
    applied,
    reckons_other_side,
)

_NOTHING = Decimal(0)


def quote(basket: Basket, facts: PricingFacts) -> Quote:
    """See :data:`connectors.quotes.Quoting`."""
    if not basket.wanted:
        raise CannotQuote("There is nothing in the basket.")
    group_id = basket.group_id or basket.store.default_group_id
    group = basket.groups.get(group_id)
    is_gross = group is None or group.tax != "net"
    seen = view(basket.store, facts, is_gross=is_gross)
    for one in basket.wanted:
        sold_alone(one)
    prices = [unit_price(one, group_id, facts, seen) for one in basket.wanted]
    goods = _goods(basket, prices, seen)
    around = Surroundings(basket, group_id, facts.audiences, seen)
    discounts, refused = applied(basket.offers, goods, around)
    lines = _lines(basket, prices, goods, discounts, seen)
    offers = [
        refused[one.key].of(one.key)
        if one.key in refused
        else QuotedOffer(one.key, Outcome.APPLIES, _off(one.key, discounts))
        for one in basket.offers
    ]
    return Quote(
        lines=lines,
        offers=tuple(offers),
        shown=Basis.GROSS if is_gross else Basis.NET,
        group_id=group_id,
        is_tax_known=_is_tax_known(basket),
        notes=tuple(_notes(basket, facts, is_gross=is_gross)),
    )


def _goods(basket: Basket, prices: Sequence[UnitPrice], seen: View) -> list[Good]:
    goods = []
    for wanted, price in zip(basket.wanted, prices, strict=True):
        product = wanted.product
        rate = (product.tax_rate or _NOTHING) if _is_tax_known(basket) else _NOTHING
        shown = seen.rounded(price.price * wanted.quantity)
        ids = {product.id, product.parent_id} - {""}
        money = seen.money(shown, seen.tax_of(shown, rate))
        goods.append(Good(frozenset(ids), product.sku, price.price, wanted.quantity, money, rate))
    return goods


def _is_tax_known(basket: Basket) -> bool:
    return all(one.product.tax_rate is not None for one in basket.wanted)


def _off(key: str, discounts: Sequence[Discount]) -> Money:
    return sum((one.money for one in discounts if one.key == key), NO_MONEY)


# --- lines ---------------------------------------------------------------------------------


@dataclass(slots=True)
class _Lowered:
    """A line, and what is taken off it so far."""

    price: Money
    taken: dict[str, Money] = field(default_factory=dict)
    without_codes: Money = NO_MONEY

    @property
    def off(self) -> Money:
        return sum(self.taken.values(), NO_MONEY)

    def take(self, discount: Discount, part: Money) -> None:
        if part == NO_MONEY:
            return
        self.taken[discount.key] = self.taken.get(discount.key, NO_MONEY) + part
        if not discount.has_code:
            self.without_codes = self.without_codes + part


def _lines(
    basket: Basket,
    prices: Sequence[UnitPrice],
    goods: Sequence[Good],
    discounts: Sequence[Discount],
    seen: View,
) -> tuple[QuotedLine, ...]:
    lowered = [_Lowered(good.price) for good in goods]
    # As orders are read (:mod:`connectors.shopware.order_lines`): few lines first, codes last.
    for discount in sorted(discounts, key=lambda one: (one.has_code, len(one.weights))):
        _share(discount, lowered, seen)
    is_paid_for = any(one.price.gross > one.off.gross for one in lowered)
    return tuple(
        QuotedLine(
            product_id=wanted.product_id,
            quantity=wanted.quantity,
            own_price=price.own,
            unit_price=price.price,
            price=one.price,
            row=price.row,
            discount=one.off,
            taken=one.taken,
            is_gift=is_paid_for and 0 < one.price.gross <= one.without_codes.gross,
        )
        for wanted, price, one in zip(basket.wanted, prices, lowered, strict=True)
    )


def _share(discount: Discount, lowered: Sequence[_Lowered], seen: View) -> None:
    weights = [discount.weights.get(place, _NOTHING) for place in range(len(lowered))]
    rooms = [one.price - one.off for one in lowered]
    shown = shared_out(
        seen.shown(discount.money), weights, [seen.shown(room) for room in rooms], seen.step
    )
    by_rate = [
        part * seen.hidden(one.price) / (seen.shown(one.price) or 1)
        for part, one in zip(shown, lowered, strict=True)
    ]
    hidden = shared_out(
        seen.hidden(discount.money), by_rate, [seen.hidden(room) for room in rooms], seen.step
    )
    for one, a, b in zip(lowered, shown, hidden, strict=True):
        one.take(discount, seen.from_sides(a, b))


# --- notes ---------------------------------------------------------------------------------


def _notes(basket: Basket, facts: PricingFacts, *, is_gross: bool) -> list[str]:
    notes = ["Other promotions of this Shopware are not read: they may make it cheaper."]
    rules = sorted({name for one in basket.wanted for name in unjudged(one, facts.audiences)})
    if rules:
        notes.append(
            f"Prices that hang on rules about more than customer groups are left out: "
            f"{', '.join(rules)}."
        )
    if not _is_tax_known(basket):
        notes.append("Tax is not reckoned: the rate of a product is not known.")
    if reckons_other_side(basket.offers, is_gross=is_gross):
        notes.append(
            "This buyer sees prices on another side (net, gross) than an order value is meant on: "
            "the shop reckons it by its highest or lowest tax rate, of which those of the "
            "products are known."
        )
    return notes
