"""What promotions take off a basket in a toy shop. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

from connectors.rewards import Promotion, PromotionKind
from connectors.sales import NO_MONEY, NOTHING, Money

CENT = Decimal("0.01")
Side = str
"""``net`` or ``gross``: which prices the buyer is shown."""


@dataclass(frozen=True)
class Circumstances:
    at: datetime
    store_id: str
    group_id: str
    side: Side
    is_first_order: bool


@dataclass
class Line:
    item_id: str
    product_id: str
    pieces: int
    price: Money
    """The whole line."""
    tax: Decimal
    """In percent."""
    discount: Money = NO_MONEY
    is_gift: bool = False

    def left(self, side: Side) -> Decimal:
        return side_of(self.price, side) - side_of(self.discount, side)

    def take(self, off: Decimal, side: Side) -> Money:
        """Lowers the line by ``off`` on one side, and by what belongs to it on the other."""
        part = 1 + self.tax / 100
        other = cents(off * part if side == "net" else off / part)
        if off == self.left(side):
            taken = self.price - self.discount
        else:
            taken = Money(off, other) if side == "net" else Money(other, off)
        self.discount += taken
        return taken


@dataclass
class Priced:
    lines: list[Line]
    by_code: dict[str, Money] = field(default_factory=dict)
    """What each code that was taken takes off."""

    @property
    def goods(self) -> Money:
        return sum((line.price for line in self.lines), NO_MONEY)

    @property
    def discount(self) -> Money:
        return sum((line.discount for line in self.lines), NO_MONEY)


def priced(
    lines: Sequence[Line],
    automatic: Iterable[Promotion],
    by_code: Mapping[str, Promotion],
    buyer: Circumstances,
) -> Priced:
    """Automatic ones first. A code whose promotion does not hold takes off nothing, and is not
    among ``by_code``."""
    found = Priced(list(lines))
    for promotion in automatic:
        if _holds(promotion, found, buyer):
            _take_off(promotion, found, buyer.side)
    for code, promotion in by_code.items():
        if _holds(promotion, found, buyer):
            found.by_code[code] = _take_off(promotion, found, buyer.side)
    return found


def _holds(promotion: Promotion, basket: Priced, buyer: Circumstances) -> bool:
    there = {line.product_id for line in basket.lines}
    return (
        promotion.is_active
        and promotion.store_id == buyer.store_id
        and (promotion.starts_at is None or promotion.starts_at <= buyer.at)
        and (promotion.ends_at is None or buyer.at < promotion.ends_at)
        and (not promotion.group_ids or buyer.group_id in promotion.group_ids)
        and (not promotion.first_order_only or buyer.is_first_order)
        and set(promotion.needs_product_ids) <= there
        and (not promotion.product_ids or bool(set(promotion.product_ids) & there))
        and _is_reached(promotion, basket)
    )


def _is_reached(promotion: Promotion, basket: Priced) -> bool:
    threshold = promotion.threshold
    if threshold is None:
        return True
    worth = basket.goods - basket.discount if threshold.after_discounts else basket.goods
    return side_of(worth, "gross" if threshold.is_gross else "net") >= threshold.amount


def _take_off(promotion: Promotion, basket: Priced, side: Side) -> Money:
    meant = [
        line
        for line in basket.lines
        if not promotion.product_ids or line.product_id in promotion.product_ids
    ]
    most = [_worth(line, promotion.most_pieces, side) for line in meant]
    off = _off(promotion, sum(most, NOTHING))
    taken = [line.take(part, side) for line, part in zip(meant, shares(off, most), strict=True)]
    if promotion.kind is PromotionKind.GIFT:
        for line in meant:
            line.is_gift = line.left(side) == NOTHING
    return sum(taken, NO_MONEY)


def _worth(line: Line, most_pieces: int | None, side: Side) -> Decimal:
    """What of the line may be taken off."""
    pieces = line.pieces if most_pieces is None else min(most_pieces, line.pieces)
    return min(cents(side_of(line.price, side) * pieces / line.pieces), line.left(side))


def _off(promotion: Promotion, worth: Decimal) -> Decimal:
    discount = promotion.discount
    if discount.amount is not None:
        return min(discount.amount, worth)
    assert discount.percent is not None
    off = cents(worth * discount.percent / 100)
    return off if discount.maximum is None else min(off, discount.maximum)


def shares(off: Decimal, worths: Sequence[Decimal]) -> list[Decimal]:
    """``off`` shared out by worth, in whole cents; the last ones bear what rounding left, none
    more than it is worth."""
    whole = sum(worths, NOTHING)
    if not whole:
        return [NOTHING for _ in worths]
    found = [(off * worth / whole).quantize(CENT, ROUND_DOWN) for worth in worths]
    left = off - sum(found, NOTHING)
    for place in reversed(range(len(found))):
        more = min(left, worths[place] - found[place])
        found[place] += more
        left -= more
    return found


def side_of(money: Money, side: Side) -> Decimal:
    return money.net if side == "net" else money.gross


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)
