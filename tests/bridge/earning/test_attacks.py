"""What once lost, doubled or misplaced points, or might: each as a merchant would meet it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from ledger_world import START, LedgerWorld, changed, line, money, order, refund
from sqlalchemy import text
from sqlmodel import Session

from bridge.earning.activities import Done, handle_activity
from bridge.earning.occasions_due import give_for_occasions
from bridge.members import companies
from bridge.members.merging import merge
from bridge.members.models import Company, Member
from bridge.points.book import Book, Cause
from bridge.points.models import Holder
from bridge.points.spending import spend
from connectors.sales import Refund

BASE = {"base": {"per_amount": {"points": 1, "each": 1}}}
AT_ONCE = {"ripen": {"after": "paid", "days": 0}}
SHORT = {**AT_ONCE, "rules": BASE, "expire": {"days": 10}}


def spends(ledger: LedgerWorld, member: int, points: int, name: str = "1") -> None:
    with ledger.database.writing() as session:
        book = Book(session, ledger.workspace, ledger.now)
        key = (Holder.MEMBER, member)
        spend(book, book.open([key])[key], points, Cause("spending", name, ledger.now))
        book.write()


def merges(ledger: LedgerWorld, keep: int, other: int) -> None:
    with ledger.database.writing() as session:
        merge(
            session,
            ledger.workspace,
            session.get_one(Member, keep),
            session.get_one(Member, other),
            "test",
            ledger.now,
        )


def whole(at: Any = START) -> Refund:
    return Refund("all", at, is_whole=True)


# -- what has expired -----------------------------------------------------------------------


def test_what_expired_a_moment_ago_is_not_taken_a_second_time(
    ledger: LedgerWorld, check_book: Callable[[], None]
) -> None:
    """No task has looked at the lot since; the refund itself notices."""
    ledger.programme(SHORT)
    buyer = ledger.member((0, "c1"))
    bought = order("1", line("a", 60), line("b", 40))
    ledger.arrive(bought)
    ledger.later(days=1)
    ledger.now += timedelta(days=20)
    ledger.arrive(changed(bought, 1, refunds=(whole(),)))
    assert ledger.balance(buyer) == (0, 0, 0)
    assert ledger.worth("1") == {}
    check_book()


def test_lines_that_come_back_together_take_what_expired_once(
    ledger: LedgerWorld, check_book: Callable[[], None]
) -> None:
    ledger.programme(SHORT)
    buyer = ledger.member((0, "c1"))
    bought = order("1", line("a", 60), line("b", 40))
    ledger.arrive(bought)
    ledger.later(days=1)
    spends(ledger, buyer, 70)
    ledger.later(days=20)
    ledger.arrive(changed(bought, 1, refunds=(whole(),)))
    assert ledger.balance(buyer) == (0, 0, 70)
    check_book()


def test_points_that_expired_while_they_were_held_are_gone_once(
    ledger: LedgerWorld, check_book: Callable[[], None]
) -> None:
    ledger.programme(SHORT)
    buyer = ledger.member((0, "c1"))
    bought = order("1", line("a", 100))
    ledger.arrive(bought)
    ledger.later(days=1)
    held = changed(bought, 1, refunds=(Refund("t1", START, unnamed=None),))
    ledger.arrive(held)
    ledger.later(days=20)
    ledger.arrive(changed(held, 2, refunds=(Refund("t1", START, unnamed=money(100)),)))
    assert ledger.balance(buyer) == (0, 0, 0)
    assert ledger.worth("1") == {}
    check_book()


def test_points_held_past_their_time_and_then_edited_are_gone_once(
    ledger: LedgerWorld, check_book: Callable[[], None]
) -> None:
    """They expire when they come free, and what the edit adds does once more, at one go."""
    ledger.programme(SHORT)
    buyer = ledger.member((0, "c1"))
    bought = order("1", line("a", 100))
    ledger.arrive(bought)
    ledger.later(days=1)
    held = changed(bought, 1, refunds=(Refund("t1", START, unnamed=None),))
    ledger.arrive(held)
    ledger.later(days=20)
    ledger.arrive(changed(held, 2, lines=(line("z", 100),), refunds=()))
    assert ledger.balance(buyer) == (0, 0, 0)
    assert ledger.worth("1") == {("z", "base"): 100}
    check_book()


def test_what_expired_before_its_holder_was_merged_is_not_taken_again(
    ledger: LedgerWorld, check_book: Callable[[], None]
) -> None:
    ledger.programme(SHORT)
    gone, kept = ledger.member((0, "c1")), ledger.member((1, "k1"))
    bought = order("1", line("a", 100))
    ledger.arrive(bought)
    ledger.later(days=20)
    merges(ledger, kept, gone)
    ledger.arrive(changed(bought, 1, refunds=(whole(),)))
    assert ledger.balance(kept) == (0, 0, 0)
    check_book()


# -- holders that change --------------------------------------------------------------------


@pytest.mark.parametrize("returned", [30, 100])
def test_points_held_when_their_holder_is_merged_come_free_where_he_is_now(
    ledger: LedgerWorld, check_book: Callable[[], None], returned: int
) -> None:
    ledger.programme({**AT_ONCE, "rules": BASE})
    gone, kept = ledger.member((0, "c1")), ledger.member((1, "k1"))
    bought = order("1", line("a", 100))
    ledger.arrive(bought)
    ledger.later(days=1)
    held = changed(bought, 1, refunds=(Refund("t1", START, unnamed=None),))
    ledger.arrive(held)
    merges(ledger, kept, gone)
    ledger.arrive(changed(held, 2, refunds=(Refund("t1", START, unnamed=money(returned)),)))
    assert ledger.balance(kept) == (100 - returned, 0, 0)
    assert ledger.balance(gone) == (0, 0, 0)
    check_book()


def test_who_owes_pays_with_what_a_merge_brings(
    ledger: LedgerWorld, check_book: Callable[[], None]
) -> None:
    ledger.programme({**AT_ONCE, "rules": BASE})
    rich, poor = ledger.member((0, "c1")), ledger.member((1, "k1"))
    owing = order("1", line("a", 50), customer="k1")
    ledger.arrive(owing, shop=1)
    ledger.arrive(order("2", line("a", 100)))
    ledger.later(days=1)
    spends(ledger, poor, 50)
    ledger.arrive(changed(owing, 1, refunds=(whole(),)), shop=1)
    assert ledger.balance(poor) == (0, 0, 50)
    merges(ledger, poor, rich)
    assert ledger.balance(poor) == (50, 0, 0)
    check_book()


def _firm(ledger: LedgerWorld, session: Session) -> Company:
    return companies.company(session, ledger.workspace, "Firm")


def _company(ledger: LedgerWorld, *people: int) -> None:
    with ledger.database.writing() as session:
        firm = companies.make(session, ledger.workspace, "Firm", "", ledger.now)
        for one in people:
            companies.add(session, firm, session.get_one(Member, one), "test", ledger.now)


def _holds(ledger: LedgerWorld, rest_to: int | None = None) -> None:
    with ledger.database.writing() as session:
        firm = _firm(ledger, session)
        if not firm.holds_points:
            companies.hold_points(session, firm, "test", ledger.now)
            return
        taker = session.get_one(Member, rest_to) if rest_to else None
        companies.release_points(session, firm, "test", ledger.now, rest_to=taker)


def _leaves(ledger: LedgerWorld, member: int) -> None:
    with ledger.database.writing() as session:
        one = session.get_one(Member, member)
        companies.remove(session, _firm(ledger, session), one, "test", ledger.now)


def test_points_that_come_back_from_a_company_ripen_and_expire_as_they_would_there(
    ledger: LedgerWorld, check_book: Callable[[], None]
) -> None:
    """The order was completed while the company held its points."""
    ledger.programme(
        {"ripen": {"after": "completed", "days": 5}, "rules": BASE, "expire": {"days": 10}}
    )
    buyer = ledger.member((0, "c1"))
    _company(ledger, buyer)
    bought = order("1", line("a", 100), completed_at=None)
    ledger.arrive(bought)
    _holds(ledger)
    ledger.arrive(changed(bought, 1, completed_at=START))
    _holds(ledger)
    assert ledger.balance(buyer) == (0, 100, 0)
    ledger.later(days=6)
    assert ledger.balance(buyer) == (100, 0, 0)
    _holds(ledger)
    _holds(ledger)
    assert ledger.balance(buyer) == (100, 0, 0)
    ledger.later(days=11)
    assert ledger.balance(buyer) == (0, 0, 0)
    check_book()


def test_orders_of_who_left_follow_the_rest_of_a_companys_points(
    ledger: LedgerWorld, check_book: Callable[[], None]
) -> None:
    ledger.programme({**AT_ONCE, "rules": BASE})
    left, stays = ledger.member((0, "c1")), ledger.member((1, "k1"))
    _company(ledger, left, stays)
    _holds(ledger)
    bought = order("1", line("a", 100))
    ledger.arrive(bought)
    ledger.later(days=1)
    _leaves(ledger, left)
    _holds(ledger, rest_to=stays)
    assert ledger.balance(stays) == (100, 0, 0)
    ledger.arrive(changed(bought, 1, refunds=(refund("r1", ("a", 1, 40)),)))
    assert sum(ledger.worth("1").values()) in (0, 60)
    back = 100 - sum(ledger.worth("1").values())
    assert ledger.balance(stays) == (100 - back, 0, 0)
    check_book()


def test_an_activity_is_taken_back_from_where_its_points_went(
    ledger: LedgerWorld, check_book: Callable[[], None]
) -> None:
    """As an order's: its member left the company since, and its points stayed."""
    ledger.programme({"rules": {"review": {"review": 20}}})
    buyer, other = ledger.member((0, "c1")), ledger.member((1, "k1"))
    _company(ledger, buyer, other)
    _holds(ledger)
    done = Done(ledger.shops[0], "7", "review", START, True, START, START, "c1")
    _does(ledger, done)
    _leaves(ledger, buyer)
    later = START + timedelta(hours=1)
    _does(ledger, replace(done, is_valid=False, changed_at=later))
    assert ledger.balance(buyer) == (0, 0, 0)
    _does(ledger, replace(done, changed_at=later + timedelta(hours=1)))
    assert ledger.balance(buyer) == (0, 0, 0)
    _holds(ledger, rest_to=other)
    assert ledger.balance(other) == (20, 0, 0)
    _does(ledger, replace(done, is_valid=False, changed_at=later + timedelta(hours=2)))
    assert ledger.balance(other) == (0, 0, 0)
    check_book()


