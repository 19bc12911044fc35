"""What the bridge wants, as the cart price rule that says it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connectors.errors import Rejected
from connectors.magento.compiling import compiled
from connectors.magento.rule_text import body_of, fields_of, text_of
from connectors.magento.views import View
from connectors.rewards import Discount, Promotion, PromotionKind, Threshold

AUCKLAND = View("1", "nz", "1", ZoneInfo("Pacific/Auckland"), "EUR")
HAWAII = View("2", "us", "1", ZoneInfo("Pacific/Honolulu"), "EUR")
VOUCHERS = Promotion(
    key="pool.1",
    kind=PromotionKind.CODES,
    name="Vouchers of 5",
    label="Your points",
    store_id="1",
    currency="EUR",
    discount=Discount(amount=Decimal(5)),
)
GIFT = replace(
    VOUCHERS,
    key="gift.strap",
    kind=PromotionKind.GIFT,
    label="A gift",
    discount=Discount(percent=Decimal(100)),
    product_ids=("24-WG085",),
    most_pieces=1,
    threshold=Threshold(Decimal(100)),
)


def rule(promotion: Promotion) -> dict[str, Any]:
    """What is sent."""
    fields = fields_of(text_of(compiled(promotion, [AUCKLAND])))
    return body_of(fields, "acme/shop:key", [0, 1, 2, 3])


def test_vouchers_are_a_rule_with_generated_coupons_that_work_once() -> None:
    sent = rule(VOUCHERS)
    assert sent["description"] == "acme/shop:key"
    assert sent["store_labels"] == [{"store_id": 0, "store_label": "Your points"}]
    assert (sent["simple_action"], sent["discount_amount"]) == ("cart_fixed", 5)
    assert (sent["coupon_type"], sent["use_auto_generation"]) == ("SPECIFIC_COUPON", True)
    assert sent["uses_per_coupon"] == 1
    assert sent["customer_group_ids"] == [0, 1, 2, 3]
    assert sent["website_ids"] == [1]


def test_a_member_may_use_a_second_voucher_of_the_same_rule() -> None:
    """Magento counts ``uses_per_customer`` by rule."""
    assert rule(VOUCHERS)["uses_per_customer"] == 0


def test_a_gift_takes_off_what_it_took_off_in_the_recorded_shop(recorded: Any) -> None:
    """Recorded: cart_price_rules.json #11."""
    asked = recorded("cart_price_rules", 11)["request"]["body"]["rule"]
    sent = rule(GIFT)
    for name in ("simple_action", "discount_amount", "discount_qty", "coupon_type"):
        assert sent[name] == asked[name]
    assert sent["action_condition"] == asked["action_condition"]


@pytest.mark.parametrize(
    ("promotion", "attribute", "lines"),
    [
        (VOUCHERS, "base_subtotal", None),
        (GIFT, "base_row_total", [("sku", "!=", "24-WG085")]),
        (replace(VOUCHERS, product_ids=("A",)), "base_row_total", [("quote_item_qty", ">", "0")]),
    ],
)
@pytest.mark.parametrize("gross", [False, True])
def test_what_a_basket_must_be_worth(
    promotion: Promotion, attribute: str, lines: list[tuple[str, str, str]] | None, *, gross: bool
) -> None:
    """The whole basket's sum is asked for by rules about the whole basket alone: later versions
    take it for the sum of the rule's own lines. A gift does not pay its own way."""
    threshold = Threshold(Decimal(100), is_gross=gross)
    [condition] = rule(replace(promotion, threshold=threshold))["condition"]["conditions"]
    incl_tax = {"base_subtotal": "base_subtotal_total_incl_tax"}.get(
        attribute, f"{attribute}_incl_tax"
    )
    assert condition["attribute_name"] == (incl_tax if gross else attribute)
    assert (condition["operator"], condition["value"]) == (">=", "100")
    of_lines = condition.get("conditions")
    assert lines == (
        of_lines and [(one["attribute_name"], one["operator"], one["value"]) for one in of_lines]
    )


def test_any_basket_will_do_for_a_threshold_of_nothing() -> None:
    """Of a subselection Magento would take 0 for the contrary of what is below it."""
    assert rule(replace(GIFT, threshold=Threshold(Decimal(0))))["condition"]["conditions"] == []


