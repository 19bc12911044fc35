"""A second factor's code works once, also when two ask at the same moment."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pyotp
import pytest

from bridge.db import Database
from bridge.kit.encryption import KeyRing, generate_key
from bridge.users.models import User
from bridge.users.second_factor import new_secret, step_of, take_code, turn_off, turn_on
from bridge.users.service import make_user
from bridge.users.signing_in import Known, Refused, check_code

NOW = datetime(2026, 3, 1, 12, 0, 10, tzinfo=UTC)
KEYS = KeyRing([generate_key()])
SECRET = new_secret()
STEP = int(NOW.timestamp()) // 30


def code_at(moment: datetime) -> str:
    return pyotp.TOTP(SECRET).at(moment)


@pytest.mark.parametrize(
    ("seconds", "is_taken"), [(0, True), (-30, True), (30, True), (-60, False), (60, False)]
)
def test_the_clock_of_a_telephone_may_be_half_a_minute_off(seconds: int, is_taken: bool) -> None:
    code = code_at(NOW + timedelta(seconds=seconds))
    assert (step_of(SECRET, code, 0, NOW) is not None) == is_taken


def test_no_code_of_a_step_that_was_taken_or_is_older() -> None:
    assert step_of(SECRET, code_at(NOW), STEP, NOW) is None
    assert step_of(SECRET, code_at(NOW + timedelta(seconds=30)), STEP, NOW) == STEP + 1


@pytest.fixture
def ada(database: Database) -> tuple[User, list[str]]:
    with database.writing() as session:
        user = make_user(session, "ada@example.com", "Ada", "", NOW)
        assert user.id is not None
        codes = turn_on(session, user.id, SECRET, lambda: KEYS, 0)
        session.refresh(user)
    return user, codes


def test_of_many_who_show_one_code_at_once_one_gets_in(
    database: Database, ada: tuple[User, list[str]]
) -> None:
    user, codes = ada

    def show(code: str) -> bool:
        with database.writing() as session:
            return take_code(session, user, code, KEYS, NOW)

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(show, [code_at(NOW)] * 8)) == 1
        assert sum(threads.map(show, [codes[0]] * 8)) == 1
    assert show(codes[1].lower().replace("-", " "))
    assert not show("000000")


def test_wrong_codes_are_slowed_down(database: Database, ada: tuple[User, list[str]]) -> None:
    user, _ = ada
    assert user.id is not None
    for _ in range(6):
        refused = check_code(database, user.id, "abcdef", KEYS, "192.0.2.1", NOW)
    assert refused == Refused(timedelta(seconds=1))
    assert check_code(database, user.id, code_at(NOW), KEYS, "192.0.2.1", NOW) == refused
    after = NOW + timedelta(seconds=1)
    assert isinstance(
        check_code(database, user.id, code_at(after), KEYS, "192.0.2.1", after), Known
    )


def test_turned_off_nothing_of_it_is_left(database: Database, ada: tuple[User, list[str]]) -> None:
    user, codes = ada
    assert user.id is not None
    with database.writing() as session:
        turn_off(session, user.id)
    assert isinstance(check_code(database, user.id, codes[0], KEYS, "192.0.2.1", NOW), Refused)
