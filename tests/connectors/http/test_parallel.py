"""Side by side, in order, with the first error raised."""

from __future__ import annotations

import threading

import pytest

from connectors.http import in_parallel


@pytest.mark.parametrize("workers", [1, 2, 8])
@pytest.mark.parametrize("count", [0, 1, 20])
def test_answers_come_in_order(workers: int, count: int) -> None:
    assert list(in_parallel(lambda n: n * n, range(count), workers)) == [
        n * n for n in range(count)
    ]


def test_no_more_than_the_workers_at_once() -> None:
    lock, busy, most = threading.Lock(), 0, 0
    both = threading.Barrier(2)

    def work(number: int) -> int:
        nonlocal busy, most
        with lock:
            busy += 1
            most = max(most, busy)
        both.wait(timeout=10)
        with lock:
            busy -= 1
        return number

    assert list(in_parallel(work, range(10), 2)) == list(range(10))
    assert most == 2


def test_an_error_is_raised_after_the_answers_before_it() -> None:
    def work(number: int) -> int:
        if number == 3:
            raise ValueError("the fourth")
        return number

    answers = in_parallel(work, range(100), 2)
    assert [next(answers), next(answers), next(answers)] == [0, 1, 2]
    with pytest.raises(ValueError, match="the fourth"):
        next(answers)
