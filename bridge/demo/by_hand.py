"""What the sample programme owes each buyer, worked out from the shoppers' own list alone.

It knows nothing of the bridge, so that the book is compared with something else than itself. Pure.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from connectors.sandbox.shopper import Deed, SoldLine

RULE, BONUS = "base", "fasteners"
"""1 point for each whole euro of a line, net after discounts; as many again for some goods."""
POINTS_FOR_A_EURO = 100
"""What a voucher costs."""
_HALF = Decimal("0.5")


class Points(NamedTuple):
    available: int
    """Of orders that were paid and sent."""
    pending: int
    """Of the others that were not cancelled."""


def balances(deeds: Mapping[str, Sequence[Deed]], bonus_skus: Collection[str]) -> dict[str, Points]:
    """By the buyer's address, over all shops; buyers without points are left out.

    ``deeds``: by shop, in the order in which they happened.
    """
    total: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0])
    for done in deeds.values():
        kinds = {(deed.kind, deed.sale.order_id) for deed in done}
        back = _pieces_back(done)
        for sale in (
            deed.sale for deed in done if deed.kind == "ordered" and deed.sale.customer_id
        ):
            if ("cancelled", sale.order_id) in kinds:
                continue
            place = 0 if ("sent", sale.order_id) in kinds else 1
            for line in sale.lines:
                returned = back.get((sale.order_id, line.line_id), Decimal(0))
                for points in of_line(line, bonus_skus).values():
                    total[sale.email][place] += points - taken_back(points, line, returned)
    return {email: Points(*both) for email, both in total.items() if any(both)}


def with_beside(earned: Mapping[str, Points], beside: Mapping[str, int]) -> dict[str, Points]:
    """What members have who got or spent points beside their orders, by address."""
    found = dict(earned)
    for email, points in beside.items():
        before = found.get(email, Points(0, 0))
        found[email] = Points(before.available + points, before.pending)
    return {email: both for email, both in found.items() if any(both)}


def cost(face: Decimal) -> int:
    """Points that a voucher of so many euros costs."""
    return int(face * POINTS_FOR_A_EURO)


def percent_of(price: Decimal, percent: int) -> Decimal:
    return to_the_cent(price * percent / 100)


def to_the_cent(amount: Decimal) -> Decimal:
    """Halves up."""
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)


def of_line(line: SoldLine, bonus_skus: Collection[str]) -> dict[str, int]:
    """By rule, what the line earns; a rule that gives nothing is left out."""
    paid = line.net - line.discount_net
    found = {RULE: int(paid)}
    if line.sku in bonus_skus:
        found[BONUS] = int(2 * paid) - int(paid)
    return {rule: points for rule, points in found.items() if points}


def taken_back(points: int, line: SoldLine, returned: Decimal) -> int:
    """The share of the pieces that came back, halves up."""
    return int(points * returned / line.quantity + _HALF)


def _pieces_back(deeds: Sequence[Deed]) -> dict[tuple[str, str], Decimal]:
    """By order and line."""
    found: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for deed in deeds:
        if deed.kind == "refunded":
            for line in deed.sale.lines:
                found[deed.sale.order_id, line.line_id] += line.quantity
    return found
