"""Shoppers at random: what they tell is what the shop holds, and a seed tells it again."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from shopware_replay.asking import Client

from connectors.sandbox.server import RunningSandbox
from connectors.sandbox.shopper import Deed, Sale
from connectors.shopware.sandbox.shopping_around import OddHabits, Oddity, shop_around

ORDERS = 60
ODD = OddHabits(edited=0.4, refunded_without_amount=0.4)
_EVERYTHING: dict[str, Any] = {
    "lineItems": {},
    "stateMachineState": {},
    "deliveries": {"associations": {"stateMachineState": {}}},
    "transactions": {
        "associations": {
            "stateMachineState": {},
            "captures": {"associations": {"refunds": {"associations": {"positions": {}}}}},
        }
    },
}

Told = list[Deed | Oddity]


@pytest.fixture
def told(shop: RunningSandbox) -> Told:
    return shop_around(shop, 7, ORDERS, odd=ODD, over=timedelta(days=30))


def _held(api: Client) -> dict[str, dict[str, Any]]:
    found = api.search("order", limit=500, associations=_EVERYTHING).body["data"]
    return {one["id"]: one for one in found}


def _by_order(told: Told) -> dict[str, Told]:
    deeds: dict[str, Told] = defaultdict(list)
    for deed in told:
        deeds[deed.sale.order_id].append(deed)
    return deeds


def test_the_shop_holds_the_orders_that_are_told(api: Client, told: Told) -> None:
    held = _held(api)
    deeds = _by_order(told)
    assert set(held) == set(deeds)
    for order_id, order in held.items():
        last = [one.sale for one in deeds[order_id] if one.kind in ("ordered", "edited")][-1]
        assert Decimal(str(order["amountTotal"])) == last.total
        assert order["orderNumber"] == last.number
        assert {one["id"]: one["quantity"] for one in order["lineItems"]} == {
            line.line_id: line.quantity for line in last.lines
        }
        assert sum(line.gross for line in last.lines) == pytest.approx(
            last.total, abs=Decimal("0.01") * len(last.lines)
        )


def test_the_shop_gave_back_what_is_told(api: Client, told: Told) -> None:
    held, refunds = _held(api), [one.sale for one in told if one.kind == "refunded"]
    assert refunds
    for sale in refunds:
        transaction = held[sale.order_id]["transactions"][0]
        refund = next(
            one for one in transaction["captures"][0]["refunds"] if one["id"] == sale.refund_id
        )
        assert Decimal(str(refund["amount"]["totalPrice"])) == sale.total
        assert {one["orderLineItemId"]: one["quantity"] for one in refund["positions"]} == {
            line.line_id: line.quantity for line in sale.lines
        }


def test_a_line_given_back_bit_by_bit_is_the_line(told: Told) -> None:
    sold = {line.line_id: line for one in told if one.kind == "ordered" for line in one.sale.lines}
    back: dict[str, list[Any]] = defaultdict(list)
    for one in told:
        if one.kind == "refunded":
            for line in one.sale.lines:
                back[line.line_id].append(line)
    whole = [key for key, bits in back.items() if _sum(bits, "quantity") == sold[key].quantity]
    assert whole
    for key in whole:
        assert _sum(back[key], "gross") == sold[key].gross
        assert _sum(back[key], "net") == sold[key].net


def _sum(lines: list[Any], name: str) -> Decimal:
    return sum((getattr(line, name) for line in lines), Decimal(0))


@pytest.mark.parametrize(
    ("kind", "part", "states"),
    [
        ("paid", "transactions", {"paid", "refunded", "refunded_partially"}),
        ("sent", "deliveries", {"shipped"}),
        ("cancelled", "", {"cancelled"}),
        ("refunded", "transactions", {"refunded", "refunded_partially"}),
        ("refunded without amount", "transactions", {"refunded_partially"}),
    ],
)
def test_the_states_are_those_that_are_told(
    api: Client, told: Told, kind: str, part: str, states: set[str]
) -> None:
    held = _held(api)
    moved = [held[one.sale.order_id] for one in told if one.kind == kind]
    assert moved
    for order in moved:
        row = order[part][0] if part else order
        assert row["stateMachineState"]["technicalName"] in states


def test_orders_lie_in_the_time_that_was_asked_for(told: Told) -> None:
    now = datetime.now(UTC)
    placed = [one.at for one in told if one.kind == "ordered"]
    assert placed == sorted(placed)
    assert now - timedelta(days=31) < placed[0] < now - timedelta(days=29)
    assert placed[-1] < now


def test_the_same_seed_does_the_same(shop: RunningSandbox, told: Told) -> None:
    shop.reset()
    again = shop_around(shop, 7, ORDERS, odd=ODD, over=timedelta(days=30))
    assert [_bare(one) for one in again] == [_bare(one) for one in told]
    shop.reset()
    other = shop_around(shop, 8, ORDERS, odd=ODD, over=timedelta(days=30))
    assert [_bare(one) for one in other] != [_bare(one) for one in told]


def _bare(one: Deed | Oddity) -> tuple[str, Sale]:
    """Without ids and times."""
    lines = tuple(replace(line, line_id="") for line in one.sale.lines)
    moment = datetime(2000, 1, 1, tzinfo=UTC)
    return one.kind, replace(
        one.sale, order_id="", refund_id="", customer_id="", at=moment, lines=lines
    )
