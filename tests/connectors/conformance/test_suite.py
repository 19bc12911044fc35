"""How the suite treats what it is told of a shop."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from cornershop.sandbox import serve
from cornershop.testing import shop_on

from connectors.base import Amount, Product, ProductKind
from connectors.conformance import Ability, ConnectorConformance, Shop
from connectors.conformance.base import Suite
from connectors.conformance.feed import WalkTests
from connectors.conformance.records import wrong_fields

pytest_plugins = ["pytester"]
ALL = frozenset(Ability)


class Everything(ConnectorConformance):
    pass


class Little(ConnectorConformance):
    cannot = ALL


def names(suite: type[Suite]) -> set[str]:
    return {name for name in dir(suite) if name.startswith("test_") and getattr(suite, name)}


def test_what_a_shop_cannot_is_not_collected(pytester: pytest.Pytester) -> None:
    """Neither passed nor skipped: it is not in the report at all."""
    module = pytester.makepyfile(
        """
        from connectors.conformance import Ability, ConnectorConformance

        class TestLittle(ConnectorConformance):
            cannot = frozenset(Ability)
        """
    )
    items, _ = pytester.inline_genitems(module)
    collected = {item.name.partition("[")[0] for item in items}
    assert collected == names(Little)
    assert names(Little) < names(Everything)


def test_hiding_tests_for_one_shop_leaves_the_others_theirs() -> None:
    """The same suite serves several connectors of one test run."""
    assert "test_a_variant_names_its_parent" not in names(Little)
    assert "test_a_variant_names_its_parent" in names(Everything)
    assert "test_a_variant_names_its_parent" in names(ConnectorConformance)


def test_no_part_of_the_suite_hides_a_test_or_fixture_of_another() -> None:
    """All parts are one class in the end: of two with one name the second is never looked at."""
    parts = [each for each in ConnectorConformance.__mro__ if issubclass(each, Suite)]
    named = Counter(
        name
        for part in parts
        for name in vars(part)
        if not name.startswith("_") and name != "cannot"
    )
    assert len(named) > 100
    assert [name for name, count in named.items() if count > 1] == []


def test_a_whole_part_can_need_an_ability() -> None:
    """And a test in it one more."""
    hidden = names(Everything) - names(Little)
    assert names(WalkTests) <= hidden
    assert WalkTests.test_an_edit_is_news.needs == {Ability.ORDERS, Ability.EDITS}


def declared(shop: Shop, cannot: frozenset[Ability]) -> None:
    suite = Little()
    suite.cannot = cannot
    with_connector = shop.platform.connect(shop.connection)
    suite.test_what_it_cannot_is_what_it_lacks(shop, with_connector)


LACKS = frozenset(
    {
        Ability.VARIANTS,
        Ability.BUNDLES,
        Ability.OWN_AUDIENCES,
        Ability.CONTENT,
        Ability.OWNERS,
        Ability.ADDRESSES,
        Ability.PLUGIN,
    }
)


def test_a_true_declaration_passes() -> None:
    with serve() as sandbox:
        declared(shop_on(sandbox), LACKS)


@pytest.mark.parametrize("cannot", [LACKS | {Ability.FAULTS}, LACKS - {Ability.BUNDLES}])
def test_a_false_declaration_fails(cannot: frozenset[Ability]) -> None:
    """Too much declared hides tests; too little lets them fail for the wrong reason."""
    with serve() as sandbox, pytest.raises(AssertionError):
        declared(shop_on(sandbox), cannot)


def test_secrets_are_all_values_that_are_not_public() -> None:
    with serve() as sandbox:
        shop = shop_on(sandbox)
    assert shop.secrets == {"corner-key-5f2c81", "corner-key-of-nobody"}
    assert replace(shop, public_fields=frozenset({"api_key"})).secrets == frozenset()


PRODUCT = Product(
    id="1",
    sku="A-1",
    name="Article",
    kind=ProductKind.SIMPLE,
    prices=(Amount("EUR", net=Decimal("1.5")),),
    updated_at=datetime(2026, 1, 1, tzinfo=UTC),
)


def test_a_record_as_annotated_is_right() -> None:
    assert wrong_fields(PRODUCT, Product) == []


@pytest.mark.parametrize(
    ("wrong", "place"),
    [
        ({"id": 1}, "Product.id"),
        ({"name": None}, "Product.name"),
        ({"kind": "simple"}, "Product.kind"),
        ({"is_active": 1}, "Product.is_active"),
        ({"tax_rate": 19}, "Product.tax_rate"),
        ({"tax_rate": 19.0}, "Product.tax_rate"),
        ({"prices": [Amount("EUR", net=Decimal(1))]}, "Product.prices"),
        ({"prices": (Amount("EUR", net=1.5),)}, "Product.prices[0].net"),
        ({"prices": ({"net": 1},)}, "Product.prices[0]"),
        ({"category_ids": (7,)}, "Product.category_ids[0]"),
        ({"updated_at": datetime(2026, 1, 1)}, "Product.updated_at"),  # noqa: DTZ001
        (
            {"updated_at": datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=1)))},
            "Product.updated_at",
        ),
    ],
)
def test_a_wrong_field_is_named(wrong: dict[str, object], place: str) -> None:
    (line,) = wrong_fields(replace(PRODUCT, **wrong), Product)
    assert line.startswith(f"{place} ")


def test_another_record_is_wrong_as_a_whole() -> None:
    assert wrong_fields(PRODUCT, Amount) == ["Amount is Product, not Amount"]
