"""Customers: walking them, and moving one to another group."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from connectors.base import Connector, Customer, CustomerGroup
from connectors.conformance.base import Suite, given
from connectors.conformance.groups import gone
from connectors.conformance.records import wrong_fields
from connectors.conformance.shop import Ability, Shop, needs
from connectors.errors import NotFound, Rejected


def walked(connector: Connector) -> dict[str, Customer]:
    """Every customer by id; of one that came twice the newest."""
    newest: dict[str, Customer] = {}
    for customer in connector.customers():
        known = newest.get(customer.id)
        if known is None or customer.updated_at >= known.updated_at:
            newest[customer.id] = customer
    return newest


class CustomerTests(Suite):
    @pytest.fixture
    def customer(self, shop: Shop, connector: Connector) -> Customer:
        """The known customer, as the shop has him now."""
        return next(c for c in connector.customers() if c.email == shop.customer_email)

    def test_everyone_is_walked(self, shop: Shop, connector: Connector) -> None:
        """Whoever is missed never gets the group that is due to him."""
        assert {customer.email for customer in walked(connector).values()} == shop.emails

    def test_customers_are_records_of_the_right_types(
        self, shop: Shop, connector: Connector
    ) -> None:
        """The next poll begins at the last change seen: times are aware, in UTC, and not None."""
        customers = walked(connector).values()
        assert [wrong for each in customers for wrong in wrong_fields(each, Customer)] == []
        assert all(each.id and each.email and each.store_id for each in customers)
        assert all(each.created_at <= each.updated_at for each in customers)

    def test_groups_and_stores_of_customers_are_those_of_the_shop(
        self, connector: Connector
    ) -> None:
        """They are joined by these ids."""
        customers = walked(connector).values()
        assert {c.group_id for c in customers} <= {group.id for group in connector.groups()}
        assert {c.store_id for c in customers} <= {store.id for store in connector.shop().stores}

    def test_one_customer_is_as_walked(self, connector: Connector, customer: Customer) -> None:
        """A signal makes the bridge read one; the poll reads all. They have to agree."""
        assert connector.customer(customer.id) == customer

    def test_a_customer_who_is_not_there_is_not_found(
        self, shop: Shop, connector: Connector
    ) -> None:
        """Deleted in the shop meanwhile: a fact to handle, not a fault to try again."""
        with pytest.raises(NotFound):
            connector.customer(shop.unknown_customer_id)

    def test_a_change_is_seen_by_a_walk_from_then_on(
        self, connector: Connector, customer: Customer, group: CustomerGroup
    ) -> None:
        """A poll that misses a change misses it for good. ``since`` itself belongs to it: shops
        count whole seconds."""
        moved = connector.move_customer(customer.id, group.id)
        seen = list(connector.customers(since=moved.updated_at))
        assert moved in seen
        assert all(each.updated_at >= moved.updated_at for each in seen)

    def test_a_walk_from_later_on_sees_nobody(self, connector: Connector) -> None:
        """A poll that always brings everybody is no poll."""
        last = max(each.updated_at for each in walked(connector).values())
        assert list(connector.customers(since=last + timedelta(days=1))) == []

    def test_a_walk_from_before_the_first_sees_everyone(self, connector: Connector) -> None:
        """A customer who was never changed since he was created counts too (Shopware:
        ``updatedAt`` is null until the first update)."""
        everyone = walked(connector)
        first = min(each.updated_at for each in everyone.values())
        assert {each.id for each in connector.customers(since=first)} == set(everyone)

    def test_moving_changes_the_group_alone(
        self, connector: Connector, customer: Customer, group: CustomerGroup
    ) -> None:
        """A partial update of Magento may reset addresses and more (PLATFORM_FACTS Magento 16)."""
        moved = connector.move_customer(customer.id, group.id)
        assert wrong_fields(moved, Customer) == []
        assert moved == replace(customer, group_id=group.id, updated_at=moved.updated_at)
        assert connector.customer(customer.id) == moved

    def test_nobody_else_is_moved(
        self, connector: Connector, customer: Customer, group: CustomerGroup
    ) -> None:
        """One call, one customer."""
        before = walked(connector)
        connector.move_customer(customer.id, group.id)
        after = walked(connector)
        assert {i for i in before if before[i] != after[i]} == {customer.id}

    def test_moving_to_the_same_group_again_is_fine(
        self, connector: Connector, customer: Customer, group: CustomerGroup
    ) -> None:
        """After a crash the move is sent again."""
        connector.move_customer(customer.id, group.id)
        assert connector.move_customer(customer.id, group.id).group_id == group.id

    def test_there_and_back_again(
        self, connector: Connector, customer: Customer, group: CustomerGroup
    ) -> None:
        """Undo."""
        connector.move_customer(customer.id, group.id)
        back = connector.move_customer(customer.id, customer.group_id)
        assert replace(back, updated_at=customer.updated_at) == customer

    @needs(Ability.DUMP)
    def test_the_dump_differs_in_the_group_alone(
        self, shop: Shop, connector: Connector, customer: Customer, group: CustomerGroup
    ) -> None:
        """Fields that the bridge never reads are the ones it would never miss."""
        dump = given(shop.dump, Ability.DUMP)
        before = dict(leaves(dump(), shop.volatile))
        connector.move_customer(customer.id, group.id)
        after = dict(leaves(dump(), shop.volatile))
        assert before.keys() == after.keys()
        changed = [(before[at], after[at]) for at in before if before[at] != after[at]]
        assert [(str(was), str(now)) for was, now in changed] == [(customer.group_id, group.id)]

    def test_an_unknown_group_is_refused_and_changes_nothing(
        self, shop: Shop, connector: Connector, customer: Customer
    ) -> None:
        """The merchant deleted the group: he is told, once, and nobody is in limbo."""
        missing = gone(connector, shop.base_group_id)
        with pytest.raises(Rejected):
            connector.move_customer(customer.id, missing.id)
        assert connector.customer(customer.id) == customer

    def test_an_unknown_customer_cannot_be_moved(
        self, shop: Shop, connector: Connector, group: CustomerGroup
    ) -> None:
        """Nor may he come to life by being moved."""
        before = walked(connector)
        with pytest.raises(NotFound):
            connector.move_customer(shop.unknown_customer_id, group.id)
        assert walked(connector) == before


def leaves(
    value: object, volatile: frozenset[str], path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], object]]:
    """Every plain value of a dump with its path, but for keys that change by themselves."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            if key not in volatile:
                yield from leaves(item, volatile, (*path, str(key)))
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for position, item in enumerate(value):
            yield from leaves(item, volatile, (*path, str(position)))
    else:
        yield path, value
