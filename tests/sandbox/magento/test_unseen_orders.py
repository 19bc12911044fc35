"""What no recording shows of orders, after Magento 2.4's source: parts of invoices, shipments and
refunds, cancelling half-paid orders, tax with discounts, goods that are not sent, edits."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.magento.sandbox.errors import Refused
from connectors.sandbox.shopper import shop_around

BAG, PACK, YOGA = "24-MB01", "24-MB04", "240-LV04"
"""34 without tax; 32 and 6 with the tax of their class."""
HOME = {
    "firstname": "Anna",
    "lastname": "Albers",
    "street": ["Industriestr. 1"],
    "city": "Berlin",
    "postcode": "10115",
    "country_id": "DE",
    "telephone": "030",
}
LATER = datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)
FLAT = {"shipping_carrier_code": "flatrate", "shipping_method_code": "flatrate"}


def to_home(client: Any, cart: int) -> dict[str, Any]:
    both = {"shipping_address": HOME, "billing_address": HOME}
    answer = client.post(
        f"carts/{cart}/shipping-information", {"addressInformation": {**both, **FLAT}}
    )
    totals: dict[str, Any] = answer["totals"]
    return totals


def filled(client: Any, *wanted: tuple[str, int], customer: int = 2) -> int:
    cart: int = client.post(f"customers/{customer}/carts", None)
    for sku, qty in wanted:
        item = {"sku": sku, "qty": qty, "quote_id": str(cart)}
        client.post(f"carts/{cart}/items", {"cartItem": item})
    return cart


def submit(client: Any, cart: int) -> dict[str, Any]:
    answer = client("PUT", f"carts/{cart}/order", {"paymentMethod": {"method": "checkmo"}})
    assert answer.status_code == 200, answer.text
    return read(client, answer.json())


def ordered(client: Any, *wanted: tuple[str, int], coupon: str = "") -> dict[str, Any]:
    cart = filled(client, *wanted)
    if coupon:
        assert client("PUT", f"carts/{cart}/coupons/{coupon}").json() is True
    to_home(client, cart)
    return submit(client, cart)


def read(client: Any, order_id: Any) -> dict[str, Any]:
    order: dict[str, Any] = client.get(f"orders/{order_id}")
    return order


def act(client: Any, order: dict[str, Any], what: str, **body: Any) -> dict[str, Any]:
    client.post(f"order/{order['entity_id']}/{what}", body)
    return read(client, order["entity_id"])


def some(order: dict[str, Any], *quantities: float) -> list[dict[str, Any]]:
    return [
        {"order_item_id": row["item_id"], "qty": qty}
        for row, qty in zip(order["items"], quantities, strict=True)
    ]


def refused(client: Any, order: dict[str, Any], what: str, **body: Any) -> tuple[int, str]:
    answer = client("POST", f"order/{order['entity_id']}/{what}", body)
    return answer.status_code, answer.json()["message"]


def documents(client: Any, kind: str, order: dict[str, Any]) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = client.found(kind, ("order_id", "eq", str(order["entity_id"])))[
        "items"
    ]
    return items


def money(document: dict[str, Any], *names: str) -> tuple[float, ...]:
    for name in names:
        assert document[name] == document[f"base_{name}"]
    return tuple(document[name] for name in names)


@pytest.fixture
def german_tax(client: Any) -> None:
    rate = {"tax_country_id": "DE", "tax_region_id": 0, "tax_postcode": "*"}
    made = client.post("taxRates", {"taxRate": {**rate, "rate": 19, "code": "DE 19"}})
    classes = {"customer_tax_class_ids": [3], "product_tax_class_ids": [2]}
    rule = {"code": "DE", "priority": 0, "position": 0, **classes, "tax_rate_ids": [made["id"]]}
    client.post("taxRules", {"rule": rule})


def coupon(client: Any, code: str, action: str, amount: float, **more: Any) -> int:
    rule = {
        "name": code,
        "website_ids": [1],
        "customer_group_ids": [0, 1, 2, 3],
        "is_active": True,
        "stop_rules_processing": False,
        "simple_action": action,
        "discount_amount": amount,
        "coupon_type": "SPECIFIC_COUPON",
        "use_auto_generation": True,
        **more,
    }
    rule_id: int = client.post("salesRules", {"rule": rule})["rule_id"]
    if rule["coupon_type"] != "NO_COUPON":
        client.post("coupons", {"coupon": {"rule_id": rule_id, "code": code, "type": 1}})
    return rule_id


# -- in parts -------------------------------------------------------------------------------


def test_parts_are_invoiced_and_shipped_until_the_order_is_complete(client: Any) -> None:
    order = ordered(client, (BAG, 3), (PACK, 2))
    assert order["state"] == "new"
    half = act(client, order, "invoice", items=some(order, 1, 2))
    assert (half["state"], half["base_total_paid"], half["base_total_due"]) == (
        "processing",
        34 + 64 + 25,
        68,
    )
    sent = act(client, half, "ship", items=some(order, 3, 0))
    assert (sent["state"], [row["qty_shipped"] for row in sent["items"]]) == ("processing", [3, 0])
    paid = act(client, sent, "invoice")
    assert (paid["state"], paid["base_total_due"]) == ("processing", 0)
    done = act(client, paid, "ship")
    assert (done["state"], done["status"]) == ("complete", "complete")
    first, second = documents(client, "invoices", order)
    assert money(first, "grand_total", "shipping_amount") == (123, 25)
    assert money(second, "grand_total", "shipping_amount") == (68, 0)
    assert [row["qty"] for row in second["items"]] == [2]


@pytest.mark.parametrize(
    ("what", "qty", "message"),
    [
        (
            "invoice",
            4,
            "Invoice Document Validation Error(s):\nThe quantity to invoice must not be greater "
            'than the uninvoiced quantity for product SKU "24-MB01".',
        ),
        (
            "ship",
            4,
            "Shipment Document Validation Error(s):\nThe quantity to ship must not be greater "
            'than the unshipped quantity for product SKU "24-MB01".',
        ),
        ("refund", 1, 'We found an invalid quantity to refund item "%1".'),
    ],
)
def test_no_more_than_there_is(client: Any, what: str, qty: int, message: str) -> None:
    order = ordered(client, (BAG, 3))
    assert refused(client, order, what, items=some(order, qty)) == (400, message)
    assert read(client, order["entity_id"]) == order


def test_what_is_done_cannot_be_done_again(client: Any) -> None:
    order = ordered(client, (BAG, 1))
    act(client, order, "invoice")
    act(client, order, "ship")
    act(client, order, "refund")
    for what, kind, message in (
        ("invoice", "Invoice", "An invoice cannot be created"),
        ("ship", "Shipment", "A shipment cannot be created"),
        ("refund", "Creditmemo", "A creditmemo can not be created"),
    ):
        assert refused(client, order, what) == (
            400,
            f"{kind} Document Validation Error(s):\n{message} when an order has a status of Closed",
        )


def test_refunds_in_parts_close_the_order_with_the_last_cent(client: Any) -> None:
    order = ordered(client, (BAG, 3))
    act(client, order, "invoice")
    act(client, order, "ship")
    none = {"shipping_amount": 0, "adjustment_positive": 0, "adjustment_negative": 0}
    once = act(client, order, "refund", items=some(order, 1), arguments=none)
    assert (once["state"], once["base_total_refunded"]) == ("complete", 34)
    fee = {"shipping_amount": 5, "adjustment_negative": 2}
    twice = act(client, order, "refund", items=some(order, 2), arguments=fee)
    assert (twice["state"], twice["base_total_refunded"]) == ("complete", 34 + 68 + 5 - 2)
    rest = {"shipping_amount": 10, "adjustment_positive": 2}
    over = {"shipping_amount": 11}
    assert refused(client, order, "refund", items=some(order, 0), arguments=over) == (
        400,
        "Maximum shipping amount allowed to refund is: %1",
    )
    closed = act(client, order, "refund", items=some(order, 0), arguments=rest)
    assert (closed["state"], closed["base_total_refunded"]) == ("closed", closed["base_total_paid"])
    memos = documents(client, "creditmemos", order)
    assert [memo["base_grand_total"] for memo in memos] == [34, 71, 12]
    assert [memo.get("base_adjustment_negative") for memo in memos] == [0, 2, None]
    assert [one["comment"] for one in closed["status_histories"]] == [
        "We refunded €12.00 offline.",
        "We refunded €71.00 offline.",
        "We refunded €34.00 offline.",
    ]


def test_no_more_money_back_than_was_paid(client: Any) -> None:
    order = ordered(client, (BAG, 1))
    act(client, order, "invoice")
    assert refused(client, order, "refund", arguments={"adjustment_positive": 1}) == (
        400,
        "The most money available to refund is %1.",
    )
    assert documents(client, "creditmemos", order) == []


def test_a_full_refund_without_arguments_gives_the_shipping_back(client: Any) -> None:
    order = ordered(client, (BAG, 2))
    act(client, order, "invoice")
    closed = act(client, order, "refund")
    assert (closed["state"], closed["base_shipping_refunded"]) == ("closed", 10)
    (memo,) = documents(client, "creditmemos", order)
    assert (memo["base_grand_total"], "adjustment_positive" in memo) == (78, False)


# -- cancelling and holding -----------------------------------------------------------------


def test_cancelling_gives_the_stock_back(client: Any) -> None:
    path = f"inventory/get-product-salable-quantity/{BAG}/1"
    before = client.get(path)
    order = ordered(client, (BAG, 3))
    assert client.get(path) == before - 3
    assert client.post(f"orders/{order['entity_id']}/cancel", None) is True
    cancelled = read(client, order["entity_id"])
    assert money(cancelled, "total_canceled", "subtotal_canceled", "shipping_canceled") == (
        117,
        102,
        15,
    )
    assert (cancelled["items"][0]["qty_canceled"], client.get(path)) == (3, before)


def test_shipping_takes_the_stock_for_good(client: Any) -> None:
    before = client.get(f"stockItems/{BAG}")["qty"]
    order = ordered(client, (BAG, 3))
    assert client.get(f"stockItems/{BAG}")["qty"] == before
    act(client, order, "ship")
    assert client.get(f"stockItems/{BAG}")["qty"] == before - 3
    assert client.get(f"inventory/get-product-salable-quantity/{BAG}/1") == before - 3


def test_cancelling_a_half_paid_order_calls_off_the_rest_only(client: Any) -> None:
    order = ordered(client, (BAG, 3))
    act(client, order, "invoice", items=some(order, 1))
    assert client.post(f"orders/{order['entity_id']}/cancel", None) is True
    half = read(client, order["entity_id"])
    assert (half["state"], half["items"][0]["qty_canceled"]) == ("processing", 2)
    assert (half["base_total_canceled"], half["base_total_paid"]) == (68, 49)
    assert act(client, order, "ship")["state"] == "complete"


def test_a_held_order_waits(client: Any) -> None:
    order = ordered(client, (BAG, 1))
    path = f"orders/{order['entity_id']}"
    assert client.post(f"{path}/hold", None) is True
    assert client.get(f"{path}/statuses") == "holded"
    assert client.post(f"{path}/cancel", None) is False
    assert refused(client, order, "invoice")[1].endswith("when an order has a status of On Hold")
    again = client("POST", f"{path}/hold")
    assert (again.status_code, again.json()["message"]) == (400, "A hold action is not available.")
    assert client.post(f"{path}/unhold", None) is True
    assert client.get(f"{path}/statuses") == "pending"
    not_held = client("POST", f"{path}/unhold")
    assert (not_held.status_code, not_held.json()["message"]) == (
        400,
        "You cannot remove the hold.",
    )


# -- tax and discounts ----------------------------------------------------------------------


@pytest.mark.usefixtures("german_tax")
def test_tax_is_on_what_a_discount_leaves_and_is_shared_out_to_the_cent(client: Any) -> None:
    coupon(client, "TEN", "by_percent", 10)
    order = ordered(client, (PACK, 3), coupon="TEN")
    assert order["coupon_code"] == "TEN"
    assert money(order, "subtotal", "discount_amount", "tax_amount", "grand_total") == (
        96,
        -9.6,
        16.42,
        117.82,
    )
    (row,) = order["items"]
    assert (row["base_discount_amount"], row["discount_percent"]) == (9.6, 10)
    assert (row["base_row_total"], row["base_row_total_incl_tax"]) == (86.4, 102.82)
    act(client, order, "invoice", items=some(order, 1))
    act(client, order, "invoice")
    first, second = documents(client, "invoices", order)
    shown = ("subtotal", "discount_amount", "tax_amount", "grand_total")
    assert money(first, *shown) == (32, -3.2, 5.47, 49.27)
    assert money(second, *shown) == (64, -6.4, 10.95, 68.55)
    none = {"shipping_amount": 0}
    act(client, order, "refund", items=some(order, 2), arguments=none)
    act(client, order, "refund", items=some(order, 1), arguments=none)
    back = documents(client, "creditmemos", order)
    assert [money(memo, *shown) for memo in back] == [
        (64, -6.4, 10.95, 68.55),
        (32, -3.2, 5.47, 34.27),
    ]
    done = read(client, order["entity_id"])
    assert (done["base_discount_refunded"], done["items"][0]["base_tax_refunded"]) == (-9.6, 16.42)


@pytest.mark.usefixtures("german_tax")
def test_a_discount_hides_tax_where_prices_hold_it(client: Any, shop: Any) -> None:
    shop.faults.set(shop={"prices_include_tax": True})
    product = {"price": 119, "custom_attributes": [{"attribute_code": "tax_class_id", "value": 2}]}
    client("PUT", f"products/{BAG}", {"product": product})
    coupon(client, "TEN", "by_percent", 10)
    order = ordered(client, (BAG, 1), coupon="TEN")
    (row,) = order["items"]
    assert money(row, "price", "price_incl_tax", "discount_amount", "tax_amount") == (
        100,
        119,
        11.9,
        17.1,
    )
    assert row["base_discount_tax_compensation_amount"] == 1.9
    assert (row["base_row_total"], row["base_row_total_incl_tax"]) == (88.1, 107.1)
    assert order["base_grand_total"] == 112.1


def test_a_fixed_discount_is_shared_out_over_the_lines(client: Any) -> None:
    coupon(client, "FIVE", "cart_fixed", 5)
    order = ordered(client, (BAG, 1), (PACK, 1), coupon="FIVE")
    assert [row["base_discount_amount"] for row in order["items"]] == [2.58, 2.42]
    assert (order["base_discount_amount"], order["base_grand_total"]) == (-5, 71)


def test_a_coupon_takes_off_what_rules_without_one_leave(client: Any) -> None:
    """As recorded in cart_price_rules.json #38: nothing is left of the gift to take from."""
    gift = {"attribute_name": "sku", "operator": "==", "value": "24-WG085"}
    chosen = {"conditions": [gift], "aggregator_type": "all", "value": "1"}
    five = coupon(client, "FIVE", "cart_fixed", 5)
    free = coupon(
        client,
        "GIFT",
        "by_percent",
        100,
        discount_qty=1,
        action_condition=chosen,
        coupon_type="NO_COUPON",
    )
    shown = [client.get(f"salesRules/{one}").get("discount_qty") for one in (free, five)]
    assert shown == [1, None]
    order = ordered(client, (BAG, 4), ("24-WG085", 1), coupon="FIVE")
    assert [row["base_discount_amount"] for row in order["items"]] == [5, 14]
    assert [row["base_row_total"] for row in order["items"]] == [131, 0]
    assert order["applied_rule_ids"] == f"2,{free},{five}"
    assert (order["base_discount_amount"], order["base_grand_total"]) == (-19, 156)