def test_an_activity_follows_its_member_through_a_merge(
    ledger: LedgerWorld, check_book: Callable[[], None]
) -> None:
    ledger.programme({"rules": {"review": {"review": 20}}})
    gone, kept = ledger.member((0, "c1")), ledger.member((1, "k1"))
    done = Done(ledger.shops[0], "7", "review", START, True, START, START, "c1")
    _does(ledger, done)
    spends(ledger, gone, 15)
    merges(ledger, kept, gone)
    _does(ledger, replace(done, changed_at=START + timedelta(hours=1)))
    assert ledger.balance(kept) == (5, 0, 0)
    _does(ledger, replace(done, is_valid=False, changed_at=START + timedelta(hours=2)))
    assert ledger.balance(kept) == (0, 0, 15)
    check_book()


def _does(ledger: LedgerWorld, done: Done) -> None:
    with ledger.database.writing() as session:
        assert handle_activity(session, ledger.workspace, done, ledger.now)


def test_a_person_who_was_two_members_has_one_birthday(
    ledger: LedgerWorld, check_book: Callable[[], None]
) -> None:
    ledger.programme({"rules": {"birthday": {"birthday": 25}}})
    born = date(1990, 3, 3)
    two = [ledger.member((0, "c1")), ledger.member((1, "k1"))]
    with ledger.database.writing() as session:
        session.get_one(Member, two[0]).birthday = born
    ledger.now = START + timedelta(days=5)
    assert give_for_occasions(ledger.database, ledger.workspace, lambda: ledger.now) == 1
    merges(ledger, two[1], two[0])
    assert give_for_occasions(ledger.database, ledger.workspace, lambda: ledger.now) == 0
    assert ledger.balance(two[1]) == (25, 0, 0)
    check_book()


