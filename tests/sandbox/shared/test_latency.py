"""A sandbox takes as long as a real shop would, also for calls that run together."""

from __future__ import annotations

import threading
import time

import pytest

from connectors.sandbox.latency import Cost, Latency, Work, Workbench, latency_from


def test_a_call_costs_by_call_row_and_sku_but_never_less_than_the_minimum() -> None:
    cost = Cost(per_call_ms=100, per_row_ms=1, per_sku_ms=10, minimum_ms=300)
    assert cost.of(Work("", rows=50, skus=20)) == 350
    assert cost.of(Work("", rows=1, skus=1)) == 300


def test_kinds_without_a_cost_of_their_own_take_the_general_one() -> None:
    latency = Latency({"": Cost(per_call_ms=5), "write": Cost(per_call_ms=9)})
    assert latency.cost_ms(Work("read")) == 5
    assert latency.cost_ms(Work("write")) == 9


def test_calls_that_run_together_share_the_shop() -> None:
    """Four calls of 60 ms on a shop that does one after another take 240 ms."""
    bench = Workbench()
    latency = Latency({}, speedup=(1.0,))
    threads = [threading.Thread(target=bench.spend, args=(latency, 60)) for _ in range(4)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 0.2 <= time.monotonic() - began <= 0.5


def test_an_explicit_profile_reads_back_as_it_was_given() -> None:
    given = {"per_call_ms": 5, "per_row_ms": 0.1, "speedup": [1, 1.4]}
    latency = latency_from(given, Latency())
    assert latency.cost_ms(Work("any", rows=10)) == 6
    assert latency.rate(1) == 1
    assert latency.rate(4) == pytest.approx(1.4 / 4)
    assert latency_from(latency.as_json(), Latency()) == latency
