"""Somebody edits prices in the shop while an apply runs.

Every row is read right before it is sent and read back right after. An edit before that reading,
or after the shop handled our call, is kept and becomes a visible conflict. One window remains,
and nothing can close it: the shops have no compare-and-set, so an edit that falls between our
reading and the moment the shop handles our call is overwritten by it, as it would be by another
person who saves the same form. The window is one call long; waiting for a shop that refuses
calls does not widen it, since rows are read again after every wait.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from trial import programmes
from trial.merchant import Merchant, Size
from trial.shops import READS, WRITES

from bridge.prices.codec import key_from_text
from connectors.base import Connector, TierPrice, TierValue

Merchants = Callable[..., Merchant]

PLATFORMS = ("magento", "shopware")
SIZE = Size(articles=60, rows_each=2)
LARGE = Size(articles=850, rows_each=3)
THEIRS = Decimal("0.77")
OTHERS = Decimal("0.99")


def own_mark(merchant: Merchant) -> str:
    return f"default/{merchant.platform}"


def our_rows(merchant: Merchant, connector: Connector) -> list[TierPrice]:
    """What the bridge has in the shop, as the shop holds it now."""
    bound = [row for row in merchant.memory()["bindings"] if row[0] == "price"]
    keys = {key_from_text(row[1]) for row in bound}
    products = sorted({key.product_id for key in keys})
    size = connector.capabilities.tier_products_per_read
    return [
        row
        for start in range(0, len(products), size)
        for row in connector.tier_prices(products[start : start + size])
        if row.key in keys
    ]


def edited(row: TierPrice, price: Decimal = THEIRS) -> TierPrice:
    """The same row with a price that nobody else would ask for."""
    amounts = tuple(
        replace(one, net=price, gross=None if one.gross is None else price * 2)
        for one in row.value.amounts
    )
    value = replace(row.value, amounts=amounts) if amounts else TierValue(percent=Decimal(77))
    return replace(row, value=value)


def with_a_new_price_list(merchant: Merchant) -> int:
    """All fixed prices differ from what was applied; how many rows the plan lists."""
    size = merchant.size
    path = programmes.write(
        merchant.bridge.home.parent,
        merchant.platform,
        size.articles,
        size.rows_each,
        off=Decimal("0.9"),
    )
    merchant.bridge.ok("program", "load", str(path))
    return len(merchant.bridge.json("plan")["changes"])


def applied(merchants: Merchants, platform: str, size: Size) -> Merchant:
    merchant = merchants(platform, size)
    assert merchant.apply().code == 0
    return merchant


def conflicts(merchant: Merchant) -> list[dict[str, Any]]:
    return [row for row in merchant.bridge.json("deliveries") if row["state"] == "conflict"]


def changed_row(merchant: Merchant, connector: Connector) -> TierPrice:
    """A row of ours that the new price list changes: its article has fixed prices."""
    fixed = [row for row in our_rows(merchant, connector) if row.value.amounts]
    return min(fixed, key=lambda row: row.key)


@pytest.mark.parametrize(
    ("platform", "moment"),
    [
        ("magento", "before we read it"),
        ("shopware", "after the shop took ours"),
        pytest.param("shopware", "before we read it", marks=pytest.mark.chaos),
        pytest.param("magento", "after the shop took ours", marks=pytest.mark.chaos),
    ],
)
def test_an_edit_is_kept_and_shown(platform: str, moment: str, merchants: Merchants) -> None:
    merchant = applied(merchants, platform, SIZE)
    connector = merchant.shop.connector(own_mark(merchant))
    row = edited(changed_row(merchant, connector))
    planned = with_a_new_price_list(merchant)
    holds = merchant.shop.running.holds
    if moment == "before we read it":
        holds.hold(READS[platform], "before", times=1)
    else:
        holds.hold(WRITES[platform], "after")
    applying = merchant.bridge.start("apply", "--yes", LOYALTY_BRIDGE_DELIVERY_THREADS="1")
    holds.wait_held(1, timeout=60)
    edit_past_holds(merchant, row)
    holds.release()
    assert applying.ended().code == 1

    assert row in connector.tier_prices([row.key.product_id], [row.key.audience_id])
    found = conflicts(merchant)
    assert len(found) == 1, found
    again = merchant.bridge.json("plan")
    assert again["changes"] == []
    assert [one["remark"] for one in again["remarks"]].count("conflict") == 1
    assert merchant.states()["done"] >= planned - 1


def edit_past_holds(merchant: Merchant, row: TierPrice) -> None:
    """A person in the shop's own admin: past the API, and so past what holds it up."""
    state = merchant.shop.running.state
    if merchant.platform == "magento":
        product = state.products.by_sku(row.key.product_id)
        place = (
            product.id,
            int(row.key.audience_id),
            row.key.quantity,
            int(row.key.store or 0),
        )
        state.tiers.put(place, THEIRS, is_discount=False)
        return
    with state.database.lock:
        stored = state.database["product_price"].rows
        key = next(key for key, one in stored.items() if one.values["id"] == row.native_id)
        moved = stored[key].copy()
        moved.values["price"] = [
            {**price, "net": float(THEIRS), "gross": float(THEIRS * 2)}
            for price in moved.values["price"]
        ]
        state.database.put("product_price", key, moved)


