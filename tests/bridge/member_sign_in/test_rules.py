"""How often something may be tried, and what codes are."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from bridge.db import Database
from bridge.member_sign_in.limiting import Rate, count, waits
from bridge.member_sign_in.secrets import address_hash, code_of, is_code, typed_code
from bridge.workspaces.service import ensure_workspace, workspace_id

RATE = Rate(3, timedelta(minutes=10))
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("level", "minutes", "left", "wait"),
    [
        (0, 0, 0, 0),
        (2, 0, 2, 0),
        (3, 0, 3, 10),
        (3, 5, 2.5, 5),
        (3, 10, 2, 0),
        (3, 600, 0, 0),
        (3, -5, 3, 10),
    ],
)
def test_a_bucket_empties_steadily(level: float, minutes: int, left: float, wait: int) -> None:
    now = RATE.left(level, timedelta(minutes=minutes))
    assert now == pytest.approx(left)
    assert RATE.wait(now) == timedelta(minutes=wait)


def test_tries_are_counted_by_merchant_and_forgotten(database: Database) -> None:
    with database.writing() as session:
        for key in ("acme", "other"):
            ensure_workspace(session, key, NOW)
        acme, other = workspace_id(session, "acme"), workspace_id(session, "other")
    told = {"a": RATE, "b": Rate(9, timedelta(minutes=1))}
    for _ in range(3):
        with database.writing() as session:
            assert not waits(session, acme, told, NOW)
            count(session, acme, told, NOW)
    later = NOW + timedelta(minutes=10)
    with database.writing() as session:
        assert waits(session, acme, told, NOW) == timedelta(minutes=10)
        assert not waits(session, other, told, NOW)
        assert not waits(session, acme, told, later)


@pytest.mark.parametrize(
    ("typed", "is_"),
    [
        ("042117", True),
        (" 042 117 ", True),
        ("042-117", True),
        ("\u06f0\u06f4\u06f2\u06f1\u06f1\u06f7", True),
        ("\u0e50\u0e54\u0e52\u0e51\u0e51\u0e57", True),
        ("42117", False),
        ("0421170", False),
        ("", False),
        ("04211x", False),
    ],
)
def test_a_code_is_read_in_whatever_digits_it_is_written(typed: str, is_: bool) -> None:
    assert (typed_code(typed) == "042117") is is_


def test_codes_are_six_digits_of_all_kinds_and_another_merchants_is_another() -> None:
    codes = [code_of(b"secret", 1, str(nonce)) for nonce in range(2_000)]
    assert {len(code) for code in codes} == {6}
    assert len(set(codes)) > 1_990
    assert min(Counter("".join(codes)).values()) > 1_000
    assert is_code(b"secret", 1, "5", codes[5])
    assert not is_code(b"secret", 2, "5", codes[5])
    assert not is_code(b"other", 1, "5", codes[5])
    assert address_hash(1, "a@b.example") != address_hash(2, "a@b.example")
