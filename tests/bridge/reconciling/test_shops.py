"""Between the books and two shops: what the bridge missed, and what somebody changed there."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

sys.path.insert(0, str(Path(__file__).parents[1] / "engine"))

from engine_world import Merchant, programme

from bridge.audit.service import Actor
from bridge.db import Database
from bridge.engine.once import work_once
from bridge.kit.clock import utc_now
from bridge.plugins import sandboxes
from bridge.privacy import erasing
from bridge.reconciling.findings import Finding, Report
from bridge.reconciling.service import reconcile
from connectors.sales import Balance
from connectors.sandbox.server import RunningSandbox
from connectors.shopware.sandbox.deleting import delete
from connectors.shopware.sandbox.executing import Written

ANNA, BEN = "anna.albers@example.com", "ben.becker@example.com"
MAGENTO, SHOPWARE = "magento", "shopware"


@pytest.fixture(scope="module")
def served() -> Iterator[dict[str, RunningSandbox]]:
    with ExitStack() as stack:
        yield {
            name: stack.enter_context(sandbox.serve(products=20, customers=5))
            for name, sandbox in sandboxes().items()
        }


@pytest.fixture
def merchant(
    sqlite_url: str,
    open_database: Callable[[str], Database],
    tmp_path: Path,
    served: dict[str, RunningSandbox],
) -> Merchant:
    """Anna and Ben bought in both shops; everything has come in and gone out."""
    merchant = Merchant(open_database(sqlite_url), sqlite_url, tmp_path)
    for name, running in served.items():
        running.reset()
        merchant.connect(sandboxes()[name], running)
    merchant.load(programme())
    work_once(merchant.app)
    for shop in merchant.shops:
        for email in (ANNA, BEN):
            buys(merchant, shop, email)
    assert work_once(merchant.app).problems == {}
    return merchant


def buys(merchant: Merchant, shop: str, email: str) -> Any:
    till = merchant.till(shop)
    sale = till.order(email, {till.skus()[0]: 2}, guest=False)
    till.pay(sale.order_id)
    till.send(sale.order_id)
    return sale


def time_passes(merchant: Merchant) -> None:
    """So much that no poll reads again what came in."""
    merchant.app.now = lambda: utc_now() + timedelta(minutes=10)
    work_once(merchant.app)


def looked(merchant: Merchant, *names: str) -> list[Finding]:
    report = reconcile(merchant.app, names)
    assert report.unasked == {}
    return report.left


def repaired(merchant: Merchant) -> Report:
    report = reconcile(merchant.app, repair=True)
    assert (report.failures, report.unasked, report.left) == ({}, {}, [])
    return report


def sql(merchant: Merchant, statement: str, **values: object) -> None:
    with merchant.database.writing() as session:
        session.execute(text(statement), values)


def customer_of(merchant: Merchant, email: str) -> str:
    """His id in Shopware."""
    with merchant.database.reading() as session:
        found: str = session.execute(
            text(
                "SELECT customer_id FROM shop_customers WHERE email = :e AND installation_id = :i"
            ),
            {"e": email, "i": merchant.installation(SHOPWARE).id},
        ).scalar_one()
    return found


def deleted(merchant: Merchant, running: RunningSandbox, email: str) -> None:
    """His account in Shopware, by an admin."""
    database = running.state.database
    with database.transaction():
        delete(database, "customer", customer_of(merchant, email), Written())


def shown(merchant: Merchant, act: Callable[[Any, str], Any]) -> Any:
    """Acts on what Shopware shows Anna."""
    customer = customer_of(merchant, ANNA)
    with closing(merchant.app.connect(merchant.installation(SHOPWARE))) as connector:
        return act(connector.balances, customer)


def test_clean_shops(merchant: Merchant) -> None:
    assert looked(merchant) == []


def test_what_the_next_poll_will_find_is_no_finding(merchant: Merchant) -> None:
    for shop in merchant.shops:
        sale = buys(merchant, shop, ANNA)
        merchant.till(shop).give_back(sale.order_id, {sale.lines[0].line_id: 1}, shipping=False)
    assert looked(merchant) == []
    work_once(merchant.app)
    assert looked(merchant) == []


@pytest.mark.parametrize("shop", [MAGENTO, SHOPWARE])
def test_an_order_that_never_came_in_is_fetched_and_earns(merchant: Merchant, shop: str) -> None:
    points = merchant.points(BEN)
    sale = buys(merchant, shop, BEN)
    work_once(merchant.app)
    time_passes(merchant)
    book, better = merchant.book(), merchant.points(BEN)
    assert better > points
    _forget(merchant, shop, sale.order_id)
    assert merchant.points(BEN) == points

    (finding,) = looked(merchant)
    assert (finding.check, finding.store) == ("shop-order-unseen", shop)
    assert sale.number in finding.where and "passed it by" in finding.cause
    assert looked(merchant, ({MAGENTO, SHOPWARE} - {shop}).pop()) == []

    assert [one.check for one in repaired(merchant).repaired] == ["shop-order-unseen"]
    work_once(merchant.app)  # ripens
    assert merchant.points(BEN) == better
    assert merchant.book() == book


def _forget(merchant: Merchant, shop: str, order_id: str) -> None:
    """As if the order had never been told of: no trace of it is left."""
    at = {"i": merchant.installation(shop).id, "o": order_id}
    with merchant.database.writing() as session:
        lot = session.execute(
            text(
                "SELECT id, account_id, available FROM lots WHERE installation_id = :i"
                " AND source_id = :o"
            ),
            at,
        ).one()
        session.execute(text("DROP TRIGGER entries_are_never_deleted"))
        session.execute(text("DELETE FROM entries WHERE lot_id = :l"), {"l": lot.id})
        session.execute(text("DELETE FROM lots WHERE id = :l"), {"l": lot.id})
        session.execute(
            text("UPDATE accounts SET available = available - :p, push_due = TRUE WHERE id = :a"),
            {"p": lot.available, "a": lot.account_id},
        )
        session.execute(text("DELETE FROM orders WHERE installation_id = :i AND order_id = :o"), at)
        session.execute(text("DELETE FROM inbox WHERE installation_id = :i AND entity_id = :o"), at)
        session.execute(
            text(
                "CREATE TRIGGER entries_are_never_deleted BEFORE DELETE ON entries"
                " BEGIN SELECT RAISE(ABORT, 'entries are never deleted'); END"
            )
        )


@pytest.mark.parametrize("shop", [MAGENTO, SHOPWARE])
def test_a_refund_that_was_missed_is_taken_back(merchant: Merchant, shop: str) -> None:
    """The mirror and the inbox were put back to before the refund, book and all."""
    sale = buys(merchant, shop, BEN)
    work_once(merchant.app)
    place = "installation_id = :i AND {id} = :o"
    at = {"i": merchant.installation(shop).id, "o": sale.order_id}
    with merchant.database.reading() as session:
        before = session.execute(
            text(
                "SELECT content, changed_at, fetched_at FROM orders WHERE "
                + place.format(id="order_id")
            ),
            at,
        ).one()
    merchant.till(shop).give_back(sale.order_id, {sale.lines[0].line_id: 1}, shipping=False)
    work_once(merchant.app)
    time_passes(merchant)
    right = merchant.points(BEN)
    sql(
        merchant,
        "UPDATE orders SET content = :c, changed_at = :n, fetched_at = :f WHERE "
        + place.format(id="order_id"),
        c=before.content,
        n=before.changed_at,
        f=before.fetched_at,
        **at,
    )
    sql(
        merchant,
        "DELETE FROM inbox WHERE " + place.format(id="entity_id") + " AND content <> :c",
        c=before.content,
        **at,
    )
    found = {one.check: one for one in looked(merchant)}
    assert "the mirror has 0" in found["shop-order-changed"].what
    repaired(merchant)
    assert merchant.points(BEN) == right


def test_who_is_moved_to_another_group_did_not_buy_otherwise(merchant: Merchant) -> None:
    """Shopware tells with each order the group that its buyer is in now."""
    time_passes(merchant)
    for name in merchant.shops:
        with closing(merchant.app.connect(merchant.installation(name))) as connector:
            anna = next(one for one in connector.customers() if one.email == ANNA)
            others = [one.id for one in connector.groups() if one.id != anna.group_id]
            connector.move_customer(anna.id, others[0])
    assert [one.check for one in looked(merchant) if one.check.startswith("shop-order")] == []


def test_who_was_deleted_in_the_shop_did_not_buy_otherwise(
    merchant: Merchant, served: dict[str, RunningSandbox]
) -> None:
    """Shopware takes the customer off his old orders, under no new time. What comes in of them
    later is his all the same."""
    sale = buys(merchant, SHOPWARE, ANNA)
    work_once(merchant.app)
    earned = sum(merchant.points(ANNA))
    deleted(merchant, served[SHOPWARE], ANNA)
    merchant.till(SHOPWARE).give_back(sale.order_id, {sale.lines[0].line_id: 1}, shipping=False)
    work_once(merchant.app)
    assert sum(merchant.points(ANNA)) < earned
    time_passes(merchant)
    deleted(merchant, served[SHOPWARE], BEN)
    assert looked(merchant) == []


def test_an_order_deleted_in_the_shop_waits_for_a_person(merchant: Merchant) -> None:
    sql(
        merchant,
        "UPDATE orders SET order_id = '999999', number = 'gone' WHERE installation_id = :i"
        " AND order_id = (SELECT min(order_id) FROM orders WHERE installation_id = :i)",
        i=merchant.installation(MAGENTO).id,
    )
    told = {one.check for one in looked(merchant)}
    assert "shop-order-gone" in told


def test_a_balance_changed_by_hand_in_the_shop_is_told_again(merchant: Merchant) -> None:
    available, pending = merchant.points(ANNA)
    shown(merchant, lambda shop, anna: shop.write({anna: Balance(available + 1000, pending)}))
    (finding,) = looked(merchant)
    assert (finding.check, finding.store) == ("balance-in-shop", SHOPWARE)
    assert f"{available + 1000:,} available" in finding.what
    assert "Somebody changed it in the shop" in finding.cause
    repaired(merchant)
    held = shown(merchant, lambda shop, anna: shop.read([anna])[anna])
    assert (held.available, held.pending) == (available, pending)


def test_a_balance_that_the_bridge_forgot_to_have_told_is_told(merchant: Merchant) -> None:
    shown(merchant, lambda shop, anna: shop.write({anna: Balance(0, 0)}))
    sql(merchant, "DELETE FROM shown_balances")
    assert {one.check for one in looked(merchant)} == {"balance-in-shop"}
    repaired(merchant)
    held = shown(merchant, lambda shop, anna: shop.read([anna])[anna])
    assert (held.available, held.pending) == merchant.points(ANNA)


def test_a_shop_that_cannot_be_asked_is_told_and_the_books_are_looked_at(
    merchant: Merchant,
) -> None:
    merchant.lock_out(SHOPWARE)
    report = reconcile(merchant.app)
    assert set(report.unasked) == {SHOPWARE}
    assert (report.left, report.is_clean) == ([], False)
    assert reconcile(merchant.app, ask_shops=False).is_clean


def test_after_an_erasure_the_shops_and_the_books_agree(merchant: Merchant) -> None:
    """They still have her as a customer, are read anew, and refund an old order of hers."""
    app = merchant.app
    customer = customer_of(merchant, ANNA)
    sales = {shop: buys(merchant, shop, ANNA) for shop in merchant.shops}
    work_once(app)
    with app.database.reading() as session:
        [member] = session.scalars(
            text("SELECT member_id FROM member_emails WHERE email = :e"), {"e": ANNA}
        )
    erasing.erase(app.database, app.workspace_id, member, Actor("Ann"), app.now)
    for shop, sale in sales.items():
        merchant.till(shop).give_back(sale.order_id, {sale.lines[0].line_id: 1}, shipping=False)
    sql(merchant, "UPDATE installations SET pulled_at = NULL")
    time_passes(merchant)
    assert looked(merchant) == []
    with closing(app.connect(merchant.installation(SHOPWARE))) as connector:
        assert connector.balances is not None
        assert connector.balances.read([customer]) == {customer: Balance(0, 0)}
    with app.database.reading() as session:
        [erasure] = erasing.erasures(session, app.workspace_id)
        assert erasure.state == "done"
        found = session.scalars(
            text("SELECT email FROM member_emails UNION SELECT email FROM shop_customers")
        )
        assert ANNA not in set(found)
