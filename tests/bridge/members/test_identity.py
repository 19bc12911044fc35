"""Customers become members: once, by a confirmed address, whatever comes in which order."""

from __future__ import annotations

from datetime import timedelta

import pytest
from merchants import T0, Merchant, at_once

from bridge.inbox.handling import Outcome
from bridge.members.identity import IdentityPolicy, member_for_order
from bridge.members.models import ShopCustomer
from connectors.sales import Order

COLLECT = IdentityPolicy(collect_guests=True)


@pytest.mark.parametrize("email", ["ada@example.com", "  ADA@Example.COM "])
def test_one_confirmed_address_is_one_member_in_every_shop(merchant: Merchant, email: str) -> None:
    merchant.arrives("7", "ada@example.com")
    merchant.arrives("x", email, shop=2)
    merchant.arrives("8", "bob@example.com")
    assert merchant.member("7") == merchant.member("x", shop=2) != merchant.member("8")


def test_domains_are_compared_in_idna(merchant: Merchant) -> None:
    merchant.arrives("7", "ada@straße.de")
    merchant.arrives("x", "ada@xn--strae-oqa.de", shop=2)
    assert merchant.member("7") == merchant.member("x", shop=2)


def test_being_told_again_changes_nothing(merchant: Merchant) -> None:
    merchant.arrives("7", "ada@example.com")
    before = merchant.row(merchant.member("7"))
    merchant.arrives("7", "ada@example.com")
    assert merchant.people() == [before.id]
    assert merchant.row(before.id) == before


@pytest.mark.parametrize("email", ["", "nonsense", "@example.com"])
def test_what_is_no_address_links_nobody(merchant: Merchant, email: str) -> None:
    merchant.arrives("7", email)
    merchant.arrives("x", email, shop=2)
    assert merchant.member("7") != merchant.member("x", shop=2)


def test_who_only_typed_an_address_stays_alone_until_he_confirms_it(merchant: Merchant) -> None:
    merchant.arrives("7", "ada@example.com")
    merchant.arrives("x", "ada@example.com", shop=2, is_confirmed=False)
    merchant.order("x", shop=2, points=5)
    alone = merchant.member("x", shop=2)
    assert alone != merchant.member("7")
    merchant.arrives("x", "ada@example.com", shop=2)
    assert merchant.member("x", shop=2) == merchant.member("7")
    assert merchant.row(alone).merged_into == merchant.member("7")
    assert merchant.points(merchant.member("7")) == 5
    merchant.check_books()


def test_a_programme_may_trust_unconfirmed_addresses(merchant: Merchant) -> None:
    merchant.policy = IdentityPolicy(link_unconfirmed=True)
    merchant.arrives("7", "ada@example.com", is_confirmed=False)
    merchant.arrives("x", "ada@example.com", shop=2)
    assert merchant.member("7") == merchant.member("x", shop=2)


def test_joined_is_the_earliest_registration(merchant: Merchant) -> None:
    merchant.arrives("7", "ada@example.com", created_at=T0 - timedelta(days=10))
    merchant.arrives("x", "ada@example.com", shop=2, created_at=T0 - timedelta(days=400))
    member = merchant.row(merchant.member("7"))
    assert member.joined_at == T0 - timedelta(days=400)


def test_older_news_do_not_undo_newer(merchant: Merchant) -> None:
    merchant.arrives("7", "ada@example.com", updated_at=T0 + timedelta(days=2), company="New")
    assert merchant.arrives("7", "old@example.com", updated_at=T0) is Outcome.HANDLED
    with merchant.database.reading() as session:
        stored = session.get(ShopCustomer, (merchant.shops[0], "7"))
        assert stored is not None
        assert (stored.email, stored.company) == ("ada@example.com", "New")
    assert merchant.questions() == []


# -- a later change of address --------------------------------------------------------------


def test_a_later_change_of_address_is_asked_and_links_nobody(merchant: Merchant) -> None:
    merchant.arrives("7", "ada@example.com")
    merchant.arrives("8", "bob@example.com")
    merchant.arrives("7", "bob@example.com")
    merchant.arrives("7", "bob@example.com")
    assert merchant.member("7") != merchant.member("8")
    assert merchant.questions() == [("address", f"{merchant.shops[0]}/7", "bob@example.com")]


def test_a_change_that_is_taken_back_is_asked_no_more(merchant: Merchant) -> None:
    merchant.arrives("7", "ada@example.com")
    merchant.arrives("7", "eve@example.com")
    merchant.arrives("7", "ada@example.com")
    assert merchant.questions() == []


# -- orders before customers, guests --------------------------------------------------------