def test_who_only_bought_as_a_guest_has_not_joined(ledger: LedgerWorld) -> None:
    ledger.programme({"guests": "collect", "rules": {"hello": {"sign_up": 50}}})
    guest = replace(order("1", line("a", 10)), customer_id="", is_guest=True)
    ledger.arrive(guest)
    ledger.member((0, "c2"), joined=START + timedelta(minutes=1))
    ledger.now = START + timedelta(hours=1)
    assert give_for_occasions(ledger.database, ledger.workspace, lambda: ledger.now) == 1


def test_a_member_with_more_open_orders_than_are_read_at_once_is_merged(
    ledger: LedgerWorld,
) -> None:
    ledger.programme({"rules": BASE})
    gone, kept = ledger.member((0, "c1")), ledger.member((1, "k1"))
    ledger.arrive(*(order(str(number), line("a", 1)) for number in range(1_200)))
    merges(ledger, kept, gone)
    assert ledger.balance(kept) == (0, 1_200, 0)


# -- edits ----------------------------------------------------------------------------------


def test_an_edit_that_renames_lines_gives_nothing_to_whom_debt_is_forgiven(
    ledger: LedgerWorld, check_book: Callable[[], None]
) -> None:
    """Shops give lines new ids when they compute an order anew."""
    ledger.programme({**AT_ONCE, "rules": BASE, "debt": "forgive"})
    buyer = ledger.member((0, "c1"))
    bought = order("1", line("a", 100))
    ledger.arrive(bought)
    ledger.later(days=1)
    spends(ledger, buyer, 100)
    ledger.arrive(changed(bought, 1, lines=(line("z", 100),)))
    assert ledger.balance(buyer) == (0, 0, 0)
    assert ledger.worth("1") == {("z", "base"): 100}
    check_book()