@pytest.mark.parametrize(
    ("platform", "refusal"),
    [
        ("magento", "503"),
        pytest.param("shopware", "429", marks=pytest.mark.chaos),
        pytest.param("magento", "429", marks=pytest.mark.chaos),
        pytest.param("shopware", "503", marks=pytest.mark.chaos),
    ],
)
def test_waiting_for_a_shop_that_refuses_calls_does_not_overwrite_an_edit(
    platform: str, refusal: str, merchants: Merchants
) -> None:
    """The shop asks to come back later. What is sent then was read then."""
    merchant = applied(merchants, platform, SIZE)
    connector = merchant.shop.connector(own_mark(merchant))
    row = edited(changed_row(merchant, connector))
    with_a_new_price_list(merchant)
    shop = merchant.shop.running
    shop.faults.set(script=[refusal], paths=WRITES[platform], retry_after=2)
    applying = merchant.bridge.start("apply", "--yes", LOYALTY_BRIDGE_DELIVERY_THREADS="1")
    assert applying.wait_until(lambda: any(call.fault for call in shop.log.calls()))
    edit_past_holds(merchant, row)
    assert applying.ended().code == 1
    assert row in connector.tier_prices([row.key.product_id], [row.key.audience_id])
    assert len(conflicts(merchant)) == 1


@pytest.mark.chaos
@pytest.mark.timeout(600)
@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("seed", range(3))
def test_somebody_edits_all_the_time(platform: str, seed: int, merchants: Merchants) -> None:
    """Rows of ours that the price list leaves alone, and rows of others, keep every edit; a row
    of ours that it changes ends as ours or, where the edit was seen, as a visible conflict."""
    merchant = applied(merchants, platform, LARGE)
    connector = merchant.shop.connector(own_mark(merchant))
    rows = our_rows(merchant, connector)
    left_alone = [edited(row) for row in rows if row.value.percent is not None][seed::9]
    changed = [edited(row) for row in rows if row.value.amounts][seed::17]
    others = [edited(row, OTHERS) for row in foreign(merchant, connector, rows)][seed::11]
    with_a_new_price_list(merchant)
    merchant.shop.running.faults.set(latency={"per_call_ms": 60, "per_row_ms": 0.5})
    applying = merchant.bridge.start("apply", "--yes")
    editing = threading.Thread(target=edit_all, args=(connector, [*left_alone, *others, *changed]))
    editing.start()
    ran = applying.ended()
    editing.join()
    assert ran.code in (0, 1), ran
    there = {(row.key, row.native_id): row.value for row in now(connector, rows + others)}
    for row in [*left_alone, *others]:
        assert there[row.key, row.native_id] == row.value
    merchant.shop.running.faults.clear()
    shown = {one["label"] for one in conflicts(merchant)}
    assert merchant.bridge.run("pull").code == 0
    plan = merchant.bridge.json("plan")
    shown |= {one["label"] for one in plan["remarks"] if one["remark"] == "conflict"}
    kept = [row for row in changed if there[row.key, row.native_id] == row.value]
    assert len(shown) >= len(kept) + len(left_alone)
    # A price below the first step is what the group paid before: it follows others' rows.
    assert all(says(OTHERS, one["after"]) for one in plan["changes"]), plan["changes"]
    assert merchant.shop.twice() == []


def says(price: Decimal, value: dict[str, Any]) -> bool:
    return [one["net"] for one in value["amounts"]] == [str(price)]


def edit_all(connector: Connector, rows: list[TierPrice]) -> None:
    for start in range(0, len(rows), 5):
        assert connector.write_tier_prices(rows[start : start + 5]) == []


def foreign(merchant: Merchant, connector: Connector, ours: list[TierPrice]) -> list[TierPrice]:
    known = {(row.key, row.native_id) for row in ours}
    products = sorted({row.key.product_id for row in ours})
    size = connector.capabilities.tier_products_per_read
    return [
        row
        for start in range(0, len(products), size)
        for row in connector.tier_prices(products[start : start + size])
        if (row.key, row.native_id) not in known and row.value.amounts
    ]


def now(connector: Connector, rows: list[TierPrice]) -> list[TierPrice]:
    products = sorted({row.key.product_id for row in rows})
    size = connector.capabilities.tier_products_per_read
    return [
        row
        for start in range(0, len(products), size)
        for row in connector.tier_prices(products[start : start + size])
    ]