def test_rules_of_the_sample_data_apply_by_themselves(client: Any) -> None:
    order = ordered(client, (BAG, 6))
    assert (order["applied_rule_ids"], order["base_discount_amount"]) == ("2,3", -40.8)


def test_a_coupon_that_unlocks_nothing_is_refused(client: Any) -> None:
    only = {
        "conditions": [{"operator": "==", "attribute_name": "sku", "value": PACK}],
        "aggregator_type": "all",
        "value": "1",
    }
    coupon(client, "PACK", "by_fixed", 2, action_condition=only)
    cart = filled(client, (BAG, 1))
    answer = client("PUT", f"carts/{cart}/coupons/PACK")
    assert (answer.status_code, answer.json()["message"]) == (
        404,
        "The coupon code isn't valid. Verify the code and try again.",
    )
    filled(client, (PACK, 2))
    assert client("PUT", f"carts/{cart}/coupons/pack").json() is True
    assert client.get(f"carts/{cart}/totals")["discount_amount"] == -4


@pytest.mark.usefixtures("german_tax")
def test_half_cents_of_tax_are_carried_from_line_to_line(client: Any) -> None:
    """19 % of 0.55 is 0.1045 twice, of 1.10 0.209: one line gets a cent more than it alone."""
    attributes = [{"attribute_code": "tax_class_id", "value": 2}]
    for sku in (BAG, PACK):
        product = {"price": 0.55, "custom_attributes": attributes}
        client("PUT", f"products/{sku}", {"product": product})
    order = ordered(client, (BAG, 1), (PACK, 1))
    assert [row["base_tax_amount"] for row in order["items"]] == [0.1, 0.11]


