"""Tiers: one row of a price list, and what a good ladder of rows looks like. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, TypeVar

from pydantic import Field

from bridge.programme.amounts import (
    DECIMALS,
    decimals,
    parse_decimal,
    parse_quantity,
)
from bridge.programme.issues import Fault
from connectors.base import Severity
from connectors.sentences import sentence

LARGEST = 1_000_000_000
"""Quantities and prices end here: more is a slip, and shops would not store it."""

FIELDS = ("from", "price", "percent", "group", "currency")
"""The fields of a tier in YAML, and the columns (with ``sku``) of a CSV file."""


@dataclass(frozen=True, slots=True)
class Tier:
    """From ``quantity`` pieces on, one costs ``price``, or ``percent`` less than usual."""

    quantity: Annotated[int, Field(alias="from")]
    price: Decimal | None = None
    percent: Decimal | None = None
    group: str | None = None
    """Only for this group; ``None``: for every group of the price list without own tiers."""
    currency: str | None = None
    """``None``: the price list's currency."""


LadderKey = tuple[str | None, str | None]
"""Group and currency: tiers that share both make one ladder."""


def split(tiers: Iterable[Tier]) -> dict[LadderKey, list[Tier]]:
    """The ladders among the tiers of one SKU or rule, each in ascending order."""
    found: dict[LadderKey, list[Tier]] = {}
    for tier in tiers:
        found.setdefault((tier.group, tier.currency), []).append(tier)
    for ladder in found.values():
        ladder.sort(key=lambda tier: tier.quantity)
    return found


def read_tier(
    fields: Mapping[str, str | None], number: Callable[[str], Decimal] = parse_decimal
) -> tuple[Tier | None, list[Fault]]:
    """Reads a row from text. No tier comes back when a fault of it is an error."""
    faults: list[Fault] = []
    start = fields.get("from")
    if not start:
        faults.append(
            Fault(("from",), sentence("is missing: write the first quantity, like from: 1"))
        )
    quantity = _read(parse_quantity, "from", start, faults)
    price = _read(number, "price", fields.get("price"), faults)
    percent = _read(number, "percent", fields.get("percent"), faults)
    if faults or quantity is None:
        return None, faults
    tier = Tier(quantity, price, percent, fields.get("group"), fields.get("currency"))
    faults = tier_faults(tier)
    return (None if any(_is_error(fault) for fault in faults) else tier), faults


_T = TypeVar("_T")


def _read(
    parse: Callable[[str], _T], field: str, text: str | None, faults: list[Fault]
) -> _T | None:
    if not text:
        return None
    try:
        return parse(text)
    except ValueError as error:
        faults.append(Fault((field,), str(error)))
        return None


def _is_error(fault: Fault) -> bool:
    return fault.severity is Severity.ERROR


def tier_faults(tier: Tier) -> list[Fault]:
    """What is wrong with one tier by itself."""
    faults = []
    if tier.quantity < 1:
        faults.append(
            Fault(
                ("from",),
                sentence("%(quantity)s is below 1, the smallest quantity", quantity=tier.quantity),
            )
        )
    if tier.quantity > LARGEST:
        faults.append(
            Fault(
                ("from",),
                sentence(
                    "%(quantity)s is above %(largest)s",
                    quantity=tier.quantity,
                    largest=f"{LARGEST}",
                ),
            )
        )
    if tier.price is not None and tier.percent is not None:
        faults.append(Fault((), sentence("has both price and percent: keep one of them")))
    elif tier.price is not None:
        faults += _price_faults(tier.price)
    elif tier.percent is not None:
        faults += _percent_faults(tier.percent)
    else:
        faults.append(Fault((), sentence("has neither price nor percent: write one of them")))
    return faults


def _price_faults(price: Decimal) -> list[Fault]:
    if not price.is_finite() or price <= 0:
        return [
            Fault(("price",), sentence("%(price)s is not above 0: a price must be", price=price))
        ]
    if price > LARGEST:
        return [
            Fault(
                ("price",),
                sentence("%(price)s is above %(largest)s", price=price, largest=f"{LARGEST}"),
            )
        ]
    return _decimals_faults("price", price)


def _percent_faults(percent: Decimal) -> list[Fault]:
    if not percent.is_finite() or percent <= 0:
        return [
            Fault(
                ("percent",),
                sentence("%(percent)s is not above 0: a discount must be", percent=percent),
            )
        ]
    if percent > 100:
        return [
            Fault(
                ("percent",),
                sentence(
                    "a discount of %(percent)s %% is more than the whole price", percent=percent
                ),
            )
        ]
    if percent == 100:
        message = "a discount of 100 % gives the product away"
        return [Fault(("percent",), message, Severity.WARNING)]
    return _decimals_faults("percent", percent)


def _decimals_faults(field: str, number: Decimal) -> list[Fault]:
    if decimals(number) <= DECIMALS:
        return []
    return [
        Fault(
            (field,),
            sentence(
                "%(number)s has more than %(decimals)s decimals, shops keep no more",
                number=f"{number}",
                decimals=DECIMALS,
            ),
        )
    ]


def ladder_faults(ladder: Sequence[Tier]) -> list[tuple[int, Fault]]:
    """What is wrong between the tiers of one ladder, given in ascending order.

    Each fault comes with the position of the tier it is about. A price and a percentage are
    not compared: that takes the product's price (the plan does).
    """
    faults: list[tuple[int, Fault]] = []
    last_price: Tier | None = None
    last_percent: Tier | None = None
    for position, tier in enumerate(ladder):
        if position and tier.quantity == ladder[position - 1].quantity:
            message = f"quantity {tier.quantity} is there twice: keep one of them"
            faults.append((position, Fault(("from",), message)))
            continue
        if tier.price is not None:
            faults += [(position, fault) for fault in _dearer(tier, last_price)]
            last_price = tier
        if tier.percent is not None:
            faults += [(position, fault) for fault in _less_off(tier, last_percent)]
            last_percent = tier
    return faults


def _dearer(tier: Tier, before: Tier | None) -> list[Fault]:
    if before is None or before.price is None or tier.price is None:
        return []
    if tier.price <= before.price:
        return []
    message = (
        f"{tier.price} from {tier.quantity} pieces is dearer than {before.price} "
        f"from {before.quantity}: more pieces must not cost more each"
    )
    return [Fault(("price",), message)]


def _less_off(tier: Tier, before: Tier | None) -> list[Fault]:
    if before is None or before.percent is None or tier.percent is None:
        return []
    if tier.percent >= before.percent:
        return []
    message = (
        f"{tier.percent} % from {tier.quantity} pieces is less than {before.percent} % "
        f"from {before.quantity}: more pieces must not cost more each"
    )
    return [Fault(("percent",), message)]
