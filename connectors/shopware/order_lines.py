"""Which rows of an order are lines, which are discounts on them, and what each line costs. Pure.

The shop lists every row flat, children beside their parents; only the top ones make up the total.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from connectors.sales import NO_MONEY, LineKind, Money, OrderLine, UsedCode
from connectors.shopware.order_money import (
    ZERO,
    amount,
    from_sides,
    hidden_side,
    money,
    negated,
    shared_out,
    shown_price,
    shown_side,
)
from connectors.shopware.paging import Row

GIFT_PREFIX = "lbgift-"
"""The identifier of a line that the bridge's app put into the cart: this and the product's id."""

POINTS_PREFIX = "lbpoints-"
"""The identifier of a discount that the app took off for points begins so; their key follows."""

_KEY = re.compile(r"[0-9a-z]{8,40}")
_PRODUCT = "product"
_PROMOTION = "promotion"
_DISCOUNT = "discount"
_DISCOUNTS = frozenset({_PROMOTION, _DISCOUNT, "credit"})
_DELIVERY = "delivery"


@dataclass(frozen=True, slots=True)
class Discount:
    """A row that lowers others: a promotion, an app's discount, a credit."""

    id: str
    money: Money
    """Positive."""
    code: str = ""
    """As the shopper typed it, which may differ from the shop's in case; without the blanks that
    older shops let him type around it (shopware#19919)."""
    on_shipping: bool = False
    shown: Decimal | None = None
    """Of points alone: as the buyer was shown it."""
    composition: Mapping[str, Decimal] | None = None
    """What it takes off by the identifier of the line, where the shop tells (promotions:
    recorded promotions.json #18); in the order's mode and not rounded."""


@dataclass(frozen=True, slots=True)
class Split:
    """The rows of an order, told apart."""

    lines: tuple[Row, ...]
    discounts: tuple[Discount, ...]


def split(rows: Sequence[Row], tax_status: str) -> Split:
    lines: list[Row] = []
    discounts: list[Discount] = []
    for row in _counted(sorted(rows, key=_place)):
        if _is_discount(row):
            discounts.append(_discount(row, tax_status))
        else:
            lines.append(row)
    return Split(tuple(lines), tuple(discounts))


def order_lines(parts: Split, tax_status: str, unit: Decimal) -> tuple[OrderLine, ...]:
    prices = [shown_price(row.get("price"), tax_status) for row in parts.lines]
    given, lowered = _lowered(parts, prices, tax_status, unit)
    is_paid_for = any(p.gross > taken.gross for p, taken in zip(prices, lowered, strict=True))
    return tuple(
        _line(row, price, taken, is_gift=_is_gift(row, price, free, is_paid_for=is_paid_for))
        for row, price, free, taken in zip(parts.lines, prices, given, lowered, strict=True)
    )


def used_codes(parts: Split, shipping_discount: Money) -> tuple[UsedCode, ...]:
    """A promotion on the shipping has no price of its own (shopware
    ``PromotionDeliveryCalculator::addFakeLineitem``): it is told with all that shipping became
    cheaper, which is its own where it is the only one."""
    return tuple(
        UsedCode(
            code=discount.code,
            discount=shipping_discount
            if discount.on_shipping and discount.money == NO_MONEY
            else discount.money,
            line_id=discount.id,
            shown=discount.shown,
        )
        for discount in parts.discounts
        if discount.code
    )


# --- which rows count ----------------------------------------------------------------------


def _counted(rows: Sequence[Row]) -> Iterator[Row]:
    """Each thing that was bought once: a product without its children, a container by what is in
    it where that makes up its price, else by itself."""
    ids = {str(row.get("id")) for row in rows}
    below: dict[str, list[Row]] = {}
    for row in rows:
        parent = str(row.get("parentId") or "")
        below.setdefault(parent if parent in ids else "", []).append(row)

    def walk(row: Row) -> Iterator[Row]:
        children = below.get(str(row.get("id")), [])
        inside = sum((_price(child) for child in children), ZERO)
        if children and not _is_product(row) and inside == _price(row):
            for child in children:
                yield from walk(child)
        else:
            yield row

    for row in below.get("", []):
        yield from walk(row)


def _place(row: Row) -> tuple[int, str]:
    position = row.get("position")
    return position if isinstance(position, int) else 0, str(row.get("id"))


def _price(row: Row) -> Decimal:
    price = row.get("price")
    return amount(price.get("totalPrice")) if isinstance(price, dict) else ZERO


def _is_discount(row: Row) -> bool:
    """A row of theirs that costs something is a surcharge, and a line."""
    kind, price = row.get("type"), _price(row)
    if kind in _DISCOUNTS:
        return price <= 0
    return price < 0 and not _is_product(row)


def _is_product(row: Row) -> bool:
    """Also a row of a type that an app made up, or of none, as long as it names a product."""
    kind = row.get("type")
    return kind == _PRODUCT or (bool(row.get("productId")) and kind not in _DISCOUNTS)


# --- discounts -----------------------------------------------------------------------------


def _discount(row: Row, tax_status: str) -> Discount:
    payload = payload_of(row)
    taken = negated(shown_price(row.get("price"), tax_status))
    points = _points_key(row)
    return Discount(
        id=str(row["id"]),
        money=taken,
        code=points or str(payload.get("code") or "").strip(),
        shown=shown_side(taken, tax_status) if points else None,
        on_shipping=payload.get("discountScope") == _DELIVERY,
        composition=_composition(payload),
    )


