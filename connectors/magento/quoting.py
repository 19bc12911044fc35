"""What a basket would cost in Magento, told from what the bridge has read. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from connectors.base import Basis, PricingFacts, Product
from connectors.magento.conditions import SUBTOTAL_GROSS, SUBTOTAL_NET
from connectors.magento.quoting_gifts import told, without_gifts
from connectors.magento.quoting_prices import UnitPrice, cents, unit_price
from connectors.magento.quoting_rules import Facts, Line, applied, rules_of
from connectors.magento.quoting_taxes import Taxed, Untaxed, taxed
from connectors.magento.settings import Settings, settings_from
from connectors.quotes import (
    Basket,
    CannotQuote,
    Outcome,
    Quote,
    QuotedLine,
    QuotedOffer,
    Refused,
    Wanted,
    sold_alone,
)
from connectors.sales import NO_MONEY, Money

NOT_LOGGED_IN = "0"
"""The group of who is not signed in (PLATFORM_FACTS Magento 15)."""
_NOTHING = Decimal(0)


def quote(basket: Basket, facts: PricingFacts) -> Quote:
    """See :data:`connectors.quotes.Quoting`."""
    return _Quoting(basket, settings_from(facts.settings)).quote()


@dataclass(frozen=True, slots=True)
class _Reckoned:
    lines: Sequence[Line]
    refused: Mapping[str, Refused]
    taxed: Sequence[Taxed]


class _Quoting:
    def __init__(self, basket: Basket, settings: Settings) -> None:
        self._basket = basket
        self._settings = settings
        self._group_id = basket.group_id or NOT_LOGGED_IN
        self._products = [sold_alone(one) for one in basket.wanted]
        self._prices = [self._price(one) for one in basket.wanted]
        self._rates = [self._rate(one) for one in basket.wanted]
        rules, self._gifts = without_gifts(basket.offers)
        self._rules, self._unreadable = rules_of(rules)

    def quote(self) -> Quote:
        if not self._basket.wanted:
            raise CannotQuote("There is nothing in the basket.")
        found, offers = self._reckoned(), self._basket.offers
        lines = tuple(self._line(place, found) for place in range(len(self._products)))
        return Quote(
            lines=lines,
            offers=_with_rest([self._offer(one.key, found, lines) for one in offers], lines),
            shown=self._settings.basis,
            group_id=self._group_id,
            is_tax_known=None not in self._rates,
            notes=tuple(self._notes(found)),
        )

    # -- prices -----------------------------------------------------------------------------

    def _price(self, wanted: Wanted) -> UnitPrice:
        product = wanted.product
        own = [row for row in wanted.rows if _is(row.key.product_id, product)]
        return unit_price(
            product, own, wanted.quantity, self._group_id, self._basket.store, self._settings
        )

    def _rate(self, wanted: Wanted) -> Decimal | None:
        """A variant is taxed as what it was chosen through; without a tax class no tax is due."""
        tax_class = (wanted.parent or wanted.product).tax_class
        return self._settings.tax_rate(tax_class) if tax_class else _NOTHING

    # -- discounts --------------------------------------------------------------------------

    def _reckoned(self) -> _Reckoned:
        lines = [
            Line(product.sku, price.price, one.quantity)
            for product, price, one in zip(
                self._products, self._prices, self._basket.wanted, strict=True
            )
        ]
        for line, one in zip(lines, self._taxed(lines), strict=True):
            line.before = one.price
        goods = sum((line.before for line in lines), NO_MONEY)
        values = {SUBTOTAL_NET: goods.net, SUBTOTAL_GROSS: goods.gross}
        refused = applied(self._rules, lines, Facts(self._basket, self._group_id, values))
        reckoned = self._taxed(lines)
        off = goods - sum((one.paid for one in reckoned), NO_MONEY)
        gifts = told(self._gifts, self._basket, self._group_id, goods, off)
        return _Reckoned(lines, {**refused, **self._unreadable, **gifts}, reckoned)

    def _taxed(self, lines: Sequence[Line]) -> list[Taxed]:
        known = None not in self._rates
        untaxed = [
            Untaxed(line.worth, line.discount, rate if known and rate is not None else _NOTHING)
            for line, rate in zip(lines, self._rates, strict=True)
        ]
        return taxed(untaxed, prices_include_tax=self._settings.basis is Basis.GROSS)

    # -- telling ----------------------------------------------------------------------------

    def _line(self, place: int, found: _Reckoned) -> QuotedLine:
        wanted, price = self._basket.wanted[place], self._prices[place]
        line, money = found.lines[place], found.taxed[place]
        off = money.price - money.paid
        return QuotedLine(
            product_id=wanted.product_id,
            quantity=wanted.quantity,
            own_price=price.own,
            unit_price=price.price,
            price=money.price,
            row=price.row,
            discount=off,
            taken=_shared(off, line.taken),
            is_gift=self._is_gift(line),
        )

    def _is_gift(self, line: Line) -> bool:
        """As orders are read: see :func:`connectors.magento.applied_rules.was_given`."""
        automatic = {rule.key for rule in self._rules if not rule.has_coupon}
        return bool(line.worth) and not line.left and bool(automatic & line.taken.keys())

    def _offer(self, key: str, found: _Reckoned, lines: Sequence[QuotedLine]) -> QuotedOffer:
        if key in found.refused:
            return found.refused[key].of(key)
        off = sum((line.taken.get(key, NO_MONEY) for line in lines), NO_MONEY)
        return QuotedOffer(key, Outcome.APPLIES, off)

    def _notes(self, found: _Reckoned) -> list[str]:
        notes = [
            "Special prices, catalogue price rules and other cart price rules of this Magento are "
            "not read: they may make it cheaper, and a rule that discards later ones keeps the "
            "bridge's away."
        ]
        if None in self._rates:
            unknown = sorted(
                {
                    (one.parent or one.product).tax_class
                    for one, rate in zip(self._basket.wanted, self._rates, strict=True)
                    if rate is None
                }
            )
            notes.append(
                f"Tax is not reckoned: the rate of tax class {', '.join(unknown)} is not told. "
                "Tell it with `loyalty-bridge store set NAME tax_rates=2=19`."
            )
        else:
            notes.append(
                "Tax is that of tax_rates, whatever the buyer's address and group, added up on "
                "totals as Magento does by default."
            )
        if self._settings.basis is Basis.GROSS and any(line.taken for line in found.lines):
            notes.append(
                "Discounts are taken off prices with tax; a Magento set to discount prices "
                "without tax comes to something else."
            )
        return notes


def _is(product_id: str, product: Product) -> bool:
    return product_id.casefold() == product.id.casefold()


def _with_rest(told: list[QuotedOffer], lines: Sequence[QuotedLine]) -> tuple[QuotedOffer, ...]:
    """Rounding may carry a cent of tax to a line that nothing was taken off: the offer that takes
    most bears it, so that all offers together are what the shop takes off."""
    rest = sum((line.discount for line in lines if not line.taken), NO_MONEY)
    if rest == NO_MONEY:
        return tuple(told)
    most = max(told, key=lambda one: one.off.net)
    return tuple(replace(one, off=one.off + rest) if one is most else one for one in told)


def _shared(off: Money, taken: Mapping[str, Decimal]) -> dict[str, Money]:
    """The line's discount, with and without tax, over the rules by what each took off; the last
    takes what rounding leaves."""
    whole = sum(taken.values(), _NOTHING)
    found: dict[str, Money] = {}
    rest = off
    for place, (key, part) in enumerate(taken.items(), 1):
        share = Money(cents(off.net * part / whole), cents(off.gross * part / whole))
        found[key] = rest if place == len(taken) else share
        rest = rest - found[key]
    return found
