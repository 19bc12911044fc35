"""Whose limit holds."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from merchants import Merchant
from sqlmodel import select

from bridge.members.adjusting import Adjustment
from bridge.members.adjusting_limits import AboveLimit, adjust_within, smaller
from bridge.members.models import Member


@pytest.mark.parametrize(
    ("own", "workspace", "limit"),
    [(None, None, None), (5, None, 5), (None, 7, 7), (5, 7, 5), (9, 7, 7), (0, 7, 0)],
)
def test_of_two_limits_the_smaller_one_holds(
    own: int | None, workspace: int | None, limit: int | None
) -> None:
    assert smaller(own, workspace) == limit


def given(merchant: Merchant, who: str, points: int, told: str, limit: int | None = 100) -> int:
    """Available afterwards; raises AboveLimit."""
    asked = Adjustment(told, points, "A gift", who)
    with merchant.writing() as session:
        (member,) = session.exec(select(Member)).all()
        assert member.id is not None
        done = adjust_within(
            session, merchant.workspace_id, member.id, asked, who, limit, merchant.now
        )
    return done.after.available


def test_a_sum_that_is_split_passes_no_limit(merchant: Merchant) -> None:
    merchant.arrives("1", "ada@example.com")
    assert given(merchant, "user 1", 60, "a") == 60
    assert given(merchant, "user 1", -30, "b") == 30
    with pytest.raises(AboveLimit, match="90 were given"):
        given(merchant, "user 1", 11, "c")
    assert given(merchant, "user 1", 60, "a") == 30, "told again it is no other one"
    assert given(merchant, "user 1", 10, "d") == 40
    assert given(merchant, "user 2", 100, "e") == 140, "of each one"
    merchant.now += timedelta(days=1)
    assert given(merchant, "user 1", 100, "f") == 240, "and of each day"


def test_of_many_at_once_no_more_than_the_limit_passes(merchant: Merchant) -> None:
    merchant.arrives("1", "ada@example.com")

    def one(number: int) -> bool:
        try:
            given(merchant, "user 1", 30, f"at once {number}")
        except AboveLimit:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(one, range(8))) == 3
