"""Cart price rules in the sandbox's carts, beyond what was recorded."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

BAG, PACK, STRAP = "24-MB01", "24-MB04", "24-WG085"
"""34, 32 and 14."""
CONDITION = "Magento\\SalesRule\\Model\\Rule\\Condition"
EVERYONE = {"website_ids": [1], "customer_group_ids": [0, 1, 2, 3]}
Price = Callable[..., Decimal]


def rule(client: Any, **changes: Any) -> int:
    given = {
        "name": "Rule",
        **EVERYONE,
        "is_active": True,
        "stop_rules_processing": False,
        "simple_action": "cart_fixed",
        "discount_amount": 5,
        "coupon_type": "NO_COUPON",
    }
    made: int = client.post("salesRules", {"rule": {**given, **changes}})["rule_id"]
    return made


def coupon(client: Any, code: str, **changes: Any) -> int:
    by_code = {"coupon_type": "SPECIFIC_COUPON", "use_auto_generation": True, "uses_per_coupon": 1}
    rule_id = rule(client, **by_code, **changes)
    client.post("coupons", {"coupon": {"rule_id": rule_id, "code": code, "type": 1}})
    return rule_id


def all_of(*conditions: Mapping[str, Any], kind: str = "Combine", **more: Any) -> dict[str, Any]:
    group = {"condition_type": f"{CONDITION}\\{kind}", "aggregator_type": "all", "value": "1"}
    return {**group, "conditions": list(conditions), **more}


def of_cart(attribute: str, value: str) -> dict[str, Any]:
    return {
        "condition_type": f"{CONDITION}\\Address",
        "attribute_name": attribute,
        "operator": ">=",
        "value": value,
    }


def of_sku(sku: str) -> dict[str, Any]:
    return {
        "condition_type": f"{CONDITION}\\Product",
        "attribute_name": "sku",
        "operator": "==",
        "value": sku,
    }


@pytest.fixture
def till(shop: Any) -> Any:
    for rule_id in list(shop.state.sales_rules.rows):
        shop.state.sales_rules.drop(rule_id)
    return shop.state.till()


@pytest.fixture
def off(till: Any) -> Price:
    """What is taken off before tax."""

    def price(wanted: Mapping[str, int], *codes: str) -> Decimal:
        lines = till.price("guest@example.com", wanted, guest=True, codes=codes)
        return sum((line.discount_net for line in lines), Decimal(0))

    return price


@pytest.mark.parametrize("gross", [False, True])
@pytest.mark.parametrize(
    ("attribute", "reached"), [("base_subtotal", 34), ("base_subtotal_total_incl_tax", 40.46)]
)
def test_thresholds_with_and_without_tax(
    shop: Any, client: Any, off: Price, attribute: str, reached: float, *, gross: bool
) -> None:
    """Whether catalogue prices hold it or not."""
    attributes = [{"attribute_code": "tax_class_id", "value": "2"}]
    price = 40.46 if gross else 34
    client("PUT", f"products/{BAG}", {"product": {"price": price, "custom_attributes": attributes}})
    shop.faults.set(shop={"prices_include_tax": gross})
    rule(client, condition=all_of(of_cart(attribute, str(reached))))
    assert off({BAG: 1}) > 0
    client("PUT", f"products/{BAG}", {"product": {"price": price - 0.02}})
    assert off({BAG: 1}) == 0


def test_two_products_together(client: Any, off: Price) -> None:
    found = [all_of(of_sku(sku), kind="Product\\Found") for sku in (BAG, PACK)]
    rule(client, condition=all_of(*found))
    assert [off({BAG: 1, PACK: 1}) > 0, off({BAG: 2}), off({PACK: 2})] == [True, 0, 0]


def test_a_product_that_must_not_be_there(client: Any, off: Price) -> None:
    without = all_of(of_sku(PACK), kind="Product\\Found", value="0")
    rule(client, condition=all_of(without))
    assert [off({BAG: 1}) > 0, off({BAG: 1, PACK: 1})] == [True, 0]


@pytest.mark.parametrize(("attribute", "enough"), [("qty", "3"), ("base_row_total", "102")])
def test_so_much_of_one_product(client: Any, off: Price, attribute: str, enough: str) -> None:
    so_much = {"attribute_name": attribute, "operator": ">=", "value": enough}
    rule(client, condition=all_of(all_of(of_sku(BAG), kind="Product\\Subselect", **so_much)))
    assert [off({BAG: 3}) > 0, off({BAG: 2, PACK: 5})] == [True, 0]


@pytest.mark.parametrize(
    ("today", "holds"),
    [("2026-05-31", False), ("2026-06-01", True), ("2026-06-30", True), ("2026-07-01", False)],
)
def test_days_are_whole(shop: Any, client: Any, off: Price, today: str, *, holds: bool) -> None:
    coupon(client, "JUNE", from_date="2026-06-01", to_date="2026-06-30")
    late = datetime.fromisoformat(f"{today}T23:59:59").replace(tzinfo=UTC)
    shop.state.set_clock(lambda: late)
    assert (off({BAG: 1}, "JUNE") > 0) is holds


def test_without_consumers_a_coupon_works_again(client: Any, till: Any, off: Price) -> None:
    """Recorded: cart_price_rules.json #39, #42."""
    coupon(client, "ONCE")
    till.order("guest@example.com", {BAG: 1}, guest=True, codes=["ONCE"])
    assert off({BAG: 1}, "ONCE") > 0


