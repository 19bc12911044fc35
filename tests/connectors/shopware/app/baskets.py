"""Baskets for the app's script: described once, for real Twig and for the sandbox's Python."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal
from typing import Any

from connectors.shopware.sandbox.cart_script import (
    Gift,
    Shopper,
    Sold,
    Worth,
    natives,
    points_off,
    to_be_had,
    wanted,
)

EUR, USD = "e" * 32, "d" * 32
CHANNEL = "8" * 32
GROUP = "9" * 32
BOUGHT = "a" * 32
MUG, CAP = "b" * 32, "c" * 32
NOW = 1_795_000_000
"""A moment in the rules' past: the script's own clock is the machine's."""
CENT = Decimal("0.01")


def rule(**values: Any) -> dict[str, Any]:
    """From 100 EUR of goods before tax, a mug."""
    return {
        "rule": "mug",
        "product": MUG,
        "quantity": 1,
        "amount": 100,
        "currency": EUR,
        "base": 100,
        "gross": False,
        "after": False,
        "groups": [],
        "tiers": [],
        "from": None,
        "until": None,
        **values,
    }


def context(**values: Any) -> dict[str, Any]:
    return {
        "currency": {"id": EUR, "factor": 1},
        "taxState": "net",
        "currentCustomerGroup": {"id": GROUP},
        "customer": None,
        "salesChannelId": CHANNEL,
        **values,
    }


def customer(**fields: Any) -> dict[str, Any]:
    named = {f"loyalty_bridge_{name}": value for name, value in fields.items()}
    return {"guest": False, "customFields": named}


def line(product: str = BOUGHT, quantity: int = 1, **values: Any) -> dict[str, Any]:
    return {"id": product, "type": "product", "product": product, "quantity": quantity, **values}


def shop(told: Any, *lines: dict[str, Any], **values: Any) -> dict[str, Any]:
    """One product at 60, two that may be given; ``told`` is what the script reads as its rules."""
    return {
        "config": {"gifts": told},
        "context": context(),
        "lines": list(lines),
        "products": {
            BOUGHT: {"price": 60, "rate": 19},
            MUG: {"price": 20, "rate": 19},
            CAP: {"price": 15, "rate": 7},
        },
        **values,
    }


def given(answer: dict[str, Any]) -> list[tuple[str, int, float]]:
    """Product, pieces and price of the lines that are gifts by their name."""
    lines = (one for one in answer["lines"] if one["id"].startswith("lbgift-"))
    return sorted((one["product"], one["quantity"], one["total"]) for one in lines)


def total_of(answer: dict[str, Any], line_id: str) -> Decimal | None:
    for one in answer["lines"]:
        if one["id"] == line_id:
            return Decimal(str(one["total"])).quantize(CENT)
    return None


# -- the same by the sandbox's Python -------------------------------------------------------------


def shopper_of(described: dict[str, Any]) -> Shopper:
    seen = described["context"]
    signed_in = seen["customer"]
    return Shopper(
        seen["currency"]["id"],
        Decimal(str(seen["currency"]["factor"])),
        seen["taxState"],
        seen["currentCustomerGroup"]["id"],
        signed_in["customFields"] if signed_in and not signed_in["guest"] else None,
        seen["salesChannelId"],
    )


def expected(described: dict[str, Any], now: int) -> tuple[list[Gift], dict[str, Decimal]]:
    """The gifts, without those that the basket's states say were taken out, and what each promotion
    and the points take off, by their line."""
    paid = [one for one in described["lines"] if not one["id"].startswith("lbgift-")]
    products = described["products"]
    costs = {one["id"]: _cost(one, products) for one in paid}
    goods = sum(costs.values(), Decimal(0))
    state = described["context"]["taxState"]
    tax = sum(
        (_tax(costs[one["id"]], products[one["product"]]["rate"], state) for one in paid),
        Decimal(0),
    )
    off = _promotions(described, paid, costs, natives(described["config"].get("gifts"), now))
    discount = sum(off.values(), Decimal(0))
    discount_tax = _tax(discount, 19, state)
    given_by_rules = wanted(
        described["config"].get("gifts"),
        shopper_of(described),
        Worth(goods, tax),
        Worth(discount, discount_tax),
        now,
    )
    bought = {one["product"]: one["quantity"] for one in paid}
    found = to_be_had(given_by_rules, bought, lambda product: _sold(products, product))
    found = [one for one in found if not _is_declined(one, described)]
    if discount >= goods and _is_late(described, off):
        found = []
    points = points_off(shopper_of(described), goods - discount, now)
    return found, off | ({points[0]: points[1].quantize(CENT)} if points else {})


def _is_late(described: dict[str, Any], off: Collection[str]) -> bool:
    """Whether a sum off some lines alone came when nothing was left."""
    return any(
        one["type"] == "absolute" and "products" in one and one["id"] not in off
        for one in described.get("promotions", [])
    )


def _is_declined(gift: Gift, described: dict[str, Any]) -> bool:
    """A shopper who posts the line as it would stand there wants it again."""
    states = described.get("states", [])
    posted = [one["quantity"] for one in described["lines"] if one["id"] == gift.line_id]
    if f"{gift.line_id}-no" in states:
        return posted != [gift.quantity]
    return f"{gift.line_id}-in" in states and not posted


def _cost(one: dict[str, Any], products: dict[str, Any]) -> Decimal:
    return (Decimal(str(products[one["product"]]["price"])) * one["quantity"]).quantize(CENT)


def _tax(amount: Decimal, rate: int, state: str) -> Decimal:
    if state == "gross":
        return amount - amount / (1 + Decimal(rate) / 100)
    return amount * rate / 100 if state == "net" else Decimal(0)


def _promotions(
    described: dict[str, Any],
    paid: list[dict[str, Any]],
    costs: dict[str, Decimal],
    without: Collection[str],
) -> dict[str, Decimal]:
    left = sum(costs.values(), Decimal(0))
    off: dict[str, Decimal] = {}
    for one in described.get("promotions", []):
        if one.get("promotion") in without:
            continue
        about = [line for line in paid if line["product"] in one.get("products", [line["product"]])]
        total = sum((costs[line["id"]] for line in about), Decimal(0))
        value = Decimal(str(one["value"]))
        taken = min(value, total) if one["type"] == "absolute" else total * value / 100
        taken = min(taken, left).quantize(CENT)
        left -= taken
        if taken > 0:
            off[one["id"]] = taken
    return off


def _sold(products: dict[str, Any], product: str) -> Sold | None:
    terms = products.get(product)
    if terms is None or terms.get("max", 100) <= 0:
        return None
    return Sold(terms.get("min", 1), terms.get("max", 100), terms.get("steps", 1))


def reserved(**fields: Any) -> dict[str, Any]:
    held = {
        "redeem_key": "r1234567",
        "redeem_worth": 12.5,
        "redeem_until": 99_999_999_999,
        "redeem_channel": CHANNEL,
        "redeem_currency": EUR,
    }
    return context(customer=customer(**held | fields))
