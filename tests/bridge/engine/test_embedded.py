"""The engine that lives in the process of `run`."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from engine_suite import EngineSuite, Work
from engine_world import Merchant, programme, until
from toyshop import Style, World

from bridge.engine.bench import Bench, open_bench
from bridge.engine.embedded import EmbeddedEngine
from bridge.engine.once import work_once
from bridge.engine.protocol import Done, Scope, Step
from bridge.engine.schedule import steps
from bridge.engine.slots import Slot
from bridge.inbox.signals import store_signal
from connectors.sales import Entity, Signal


class TestEmbeddedEngine(EngineSuite):
    def make(self, bench: Bench, steps: Sequence[Step]) -> EmbeddedEngine:
        return EmbeddedEngine(bench, steps)

    def test_a_store_that_is_added_is_noticed(self, worlds: Callable[..., World]) -> None:
        world, work = worlds(Style.NUMBERED), Work()
        with closing(open_bench(world.app)) as bench:
            engine = self.make(bench, [work.step("poll", Scope.SHOP)])
            engine.start()
            until(work.ran("shop1", 1))
            world.open(Style.RULED, "late")
            until(work.ran("late", 1))
            assert engine.stop(10)

    def test_what_is_asked_for_while_it_rests_is_done_after_the_rest(
        self, worlds: Callable[..., World]
    ) -> None:
        """By nobody else, and by no clock."""
        world, work = worlds(Style.NUMBERED), Work()
        work.gate.clear()
        with closing(open_bench(world.app)) as bench:
            engine = self.make(bench, [replace(work.step("tiers", Scope.WORKSPACE), rests=10)])
            engine.start()
            until(work.ran("", 1))
            began = time.monotonic()
            until(lambda: time.monotonic() - began > 0.1)
            work.gate.set()
            until(engine.is_idle)
            engine.wake("tiers")
            assert (work.runs[""], engine.is_idle()) == (1, True)
            until(work.ran("", 2), 20)
            assert engine.stop(10)


def test_a_webhook_is_followed_at_once_not_at_the_next_poll(
    merchants: Callable[..., Merchant],
) -> None:
    merchant = merchants()
    merchant.load(programme())
    work_once(merchant.app)
    settings = merchant.app.settings.model_copy(update={"poll_seconds": 3600})
    merchant.app.settings = settings
    with closing(open_bench(merchant.app)) as bench:
        engine = EmbeddedEngine(bench, steps(settings))
        engine.start()
        # Each step has run once, and will not run by itself for an hour.
        until(lambda: engine.is_idle())
        sale = merchant.till("shopware").order(ANNA, {"B2B-1001": 1}, guest=False)
        signal = Signal("e1", "order.placed", sale.at, Entity.ORDER, (sale.order_id,))
        shop = merchant.installation("shopware").id or 0
        with merchant.database.writing() as session:
            store_signal(session, merchant.app.workspace_id, shop, signal, sale.at)
        engine.wake("fetch", shop)
        until(lambda: merchant.handled() == 1)
        until(lambda: merchant.points(ANNA) == (116, 0))
        assert engine.stop(20)


ANNA = "anna.albers@example.com"

# -- one slot, by the clock -----------------------------------------------------------------

NOW = datetime(2026, 3, 1, tzinfo=UTC)
FINE, BAD = Done(), Done(failed=True)


def slot(rests: int = 0) -> Slot:
    return Slot(Step("tiers", Scope.WORKSPACE, workspace=lambda bench: FINE, rests=rests), None)


def at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def test_asked_while_it_runs_it_runs_once_more() -> None:
    one = slot()
    assert one.wants(at(0))
    assert not one.wants(at(1))
    assert not one.wants(at(2))
    assert one.ended(at(3), FINE) == at(3)
    assert one.wants(at(3))
    assert one.ended(at(4), FINE) is None


def test_after_failures_it_is_left_alone_for_longer_each_time() -> None:
    one, pauses = slot(), []
    for _ in range(12):
        now = one.not_before or NOW
        assert one.wants(now)
        # It is tried again by itself, however far away the next tick is.
        assert one.ended(now, BAD) == one.not_before
        assert one.not_before is not None
        assert not one.wants(one.not_before - timedelta(seconds=1))
        pauses.append((one.not_before - now).total_seconds())
    assert 15 <= pauses[0] <= 30
    assert pauses[4] > 4 * pauses[0]
    assert max(pauses) <= 1800
    assert one.wants(one.not_before or NOW)
    one.ended(at(10**6), FINE)
    assert (one.failures, one.not_before) == (0, None)


def test_what_looks_at_everybody_rests_ten_times_as_long_as_it_took() -> None:
    one = slot(rests=10)
    assert one.wants(at(0))
    assert not one.wants(at(1))
    assert one.ended(at(2), FINE) == at(22)
    assert not one.wants(at(21.9))
    assert one.resumes_at == at(22)
    assert one.wants(at(22))