def test_an_edit_that_renames_lines_leaves_other_points_their_time(ledger: LedgerWorld) -> None:
    ledger.programme(SHORT)
    buyer = ledger.member((0, "c1"))
    ledger.arrive(order("1", line("a", 50)))
    later = order("2", line("a", 100), placed=START + timedelta(days=5))
    ledger.later(days=5)
    ledger.arrive(later)
    ledger.later(hours=1)
    spends(ledger, buyer, 70)
    # 50 of the first and 20 of the second are spent.
    ledger.arrive(order("3", line("a", 30), placed=ledger.now))
    ledger.later(hours=1)
    before = _lots(ledger)
    ledger.arrive(changed(later, 1, lines=(line("z", 100),)))
    assert _lots(ledger) == before


def _lots(ledger: LedgerWorld) -> list[Any]:
    with ledger.database.reading() as session:
        rows = session.connection().execute(
            text(
                "SELECT source_id, pending, available, reserved FROM lots"
                " WHERE workspace_id = :w AND source_kind = 'order' ORDER BY 1"
            ),
            {"w": ledger.workspace},
        )
        return [tuple(row) for row in rows]


# -- what depends on the past ---------------------------------------------------------------


def test_points_for_the_first_order_need_no_other_rule(
    ledger: LedgerWorld, check_book: Callable[[], None]
) -> None:
    ledger.programme({**AT_ONCE, "rules": {"first": {"first_order": 100}}})
    buyer = ledger.member((0, "c1"))
    unpaid = order("1", line("a", 30), paid_at=None)
    ledger.arrive(unpaid)
    ledger.later(days=1)
    assert ledger.balance(buyer) == (0, 0, 0)
    ledger.arrive(changed(unpaid, 5, paid_at=START))
    ledger.later(days=1)
    assert ledger.balance(buyer) == (100, 0, 0)
    ledger.arrive(order("2", line("a", 30), placed=ledger.now))
    ledger.later(days=1)
    assert ledger.balance(buyer) == (100, 0, 0)
    check_book()


