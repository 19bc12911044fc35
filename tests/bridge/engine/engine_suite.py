"""What every engine promises, whatever tells it the time. An adapter's test inherits
:class:`EngineSuite` and says how one is made."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest
from engine_world import until
from toyshop import Style, World

from bridge.engine.bench import Bench, open_bench
from bridge.engine.protocol import Done, Engine, Scope, Step
from bridge.installations.models import Installation

NEVER = None
SOON = timedelta(milliseconds=50)


@dataclass
class Work:
    """A step that counts its runs, and stands still when it is told to."""

    runs: Counter[str] = field(default_factory=Counter)
    at_once: Counter[str] = field(default_factory=Counter)
    most_at_once: Counter[str] = field(default_factory=Counter)
    gate: threading.Event = field(default_factory=threading.Event)
    answer: Callable[[str], Done] = lambda who: Done()
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.gate.set()

    def shop(self, bench: Bench, shop: Installation) -> Done:
        return self.act(shop.name)

    def workspace(self, bench: Bench) -> Done:
        return self.act("")

    def act(self, who: str) -> Done:
        with self.lock:
            self.runs[who] += 1
            self.at_once[who] += 1
            self.most_at_once[who] = max(self.most_at_once[who], self.at_once[who])
        self.gate.wait(30)
        with self.lock:
            self.at_once[who] -= 1
        return self.answer(who)

    def ran(self, who: str, times: int) -> Callable[[], bool]:
        return lambda: self.runs[who] >= times

    def step(self, name: str, scope: Scope, every: timedelta | None = NEVER) -> Step:
        return Step(name, scope, shop=self.shop, workspace=self.workspace, every=every)


class EngineSuite(ABC):
    @abstractmethod
    def make(self, bench: Bench, steps: Sequence[Step]) -> Engine: ...

    @pytest.fixture
    def running(self, worlds: Callable[..., World]) -> object:
        world = worlds(Style.NUMBERED, Style.RULED)
        with closing(open_bench(world.app)) as bench:
            engines: list[Engine] = []

            def run(*steps: Step) -> Engine:
                engines.append(self.make(bench, steps))
                engines[-1].start()
                return engines[-1]

            yield run
            for engine in engines:
                engine.stop(10)

    def test_everything_runs_at_the_start_shops_each(self, running: Callable[..., Engine]) -> None:
        shops, book = Work(), Work()
        engine = running(shops.step("poll", Scope.SHOP), book.step("time", Scope.WORKSPACE))
        until(lambda: shops.runs == {"shop1": 1, "shop2": 1} and book.runs == {"": 1})
        assert engine.problem() == ""

    def test_it_runs_again_and_again(self, running: Callable[..., Engine]) -> None:
        shops, book = Work(), Work()
        running(shops.step("poll", Scope.SHOP, SOON), book.step("time", Scope.WORKSPACE, SOON))
        until(shops.ran("shop2", 4))
        until(book.ran("", 4))

    def test_woken_it_runs_at_once_in_one_shop_or_in_all(
        self, running: Callable[..., Engine]
    ) -> None:
        work = Work()
        ids: dict[str, int] = {}

        def note(bench: Bench, shop: Installation) -> Done:
            ids[shop.name] = shop.id or 0
            return work.act(shop.name)

        step = replace(work.step("poll", Scope.SHOP), shop=note)
        engine = running(step)
        until(lambda: work.runs == {"shop1": 1, "shop2": 1})
        until(lambda: not any(work.at_once.values()))
        engine.wake("poll", ids["shop1"])
        until(work.ran("shop1", 2))
        engine.wake("poll")
        until(lambda: work.runs == {"shop1": 3, "shop2": 2})

    def test_a_shop_never_has_a_step_twice_at_once_and_nothing_asked_is_forgotten(
        self, running: Callable[..., Engine]
    ) -> None:
        work = Work()
        work.gate.clear()
        engine = running(work.step("poll", Scope.SHOP))
        until(lambda: work.runs == {"shop1": 1, "shop2": 1})
        for _ in range(10):
            engine.wake("poll")
        work.gate.set()
        until(lambda: work.runs == {"shop1": 2, "shop2": 2})
        assert max(work.most_at_once.values()) == 1

    def test_a_shop_that_hangs_keeps_neither_the_other_nor_the_book_waiting(
        self, running: Callable[..., Engine]
    ) -> None:
        hanging, others, book = Work(), Work(), Work()
        hanging.gate.clear()

        def shop(bench: Bench, shop: Installation) -> Done:
            return (hanging if shop.name == "shop1" else others).act(shop.name)

        step = replace(others.step("poll", Scope.SHOP, SOON), shop=shop)
        running(step, book.step("time", Scope.WORKSPACE, SOON))
        until(others.ran("shop2", 3))
        until(book.ran("", 3))
        assert hanging.runs == {"shop1": 1}
        hanging.gate.set()

    def test_what_follows_is_woken(self, running: Callable[..., Engine]) -> None:
        first, second = Work(), Work()
        first.answer = lambda who: Done(follow=frozenset({"handle"}))
        engine = running(first.step("poll", Scope.SHOP), second.step("handle", Scope.WORKSPACE))
        until(lambda: first.runs == {"shop1": 1, "shop2": 1} and second.runs[""] >= 2)
        before = second.runs[""]
        engine.wake("poll")
        until(second.ran("", before + 1))

    def test_a_defect_in_one_step_stops_no_other(self, running: Callable[..., Engine]) -> None:
        broken, whole = Work(), Work()

        def fail(who: str) -> Done:
            raise ZeroDivisionError

        broken.answer = fail
        engine = running(
            broken.step("poll", Scope.SHOP, SOON), whole.step("time", Scope.WORKSPACE, SOON)
        )
        until(whole.ran("", 5))
        # It is left alone for a while.
        assert broken.runs == {"shop1": 1, "shop2": 1}
        assert engine.problem() == ""

    def test_stopping_waits_for_what_runs_and_begins_nothing(
        self, running: Callable[..., Engine]
    ) -> None:
        work = Work()
        work.gate.clear()
        engine = running(work.step("poll", Scope.SHOP, SOON))
        until(lambda: work.runs == {"shop1": 1, "shop2": 1})
        assert engine.stop(0.05) is False
        engine.wake("poll")
        work.gate.set()
        assert engine.stop(10) is True
        assert work.runs == {"shop1": 1, "shop2": 1}
        assert not any(work.at_once.values())
        assert engine.problem() != ""
