"""Grows by one a round, halves once an overload."""

from __future__ import annotations

import threading

import pytest

from connectors.http import AdaptiveLimit, Concurrency


def test_a_full_round_of_fast_answers_adds_one() -> None:
    rule = AdaptiveLimit(value=4, maximum=8)
    for _ in range(4):
        rule.succeeded(busy=4, fast=True)
    assert rule.whole == 5


@pytest.mark.parametrize(("busy", "fast"), [(4, False), (1, True)])
def test_slow_answers_and_idle_places_add_nothing(busy: int, fast: bool) -> None:
    rule = AdaptiveLimit(value=4, maximum=8)
    for _ in range(40):
        rule.succeeded(busy=busy, fast=fast)
    assert rule.whole == 4


def test_it_never_leaves_its_bounds() -> None:
    rule = AdaptiveLimit(value=2, maximum=3)
    for _ in range(50):
        rule.succeeded(busy=rule.whole, fast=True)
    assert rule.whole == 3
    for _ in range(10):
        rule.overloaded(rule.generation)
    assert rule.whole == 1


def test_calls_that_fail_together_halve_once() -> None:
    rule = AdaptiveLimit(value=8, maximum=8)
    begun_in = rule.generation
    for _ in range(8):
        rule.overloaded(begun_in)
    assert rule.whole == 4


def test_no_more_calls_at_once_than_allowed() -> None:
    gate = Concurrency(2, 4)
    inside = threading.Semaphore(0)
    leave = threading.Event()
    seen: list[int] = []

    def call() -> None:
        with gate.slot():
            seen.append(gate.busy)
            inside.release()
            leave.wait(10)

    threads = [threading.Thread(target=call) for _ in range(5)]
    for thread in threads:
        thread.start()
    assert inside.acquire(timeout=10)
    assert inside.acquire(timeout=10)
    assert gate.busy == 2
    leave.set()
    for thread in threads:
        thread.join(10)
    assert len(seen) == 5
    assert max(seen) <= 2
    assert gate.busy == 0


def test_waiting_for_a_place_ends() -> None:
    gate = Concurrency(1, 1)
    errors: list[type[BaseException]] = []

    def late() -> None:
        try:
            with gate.slot(timeout=0.0):
                pass
        except TimeoutError as error:
            errors.append(type(error))

    with gate.slot():
        thread = threading.Thread(target=late)
        thread.start()
        thread.join(10)
    assert errors == [TimeoutError]