def test_a_cap_holds_when_an_earlier_order_is_decided_last(
    ledger: LedgerWorld, check_book: Callable[[], None]
) -> None:
    ledger.programme(
        {**AT_ONCE, "rules": {**BASE, "first": {"first_order": 50}}, "caps": {"member": 100}}
    )
    buyer = ledger.member((0, "c1"))
    unpaid = order("1", line("a", 60), paid_at=None)
    ledger.arrive(unpaid)
    ledger.arrive(order("2", line("a", 60), placed=START + timedelta(hours=1)))
    ledger.later(days=1)
    assert sum(ledger.worth("2").values()) == 40
    ledger.arrive(changed(unpaid, 90, paid_at=ledger.now))
    ledger.later(days=1)
    assert sum(ledger.worth("1").values()) == 100
    assert sum(ledger.worth("2").values()) == 0
    assert ledger.balance(buyer) == (100, 0, 0)
    check_book()


# -- the programme --------------------------------------------------------------------------


def test_a_missing_rate_is_mended_by_the_version_that_has_it(ledger: LedgerWorld) -> None:
    ledger.programme({**AT_ONCE, "rules": BASE})
    buyer = ledger.member((0, "c1"))
    swiss = replace(order("1", line("a", 100)), currency="CHF")
    assert ledger.arrive(swiss) != [True]
    ledger.now += timedelta(days=1)
    rates = [{"currency": "CHF", "from": "2026-01-01", "rate": "1.05"}]
    ledger.programme({**AT_ONCE, "rules": BASE}, rates=rates)
    assert ledger.arrive(swiss) == [True]
    assert ledger.balance(buyer) == (0, 105, 0)
    ledger.now += timedelta(days=1)
    ledger.programme({**AT_ONCE, "rules": BASE}, rates=[{**rates[0], "rate": "2"}])
    ledger.again("1")
    assert ledger.balance(buyer) == (0, 105, 0)


def test_a_rate_may_be_as_large_as_currencies_differ(ledger: LedgerWorld) -> None:
    ledger.programme(
        {**AT_ONCE, "rules": {"base": {"per_amount": {"points": 1, "each": 1000}}}},
        currency="VND",
        rates=[{"currency": "EUR", "from": "2026-01-01", "rate": "30500"}],
    )
    buyer = ledger.member((0, "c1"))
    assert ledger.arrive(order("1", line("a", 100))) == [True]
    assert ledger.balance(buyer) == (0, 3050, 0)


def test_an_order_that_cannot_be_decided_stops_nobody_else(
    ledger: LedgerWorld, check_book: Callable[[], None]
) -> None:
    ledger.programme({**AT_ONCE, "rules": {**BASE, "first": {"first_order": 50}}})
    ledger.member((0, "c1"))
    other = ledger.member((0, "c2"))
    ledger.arrive(order("1", line("a", 10)), order("2", line("a", 10), customer="c2"))
    with ledger.database.writing() as session:
        session.connection().execute(
            text("UPDATE orders SET content = 'broken' WHERE order_id = '1'")
        )
    ledger.later(days=1)
    assert ledger.balance(other) == (60, 0, 0)
    check_book()
