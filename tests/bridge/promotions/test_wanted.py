"""From rules of the programme to promotions, store by store."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from bridge.programme.document import Programme
from bridge.promotions.wanted import (
    BuyerGroup,
    Place,
    SoldProduct,
    Wishes,
    is_planned,
    source_of,
    wishes,
)
from connectors.base import Store
from connectors.rewards import Discount, PromotionKind, Threshold

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
MAIN = Store("1", "main", "Main shop", "EUR")
ISLAND = Store("2", "island", "Island", "GBP")
SOLD = {
    "MUG": SoldProduct("id-mug", "Mug"),
    "CUP": SoldProduct("id-cup", "Cup"),
    "SHIRT": SoldProduct("id-shirt", "Shirt", is_parent=True),
    "PEN": SoldProduct("id-pen", "Pen", is_active=False),
}
GROUPS = {
    "gold": [BuyerGroup("7", "Gold", "rule-7")],
    "silver": [BuyerGroup("5", "Silver", "rule-5")],
    "Wholesale": [BuyerGroup("2", "Wholesale", "rule-2")],
    "new": [],
}
MUG = {"basket": "50", "sku": "MUG"}


def place(*stores: Store) -> Place:
    return Place("shop", stores or (MAIN,), SOLD, lambda name: GROUPS.get(name, []))


def wished(*stores: Store, now: datetime = NOW, **parts: Any) -> Wishes:
    raw = {
        "programme": "Acme",
        "currency": "EUR",
        "timezone": "Europe/Berlin",
        "groups": {
            key: {"name": key.title(), "base": "General"} for key in ("gold", "silver", "new")
        },
        "tiers": {
            "top": {"name": "Top", "group": "gold", "reach": {"orders": 9}},
            "bare": {"name": "Bare", "reach": {"orders": 99}},
        },
        "segments": {"fans": {"emails": ["a@example.com"]}},
        **parts,
    }
    programme = Programme.model_validate(raw, by_alias=True, by_name=False)
    return wishes(programme, place(*stores), now)


def gift(**fields: Any) -> Wishes:
    return wished(gifts={"mug": {**MUG, **fields}})


def test_a_gift_in_every_store_in_its_currency_at_the_rate_of_the_day() -> None:
    rates = [
        {"currency": "GBP", "from": "2026-01-01", "rate": "1.20"},
        {"currency": "GBP", "from": "2026-04-01", "rate": "1.30"},
    ]
    found = wished(MAIN, ISLAND, gifts={"mug": {**MUG, "quantity": 2}}, rates=rates)
    euro, pound = found.wanted
    assert (euro.key, pound.key) == ("gift:mug:1", "gift:mug:2")
    assert euro.promotion.kind is PromotionKind.GIFT
    assert euro.promotion.discount == Discount(percent=Decimal(100))
    assert euro.promotion.product_ids == ("id-mug",)
    assert (euro.promotion.most_pieces, euro.promotion.label) == (2, "Mug")
    assert euro.promotion.threshold == Threshold(Decimal("50.00"))
    assert pound.promotion.threshold == Threshold(Decimal("41.67"))
    assert (euro.rate, pound.rate) == (None, Decimal("1.2"))


@pytest.mark.parametrize(
    ("prices_are", "written", "is_gross"),
    [
        ("net", {}, False),
        ("gross", {}, True),
        ("net", {"gross": True}, True),
        ("gross", {"gross": False}, False),
    ],
)
def test_net_or_gross(prices_are: str, written: dict[str, Any], is_gross: bool) -> None:
    (found,) = wished(prices_are=prices_are, gifts={"mug": {**MUG, **written}}).wanted
    assert found.promotion.threshold is not None
    assert found.promotion.threshold.is_gross is is_gross


def test_days_are_those_of_the_programmes_time_zone() -> None:
    (found,) = gift(**{"from": "2026-03-10", "until": "2026-03-29"}).wanted
    assert found.promotion.starts_at == datetime(2026, 3, 9, 23, tzinfo=UTC)
    assert found.promotion.ends_at == datetime(2026, 3, 29, 22, tzinfo=UTC)  # summer time by then


def test_what_is_over_is_not_wanted_and_known_to_have_ended() -> None:
    rule = {**MUG, "until": "2026-03-01"}
    last = wished(gifts={"mug": rule}, now=datetime(2026, 3, 1, 22, 59, tzinfo=UTC))
    assert len(last.wanted) == 1
    over = wished(gifts={"mug": rule}, now=datetime(2026, 3, 1, 23, tzinfo=UTC))
    assert (over.wanted, over.ended) == ((), {"gift:mug:1"})


@pytest.mark.parametrize(
    ("stores", "keys"),
    [
        ([], ["gift:mug:1", "gift:mug:2"]),
        (["shop"], ["gift:mug:1", "gift:mug:2"]),
        (["shop/island"], ["gift:mug:2"]),
        (["shop/Main shop"], ["gift:mug:1"]),
        (["elsewhere"], []),
    ],
)
def test_stores(stores: list[str], keys: list[str]) -> None:
    rates = [{"currency": "GBP", "from": "2026-01-01", "rate": "1.20"}]
    found = wished(MAIN, ISLAND, gifts={"mug": {**MUG, "stores": stores}}, rates=rates)
    assert ([one.key for one in found.wanted], found.unsaid) == (keys, ())


@pytest.mark.parametrize(
    ("when", "group_ids"),
    [
        ({"group": "gold"}, ("7",)),
        ({"group": ["gold", "Wholesale"]}, ("2", "7")),
        ({"tier": "top"}, ("7",)),
        ({"tier": "top", "group": ["gold", "silver"]}, ("7",)),
        ({"group": ["gold", "unknown here"]}, ("7",)),
    ],
)
def test_who(when: dict[str, Any], group_ids: tuple[str, ...]) -> None:
    (found,) = gift(when=when).wanted
    assert found.promotion.group_ids == group_ids
    assert found.promotion.audience_ids == tuple(f"rule-{id_}" for id_ in group_ids)


def test_a_product_that_is_switched_off_is_told_and_said() -> None:
    (wanted,) = gift(sku="PEN").wanted
    assert wanted.note == '"PEN" is switched off in shop: until it is on, nobody gets it.'
    assert [one.note for one in gift().wanted] == [""]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"sku": "NOPE"}, 'shop sells nothing with the SKU "NOPE"'),
        ({"sku": "SHIRT"}, "sold through its variants"),
        ({"when": {"segment": "fans"}}, "segments cannot be a condition"),
        ({"when": {"company": "*"}}, "companies cannot be a condition"),
        ({"when": {"tier": "bare"}}, "the tier bare leads to none"),
        ({"when": {"group": "new"}}, "has no customer group that is meant: new"),
        ({"when": {"group": "silver", "tier": "top"}}, "no customer group that is meant"),
        ({"stores": ["shop", "shop/moon"]}, 'no store "shop/moon". The stores are: main.'),
    ],
)
def test_what_cannot_be_said_leaves_what_is_there(fields: dict[str, Any], said: str) -> None:
    found = gift(**fields)
    (unsaid,) = found.unsaid
    assert said in unsaid.message
    assert unsaid.source == "gifts.mug"
    assert found.wanted or found.holds("gift:mug:1")
    assert not found.holds("gift:cup:1")


def test_without_a_rate_it_is_a_problem_of_that_store_alone() -> None:
    found = wished(MAIN, ISLAND, gifts={"mug": MUG})
    assert [one.key for one in found.wanted] == ["gift:mug:1"]
    (unsaid,) = found.unsaid
    assert (unsaid.store, unsaid.key) == ("island", "gift:mug:2")
    assert "sells in GBP and there is no rate for 2026-03-01" in unsaid.message


# --- discounts without a code ----------------------------------------------------------------


def test_a_discount_for_a_time() -> None:
    sale = {
        "instant": True,
        "from": "2026-03-01",
        "until": "2026-03-31",
        "give": {"percent": "12.5", "maximum": "100"},
        "basket": "80",
    }
    (found,) = wished(campaigns={"spring-sale": sale}).wanted
    promotion = found.promotion
    assert (found.key, found.source) == ("auto:spring-sale:1", "campaigns.spring-sale")
    assert promotion.kind is PromotionKind.AUTOMATIC
    assert promotion.discount == Discount(percent=Decimal("12.5"), maximum=Decimal(100))
    assert promotion.threshold == Threshold(Decimal(80))
    assert (promotion.label, promotion.product_ids) == ("Spring sale", ())
    named = {**sale, "label": "20 years of Acme"}
    assert wished(campaigns={"sale": named}).wanted[0].promotion.label == "20 years of Acme"


def test_products_together_are_cheaper_once() -> None:
    """One piece of one must not make a hundred of the other cheaper."""
    both = {"together": ["MUG", "CUP"], "give": {"amount": "5"}}
    rates = [{"currency": "GBP", "from": "2026-01-01", "rate": "1.20"}]
    euro, pound = wished(MAIN, ISLAND, campaigns={"pair": both}, rates=rates).wanted
    assert euro.promotion.product_ids == euro.promotion.needs_product_ids == ("id-cup", "id-mug")
    assert euro.promotion.most_pieces == 1
    assert euro.promotion.discount == Discount(amount=Decimal(5))
    assert pound.promotion.discount == Discount(amount=Decimal("4.16"))  # never more than it says


def test_campaigns_with_codes_are_no_promotions_of_the_plan() -> None:
    assert wished(campaigns={"hello": {"sign_up": True, "give": {"percent": 10}}}) == Wishes()


# --- keys ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "source", "planned"),
    [
        ("gift:mug:1", "gifts.mug", True),
        ("auto:spring-sale:0190c1", "campaigns.spring-sale", True),
        ("codes:5f2e9c:1", None, False),
    ],
)
def test_keys_tell_where_they_come_from(key: str, source: str | None, planned: bool) -> None:
    assert is_planned(key) is planned
    if source is not None:
        assert source_of(key) == source