# -- what is not sent -----------------------------------------------------------------------


def test_a_virtual_order_is_complete_once_it_is_paid(client: Any) -> None:
    cart = filled(client, (YOGA, 2))
    client.post(f"carts/{cart}/billing-address", {"address": HOME})
    order = submit(client, cart)
    assert (order["is_virtual"], order["base_shipping_amount"], order["base_grand_total"]) == (
        1,
        0,
        12,
    )
    assert "address" not in order["extension_attributes"]["shipping_assignments"][0]["shipping"]
    assert refused(client, order, "ship")[1].endswith("does not allow a shipment to be created.")
    assert act(client, order, "invoice")["state"] == "complete"


def test_only_what_is_sent_pays_for_shipping(client: Any) -> None:
    order = ordered(client, (YOGA, 4), (BAG, 1))
    assert order["base_shipping_amount"] == 5
    act(client, order, "invoice")
    assert act(client, order, "ship")["state"] == "complete"


# -- what cannot be ordered -----------------------------------------------------------------


def test_an_order_needs_goods_an_address_and_a_payment(client: Any) -> None:
    cart = filled(client)
    empty = client("POST", f"carts/{cart}/shipping-information", {"addressInformation": FLAT})
    assert empty.json()["message"].startswith("The shipping method can't be set for an empty cart.")
    filled(client, (BAG, 1))
    payment = {"paymentMethod": {"method": "checkmo"}}
    homeless = client("PUT", f"carts/{cart}/order", payment)
    assert homeless.status_code == 400
    assert homeless.json()["message"].startswith("Please check the shipping address information.")
    to_home(client, cart)
    unpaid = client("PUT", f"carts/{cart}/order", {"paymentMethod": {"method": "gold"}})
    assert unpaid.json()["message"] == "The requested Payment Method is not available."
    assert submit(client, cart)["state"] == "new"
    gone = client("PUT", f"carts/{cart}/order", payment)
    assert (gone.status_code, gone.json()["parameters"]["fieldName"]) == (404, "cartId")
    assert client.post("customers/2/carts", None) == cart + 1