def test_an_order_may_come_before_its_customer(merchant: Merchant) -> None:
    merchant.arrives("7", "ada@example.com")
    order = merchant.order("x", "ada@example.com", shop=2, points=30)
    assert merchant.buyer(order) != merchant.member("7")  # an order's address proves nothing
    merchant.arrives("x", "ada@example.com", shop=2)
    assert merchant.buyer(order) == merchant.member("x", shop=2) == merchant.member("7")
    assert merchant.points(merchant.member("7")) == 30
    assert merchant.account_of_order(order) == ("member", merchant.member("7"))


def test_an_order_of_a_pulled_customer_links_himat_once(merchant: Merchant) -> None:
    merchant.arrives("7", "ada@example.com")
    pulled = merchant.customer("x", "ada@example.com")
    with merchant.writing() as session:
        session.add(
            ShopCustomer(
                installation_id=merchant.shops[1],
                customer_id="x",
                workspace_id=merchant.workspace_id,
                email=pulled.email,
                group_id="1",
                store_id="1",
                created_at=pulled.created_at,
                updated_at=pulled.updated_at,
                pull=1,
            )
        )
    assert merchant.buyer(merchant.order("x", shop=2)) == merchant.member("7")


def test_guests_are_nobody_unless_they_collect(merchant: Merchant) -> None:
    assert merchant.buyer(merchant.order(email="gast@example.com")) is None
    merchant.policy = COLLECT
    first = merchant.order(email="gast@example.com")
    second = merchant.order(email="Gast@Example.com ", shop=2)
    nameless = merchant.order(email="")
    assert merchant.buyer(first) == merchant.buyer(second) is not None
    assert merchant.buyer(nameless) is None


def test_a_guest_joins_the_member_who_registers_with_the_confirmed_address(
    merchant: Merchant,
) -> None:
    merchant.policy = COLLECT
    order = merchant.order(email="ada@example.com", points=12)
    guest = merchant.buyer(order)
    merchant.arrives("7", "ada@example.com", is_confirmed=False)
    assert merchant.member("7") != guest
    merchant.arrives("7", "ada@example.com")
    member = merchant.member("7")
    assert merchant.buyer(order) == member
    assert merchant.points(member) == 12
    assert merchant.people() == [member]
    later = merchant.order(email="ada@example.com", shop=2)
    assert merchant.buyer(later) == member


def test_a_guest_who_registers_at_once_stays_the_same_member(merchant: Merchant) -> None:
    merchant.policy = COLLECT
    guest = merchant.buyer(merchant.order(email="ada@example.com", points=3))
    merchant.arrives("7", "ada@example.com")
    assert merchant.member("7") == guest
    assert merchant.row(guest).joined_at == T0 - timedelta(days=30)


def test_a_shops_guest_account_is_no_member(merchant: Merchant) -> None:
    merchant.arrives("g", "gast@example.com", is_guest=True)
    assert merchant.member("g") is None


def test_an_order_stays_with_its_buyer_when_his_account_is_gone(merchant: Merchant) -> None:
    merchant.arrives("7", "ada@example.com")
    order = merchant.order("7")
    with merchant.writing() as session:
        told = Order(order, order, "1", "EUR", T0, T0)  # the shop no longer names a customer
        found = member_for_order(
            session, merchant.workspace_id, merchant.shops[0], told, COLLECT, merchant.now
        )
        assert found is not None
        assert found.id == merchant.member("7")


# -- companies ------------------------------------------------------------------------------


def test_a_shared_vat_id_is_asked_of_both(merchant: Merchant) -> None:
    merchant.arrives("7", "ada@example.com", vat_id="DE 123.456-789")
    assert merchant.questions() == []
    merchant.arrives("8", "bob@example.com", vat_id="de123456789")
    merchant.arrives("8", "bob@example.com", vat_id="de123456789")
    both = [merchant.member("7"), merchant.member("8")]
    assert merchant.questions() == [("company", str(one), "DE123456789") for one in both]


# -- at once --------------------------------------------------------------------------------


def test_workers_that_link_one_new_address_at_once_make_one_member(merchant: Merchant) -> None:
    merchant.policy = COLLECT
    for name in ("ada", "bob", "eve"):
        email = f"{name}@example.com"
        at_once(
            [
                lambda email=email, name=name: merchant.arrives(name, email),
                lambda email=email, name=name: merchant.arrives(name, email, shop=2),
                lambda email=email: merchant.order(email=email),
                lambda name=name: merchant.order(name, shop=2),
            ]
        )
        assert merchant.member(name) == merchant.member(name, shop=2)
    assert len(merchant.people()) == 3
