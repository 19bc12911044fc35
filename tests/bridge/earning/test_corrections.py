"""What comes late, or comes to nothing by itself, and still has to be right to the point."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

from ledger_world import START, LedgerWorld, changed, line, order, refund
from sqlalchemy import text

from bridge.earning.handling import rehandle_orders
from bridge.orders.told import tell_refund
from bridge.points.book import Book, Cause
from bridge.points.models import Holder
from bridge.points.spending import spend
from connectors.sales import Refund

ONE_A_EURO = {"per_amount": {"points": 1, "each": 1}}


def test_a_return_after_points_expired_takes_nothing_from_other_orders(
    ledger: LedgerWorld, check_book: Callable[[], None]
) -> None:
    """Also when nobody looked at the clock since, and line by line."""
    ledger.programme({"rules": {"base": ONE_A_EURO}, "ripen": {"days": 0}, "expire": {"months": 1}})
    buyer = ledger.member((0, "c1"))
    old = order("1", line("a", 20), line("b", 10))
    ledger.arrive(old)
    ledger.later(days=20)
    ledger.arrive(order("2", line("a", 100), placed=ledger.now))
    ledger.later(minutes=1)
    assert ledger.balance(buyer) == (130, 0, 0)
    ledger.now += timedelta(days=20)
    ledger.arrive(changed(old, 1, refunds=(refund("r1", ("a", 1, 20), ("b", 1, 10)),)))
    assert ledger.balance(buyer) == (100, 0, 0)
    check_book()


def test_a_return_takes_no_more_from_what_expired_than_expired(
    ledger: LedgerWorld, check_book: Callable[[], None]
) -> None:
    """15 of 30 points were spent, the others expired: who returns all of it owes 15."""
    ledger.programme({"rules": {"base": ONE_A_EURO}, "ripen": {"days": 0}, "expire": {"months": 1}})
    buyer = ledger.member((0, "c1"))
    bought = order("1", line("a", 20), line("b", 10))
    ledger.arrive(bought)
    ledger.later(minutes=1)
    with ledger.database.writing() as session:
        book = Book(session, ledger.workspace, ledger.now)
        key = (Holder.MEMBER, buyer)
        spend(book, book.open([key])[key], 15, Cause("spending", "1", ledger.now))
        book.write()
    ledger.later(days=40)
    ledger.arrive(changed(bought, 1, refunds=(Refund("r1", ledger.now, is_whole=True),)))
    assert ledger.balance(buyer) == (0, 0, 15)
    check_book()


def test_a_first_order_too_small_for_a_point_has_its_welcome(ledger: LedgerWorld) -> None:
    ledger.programme(
        {
            "rules": {
                "base": {"per_amount": {"points": 1, "each": 10}},
                "welcome": {"first_order": 50},
            }
        }
    )
    buyer = ledger.member((0, "c1"))
    ledger.arrive(order("1", line("a", 5)))
    ledger.later(days=14)
    assert ledger.balance(buyer) == (0, 0, 0)
    ledger.later(days=1)
    assert ledger.balance(buyer) == (50, 0, 0)


def test_an_order_that_is_decided_late_leaves_less_room_for_those_after_it(
    ledger: LedgerWorld,
) -> None:
    """The second order of a day is complete first: it had the room that the first then takes."""
    ledger.programme(
        {"rules": {"base": ONE_A_EURO, "welcome": {"first_order": 50}}, "caps": {"day": 100}}
    )
    buyer = ledger.member((0, "c1"))
    first = order("1", line("a", 40), completed_at=None)
    ledger.arrive(first, order("2", line("a", 60), placed=START + timedelta(hours=1)))
    ledger.later(days=20)
    assert ledger.worth("2") == {("a", "base"): 60}
    ledger.arrive(changed(first, 1, completed_at=ledger.now))
    ledger.later(days=20)
    assert ledger.worth("1") == {("a", "base"): 40, ("a", "welcome"): 50}
    assert ledger.worth("2") == {("a", "base"): 10}
    assert ledger.balance(buyer) == (100, 0, 0)


def test_what_a_person_tells_of_a_refund_lowers_what_was_spent(ledger: LedgerWorld) -> None:
    ledger.programme({"rules": {"steps": {"spend_steps": [{"at": 150, "points": 30}]}}})
    buyer = ledger.member((0, "c1"))
    bought = order("1", line("a", 100), refunds=(Refund("t1", START, unnamed=None),))
    ledger.arrive(bought, order("2", line("a", 60), placed=START + timedelta(days=1)))
    with ledger.database.writing() as session:
        where = (ledger.workspace, ledger.shops[0])
        tell_refund(session, *where, "1", "t1", Decimal(20), None, ledger.now, "somebody")
        rehandle_orders(session, ledger.workspace, [(ledger.shops[0], "1")], ledger.now)
    ledger.later(days=20)
    assert ledger.worth("2") == {}
    assert ledger.balance(buyer) == (0, 0, 0)
    with ledger.database.reading() as session:
        spent = session.connection().execute(
            text("SELECT net_total FROM orders WHERE order_id = '1' AND workspace_id = :w"),
            {"w": ledger.workspace},
        )
        assert spent.scalar_one() == 8000


def test_decided_orders_follow_what_is_told_later(ledger: LedgerWorld) -> None:
    """The step was crossed; then somebody tells that less was spent before."""
    ledger.programme(
        {
            "rules": {"steps": {"spend_steps": [{"at": 150, "points": 30}]}},
            "unknown_refund": "wait",
        }
    )
    buyer = ledger.member((0, "c1"))
    unknown = Refund("t1", START, unnamed=None)
    ledger.arrive(
        order("1", line("a", 100), refunds=(unknown,)),
        order("2", line("a", 60), placed=START + timedelta(days=1)),
    )
    ledger.later(days=20)
    assert ledger.balance(buyer) == (30, 0, 0)
    with ledger.database.writing() as session:
        where = (ledger.workspace, ledger.shops[0])
        tell_refund(session, *where, "1", "t1", Decimal(20), None, ledger.now, "somebody")
        rehandle_orders(session, ledger.workspace, [(ledger.shops[0], "1")], ledger.now)
    assert ledger.balance(buyer) == (0, 0, 0)