def test_what_others_ordered_cannot_be_sold_again(client: Any) -> None:
    ordered(client, (BAG, 60))
    cart = client.post("customers/3/carts", None)
    item = {"sku": BAG, "qty": 41, "quote_id": str(cart)}
    answer = client("POST", f"carts/{cart}/items", {"cartItem": item})
    assert (answer.status_code, answer.json()["message"]) == (
        400,
        "The requested qty is not available",
    )


# -- lists ----------------------------------------------------------------------------------


def test_a_walk_by_time_of_change_finds_each_order_once(client: Any, shop: Any) -> None:
    shop_around(shop, seed=3, orders=40)
    known = sorted(
        (order.updated_at, order.id) for order in shop.state.orders.entries.rows.values()
    )
    seen: list[tuple[str, int]] = []
    page, since = 1, "2020-01-01 00:00:00"
    while True:
        found = client.found(
            "orders",
            ("updated_at", "gteq", since),
            fields="items[entity_id,updated_at],total_count",
            **{
                "searchCriteria[pageSize]": 7,
                "searchCriteria[currentPage]": page,
                "searchCriteria[sortOrders][0][field]": "updated_at",
                "searchCriteria[sortOrders][0][direction]": "ASC",
                "searchCriteria[sortOrders][1][field]": "entity_id",
                "searchCriteria[sortOrders][1][direction]": "ASC",
            },
        )
        assert found["total_count"] == 42
        if not found["items"]:
            break
        seen += [(row["updated_at"], row["entity_id"]) for row in found["items"]]
        page += 1
    assert seen == known