def test_with_consumers_it_does_not(shop: Any, client: Any, till: Any, off: Price) -> None:
    """What was ordered while they did not run is counted once they do; a cancelled order gives
    its coupon back."""
    coupon(client, "ONCE")
    sold = till.order("guest@example.com", {BAG: 1}, guest=True, codes=["ONCE"])
    shop.faults.set(shop={"consumers": True})
    assert off({BAG: 1}, "ONCE") == 0
    [row] = client.found("coupons/search", ("code", "eq", "ONCE"))["items"]
    assert row["times_used"] == 1
    till.cancel(sold.order_id)
    assert off({BAG: 1}, "ONCE") > 0


def test_a_customers_uses_are_those_of_the_rule(shop: Any, client: Any, till: Any) -> None:
    """Not of the coupon; guests are not counted (PLATFORM_FACTS Magento 21)."""
    shop.faults.set(shop={"consumers": True})
    rule_id = coupon(client, "ONE", uses_per_customer=1)
    client.post("coupons", {"coupon": {"rule_id": rule_id, "code": "TWO", "type": 1}})
    buyer = till.buyers()[0]
    till.order(buyer, {BAG: 1}, guest=False, codes=["ONE"])
    for guest, taken in ((False, False), (True, True)):
        lines = till.price(buyer, {BAG: 1}, guest=guest, codes=["TWO"])
        assert any(line.discount_net for line in lines) is taken


@pytest.mark.parametrize("gone", ["coupon", "rule"])
def test_a_cart_loses_a_coupon_that_was_deleted(client: Any, till: Any, gone: str) -> None:
    """The order is placed, at full price, and names no coupon."""
    rule_id = coupon(client, "GONE")
    cart = client.post("customers/1/carts", {})
    client.post(f"carts/{cart}/items", {"cartItem": {"sku": BAG, "qty": 1, "quote_id": str(cart)}})
    assert client("PUT", f"carts/{cart}/coupons/GONE").json() is True
    if gone == "coupon":
        client.post("coupons/deleteByCodes", {"codes": ["GONE"]})
    else:
        client("DELETE", f"salesRules/{rule_id}")
    totals = client.get(f"carts/{cart}/totals")
    assert "coupon_code" not in totals
    assert totals["discount_amount"] == 0


def test_a_coupon_of_the_wrong_type_is_refused(client: Any) -> None:
    """As magento2 ``CouponRepository::save``."""
    rule_id = coupon(client, "ONE")
    answer = client("POST", "coupons", {"coupon": {"rule_id": rule_id, "code": "TWO", "type": 0}})
    assert answer.status_code == 400
    assert answer.json()["parameters"] == ["Specified rule only allows auto generated coupons"]


def test_a_change_deletes_a_primary_coupon_and_keeps_generated_ones(client: Any) -> None:
    """PLATFORM_FACTS Magento 22."""
    rule_id = coupon(client, "GENERATED")
    primary = {"rule_id": rule_id, "code": "PRIMARY", "type": 1, "is_primary": True}
    client.post("coupons", {"coupon": primary})
    client("PUT", f"salesRules/{rule_id}", {"rule": {"rule_id": rule_id, "name": "Other"}})
    found = client.found("coupons/search", ("rule_id", "eq", str(rule_id)))["items"]
    assert [row["code"] for row in found] == ["GENERATED"]


def test_a_change_keeps_what_it_does_not_name(client: Any) -> None:
    rule_id = rule(client, to_date="2026-06-30", condition=all_of(of_cart("base_subtotal", "9")))
    before = client.get(f"salesRules/{rule_id}")
    client("PUT", f"salesRules/{rule_id}", {"rule": {"name": "Other"}})
    assert client.get(f"salesRules/{rule_id}") == {**before, "name": "Other"}


def test_carts_are_found_by_their_change(shop: Any, client: Any, till: Any) -> None:
    """An ordered one is told as closed."""
    cart = client.post("customers/1/carts", {})
    for sku in (BAG, STRAP):
        item = {"sku": sku, "qty": 1, "quote_id": str(cart)}
        client.post(f"carts/{cart}/items", {"cartItem": item})
    wanted = ("is_active", "eq", "1"), ("updated_at", "gteq", "2020-01-01 00:00:00")
    [found] = client.found("carts/search", *wanted)["items"]
    assert (found["id"], found["items_count"]) == (cart, 2)
    assert client.get(f"carts/{cart}") == found
    with shop.state.lock:
        shop.state.carts.close(shop.state.carts.get(cart))
    assert client.found("carts/search", *wanted)["items"] == []
    assert client.get(f"carts/{cart}")["is_active"] is False
