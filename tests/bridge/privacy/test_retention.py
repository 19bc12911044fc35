"""What is forgotten by itself, and what never is."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from eve import ADMIN, Eve

from bridge.preferences.sections import Retention
from bridge.preferences.service import set_preferences
from bridge.privacy import inactive, retention


@pytest.mark.parametrize(
    ("months", "day"),
    [
        (1, date(2026, 2, 28)),
        (13, date(2025, 2, 28)),
        (24, date(2024, 3, 31)),
    ],
)
def test_so_many_months_ago(months: int, day: date) -> None:
    now = datetime(2026, 3, 31, 23, 59, tzinfo=UTC)
    assert retention.months_ago(months, now).date() == day


def keeps(eve: Eve, **rules: object) -> dict[str, int]:
    with eve.database.writing() as session:
        wanted = Retention.model_validate(rules)
        set_preferences(session, eve.workspace, wanted, ADMIN, eve.now)
    return dict(retention.apply(eve.database, eve.workspace, lambda: eve.now))


def test_what_is_old_is_forgotten_and_the_book_is_not(one_eve: Eve) -> None:
    letters = "SELECT details, state FROM letters WHERE workspace_id = :w"
    entries = "SELECT count(*) AS n FROM entries WHERE workspace_id = :w"
    before = one_eve.rows(entries)[0].n
    with one_eve.database.writing() as session:
        session.connection().exec_driver_sql("UPDATE letters SET state = 'sent'")
    assert keeps(one_eve)["letters"] == 0, "none of them is old"
    one_eve.now += timedelta(days=800)
    assert keeps(one_eve)["letters"] == 1
    assert [(row.details, row.state) for row in one_eve.rows(letters)] == [("{}", "sent")]
    assert keeps(one_eve)["letters"] == 0
    assert keeps(one_eve, inbox_days=7)["messages"] == 0, "the newest version of each stays"
    assert one_eve.rows(entries)[0].n == before


def test_who_is_silent_and_has_nothing_is_listed_and_erased_only_if_that_is_set(
    one_eve: Eve,
) -> None:
    silent = one_eve.member((0, "shopper-silent"))
    one_eve.now += timedelta(days=400)
    one_eve.buys("300", 10, "shopper-bo", email="bo@sun.example")
    assert keeps(one_eve, inactive_months=12)["inactive"] == 1, "Eve has points left"
    with one_eve.database.reading() as session:
        found = inactive.kept(session, one_eve.workspace)
    assert found is not None
    assert found.member_ids == (silent,)
    assert one_eve.rows("SELECT 1 FROM member_customers WHERE member_id = :m", m=silent)
    assert keeps(one_eve, inactive_months=12, erases_inactive=True)["erased"] == 1
    assert not one_eve.rows("SELECT 1 FROM member_customers WHERE member_id = :m", m=silent)
    with one_eve.database.reading() as session:
        left = inactive.kept(session, one_eve.workspace)
    assert left is not None
    assert left.member_ids == ()