def test_orders_and_documents_are_found_by_many_ids_at_once(client: Any) -> None:
    first, second = ordered(client, (BAG, 1)), ordered(client, (PACK, 1))
    for order in (first, second):
        act(client, order, "invoice")
        act(client, order, "ship")
        act(client, order, "refund")
    ids = f"{second['entity_id']},{first['entity_id']},4711"
    assert _ids(client.found("orders", ("entity_id", "in", ids))) == [
        first["entity_id"],
        second["entity_id"],
    ]
    for kind in ("invoices", "shipments", "creditmemos"):
        found = client.found(kind, ("order_id", "in", ids))
        assert [row["order_id"] for row in found["items"]] == [
            first["entity_id"],
            second["entity_id"],
        ]
    both = [("increment_id", "eq", first["increment_id"]), ("entity_id", "gt", "4710")]
    assert _ids(client.found("orders", both)) == [first["entity_id"]]


def test_changed_since_means_after_for_gt_and_from_for_gteq(client: Any, shop: Any) -> None:
    for second in (0, 1, 2):
        at = datetime(2026, 3, 1, 10, 0, second, tzinfo=UTC)
        shop.state.set_clock(lambda at=at: at)
        ordered(client, (BAG, 1))
    count = {
        condition: client.found("orders", ("updated_at", condition, "2026-03-01 10:00:01"))[
            "total_count"
        ]
        for condition in ("gteq", "gt", "lt", "eq")
    }
    assert count == {"gteq": 2, "gt": 1, "lt": 3, "eq": 1}


