"""Points by day are exact, however much of them is kept ready."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlmodel import Session, select

from bridge.db import Database
from bridge.figures.days import by_day, closed_through, keep_days, kept_through, recount
from bridge.figures.models import EntryDay, KeptDays
from bridge.figures.movements import Movements, together
from bridge.figures.points import Unit, outstanding, points_over_time

from .conftest import BEGIN, Merchant

BERLIN = ZoneInfo("Europe/Berlin")
LATER = BEGIN + timedelta(days=40)


def _told(merchant: Merchant) -> None:
    """Forty days of earning, spending, giving back and expiring."""
    ada, ben = merchant.member("ada"), merchant.member("ben")
    for number in range(0, 41, 2):
        at = BEGIN + timedelta(days=number, hours=number % 11)
        merchant.earns(
            ada, at, 100 + number, order=f"o{number}", expires_at=at + timedelta(days=20)
        )
        merchant.earns(ben, at, 10, order=f"b{number}", pending=True)
        if number % 6 == 4:
            merchant.spends(ada, at + timedelta(minutes=1), 30)
            merchant.returns(ben, at + timedelta(minutes=2), f"b{number}", 10)
            merchant.is_given(ben, at + timedelta(minutes=3), 5)


def _days(merchant: Merchant, session: Session) -> list[Movements]:
    return by_day(session, merchant.workspace_id, BERLIN, BEGIN.date(), LATER.date())


def _read(merchant: Merchant) -> list[Movements]:
    with merchant.database.reading() as session:
        return _days(merchant, session)


def test_kept_or_not_the_days_say_the_same_and_sum_up_to_the_accounts(merchant: Merchant) -> None:
    _told(merchant)
    from_the_book = _read(merchant)
    # Sums of the first half are kept, of all, and again by whom it was done already.
    for now in (BEGIN + timedelta(days=20), LATER, LATER):
        keep_days(merchant.database, merchant.workspace_id, BERLIN, now)
        assert _read(merchant) == from_the_book
    total = together(from_the_book)
    assert min(total.earned, total.redeemed, total.reversed, total.adjusted, total.expired) > 0
    with merchant.database.reading() as session:
        now_there = outstanding(session, merchant.workspace_id, merchant.terms(LATER))
    assert total.change == now_there.points - now_there.owed


def test_a_day_is_kept_once_the_next_is_over_and_only_once(merchant: Merchant) -> None:
    _told(merchant)
    assert closed_through(datetime(2027, 2, 10, 22, 59, tzinfo=UTC), BERLIN) == date(2027, 2, 8)
    assert closed_through(datetime(2027, 2, 10, 23, 0, tzinfo=UTC), BERLIN) == date(2027, 2, 9)
    which = (merchant.database, merchant.workspace_id, BERLIN)
    assert keep_days(*which, BEGIN + timedelta(days=1)) == 0
    assert keep_days(*which, LATER) == 39  # 1 January to 8 February
    assert keep_days(*which, LATER) == 0
    assert keep_days(*which, LATER + timedelta(days=1)) == 1


def test_what_is_recorded_after_the_days_were_kept_is_there_at_once(merchant: Merchant) -> None:
    _told(merchant)
    keep_days(merchant.database, merchant.workspace_id, BERLIN, LATER)
    before = _read(merchant)
    merchant.earns(merchant.member("eve"), LATER, 1_000)
    after = _read(merchant)
    assert after[:-1] == before[:-1]
    assert after[-1].earned == before[-1].earned + 1_000


def test_days_are_those_of_the_time_zone(merchant: Merchant) -> None:
    member = merchant.member("ada")
    merchant.earns(member, datetime(2027, 1, 5, 22, 59, tzinfo=UTC), 1)
    merchant.earns(member, datetime(2027, 1, 5, 23, 0, tzinfo=UTC), 2)
    for zone, expected in ((BERLIN, [1, 2]), (ZoneInfo("UTC"), [3, 0])):
        for now in (BEGIN, LATER):  # live, then kept; and each zone keeps its own
            keep_days(merchant.database, merchant.workspace_id, zone, now)
            with merchant.database.reading() as session:
                found = by_day(
                    session, merchant.workspace_id, zone, date(2027, 1, 5), date(2027, 1, 6)
                )
            assert [one.earned for one in found] == expected


def test_two_that_keep_days_at_once_do_no_harm(merchant: Merchant) -> None:
    _told(merchant)
    expected = _read(merchant)

    def keep(_: int) -> None:
        keep_days(merchant.database, merchant.workspace_id, BERLIN, LATER)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(keep, range(4)))
    assert _read(merchant) == expected
    with merchant.database.reading() as session:
        assert len(session.exec(select(KeptDays)).all()) == 1
        assert kept_through(session, merchant.workspace_id, BERLIN) == closed_through(LATER, BERLIN)


def test_what_a_wrong_clock_recorded_into_the_past_is_found_and_mended(merchant: Merchant) -> None:
    _told(merchant)
    keep_days(merchant.database, merchant.workspace_id, BERLIN, LATER)
    which = (merchant.database, merchant.workspace_id, BERLIN)
    assert recount(*which) == []
    merchant.earns(merchant.member("eve"), BEGIN + timedelta(days=3), 7)
    with merchant.database.writing() as session:
        # A row that no entry stands for, and one that says too much.
        session.add(
            EntryDay(
                workspace_id=merchant.workspace_id,
                zone=BERLIN.key,
                day=date(2027, 1, 10),
                debit="issued",
                credit="available",
                effect="nothing",
                points=5,
                entries=1,
            )
        )
        session.execute(
            text("UPDATE entry_days SET points = points + 1 WHERE day = :day"),
            {"day": date(2027, 1, 3)},
        )
    assert recount(*which) == [date(2027, 1, day) for day in (3, 4, 10)]
    assert recount(*which) == []
    mended = _read(merchant)
    with merchant.database.writing() as session:
        session.execute(text("DELETE FROM kept_days"))
    assert _read(merchant) == mended


def test_points_over_time_by_days_and_by_months(merchant: Merchant) -> None:
    _told(merchant)
    terms = merchant.terms(LATER)
    days = points_over_time(merchant.database, merchant.workspace_id, terms, LATER, days=7)
    assert [one.begins for one in days.periods] == [date(2027, 2, day) for day in range(4, 11)]
    months = points_over_time(merchant.database, merchant.workspace_id, terms, LATER, months=3)
    assert [(one.begins, one.ends) for one in months.periods] == [
        (date(2026, 12, 1), date(2026, 12, 31)),
        (date(2027, 1, 1), date(2027, 1, 31)),
        (date(2027, 2, 1), date(2027, 2, 10)),
    ]
    assert (days.unit, months.unit) == (Unit.DAY, Unit.MONTH)
    assert months.total.change == together(_read(merchant)).change


def test_the_last_days_are_summed_over_an_index(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    with database.reading() as session:
        plan = session.execute(
            text(
                "EXPLAIN QUERY PLAN SELECT debit, credit, effect, sum(points) FROM entries"
                " WHERE workspace_id = 1 AND posted_at >= '2027-01-01' AND posted_at < '2027-01-02'"
                " GROUP BY debit, credit, effect"
            )
        )
        steps = [row[3] for row in plan]
    database.close()
    assert any("ix_entries_posted (workspace_id=? AND posted_at>?" in step for step in steps), steps
