"""Cart price rules and coupons: what Magento alone makes hard."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from connectors.base import Connection, GroupDraft, Severity
from connectors.errors import AlreadyExists, Mismatch, Rejected, Unsafe
from connectors.magento import PLATFORM
from connectors.magento.conditions import among
from connectors.magento.connector import MagentoConnector
from connectors.magento.sandbox import SANDBOX
from connectors.rewards import Discount, Promotion, PromotionKind, Promotions, Threshold
from connectors.sandbox.server import RunningSandbox

MARK = "acme/shop"
TOKEN = {"access_token": SANDBOX.credentials["access_token"]}
VOUCHERS = Promotion(
    key="pool.1",
    kind=PromotionKind.CODES,
    name="Vouchers of 5",
    label="Your points",
    store_id="1",
    currency="EUR",
    discount=Discount(amount=Decimal(5)),
)
WEEK = replace(
    VOUCHERS, key="week", kind=PromotionKind.AUTOMATIC, discount=Discount(percent=Decimal(10))
)


@pytest.fixture(scope="module")
def running() -> Iterator[RunningSandbox]:
    with SANDBOX.serve(products=0, customers=3) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running: RunningSandbox) -> RunningSandbox:
    running.reset()
    return running


@pytest.fixture
def magento(sandbox: RunningSandbox) -> Iterator[MagentoConnector]:
    connector = PLATFORM.connect(Connection(sandbox.url, TOKEN, SANDBOX.settings, MARK))
    assert isinstance(connector, MagentoConnector)
    connector.http._sleep = lambda seconds: None
    yield connector
    connector.close()


@pytest.fixture
def promotions(magento: MagentoConnector) -> Promotions:
    assert magento.promotions is not None
    return magento.promotions


@pytest.fixture
def rules(sandbox: RunningSandbox) -> Any:
    return sandbox.state.sales_rules


def write(promotions: Promotions, promotion: Promotion) -> int:
    held = promotions.write(promotion.key, promotions.compile(promotion))
    return int(held.native_id)


def twin(rules: Any, rule_id: int) -> int:
    """What a lost answer leaves behind."""
    return int(rules.add({**rules.get(rule_id), "rule_id": None})["rule_id"])


def test_of_two_under_one_mark_the_younger_goes(promotions: Promotions, rules: Any) -> None:
    """Both would take the discount off."""
    rule_id = write(promotions, WEEK)
    other = twin(rules, rule_id)
    assert [held.native_id for held in promotions.all()] == [str(rule_id)]
    assert write(promotions, WEEK) == rule_id
    assert other not in rules.rows


def test_of_two_with_coupons_none_goes(promotions: Promotions, rules: Any) -> None:
    other = twin(rules, write(promotions, VOUCHERS))
    rules.add_coupon(other, "LB-1", usage_limit=1, times_used=0, is_primary=None, type=1)
    with pytest.raises(Mismatch, match=str(other)):
        write(promotions, VOUCHERS)
    assert rules.coupon("LB-1") is not None


def test_a_rule_whose_description_was_changed_is_no_longer_ours(
    promotions: Promotions, rules: Any
) -> None:
    """Nor are its coupons."""
    rule_id = write(promotions, VOUCHERS)
    promotions.add_codes("pool.1", ["LB-1"])
    rules.get(rule_id)["description"] = f"{MARK}:pool.1 (Anna's)"
    assert next(promotions.all()).key == "pool.1 (Anna's)"
    assert promotions.read(["pool.1"]) == {}
    rules.get(rule_id)["description"] = "Anna's"
    assert list(promotions.all()) == []
    assert isinstance(promotions.remove_codes(["LB-1"])["LB-1"], Unsafe)
    assert write(promotions, VOUCHERS) != rule_id


def test_a_mark_that_differs_in_case_alone_is_anothers(promotions: Promotions, rules: Any) -> None:
    """MySQL finds it all the same."""
    rule_id = write(promotions, VOUCHERS)
    rules.get(rule_id)["description"] = f"{MARK}:POOL.1"
    assert promotions.read(["pool.1"]) == {}


def test_coupons_that_a_change_took_along_are_noticed(
    sandbox: RunningSandbox, promotions: Promotions
) -> None:
    write(promotions, VOUCHERS)
    promotions.add_codes("pool.1", ["LB-1", "LB-2"])
    sandbox.faults.set(shop={"rule_update_drops_coupons": True})
    with pytest.raises(Mismatch, match="2 of 2 coupons"):
        write(promotions, replace(VOUCHERS, label="Thank you"))


def test_a_change_keeps_what_the_bridge_does_not_write(promotions: Promotions, rules: Any) -> None:
    """The count of uses, and labels in other languages."""
    rule_id = write(promotions, VOUCHERS)
    rules.get(rule_id)["times_used"] = 7
    rules.get(rule_id)["store_labels"].append({"store_id": 1, "store_label": "Deine Punkte"})
    write(promotions, replace(VOUCHERS, is_active=False))
    assert rules.get(rule_id)["times_used"] == 7


def test_what_is_right_already_is_not_written(
    sandbox: RunningSandbox, promotions: Promotions
) -> None:
    """A change might cost the coupons, in some versions."""
    write(promotions, VOUCHERS)
    promotions.add_codes("pool.1", ["LB-1"])
    sandbox.faults.set(shop={"rule_update_drops_coupons": True})
    write(promotions, VOUCHERS)
    assert [held.code for held in promotions.codes_of("pool.1")] == ["LB-1"]


def test_everyone_is_every_group_there_is(
    magento: MagentoConnector, promotions: Promotions, rules: Any
) -> None:
    """A new one shows as a difference, and is let in by the next write."""
    rule_id = write(promotions, VOUCHERS)
    wanted = promotions.compile(VOUCHERS)
    group = magento.create_group(GroupDraft("gold", "Gold", "1"))
    assert promotions.read(["pool.1"])["pool.1"].native != wanted
    assert promotions.write("pool.1", wanted).native == wanted
    assert int(group.id) in rules.get(rule_id)["customer_group_ids"]


def test_a_group_that_is_gone_is_named(promotions: Promotions) -> None:
    """Magento itself would fail inside (recorded: cart_price_rules.json #18)."""
    with pytest.raises(Rejected, match="999"):
        write(promotions, replace(VOUCHERS, group_ids=("999",)))
    assert list(promotions.all()) == []


def test_codes_that_differ_in_case_alone_are_one(promotions: Promotions) -> None:
    write(promotions, VOUCHERS)
    assert promotions.add_codes("pool.1", ["LB-aaaa"]) == {}
    assert promotions.codes(["lb-AAAA"])["lb-AAAA"].code == "LB-aaaa"
    refused = promotions.add_codes("pool.1", ["LB-AAAA", "LB-B"])
    assert isinstance(refused.pop("LB-AAAA"), AlreadyExists)
    assert refused == {}
    assert promotions.remove_codes(["lb-aaaa"]) == {}
    assert [held.code for held in promotions.codes_of("pool.1")] == ["LB-B"]


def test_a_code_that_cannot_be_asked_for_is_refused_alone(promotions: Promotions) -> None:
    write(promotions, VOUCHERS)
    refused = promotions.add_codes("pool.1", ["A,B", "LB-1"])
    assert refused.keys() == {"A,B"}
    assert promotions.codes(["A,B", "LB-1"]).keys() == {"LB-1"}


def test_buyers_are_shown_the_label_and_never_the_mark(
    sandbox: RunningSandbox, promotions: Promotions
) -> None:
    """Recorded: without a label they would be (cart_price_rules.json #32, #38)."""
    write(promotions, VOUCHERS)
    promotions.add_codes("pool.1", ["LB-1"])
    shop = sandbox.state
    till = shop.till()
    [buyer, *_] = till.buyers()
    placed = till.order(buyer, {"24-MB01": 1}, guest=False, codes=["LB-1"])
    assert shop.orders.get(int(placed.order_id)).fields["discount_description"] == "Your points"


BAG, STRAP = "24-MB01", "24-WG085"
"""34 and 14."""
GIFT = replace(
    VOUCHERS,
    key="gift.strap",
    kind=PromotionKind.GIFT,
    label="A gift",
    discount=Discount(percent=Decimal(100)),
    product_ids=(STRAP,),
    most_pieces=1,
    threshold=Threshold(Decimal(100)),
)


def off(sandbox: RunningSandbox, wanted: dict[str, int], *codes: str) -> Decimal:
    till = sandbox.state.till()
    lines = till.price("guest@example.com", wanted, guest=True, codes=codes)
    return sum((line.discount_net for line in lines), Decimal(0))


@pytest.mark.parametrize("counts_own_lines", [False, True])
def test_a_gift_is_free_in_every_version_and_pays_nothing_of_its_own_way(
    sandbox: RunningSandbox, promotions: Promotions, rules: Any, *, counts_own_lines: bool
) -> None:
    """Later versions ask what the lines of the rule are worth where it asks for the basket
    (magento2 issue 40503)."""
    rules.rows.clear()
    sandbox.faults.set(shop={"rules_count_own_lines": counts_own_lines})
    write(promotions, GIFT)
    assert off(sandbox, {BAG: 3, STRAP: 2}) == 14
    assert off(sandbox, {BAG: 2, STRAP: 5}) == 0


@pytest.mark.parametrize("counts_own_lines", [False, True])
def test_a_discount_on_products_waits_for_what_the_whole_basket_is_worth(
    sandbox: RunningSandbox, promotions: Promotions, rules: Any, *, counts_own_lines: bool
) -> None:
    rules.rows.clear()
    sandbox.faults.set(shop={"rules_count_own_lines": counts_own_lines})
    write(promotions, replace(WEEK, product_ids=(STRAP,), threshold=Threshold(Decimal(100))))
    assert off(sandbox, {BAG: 3, STRAP: 1}) == Decimal("1.40")
    assert off(sandbox, {BAG: 2, STRAP: 2}) == 0


def test_a_rule_about_many_products_comes_through_where_input_is_limited(
    sandbox: RunningSandbox, promotions: Promotions, rules: Any
) -> None:
    rules.rows.clear()
    sandbox.faults.set(shop={"max_items": 20})
    skus = tuple(sorted([STRAP, *(f"SKU-{number}" for number in range(50))]))
    many = replace(GIFT, product_ids=skus)
    held = promotions.write(many.key, promotions.compile(many))
    assert held.native == promotions.compile(many)
    assert off(sandbox, {BAG: 3, STRAP: 1}) == 14
    assert off(sandbox, {BAG: 2, STRAP: 3}) == 0


BEFORE_OURS = {
    "name": "Summer sale",
    "website_ids": [1],
    "customer_group_ids": [0, 1, 2, 3],
    "is_active": True,
    "stop_rules_processing": True,
    "simple_action": "by_percent",
    "discount_amount": 10,
    "sort_order": 0,
}


@pytest.mark.parametrize(
    ("changes", "is_told"),
    [
        ({}, True),
        ({"to_date": "2099-01-01", "sort_order": 20}, True),
        ({"sort_order": 21}, False),
        ({"stop_rules_processing": False}, False),
        ({"is_active": False}, False),
        ({"to_date": "2020-01-01"}, False),
        ({"coupon_type": "SPECIFIC_COUPON"}, False),
    ],
)
def test_rules_that_leave_nothing_for_vouchers_are_told(
    magento: MagentoConnector,
    promotions: Promotions,
    rules: Any,
    changes: dict[str, Any],
    *,
    is_told: bool,
) -> None:
    write(promotions, VOUCHERS)
    rules.add({**BEFORE_OURS, **changes})
    told = [one for one in magento.check() if "Summer sale" in one.found]
    assert [(one.severity, one.topic) for one in told] == (
        [(Severity.WARNING, "rewards")] if is_told else []
    )


def test_a_voucher_takes_nothing_off_after_a_rule_that_ends_all_others(
    sandbox: RunningSandbox, promotions: Promotions, rules: Any
) -> None:
    """Also where that rule is about another product: so in 2.4.4 (magento2 issue 35707)."""
    rules.rows.clear()
    write(promotions, VOUCHERS)
    promotions.add_codes("pool.1", ["LB-1"])
    basket = {BAG: 1, STRAP: 1}
    assert off(sandbox, basket, "LB-1") == 5
    rules.add({**BEFORE_OURS, "action_condition": among([BAG])})
    assert off(sandbox, basket, "LB-1") == Decimal("3.40")
