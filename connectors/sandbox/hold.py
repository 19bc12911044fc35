"""Stopping chosen calls at a chosen moment, so that a test can act at exactly that moment."""

from __future__ import annotations

import re
import threading
import time
from dataclasses import dataclass, field
from typing import Any, Literal

Moment = Literal["before", "after"]


@dataclass(slots=True, eq=False)
class Held:
    """A call that stands still."""

    seq: int
    method: str
    path: str
    moment: Moment
    freed: threading.Event = field(default_factory=threading.Event)
    discarded: bool = False

    def as_json(self) -> dict[str, Any]:
        return {"seq": self.seq, "method": self.method, "path": self.path, "when": self.moment}


@dataclass(slots=True)
class _Pattern:
    regex: re.Pattern[str]
    moment: Moment
    left: int | None


class Holds:
    """Calls are matched as ``"METHOD /path"`` with ``re.search``."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._patterns: list[_Pattern] = []
        self._held: list[Held] = []

    def hold(self, pattern: str, when: Moment = "before", times: int | None = None) -> None:
        """Stops matching calls before the shop handles them, or after, before it answers.

        ``times``: only that many calls; ``None``: every one until :meth:`release`. Raises
        ValueError for a bad pattern or moment.
        """
        if when not in ("before", "after"):
            raise ValueError(f'when must be "before" or "after", not {when!r}')
        try:
            regex = re.compile(pattern)
        except re.error as error:
            raise ValueError(f"pattern {pattern!r}: {error}") from error
        with self._changed:
            self._patterns.append(_Pattern(regex, when, times))

    def held(self) -> list[Held]:
        with self._changed:
            return list(self._held)

    def wait_held(self, count: int = 1, timeout: float = 10.0) -> list[Held]:
        """Waits until ``count`` calls are held. Raises TimeoutError with what is held by then."""
        deadline = time.monotonic() + timeout
        with self._changed:
            while len(self._held) < count:
                if not self._changed.wait(max(0.0, deadline - time.monotonic())):
                    names = [f"{call.method} {call.path}" for call in self._held]
                    raise TimeoutError(f"{len(names)} of {count} calls held: {names}")
            return list(self._held)

    def release(self, *, discard: bool = False) -> int:
        """Lets all held calls go and forgets the patterns; says how many calls were held.

        ``discard``: they end with a dropped connection; one held before handling is then never
        handled, as if it had not arrived.
        """
        with self._changed:
            self._patterns.clear()
            calls, self._held = self._held, []
            for call in calls:
                call.discarded = discard
                call.freed.set()
            self._changed.notify_all()
            return len(calls)

    def stop_here(self, seq: int, method: str, path: str, moment: Moment) -> bool:
        """Called by the server. Blocks while the call is held; False when it was discarded."""
        if not self._patterns:
            return True
        with self._changed:
            if not self._take(f"{method} {path}", moment):
                return True
            call = Held(seq, method, path, moment)
            self._held.append(call)
            self._changed.notify_all()
        call.freed.wait()
        return not call.discarded

    def _take(self, line: str, moment: Moment) -> bool:
        for pattern in self._patterns:
            if pattern.moment != moment or pattern.left == 0 or not pattern.regex.search(line):
                continue
            if pattern.left is not None:
                pattern.left -= 1
            return True
        return False
