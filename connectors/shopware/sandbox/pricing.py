"""What a shopper pays: rules by priority, rows by quantity, net or gross, tax, rounding.

Recorded: variants_and_prices_seen.json #4 to #10.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from connectors.shopware.sandbox.database import Row
from connectors.shopware.sandbox.definitions import DEFAULT_CURRENCY, definitions
from connectors.shopware.sandbox.fieldvalues import number
from connectors.shopware.sandbox.values import Reader

CENT = Decimal("0.01")
Struct = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Buyer:
    """The context a price is worked out in."""

    rule_ids: Sequence[str]
    """Matching rules, highest priority first."""
    gross: bool
    """Prices are shown, and added up, with tax."""
    currency_id: str = DEFAULT_CURRENCY
    currency_factor: Decimal = Decimal(1)
    tax_free: bool = False
    """Net prices, and no tax on top (Shopware TaxDetector)."""

    @property
    def tax_status(self) -> str:
        return "tax-free" if self.tax_free else "gross" if self.gross else "net"


@dataclass(frozen=True, slots=True)
class Step:
    """One advanced price as the shop quotes it: ``quantity`` is the row's end, or its start."""

    unit_price: Decimal
    quantity: int
    list_price: Decimal | None = None


def rounded(value: Decimal) -> Decimal:
    return value.quantize(CENT, ROUND_HALF_UP)


def shown(value: Decimal) -> int | float:
    return number(float(value))


def steps(reader: Reader, product: Row, buyer: Buyer) -> list[Step]:
    """The rows of the first matching rule that has any for this product (or, for a variant
    without rows of its own, for its parent), by starting quantity."""
    definition = definitions()["product"]
    rows = reader.associated(definition, product, definition.associations["prices"])
    for rule_id in buyer.rule_ids:
        found = [row.values for row in rows if row.values["ruleId"] == rule_id]
        if found:
            found.sort(key=lambda values: values["quantityStart"])
            return [_step(values, buyer) for values in found]
    return []


def _step(values: Struct, buyer: Buyer) -> Step:
    until = values.get("quantityEnd")
    quantity = values["quantityStart"] if until is None else until
    return Step(_amount(values["price"], buyer), quantity, _former(values["price"], buyer))


def quoted(reader: Reader, product: Row, buyer: Buyer, quantity: int) -> Step:
    """What one piece costs in a cart with ``quantity`` of them."""
    found = own_step(reader, product, buyer)
    for step in steps(reader, product, buyer):
        found = step
        if quantity <= step.quantity:
            break
    return found


def own_step(reader: Reader, product: Row, buyer: Buyer) -> Step:
    """The product's own price, or its parent's, from one piece on."""
    prices = reader.value(definitions()["product"], product, "price")
    return Step(_amount(prices, buyer), 1, _former(prices, buyer))


def _amount(prices: Any, buyer: Buyer) -> Decimal:
    """In the buyer's currency: as it was entered, or the default currency's by the factor."""
    side = "gross" if buyer.gross else "net"
    amounts = {entry["currencyId"]: Decimal(str(entry[side])) for entry in prices or ()}
    if buyer.currency_id in amounts:
        return rounded(amounts[buyer.currency_id])
    return rounded(amounts.get(DEFAULT_CURRENCY, Decimal(0)) * buyer.currency_factor)


def _former(prices: Any, buyer: Buyer) -> Decimal | None:
    """The list price that stands beside the price :func:`_amount` takes."""
    entries = {entry["currencyId"]: entry for entry in prices or ()}
    entry = entries.get(buyer.currency_id) or entries.get(DEFAULT_CURRENCY)
    former = entry and entry.get("listPrice")
    return _amount([former], buyer) if former else None


def tax_rate(reader: Reader, product: Row) -> Decimal:
    tax_id = reader.value(definitions()["product"], product, "taxId")
    tax = reader.database["tax"].by_id(tax_id)
    return Decimal(str(tax.values["taxRate"])) if tax else Decimal(0)


def tax_of(total: Decimal, rate: Decimal, gross: bool) -> Decimal:
    if gross:
        return rounded(total * rate / (100 + rate))
    return rounded(total * rate / 100)


# -- the shop's structures -------------------------------------------------------------------


def taxes(parts: Iterable[tuple[Decimal, Decimal]], gross: bool) -> list[Struct]:
    """``calculatedTaxes`` of (total, rate) pairs, one entry a rate."""
    sums: dict[Decimal, list[Decimal]] = {}
    for total, rate in parts:
        entry = sums.setdefault(rate, [Decimal(0), Decimal(0)])
        entry[0] += tax_of(total, rate, gross)
        entry[1] += total
    return [_tax(rate, tax, price) for rate, (tax, price) in sums.items()]


