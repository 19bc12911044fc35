"""From a price list to native rows, to what a shopper pays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import pytest

from connectors.base import (
    Compiled,
    Family,
    Problem,
    Product,
    ProductKind,
    Step,
)
from connectors.conformance.base import Suite, Till, given, tier_prices
from connectors.conformance.records import wrong_fields
from connectors.conformance.shop import Ability, Shop, needs

LADDERS: dict[str, tuple[Step, ...]] = {
    "from the first piece": (
        Step(1, price=Decimal("21.5")),
        Step(10, price=Decimal("19.99")),
        Step(100, price=Decimal("17.25")),
    ),
    "from the fifth piece": (Step(5, price=Decimal("8.4")), Step(50, price=Decimal("7.9"))),
    "percent from the first piece": (
        Step(1, percent=Decimal("5")),
        Step(20, percent=Decimal("12.5")),
    ),
    "percent from the tenth piece": (
        Step(10, percent=Decimal("10")),
        Step(25, percent=Decimal("40")),
    ),
    "price, then percent": (Step(2, price=Decimal("20.95")), Step(30, percent=Decimal("60"))),
    "one step": (Step(1, price=Decimal("3.33")),),
}
CENT = Decimal("0.01")
"""Shops show whole cents, net or gross: less than one cent off is right."""


def quantities(steps: Sequence[Step]) -> list[int]:
    """Where a price could be wrong: the first piece, each step, one before it and one after."""
    around = {q + offset for q in (step.quantity for step in steps) for offset in (-1, 0, 1)}
    return sorted({1, *around, 1000} - {0})


def due(steps: Sequence[Step], own_price: Decimal, quantity: int) -> Decimal:
    """What the price list says one piece costs. Below its first step: what it cost before."""
    reached = [step for step in steps if step.quantity <= quantity]
    if not reached:
        return own_price
    step = reached[-1]
    if step.price is not None:
        return step.price
    assert step.percent is not None
    return own_price * (100 - step.percent) / 100


class LadderTests(Suite):
    @pytest.fixture
    def moved(self, shop: Shop, till: Till) -> Till:
        """The known customer is in the group that prices are set for."""
        customers = till.connector.customers()
        customer = next(each for each in customers if each.email == shop.customer_email)
        till.connector.move_customer(customer.id, till.group.id)
        return till

    # -- what a shopper pays --------------------------------------------------------------------

    @needs(Ability.SHOPPER)
    @pytest.mark.parametrize("steps", LADDERS.values(), ids=LADDERS)
    def test_a_shopper_pays_what_the_list_says(self, moved: Till, steps: tuple[Step, ...]) -> None:
        """All the bridge is for. Around each step, where the rows of a platform meet."""
        product = moved.product()
        moved.set(Family(product), [moved.ladder(product, *steps)])
        _assert_paid(moved, product, steps)

    @needs(Ability.SHOPPER)
    def test_a_shorter_list_takes_the_place_of_a_longer(self, moved: Till) -> None:
        """Rows of the old list that the new one does not name must not go on being applied."""
        product = moved.product()
        for name in ("from the first piece", "from the fifth piece", "one step"):
            moved.set(Family(product), [moved.ladder(product, *LADDERS[name])])
            _assert_paid(moved, product, LADDERS[name])

    @needs(Ability.SHOPPER)
    def test_no_list_is_the_price_of_before(self, moved: Till) -> None:
        """Undo, as the shopper sees it."""
        product = moved.product()
        moved.set(Family(product), [moved.ladder(product, *LADDERS["from the fifth piece"])])
        rows = moved.connector.tier_prices([product.id], [moved.audience.id])
        assert moved.connector.remove_tier_prices(rows) == []
        _assert_paid(moved, product, ())

    @needs(Ability.SHOPPER, Ability.VARIANTS)
    def test_all_variants_at_one_price(self, moved: Till) -> None:
        """Wherever the rows sit, each variant is sold at the price of the list."""
        family, steps = moved.family(), LADDERS["from the fifth piece"]
        moved.set(family, [moved.ladder(variant, *steps) for variant in family.variants])
        for variant in family.variants:
            _assert_paid(moved, variant, steps)

    @needs(Ability.SHOPPER, Ability.VARIANTS)
    def test_variants_at_prices_of_their_own(self, moved: Till) -> None:
        """A variant's price must not leak to its siblings."""
        family = moved.family()
        lists = [
            (Step(1, price=Decimal(15 + position)), Step(10, price=Decimal(10 + position)))
            for position in range(len(family.variants))
        ]
        moved.set(
            family,
            [
                moved.ladder(each, *steps)
                for each, steps in zip(family.variants, lists, strict=True)
            ],
        )
        for variant, steps in zip(family.variants, lists, strict=True):
            _assert_paid(moved, variant, steps)

    @needs(Ability.SHOPPER, Ability.VARIANTS)
    def test_one_variant_in_the_list_and_its_siblings_not(self, moved: Till) -> None:
        """The siblings cost what they cost before."""
        family, steps = moved.family(), LADDERS["percent from the tenth piece"]
        moved.set(family, [moved.ladder(family.variants[0], *steps)])
        _assert_paid(moved, family.variants[0], steps)
        for sibling in family.variants[1:]:
            _assert_paid(moved, sibling, ())

    # -- the compiler -----------------------------------------------------------------------------

    @pytest.mark.parametrize("steps", LADDERS.values(), ids=LADDERS)
    def test_every_step_becomes_a_row_or_a_problem(
        self, till: Till, steps: tuple[Step, ...]
    ) -> None:
        """A step that is dropped without a word is a price that nobody misses but the customer."""
        product = till.product()
        compiled = till.compiled(Family(product), [till.ladder(product, *steps)])
        assert wrong_fields(compiled, Compiled) == []
        assert compiled.problems == ()
        starts = {row.key.quantity for row in compiled.rows}
        assert {Decimal(step.quantity) for step in steps} <= starts
        assert {row.source for row in compiled.rows} == {"conformance"}
        assert {row.key.audience_id for row in compiled.rows} == {till.audience.id}

    @pytest.mark.parametrize("steps", LADDERS.values(), ids=LADDERS)
    def test_compiling_is_deterministic(self, till: Till, steps: tuple[Step, ...]) -> None:
        """The plan that was shown is the plan that is carried out."""
        product = till.product()
        ladder = till.ladder(product, *steps)
        assert till.compiled(Family(product), [ladder]) == till.compiled(Family(product), [ladder])

    def test_the_order_of_the_rows_in_the_shop_does_not_matter(self, moved: Till) -> None:
        """Shops list rows in any order they like."""
        product = moved.product()
        ladder = moved.ladder(product, *LADDERS["from the fifth piece"])
        moved.set(Family(product), [ladder])
        present = moved.present(Family(product))
        compile_ = moved.shop.platform.compile
        forth = compile_(Family(product), [ladder], present, moved.facts)
        back = compile_(Family(product), [ladder], present[::-1], moved.facts)
        assert forth == back

    def test_compiling_asks_nobody(self, till: Till) -> None:
        """It is called a hundred thousand times for a plan, with the catalogue already pulled."""
        product = till.product()
        ladder, facts = till.ladder(product, *LADDERS["one step"]), till.facts
        till.connector.close()
        assert till.shop.platform.compile(Family(product), [ladder], [], facts).rows

    @pytest.mark.parametrize("steps", LADDERS.values(), ids=LADDERS)
    def test_after_it_was_set_nothing_is_left_to_do(
        self, till: Till, steps: tuple[Step, ...]
    ) -> None:
        """The second plan is empty: with the new rows in the shop the compiler says the same."""
        product = till.product()
        ladder = till.ladder(product, *steps)
        compiled = till.set(Family(product), [ladder])
        assert till.compiled(Family(product), [ladder]).rows == compiled.rows
        assert till.stored(product) == {row.key: row.value for row in compiled.rows}

    @needs(Ability.VARIANTS)
    @pytest.mark.parametrize("count", [1, 2])
    def test_nothing_is_left_to_do_for_variants_either(self, till: Till, count: int) -> None:
        """Rows of a parent and of its variants hide each other; that must not move the plan."""
        family = till.family()
        ladders = [till.ladder(each, *LADDERS["from the fifth piece"]) for each in family.variants]
        compiled = till.set(family, ladders[:count])
        assert till.compiled(family, ladders[:count]).rows == compiled.rows
        assert till.stored(family.head, *family.variants) == {
            row.key: row.value for row in compiled.rows
        }

    def test_no_list_no_rows(self, till: Till) -> None:
        """A product that no list names is left alone."""
        assert till.compiled(Family(till.product()), []) == Compiled()

    @needs(Ability.BUNDLES)
    @pytest.mark.parametrize("step", [Step(5, percent=Decimal(10)), Step(5, price=Decimal(9))])
    def test_what_is_compiled_for_a_bundle_is_taken(self, till: Till, step: Step) -> None:
        """Magento takes percentages alone for bundles (PLATFORM_FACTS Magento 7): a fixed price
        is a problem to tell the merchant before anything is sent, not a row to be refused."""
        bundle = till.catalogue[till.shop.of_kind(ProductKind.BUNDLE)[0].sku]
        compiled = till.compiled(Family(bundle), [till.ladder(bundle, step)])
        assert compiled.rows or compiled.problems
        rows = {row.key: row.value for row in compiled.rows}
        assert till.connector.write_tier_prices(tier_prices(rows)) == []
        assert till.stored(bundle) == rows

    def test_a_currency_the_shop_lacks_is_a_problem(self, till: Till) -> None:
        """A price must not be written as if it were in another currency."""
        product = till.product()
        ladder = till.ladder(product, Step(1, price=Decimal(9)))
        foreign = replace(ladder, currency="XTS")
        compiled = till.compiled(Family(product), [foreign])
        assert compiled.rows == ()
        (problem,) = compiled.problems
        assert wrong_fields(problem, Problem) == []
        assert (problem.product_id, problem.source) == (product.id, "conformance")
        assert "XTS" in problem.message

    def test_a_bad_list_does_not_hide_a_good_one(self, shop: Shop, till: Till) -> None:
        """Two groups, one of them with a price that cannot be said: the other gets its rows."""
        product = till.product()
        good = till.ladder(product, Step(1, price=Decimal(9)))
        other = shop.platform.audience_id(shop.connection.mark, shop.base_group_id)
        bad = replace(good, currency="XTS", audience_id=other, group_id=shop.base_group_id)
        alone = till.compiled(Family(product), [good])
        assert till.compiled(Family(product), [good, bad]).rows == alone.rows

    @needs(Ability.HAND_MADE_ROWS, Ability.SHOPPER)
    def test_a_hand_made_row_of_another_group_changes_nothing(
        self, shop: Shop, moved: Till
    ) -> None:
        """Somebody gives another group a price: neither rows nor price of ours move."""
        other = next(
            group
            for group in moved.connector.groups()
            if group.id not in {shop.base_group_id, moved.group.id}
        )
        product, steps = moved.product(), LADDERS["from the fifth piece"]
        ladder = moved.ladder(product, *steps)
        compiled = moved.set(Family(product), [ladder])
        by_hand = given(shop.hand_made, Ability.HAND_MADE_ROWS)
        by_hand(product.sku, other.id, 5, Decimal("1.11"))
        assert moved.compiled(Family(product), [ladder]).rows == compiled.rows
        _assert_paid(moved, product, steps)


def _assert_paid(till: Till, product: Product, steps: Sequence[Step]) -> None:
    shopper_price = given(till.shop.shopper_price, Ability.SHOPPER)
    own = _own_price(till, product)
    for quantity in quantities(steps):
        paid, wanted = shopper_price(product.sku, quantity), due(steps, own, quantity)
        assert abs(paid - wanted) < CENT, f"{quantity} of {product.sku}: {paid}, not {wanted}"


def _own_price(till: Till, product: Product) -> Decimal:
    amounts = [price for price in product.prices if price.currency == till.shop.currency]
    side: Decimal | None = getattr(amounts[0], till.shop.basis.value)
    assert side is not None, f"{product.sku} has no {till.shop.basis} price to compare with"
    return side