def _points_key(row: Row) -> str:
    """Of points that were held for the basket; empty: it is another discount. A shopper can post
    lines of any name, but none of this type."""
    identifier = row.get("identifier")
    if row.get("type") != _DISCOUNT or not isinstance(identifier, str):
        return ""
    name, prefix, key = identifier.partition(POINTS_PREFIX)
    return key if prefix and not name and _KEY.fullmatch(key) else ""


def _composition(payload: Row) -> Mapping[str, Decimal] | None:
    entries = payload.get("composition")
    if not isinstance(entries, list):
        return None
    found: dict[str, Decimal] = {}
    for entry in entries:
        if isinstance(entry, dict):
            line = str(entry.get("id"))
            found[line] = found.get(line, ZERO) + abs(amount(entry.get("discount")))
    return found or None


def _lowered(
    parts: Split, prices: Sequence[Money], tax_status: str, unit: Decimal
) -> tuple[list[Money], list[Money]]:
    """What is taken off each line: by what applies by itself, and by all discounts. The parts of
    one discount are exactly the discount, on both sides, as long as the lines are worth that much:
    so one on few lines comes first, and a voucher last, of which the shop takes nothing off what
    is free already."""
    lowered = [NO_MONEY] * len(prices)
    for_all = list(lowered)
    for discount in sorted(parts.discounts, key=_breadth):
        if discount.on_shipping or discount.money == NO_MONEY:
            continue
        weights = _weights(parts.lines, prices, discount, tax_status)
        rooms = [price - taken for price, taken in zip(prices, lowered, strict=True)]
        for i, part in enumerate(_parts(discount.money, weights, prices, rooms, tax_status, unit)):
            lowered[i] = money(lowered[i].net + part.net, lowered[i].gross + part.gross)
        if not discount.code:
            for_all = list(lowered)
    return for_all, lowered


def _breadth(discount: Discount) -> tuple[bool, bool, int]:
    named = discount.composition
    return bool(discount.code), named is None, len(named or ())


def _parts(
    whole: Money,
    weights: Sequence[Decimal],
    prices: Sequence[Money],
    rooms: Sequence[Money],
    tax_status: str,
    unit: Decimal,
) -> list[Money]:
    shown = shared_out(
        shown_side(whole, tax_status), weights, [shown_side(r, tax_status) for r in rooms], unit
    )
    taxed = [
        part * hidden_side(price, tax_status) / (shown_side(price, tax_status) or 1)
        for part, price in zip(shown, prices, strict=True)
    ]
    hidden = shared_out(
        hidden_side(whole, tax_status), taxed, [hidden_side(r, tax_status) for r in rooms], unit
    )
    return [from_sides(s, h, tax_status) for s, h in zip(shown, hidden, strict=True)]


def _weights(
    lines: Sequence[Row], prices: Sequence[Money], discount: Discount, tax_status: str
) -> list[Decimal]:
    """By line what the shop says; else by price over the lines it names, else over what is sold
    (``good``), else over all. It names lines with nothing where it cut a discount down to what was
    left of the basket (source: ``DiscountCompositionBuilder::adjustCompositionItemValues``)."""
    shown = [shown_side(price, tax_status) for price in prices]
    if discount.composition is not None:
        names = [str(row.get("identifier")) for row in lines]
        told = [discount.composition.get(name, ZERO) for name in names]
        if any(told):
            return told
        named = [
            p if n in discount.composition else ZERO for n, p in zip(names, shown, strict=True)
        ]
        if any(named):
            return named
    goods = [p if row.get("good") is True else ZERO for row, p in zip(lines, shown, strict=True)]
    return goods if any(goods) else shown


# --- lines ---------------------------------------------------------------------------------


def _line(row: Row, price: Money, discount: Money, *, is_gift: bool) -> OrderLine:
    payload = payload_of(row)
    is_product = _is_product(row)
    return OrderLine(
        id=str(row["id"]),
        kind=LineKind.PRODUCT if is_product else LineKind.OTHER,
        product_id=_product_id(row),
        sku=str(payload.get("productNumber") or ""),
        name=str(row.get("label") or ""),
        quantity=amount(row.get("quantity")),
        price=price,
        discount=discount,
        category_ids=_categories(payload) if is_product else (),
        is_gift=is_gift,
    )


def _is_gift(row: Row, price: Money, free: Money, *, is_paid_for: bool) -> bool:
    """What the app put there for nothing; or what promotions without a code take off wholly while
    something is paid for, which is how one gives something away (recorded: promotions.json #32).
    What a voucher pays for was bought."""
    if price == NO_MONEY:
        return _is_the_apps(row)
    return is_paid_for and price.gross > 0 and free.gross >= price.gross


def _is_the_apps(row: Row) -> bool:
    """By the product that its identifier names. A shopper can post a line under any identifier
    (PLUGIN_FACTS "Cart script"): one that costs something, or is something else, is no gift."""
    product_id = _product_id(row)
    return bool(product_id) and row.get("identifier") == f"{GIFT_PREFIX}{product_id}"


def _product_id(row: Row) -> str:
    """Empty: it is none."""
    return str(row.get("productId") or row.get("referencedId") or "") if _is_product(row) else ""


def _categories(payload: Row) -> tuple[str, ...]:
    categories = payload.get("categoryIds")
    if not isinstance(categories, list):
        return ()
    return tuple(sorted({str(category) for category in categories}))


def payload_of(row: Row) -> Row:
    """PHP writes an empty one as a list."""
    payload = row.get("payload")
    return payload if isinstance(payload, dict) else {}