def cart_price(prices: Iterable[Struct], tax_status: str) -> Struct:
    """The total of lines and shipping: their taxes are added up as they are (the sales channel
    counts taxes "horizontally")."""
    prices = list(prices)
    sums: dict[Decimal, list[Decimal]] = {}
    for price in prices:
        for entry in price["calculatedTaxes"]:
            sum_ = sums.setdefault(_decimal(entry["taxRate"]), [Decimal(0), Decimal(0)])
            sum_[0] += _decimal(entry["tax"])
            sum_[1] += _decimal(entry["price"])
    position = sum((_decimal(price["totalPrice"]) for price in prices), Decimal(0))
    tax = sum((entry[0] for entry in sums.values()), Decimal(0))
    total = position + tax if tax_status == "net" else position
    return {
        "netPrice": shown(total - tax),
        "totalPrice": shown(total),
        "calculatedTaxes": [_tax(rate, *entry) for rate, entry in sums.items()],
        "taxRules": tax_rules((entry[1], rate) for rate, entry in sums.items()),
        "positionPrice": shown(position),
        "taxStatus": tax_status,
        "rawTotal": shown(total),
        "apiAlias": "cart_price",
    }


def _decimal(value: Any) -> Decimal:
    return Decimal(str(value))


def _tax(rate: Decimal, tax: Decimal, price: Decimal) -> Struct:
    return {
        "tax": shown(tax),
        "taxRate": shown(rate),
        "price": shown(price),
        "apiAlias": "cart_tax_calculated",
    }


def shared_price(total: Decimal, prices: Iterable[Struct], tax_status: str) -> Struct:
    """The price of a discount or credit: its tax is shared out over the rates of the lines it
    belongs to, by what they come to (Shopware PercentageTaxRuleBuilder)."""
    sums: dict[Decimal, Decimal] = {}
    for price in prices:
        whole = _decimal(price["totalPrice"])
        for rule in price["taxRules"]:
            rate = _decimal(rule["taxRate"])
            share = whole * _decimal(rule["percentage"]) / 100
            sums[rate] = sums.get(rate, Decimal(0)) + share
    whole = sum(sums.values(), Decimal(0))
    parts = [(rounded(total * one / whole), rate) for rate, one in sums.items()] if whole else []
    if parts:
        rest = total - sum((part for part, _ in parts), Decimal(0))
        parts[0] = (parts[0][0] + rest, parts[0][1])
    return {
        "unitPrice": shown(total),
        "quantity": 1,
        "totalPrice": shown(total),
        "calculatedTaxes": [] if tax_status == "tax-free" else taxes(parts, tax_status == "gross"),
        "taxRules": tax_rules(parts),
        "referencePrice": None,
        "listPrice": None,
        "regulationPrice": None,
        "apiAlias": "calculated_price",
    }


def tax_rules(parts: Iterable[tuple[Decimal, Decimal]]) -> list[Struct]:
    """``taxRules`` of (total, rate) pairs: each rate with its share in percent."""
    sums: dict[Decimal, Decimal] = {}
    for total, rate in parts:
        sums[rate] = sums.get(rate, Decimal(0)) + total
    whole = sum(sums.values())
    return [
        {
            "taxRate": shown(rate),
            "percentage": shown(total * 100 / whole) if whole else 100,
            "apiAlias": "cart_tax_rule",
        }
        for rate, total in sums.items()
    ]


def calculated_price(
    unit: Decimal, quantity: int, rate: Decimal, gross: bool, former: Decimal | None = None
) -> Struct:
    """``former``: the list price of one piece."""
    total = rounded(unit * quantity)
    return {
        "unitPrice": shown(unit),
        "quantity": quantity,
        "totalPrice": shown(total),
        "calculatedTaxes": taxes([(total, rate)], gross),
        "taxRules": tax_rules([(total, rate)]),
        "referencePrice": None,
        "listPrice": _list_price(unit, former),
        "regulationPrice": None,
        "apiAlias": "calculated_price",
    }


def _list_price(unit: Decimal, former: Decimal | None) -> Struct | None:
    """Shopware ListPrice::createFromUnitPrice."""
    if not former:
        return None
    return {
        "price": shown(former),
        "discount": shown(unit - former),
        "percentage": shown(rounded(100 - unit / former * 100)),
        "apiAlias": "cart_list_price",
    }
