"""Shoppers at random, and besides what happens in Shopware alone: orders that are edited, and
money given back without a word of how much."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from connectors.sandbox import shopper
from connectors.sandbox.shopper import USUAL, Deed, Habits, Sale, Sandbox
from connectors.shopware.sandbox.till import ShopwareTill


@dataclass(frozen=True, slots=True)
class Oddity:
    """``sale``: the order as it is from then on."""

    kind: Literal["edited", "refunded without amount"]
    at: datetime
    sale: Sale


@dataclass(frozen=True, slots=True)
class OddHabits:
    """Shares of all orders that are still whole when the shopping is over, 0 to 1."""

    edited: float = 0.1
    """Of those nothing was given back of: one line gets another quantity."""
    refunded_without_amount: float = 0.1
    """Of the paid ones nothing was given back of."""


def shop_around(
    sandbox: Sandbox,
    seed: int,
    orders: int = 100,
    *,
    habits: Habits = USUAL,
    odd: OddHabits | None = None,
    over: timedelta = timedelta(0),
) -> list[Deed | Oddity]:
    """As :func:`connectors.sandbox.shopper.shop_around`; then some orders are edited, and some
    refunded without an amount. The same seed on the same shop does the same."""
    deeds = shopper.shop_around(sandbox, seed, orders, habits=habits, over=over)
    till: ShopwareTill = sandbox.state.till()
    chance, odd = random.Random(seed), odd or OddHabits()  # noqa: S311
    paid = _ids(deeds, "paid")
    touched = _ids(deeds, "refunded") | _ids(deeds, "cancelled")
    oddities: list[Oddity] = []
    for deed in deeds:
        sale = deed.sale
        if deed.kind != "ordered" or sale.order_id in touched:
            continue
        if chance.random() < odd.edited:
            line = chance.choice(sale.lines)
            sale = till.edit(sale.order_id, {line.line_id: chance.randint(1, habits.pieces)})
            oddities.append(Oddity("edited", till.now(), sale))
        if sale.order_id in paid and chance.random() < odd.refunded_without_amount:
            till.refund_without_amount(sale.order_id)
            oddities.append(Oddity("refunded without amount", till.now(), sale))
    return [*deeds, *oddities]


def _ids(deeds: list[Deed], kind: str) -> set[str]:
    return {deed.sale.order_id for deed in deeds if deed.kind == kind}
