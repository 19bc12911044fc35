"""A guesser is slowed down, and the owner gets in again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bridge.db import Database
from bridge.users import passwords
from bridge.users.service import make_user
from bridge.users.signing_in import Known, Refused, check_password
from bridge.users.throttling import wait_after

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
RIGHT = "a right and long password"


@pytest.mark.parametrize(
    ("failures", "seconds"),
    [(0, 0), (4, 0), (5, 1), (6, 2), (7, 4), (10, 32), (14, 512), (15, 900), (1000, 900)],
)
def test_each_failure_doubles_the_wait_up_to_a_quarter_of_an_hour(
    failures: int, seconds: int
) -> None:
    assert wait_after(failures, 5) == timedelta(seconds=seconds)


@pytest.fixture
def known(database: Database) -> Database:
    with database.writing() as session:
        make_user(session, "ada@example.com", "Ada", passwords.hashed(RIGHT), NOW)
    return database


def test_after_some_failures_even_the_right_password_has_to_wait(known: Database) -> None:
    for _ in range(5):
        refused = check_password(known, "ada@example.com", "wrong", "192.0.2.1", NOW)
    assert refused == Refused(timedelta(seconds=1))

    early = check_password(known, "ADA@example.com ", RIGHT, "198.51.100.7", NOW)
    assert early == Refused(timedelta(seconds=1))

    later = check_password(
        known, "Ada@Example.com", RIGHT, "198.51.100.7", NOW + timedelta(seconds=1)
    )
    assert isinstance(later, Known)
    again = check_password(known, "ada@example.com", "wrong", "192.0.2.1", NOW + timedelta(hours=1))
    assert again == Refused(timedelta())


def test_however_its_domain_is_spelt_it_is_one_account(known: Database) -> None:
    spelt = ["example", "\uff45xample", "e\uff58ample", "ex\uff41mple", "exa\uff4dple"]
    for number, name in enumerate(spelt):
        check_password(known, f"ada@{name}.com", "wrong", f"192.0.2.{number}", NOW)
    refused = check_password(known, "ada@example.com", RIGHT, "198.51.100.7", NOW)
    assert refused == Refused(timedelta(seconds=1))


def test_an_address_that_tries_many_accounts_has_to_wait(known: Database) -> None:
    for number in range(30):
        check_password(known, f"nobody{number}@example.com", "wrong", "192.0.2.1", NOW)
    assert check_password(known, "ada@example.com", RIGHT, "192.0.2.1", NOW) == Refused(
        timedelta(seconds=1)
    )
    elsewhere = check_password(known, "ada@example.com", RIGHT, "192.0.2.2", NOW)
    assert isinstance(elsewhere, Known)
