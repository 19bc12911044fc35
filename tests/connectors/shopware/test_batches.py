"""Every good row is written, every bad one named, whatever the shop tells of it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import AnswerLost, Rejected, ShopFault
from connectors.shopware.batches import send_all
from connectors.shopware.failures import InvalidRows, MissingReference


class Shop:
    """Takes batches of numbers whole or not at all. ``reference`` of a row is its tens."""

    def __init__(self, **bad: set[int]) -> None:
        self.invalid = bad.get("invalid", set())
        self.dangling = bad.get("dangling", set())
        self.silent = bad.get("silent", set())
        self.faulty = bad.get("faulty", set())
        self.written: list[int] = []
        self.calls = 0

    def send(self, batch: Sequence[int]) -> None:
        self.calls += 1
        named = {i: f"{row} is bad" for i, row in enumerate(batch) if row in self.invalid}
        if named:
            raise InvalidRows("bad", where="sync", reasons=named)
        if any(row // 10 in self.dangling for row in batch):
            raise MissingReference("rule", where="sync", field="ruleId")
        if any(row in self.silent for row in batch):
            raise Rejected("something is wrong")
        if any(row in self.faulty for row in batch):
            raise ShopFault("500")
        self.written += batch

    def run(self, rows: Sequence[int], size: int = 500) -> dict[int, str]:
        refused = send_all(rows, self.send, size, lambda row, field: str(row // 10))
        return {row: error.message for row, error in refused}


numbers = st.sets(st.integers(0, 99), max_size=5)


@given(numbers, numbers, st.sets(st.integers(0, 9), max_size=3), st.integers(1, 60))
def test_good_rows_are_written_once_and_bad_ones_reported(
    invalid: set[int], silent: set[int], dangling: set[int], size: int
) -> None:
    shop = Shop(invalid=invalid, silent=silent, dangling=dangling)
    refused = shop.run(range(100), size)
    bad = invalid | silent | {row for row in range(100) if row // 10 in dangling}
    assert set(refused) == bad
    assert sorted(shop.written) == sorted(set(range(100)) - bad)


def test_rows_that_the_shop_names_cost_one_more_call() -> None:
    shop = Shop(invalid={3, 70, 71})
    assert shop.run(range(100)) == {n: f"{n} is bad" for n in (3, 70, 71)}
    assert shop.calls == 2


def test_a_missing_rule_is_found_by_what_rows_refer_to() -> None:
    shop = Shop(dangling={4})
    assert set(shop.run(range(100))) == set(range(40, 50))
    assert shop.calls < 10


def test_one_row_that_breaks_the_shop_hides_no_other() -> None:
    shop = Shop(faulty={321})
    assert shop.run(range(500)) == {321: "500"}
    assert len(shop.written) == 499


def test_a_shop_that_is_broken_is_not_asked_row_by_row() -> None:
    shop = Shop(faulty=set(range(500)))
    with pytest.raises(ShopFault):
        shop.run(range(500))
    assert shop.calls < 40


def test_a_lost_answer_is_never_sent_again() -> None:
    calls = []

    def send(batch: Sequence[int]) -> None:
        calls.append(batch)
        raise AnswerLost("cut")

    with pytest.raises(AnswerLost):
        send_all(range(10), send, 5, lambda row, field: str(row))
    assert len(calls) == 1
