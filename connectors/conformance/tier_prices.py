"""Tier prices: read, written, removed, and nobody else's touched."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from connectors.base import (
    Connector,
    Family,
    GroupDraft,
    Product,
    Refusal,
    Step,
    TierKey,
    TierPrice,
)
from connectors.conformance.base import Suite, Till, as_set, given, refused_keys
from connectors.conformance.records import wrong_fields
from connectors.conformance.shop import Ability, Shop, needs
from connectors.errors import ConnectorError, TooMany, Unsafe


def everything(till: Till) -> dict[TierKey, TierPrice]:
    """Every row of the known products, whoever made it."""
    ids = [till.catalogue[known.sku].id for known in till.shop.products]
    rows = till.connector.tier_prices(ids)
    as_set(rows)
    return {row.key: row for row in rows}


def for_group(till: Till, shop: Shop, row: TierPrice, group_id: str) -> TierPrice:
    """The same price for another group."""
    audience = till.connector.create_audience(group_id, "Another")
    return TierPrice(replace(row.key, audience_id=audience.id), row.value)


def in_stores(shop: Shop, *rows: TierPrice) -> list[TierPrice]:
    """Each of the rows in a store of its own."""
    return [
        replace(row, key=replace(row.key, store=store))
        for row, store in zip(rows, shop.stores, strict=True)
    ]


class TierPriceTests(Suite):
    @pytest.fixture
    def product(self, till: Till) -> Product:
        return till.product()

    # -- write and read -----------------------------------------------------------------------

    def test_a_product_without_rows_has_none(
        self, connector: Connector, till: Till, product: Product
    ) -> None:
        """Nothing is read into a shop that it does not hold."""
        assert connector.tier_prices([product.id]) == []
        assert connector.tier_prices([]) == []

    def test_what_was_written_is_read_back(
        self, connector: Connector, till: Till, product: Product
    ) -> None:
        """The bridge compares what it reads with what it wrote, by value, to the last digit."""
        row = till.row(product)
        assert connector.write_tier_prices([row]) == []
        (read,) = connector.tier_prices([product.id])
        assert wrong_fields(read, TierPrice) == []
        assert (read.key, read.value) == (row.key, row.value)

    @pytest.mark.parametrize("price", ["19.123456", "0.01", "19.999", "100000", "7.005"])
    def test_no_price_is_changed_on_its_way(
        self, connector: Connector, till: Till, product: Product, price: str
    ) -> None:
        """What a platform cannot store exactly is rounded when it is compiled, so that it is
        equal when it is read. A difference would be written again by each run, for ever."""
        row = till.row(product, price=price)
        assert connector.write_tier_prices([row]) == []
        assert till.stored(product) == {row.key: row.value}
        sides = [getattr(amount, till.shop.basis.value) for amount in row.value.amounts]
        assert any(abs(side - Decimal(price)) < Decimal("0.005") for side in sides)

    def test_a_row_without_a_fraction_is_still_decimal(
        self, connector: Connector, till: Till, product: Product
    ) -> None:
        """JSON says 20 and means 20.000000: a whole number must not become an int."""
        row = till.row(product, price="20")
        connector.write_tier_prices([row])
        (read,) = connector.tier_prices([product.id])
        assert wrong_fields(read, TierPrice) == []
        assert read.value == row.value

    def test_writing_twice_makes_no_second_row(
        self, connector: Connector, till: Till, product: Product
    ) -> None:
        """After a crash a batch is written again. Twice is once."""
        row = till.row(product)
        assert connector.write_tier_prices([row]) == []
        assert connector.write_tier_prices([row]) == []
        (read,) = connector.tier_prices([product.id])
        assert (read.key, read.value) == (row.key, row.value)

    def test_a_new_value_takes_the_place_of_the_old(
        self, connector: Connector, till: Till, product: Product
    ) -> None:
        """Set-semantics: the row is changed, not doubled."""
        old, new = till.row(product, price="19.5"), till.row(product, price="18.25")
        assert connector.write_tier_prices([old]) == []
        assert connector.write_tier_prices([new]) == []
        assert till.stored(product) == {new.key: new.value}

    def test_a_row_as_it_was_read_can_be_written_back(
        self, connector: Connector, till: Till, product: Product
    ) -> None:
        """Undo writes the rows that a run replaced, as they were read."""
        connector.write_tier_prices([till.row(product, price="19.5")])
        (read,) = connector.tier_prices([product.id])
        connector.write_tier_prices([till.row(product, price="18.25")])
        assert connector.write_tier_prices([read]) == []
        assert connector.tier_prices([product.id]) == [read]

    def test_only_the_audiences_asked_for_are_read(
        self, shop: Shop, connector: Connector, till: Till, product: Product
    ) -> None:
        """The bridge reads its own rows for a delivery, and all rows for a plan."""
        mine = till.row(product)
        other = for_group(till, shop, mine, _second(shop, connector))
        assert connector.write_tier_prices([mine, other]) == []
        own = connector.tier_prices([product.id], [till.audience.id])
        assert [row.key for row in own] == [mine.key]
        assert set(as_set(connector.tier_prices([product.id]))) == {mine.key, other.key}
        assert connector.tier_prices([product.id], []) == []

    def test_groups_do_not_share_a_price(
        self, shop: Shop, connector: Connector, till: Till, product: Product
    ) -> None:
        """The same quantity of two groups is two rows; changing one leaves the other."""
        mine = till.row(product, price="19.5")
        other = for_group(till, shop, mine, _second(shop, connector))
        connector.write_tier_prices([mine, other])
        changed = till.row(product, price="11.11")
        connector.write_tier_prices([changed])
        read = as_set(connector.tier_prices([product.id]))
        assert read == {changed.key: changed.value, other.key: other.value}

    def test_a_price_stays_with_its_group_when_names_change(
        self, connector: Connector, shop: Shop, till: Till, product: Product
    ) -> None:
        """Magento's prices name the group by its code (PLATFORM_FACTS Magento 5). A name that
        was passed on to another group must not take the prices along."""
        first = till.row(product, 10)
        assert connector.write_tier_prices([first]) == []
        other = _second(shop, connector)
        connector.rename_group(till.group.id, "Renamed")
        connector.rename_group(other, till.group.name)
        second = till.row(product, 25)
        assert connector.write_tier_prices([second]) == []
        assert as_set(connector.tier_prices([product.id])) == {
            first.key: first.value,
            second.key: second.value,
        }

    def test_an_unknown_product_has_no_rows(self, shop: Shop, connector: Connector) -> None:
        """It was deleted after the pull: its rows are gone, which is no error."""
        assert connector.tier_prices([shop.unknown_product_id]) == []

    # -- refusals -----------------------------------------------------------------------------

    def test_nothing_to_do_is_done(self, connector: Connector) -> None:
        """An empty batch is no mistake."""
        assert connector.write_tier_prices([]) == []
        assert connector.remove_tier_prices([]) == []

    def test_a_bad_row_comes_back_and_the_good_ones_are_written(
        self, shop: Shop, connector: Connector, till: Till
    ) -> None:
        """One deleted product among a thousand prices must not hold up the others."""
        good = [till.row(till.product(position)) for position in range(3)]
        key = replace(good[0].key, product_id=shop.unknown_product_id)
        bad = TierPrice(key, good[0].value)
        refusals = connector.write_tier_prices([good[0], bad, *good[1:]])
        assert refused_keys(refusals) == [bad.key]
        assert wrong_fields(refusals[0], Refusal) == []
        products = [till.product(position) for position in range(3)]
        assert till.stored(*products) == {row.key: row.value for row in good}

    def test_a_refusal_says_why(self, shop: Shop, connector: Connector, till: Till) -> None:
        """The merchant has to find the row in his list: its product is named, with a reason."""
        good = till.row(till.product())
        bad = TierPrice(replace(good.key, product_id=shop.unknown_product_id), good.value)
        (refusal,) = connector.write_tier_prices([bad])
        assert isinstance(refusal.error, ConnectorError)
        assert not refusal.error.outcome_unknown
        assert shop.unknown_product_id in str(refusal.error)
        assert len(str(refusal.error).splitlines()) == 1

    def test_every_bad_row_comes_back(self, shop: Shop, connector: Connector, till: Till) -> None:
        """Nothing but bad rows, several of them: none is missing from the report."""
        keys = [
            replace(till.row(till.product(), quantity).key, product_id=shop.unknown_product_id)
            for quantity in (1, 10, 25)
        ]
        value = till.row(till.product()).value
        refusals = connector.write_tier_prices([TierPrice(key, value) for key in keys])
        assert sorted(refused_keys(refusals)) == sorted(keys)

    @needs(Ability.FAULTS)
    def test_a_poisoned_row_does_not_hide_the_others(
        self, shop: Shop, connector: Connector, till: Till
    ) -> None:
        """The shop refuses one SKU for reasons of its own, in the middle of a batch."""
        products = [till.product(position) for position in range(3)]
        rows = [till.row(product) for product in products]
        given(shop.faults, Ability.FAULTS).poison(products[1].sku)
        refusals = connector.write_tier_prices(rows)
        assert refused_keys(refusals) == [rows[1].key]
        assert till.stored(*products) == {row.key: row.value for row in (rows[0], rows[2])}

    # -- batches ------------------------------------------------------------------------------

    def test_the_largest_batch_is_written_whole(self, connector: Connector, till: Till) -> None:
        """The delivery sends as much at once as the capabilities allow."""
        rows = _batch(till, connector.capabilities.tier_rows_per_call)
        assert connector.write_tier_prices(rows) == []
        products = till.simple_products()
        assert till.stored(*products) == {row.key: row.value for row in rows}

    def test_one_row_too_many_is_written_or_nothing_is(
        self, connector: Connector, till: Till
    ) -> None:
        """A batch that is too large is split or refused, never cut off at its end."""
        rows = _batch(till, connector.capabilities.tier_rows_per_call + 1)
        written = {row.key: row.value for row in rows}
        try:
            assert connector.write_tier_prices(rows) == []
        except (TooMany, ValueError):
            written = {}
        assert till.stored(*till.simple_products()) == written

    def test_many_products_are_read_at_once(self, connector: Connector, till: Till) -> None:
        """A shop that pages its answers must not keep the second page to itself."""
        products = till.simple_products()[: connector.capabilities.tier_products_per_read]
        rows = [till.row(product, quantity) for product in products for quantity in (1, 10)]
        at_once = connector.capabilities.tier_rows_per_call
        for start in range(0, len(rows), at_once):
            assert connector.write_tier_prices(rows[start : start + at_once]) == []
        read = as_set(connector.tier_prices([product.id for product in products]))
        mine = {key: value for key, value in read.items() if key.audience_id == till.audience.id}
        assert mine == {row.key: row.value for row in rows}

    # -- removal ------------------------------------------------------------------------------

    def test_exactly_these_rows_are_removed(
        self, connector: Connector, till: Till, product: Product
    ) -> None:
        """Removing the price from 10 leaves those from 1 and from 25."""
        rows = [till.row(product, quantity, price) for quantity, price in LADDER]
        connector.write_tier_prices(rows)
        read = {row.key: row for row in connector.tier_prices([product.id])}
        assert connector.remove_tier_prices([read[rows[1].key]]) == []
        left = {rows[0].key: rows[0].value, rows[2].key: rows[2].value}
        assert till.stored(product) == left

    def test_the_same_price_of_another_group_stays(
        self, shop: Shop, connector: Connector, till: Till, product: Product
    ) -> None:
        """Same product, same quantity, same value: another group's row is another row."""
        mine = till.row(product)
        other = for_group(till, shop, mine, _second(shop, connector))
        connector.write_tier_prices([mine, other])
        read = {row.key: row for row in connector.tier_prices([product.id])}
        assert connector.remove_tier_prices([read[mine.key]]) == []
        assert as_set(connector.tier_prices([product.id])) == {other.key: other.value}

    @needs(Ability.STORE_ROWS)
    def test_the_same_price_in_another_store_stays(
        self, shop: Shop, connector: Connector, till: Till, product: Product
    ) -> None:
        """Magento's delete matches group, quantity and value but not the website (#37949). A row
        that cannot be removed alone is refused, unsent."""
        mine, other = in_stores(shop, till.row(product), till.row(product))
        assert connector.write_tier_prices([mine, other]) == []
        read = {row.key: row for row in connector.tier_prices([product.id])}
        refusals = connector.remove_tier_prices([read[mine.key]])
        assert set(refused_keys(refusals)) <= {mine.key}
        assert all(isinstance(refusal.error, Unsafe) for refusal in refusals)
        left = [mine, other] if refusals else [other]
        assert till.stored(product) == {row.key: row.value for row in left}

    @needs(Ability.STORE_ROWS)
    def test_another_price_in_another_store_stays(
        self, shop: Shop, connector: Connector, till: Till, product: Product
    ) -> None:
        """Same product, group and quantity: the store is part of the key."""
        rows = till.row(product, price="19.5"), till.row(product, price="17.5")
        mine, other = in_stores(shop, *rows)
        assert connector.write_tier_prices([mine, other]) == []
        read = {row.key: row for row in connector.tier_prices([product.id])}
        assert connector.remove_tier_prices([read[mine.key]]) == []
        assert till.stored(product) == {other.key: other.value}

    def test_removing_what_is_gone_is_no_refusal(
        self, connector: Connector, till: Till, product: Product
    ) -> None:
        """After a crash a removal is sent again."""
        connector.write_tier_prices([till.row(product)])
        read = connector.tier_prices([product.id])
        assert connector.remove_tier_prices(read) == []
        assert connector.remove_tier_prices(read) == []
        assert till.stored(product) == {}

    def test_a_row_that_was_removed_can_be_written_again(
        self, connector: Connector, till: Till, product: Product
    ) -> None:
        """Undo of a removal, with the row as it was read."""
        connector.write_tier_prices([till.row(product)])
        read = connector.tier_prices([product.id])
        connector.remove_tier_prices(read)
        assert connector.write_tier_prices(read) == []
        assert as_set(connector.tier_prices([product.id])) == as_set(read)

    @needs(Ability.HAND_MADE_ROWS)
    def test_a_hand_made_row_is_seen_and_left_alone(
        self, shop: Shop, connector: Connector, till: Till, product: Product
    ) -> None:
        """The same product and quantity, for the group the customers were in before."""
        by_hand = given(shop.hand_made, Ability.HAND_MADE_ROWS)
        by_hand(product.sku, shop.base_group_id, 10, Decimal("17.77"))
        (foreign,) = connector.tier_prices([product.id])
        assert foreign.key.quantity == 10
        row = till.row(product, 10)
        assert connector.write_tier_prices([row]) == []
        assert everything(till) == {foreign.key: foreign, **_as_read(till, product)}
        assert connector.remove_tier_prices(list(_as_read(till, product).values())) == []
        assert connector.tier_prices([product.id]) == [foreign]

    @needs(Ability.DUMP)
    def test_written_and_removed_leaves_nothing_behind(
        self, shop: Shop, connector: Connector, till: Till
    ) -> None:
        """Undo restores the shop to the letter: a full dump is equal before and after."""
        dump = given(shop.dump, Ability.DUMP)
        before = stripped(dump(), shop.volatile)
        products = [till.product(position) for position in range(3)]
        rows = [till.row(each, quantity, price) for each in products for quantity, price in LADDER]
        assert connector.write_tier_prices(rows) == []
        assert stripped(dump(), shop.volatile) != before
        written = connector.tier_prices([each.id for each in products], [till.audience.id])
        assert connector.remove_tier_prices(written) == []
        assert stripped(dump(), shop.volatile) == before

    def test_a_ladder_set_twice_is_set_once(self, till: Till, product: Product) -> None:
        """The whole way of a price, twice: the second run finds nothing to change."""
        ladder = till.ladder(
            product, Step(5, price=Decimal("12.5")), Step(50, percent=Decimal("30"))
        )
        till.set(Family(product), [ladder])
        first = till.present(Family(product))
        till.set(Family(product), [ladder])
        assert till.present(Family(product)) == first


LADDER = ((1, "19.5"), (10, "18.5"), (25, "17.25"))


def _second(shop: Shop, connector: Connector) -> str:
    return connector.create_group(GroupDraft("second", "Second", shop.base_group_id)).id


def _as_read(till: Till, product: Product) -> dict[TierKey, TierPrice]:
    rows = till.connector.tier_prices([product.id], [till.audience.id])
    return {row.key: row for row in rows}


def _batch(till: Till, size: int) -> list[TierPrice]:
    """``size`` rows over all simple products, none twice."""
    products = till.simple_products()[: till.connector.capabilities.tier_products_per_call]
    return [
        till.row(products[position % len(products)], 1 + position // len(products))
        for position in range(size)
    ]


def stripped(value: object, volatile: frozenset[str]) -> object:
    """A dump without the keys that change by themselves."""
    if isinstance(value, dict):
        return {key: stripped(item, volatile) for key, item in value.items() if key not in volatile}
    if isinstance(value, list | tuple):
        return [stripped(item, volatile) for item in value]
    return value