@pytest.mark.parametrize("kind", ["orders", "invoices", "shipments", "creditmemos"])
def test_an_unknown_column_breaks_the_shop(client: Any, kind: str) -> None:
    name = "order_id" if kind == "orders" else "nope"
    query = {
        "searchCriteria[filter_groups][0][filters][0][field]": name,
        "searchCriteria[filter_groups][0][filters][0][value]": "1",
    }
    assert client("GET", kind, **query).status_code == 500


def _ids(found: dict[str, Any]) -> list[int]:
    return [row["entity_id"] for row in found["items"]]


# -- editing, comments, customers -----------------------------------------------------------


def test_an_edited_order_is_cancelled_and_followed_by_another(client: Any, shop: Any) -> None:
    order = ordered(client, (BAG, 3), (PACK, 1))
    new = shop.state.edit_order(order["entity_id"], {BAG: 1, "24-MB03": 2})
    old, after = read(client, order["entity_id"]), read(client, new.id)
    assert (old["state"], old["relation_child_real_id"]) == ("canceled", after["increment_id"])
    assert after["increment_id"] == f"{order['increment_id']}-1"
    assert after["relation_parent_id"] == str(order["entity_id"])
    assert after["original_increment_id"] == order["increment_id"]
    bought = {row["sku"]: row["qty_ordered"] for row in after["items"]}
    assert bought == {BAG: 1, PACK: 1, "24-MB03": 2}
    assert after["customer_id"] == order["customer_id"]
    again = shop.state.edit_order(new.id, {BAG: 2})
    assert again.number == f"{order['increment_id']}-2"
    with pytest.raises(Refused):
        shop.state.edit_order(order["entity_id"], {BAG: 2})


