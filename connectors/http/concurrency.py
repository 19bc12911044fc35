"""How many calls at once an installation gets: additive increase, multiplicative decrease."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(slots=True)
class AdaptiveLimit:
    """The rule alone, without threads: grows by about one for each full round of fast answers,
    halves when the shop is overloaded, but once only for calls that were under way together."""

    value: float
    maximum: int
    minimum: int = 1
    generation: int = 0
    """Counts the decreases; a call remembers the one it started in."""

    @property
    def whole(self) -> int:
        return max(self.minimum, min(self.maximum, int(self.value)))

    def succeeded(self, *, busy: int, fast: bool) -> None:
        """``busy``: calls that were under way, this one included. An allowance that was not
        used up says nothing about whether more would be borne."""
        if fast and busy >= self.whole:
            self.value = min(float(self.maximum), self.value + 1 / self.whole)

    def overloaded(self, generation: int) -> None:
        if generation == self.generation:
            self.value = max(float(self.minimum), self.value / 2)
            self.generation += 1


class Slot:
    """One call's place. Say how the call went with :meth:`succeeded` or :meth:`overloaded`."""

    def __init__(self, owner: Concurrency, generation: int) -> None:
        self._owner = owner
        self._generation = generation

    def succeeded(self, *, fast: bool = True) -> None:
        self._owner.note_success(fast=fast)

    def overloaded(self) -> None:
        self._owner.note_overload(self._generation)


class Concurrency:
    """A gate shared by the threads that call one installation.

    :meth:`slot` is re-entrant within a thread: whoever holds one (the delivery engine, say) can
    make calls through the client, which asks for a slot itself.
    """

    def __init__(self, start: int, maximum: int) -> None:
        self._rule = AdaptiveLimit(value=float(min(start, maximum)), maximum=maximum)
        self._condition = threading.Condition()
        self._busy = 0
        self._held = threading.local()

    @property
    def limit(self) -> int:
        """Calls at once that are allowed now."""
        with self._condition:
            return self._rule.whole

    @property
    def busy(self) -> int:
        with self._condition:
            return self._busy

    @contextmanager
    def slot(self, timeout: float | None = None) -> Iterator[Slot]:
        """Waits for a place. Raises TimeoutError after ``timeout`` seconds without one."""
        depth = getattr(self._held, "depth", 0)
        if depth == 0:
            self._enter(timeout)
        self._held.depth = depth + 1
        try:
            with self._condition:
                generation = self._rule.generation
            yield Slot(self, generation)
        finally:
            self._held.depth = depth
            if depth == 0:
                self._leave()

    def note_success(self, *, fast: bool) -> None:
        with self._condition:
            self._rule.succeeded(busy=self._busy, fast=fast)
            self._condition.notify_all()

    def note_overload(self, generation: int) -> None:
        with self._condition:
            self._rule.overloaded(generation)

    def _enter(self, timeout: float | None) -> None:
        with self._condition:
            if not self._condition.wait_for(lambda: self._busy < self._rule.whole, timeout):
                raise TimeoutError("no place to call the shop became free in time")
            self._busy += 1

    def _leave(self) -> None:
        with self._condition:
            self._busy -= 1
            self._condition.notify()