def test_no_list_is_longer_than_a_shop_may_take() -> None:
    """PLATFORM_FACTS Magento 10: the limit is on conditions, too."""
    skus = tuple(f"{number:04}" for number in range(450))
    sent = rule(replace(GIFT, product_ids=skus))
    [subselection] = sent["condition"]["conditions"]
    for root, aggregator in ((sent["action_condition"], "any"), (subselection, "all")):
        assert _leaves(root, aggregator) == list(skus)


def _leaves(condition: dict[str, Any], aggregator: str) -> list[str]:
    if "conditions" not in condition:
        return [condition["value"]]
    assert len(condition["conditions"]) <= 20
    assert condition["aggregator_type"] == aggregator
    return [sku for one in condition["conditions"] for sku in _leaves(one, aggregator)]


def test_gifts_come_first_and_vouchers_last() -> None:
    """No part of a voucher is wasted on what is free."""
    automatic = replace(VOUCHERS, kind=PromotionKind.AUTOMATIC)
    orders = [rule(one)["sort_order"] for one in (GIFT, automatic, VOUCHERS)]
    assert orders == sorted(set(orders))


@pytest.mark.parametrize(
    ("at", "zones", "first", "last"),
    [
        ("2026-03-01T12:00", [AUCKLAND], "2026-03-01", "2026-03-02"),
        ("2026-03-01T09:00", [HAWAII], "2026-02-28", "2026-03-01"),
        ("2026-03-01T11:00", [AUCKLAND, HAWAII], "2026-03-01", "2026-03-01"),
        ("2026-03-01T00:00", [], "2026-03-01", "2026-02-28"),
    ],
)
def test_days_are_the_widest_of_all_zones(
    at: str, zones: list[View], first: str, last: str
) -> None:
    moment = datetime.fromisoformat(at).replace(tzinfo=UTC)
    views = zones or [replace(HAWAII, zone=UTC)]
    fields = compiled(replace(VOUCHERS, starts_at=moment, ends_at=moment), views)
    assert (fields["from_date"], fields["to_date"]) == (first, last)


def test_what_has_no_end_says_one_all_the_same() -> None:
    """A date that is left out of a change keeps its old value."""
    fields = compiled(VOUCHERS, [AUCKLAND])
    assert (fields["from_date"], fields["to_date"]) == ("2000-01-01", "2099-12-31")


def test_several_products_are_alternatives_and_needed_ones_are_not() -> None:
    skus = ("A", "B,C", "D")
    sent = rule(
        replace(
            VOUCHERS,
            discount=Discount(percent=Decimal(10)),
            product_ids=skus,
            needs_product_ids=skus[:2],
        )
    )
    about = sent["action_condition"]
    assert about["aggregator_type"] == "any"
    assert [one["value"] for one in about["conditions"]] == list(skus)
    needed = sent["condition"]["conditions"]
    assert sent["condition"]["aggregator_type"] == "all"
    assert [one["condition_type"].rpartition("\\")[2] for one in needed] == ["Found", "Found"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"discount": Discount(percent=Decimal(10), maximum=Decimal(5))}, "cap"),
        ({"discount": Discount(percent=Decimal(101))}, "at most 100"),
        ({"discount": Discount(percent=Decimal("0.00001"))}, "four decimals"),
        ({"discount": Discount(amount=Decimal(0))}, "none"),
        ({"discount": Discount()}, "either"),
        ({"most_pieces": 2, "product_ids": ("A",)}, "fixed amount"),
        ({"discount": Discount(percent=Decimal(10)), "most_pieces": 2}, "products"),
        ({"kind": PromotionKind.GIFT}, "product"),
        ({"kind": PromotionKind.AUTOMATIC, "first_order_only": True}, "first"),
        ({"threshold": Threshold(Decimal(5), after_discounts=True)}, "before discounts alone"),
        ({"currency": "USD"}, "EUR"),
        (
            {
                "currency": "USD",
                "discount": Discount(percent=Decimal(10)),
                "threshold": Threshold(Decimal(5)),
            },
            "EUR",
        ),
        ({"group_ids": ("vip",)}, "numbers"),
        ({"label": " ", "name": ""}, "label"),
    ],
)
def test_what_magento_cannot_say_is_refused(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(Rejected, match=said):
        compiled(replace(VOUCHERS, **changes), [AUCKLAND])


def test_no_piece_at_all_is_not_all_pieces() -> None:
    with pytest.raises(Rejected, match="no piece"):
        compiled(replace(GIFT, most_pieces=0), [AUCKLAND])


def test_a_website_without_views_is_refused() -> None:
    with pytest.raises(Rejected, match="website"):
        compiled(VOUCHERS, [])