def test_an_edit_that_fails_leaves_the_order_alone(client: Any, shop: Any) -> None:
    order = ordered(client, (BAG, 60))
    for changes in ({BAG: 101}, {BAG: 0}):
        with pytest.raises(Refused):
            shop.state.edit_order(order["entity_id"], changes)
    assert read(client, order["entity_id"]) == order
    assert shop.state.edit_order(order["entity_id"], {BAG: 100}).state == "new"


def test_a_comment_carries_a_status_and_moves_the_order(client: Any, shop: Any) -> None:
    order = ordered(client, (BAG, 1))
    shop.state.set_clock(lambda: LATER)
    path = f"orders/{order['entity_id']}/comments"
    comment = {"comment": "called", "is_customer_notified": 0, "is_visible_on_front": 0}
    assert client.post(path, {"statusHistory": {**comment, "parent_id": 1, "status": "holded"}})
    after = read(client, order["entity_id"])
    assert (after["state"], after["status"]) == ("new", "holded")
    assert after["updated_at"] == "2030-01-02 03:04:05"
    assert client.get(path)["items"][0]["comment"] == "called"


def test_a_deleted_customers_orders_stay_without_the_customer(client: Any) -> None:
    order = ordered(client, (BAG, 1))
    assert client("DELETE", "customers/2").json() is True
    after = read(client, order["entity_id"])
    assert "customer_id" not in after
    assert after["customer_email"] == order["customer_email"]


def test_child_rows_follow_the_row_that_was_bought(client: Any) -> None:
    cart = filled(client)
    options = [{"option_id": "93", "option_value": 49}, {"option_id": "142", "option_value": 166}]
    option = {"extension_attributes": {"configurable_item_options": options}}
    item = {"sku": "MH01", "qty": 3, "quote_id": str(cart), "product_option": option}
    client.post(f"carts/{cart}/items", {"cartItem": item})
    to_home(client, cart)
    order = submit(client, cart)
    parent, child = order["items"]
    only = [{"order_item_id": parent["item_id"], "qty": 2}]
    act(client, order, "invoice", items=only)
    act(client, order, "ship", items=only)
    after = act(client, order, "refund", items=[{**only[0], "qty": 1}])
    quantities = [
        (row["qty_invoiced"], row["qty_shipped"], row["qty_refunded"]) for row in after["items"]
    ]
    assert quantities == [(2, 2, 1), (2, 2, 1)]
    (memo,) = documents(client, "creditmemos", order)
    assert [row["order_item_id"] for row in memo["items"]] == [parent["item_id"], child["item_id"]]
    assert memo["base_subtotal"] == 52
