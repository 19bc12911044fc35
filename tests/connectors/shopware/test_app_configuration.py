"""What the app is told: always what its script understands, or refused with the rule's name."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.errors import Rejected
from connectors.rewards import Discount, Promotion, PromotionKind, Threshold
from connectors.shopware.app_configuration import (
    MOST_BYTES,
    MOST_RULES,
    GiftRule,
    compiled_gifts,
    gift_rule,
)
from connectors.shopware.sandbox.cart_script import Shopper, Worth, wanted

EUR, MUG, GROUP = "e" * 32, "b" * 32, "9" * 32
START = datetime(2026, 11, 1, tzinfo=UTC)
RULE = GiftRule("mug", MUG, 1, Threshold(Decimal(150)), EUR, Decimal(1))
PROMOTION = Promotion(
    key="gift:mug",
    kind=PromotionKind.GIFT,
    name="Mug",
    label="Mug",
    store_id="s" * 32,
    currency="EUR",
    discount=Discount(percent=Decimal(100)),
    threshold=Threshold(Decimal("99.90"), is_gross=True),
    product_ids=(MUG,),
    group_ids=(GROUP,),
    starts_at=START,
)


def test_a_gift_of_the_programme_is_told_as_it_is() -> None:
    told = compiled_gifts([gift_rule(PROMOTION, "mug", EUR, Decimal("1.25"), ["gold"])])
    assert told == [
        {
            "rule": "mug",
            "product": MUG,
            "quantity": 1,
            "amount": 99.9,
            "currency": EUR,
            "base": 79.92,
            "gross": True,
            "after": False,
            "groups": [GROUP],
            "tiers": ["gold"],
            "from": int(START.timestamp()),
            "until": None,
        }
    ]


def test_what_is_no_gift_of_one_product_is_refused() -> None:
    for other in (
        replace(PROMOTION, kind=PromotionKind.AUTOMATIC),
        replace(PROMOTION, threshold=None),
        replace(PROMOTION, product_ids=(MUG, EUR)),
    ):
        with pytest.raises(Rejected, match="Mug"):
            gift_rule(other, "mug", EUR, Decimal(1))


@pytest.mark.parametrize(
    "wrong",
    [
        {"product_id": "b" * 31},
        {"product_id": f"{MUG}\n"},
        {"currency_id": "EUR"},
        {"group_ids": (GROUP, "retail")},
        {"quantity": 0},
        {"quantity": 100},
        {"threshold": Threshold(Decimal(0))},
        {"threshold": Threshold(Decimal(10) ** 12)},
        {"threshold": Threshold(Decimal("0.00001"))},
        {"currency_factor": Decimal(0)},
        {"currency_factor": Decimal(10) ** 12},
    ],
)
def test_what_the_script_would_not_understand_is_refused_by_name(wrong: dict[str, Any]) -> None:
    with pytest.raises(Rejected, match="mug"):
        compiled_gifts([replace(RULE, **wrong)])


def test_more_than_the_script_reads_is_refused() -> None:
    many = [replace(RULE, rule=f"r{number}") for number in range(MOST_RULES + 1)]
    assert len(compiled_gifts(many[1:])) == MOST_RULES
    with pytest.raises(Rejected, match="51 gift rules"):
        compiled_gifts(many)
    with pytest.raises(Rejected, match="bytes"):
        compiled_gifts([replace(RULE, tiers=("x" * MOST_BYTES,))])


ids = st.integers(0, 16**32 - 1).map(lambda number: f"{number:032x}")
moments = st.none() | st.integers(-(10**8), 7 * 10**9).map(
    lambda second: datetime.fromtimestamp(second, UTC)
)
rules = st.builds(
    GiftRule,
    rule=st.text(max_size=20),
    product_id=ids,
    quantity=st.integers(1, 99),
    threshold=st.builds(
        Threshold,
        amount=st.integers(100, 10**8).map(lambda cents: Decimal(cents) / 100),
        is_gross=st.booleans(),
        after_discounts=st.booleans(),
    ),
    currency_id=ids,
    currency_factor=st.integers(1, 10**6).map(lambda parts: Decimal(parts) / 1000),
    group_ids=st.lists(ids, max_size=3).map(tuple),
    tiers=st.lists(st.text(min_size=1, max_size=8), max_size=3).map(tuple),
    starts_at=moments,
    ends_at=moments,
)


@settings(max_examples=60, deadline=None)
@given(st.lists(rules, max_size=5), st.randoms())
def test_whatever_the_rules_it_is_json_that_the_script_understands(
    some: list[GiftRule], dice: Any
) -> None:
    told = compiled_gifts(some)
    assert json.loads(json.dumps(told)) == told
    dice.shuffle(some)
    assert compiled_gifts(some) == told
    for one in told:
        assert re.fullmatch("[0-9a-f]{32}", one["product"])
        for name in ("amount", "base"):
            # As PHP writes a number: with 14 digits, and none above 10 to the 14th.
            assert re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,12})?", f"{one[name]:.6f}")


@settings(max_examples=60, deadline=None)
@given(rules)
def test_a_rule_gives_its_gift_to_whom_it_is_for_and_to_nobody_else(rule: GiftRule) -> None:
    told = compiled_gifts([rule])
    tier = rule.tiers[0] if rule.tiers else ""
    group = rule.group_ids[0] if rule.group_ids else "f" * 32
    shopper = Shopper(
        rule.currency_id, rule.currency_factor, "tax-free", group, {"loyalty_bridge_tier_key": tier}
    )
    begins = rule.starts_at or datetime(2000, 1, 1, tzinfo=UTC)
    now = max(int(begins.timestamp()), 0)
    is_over = rule.ends_at is not None and max(int(rule.ends_at.timestamp()), 0) <= now
    amount = rule.threshold.amount

    def found(total: Decimal, at: int = now, who: Shopper = shopper) -> bool:
        worth = Worth(total)
        given = wanted(told, who, worth, Worth(), at)
        return [one.quantity for one in given] == [rule.quantity]

    assert found(amount) is not is_over
    assert not found(amount - Decimal("0.01"))
    if rule.group_ids:
        assert not found(amount, who=replace(shopper, group_id="retail"))
    if rule.tiers:
        assert not found(amount, who=replace(shopper, fields=None))
    if rule.starts_at is not None and now > 0:
        assert not found(amount, now - int(timedelta(seconds=1).total_seconds()))
