"""The command line, killed by itself at one exact place; run as a program.

``DIE_AT`` is ``place`` or ``place:n``: at the n-th time (default: the first). Places:

- ``run.before-commit``, ``run.committed``: the run is written, not committed; committed;
- ``KIND.intent``: the intent of a batch is committed, nothing is sent;
- ``KIND.sent``: the shop has answered, nothing was read back;
- ``KIND.read-back``: it was read back, the result is not yet written;
- ``KIND.before-commit``: the result is written, not committed;
- ``KIND.committed``: the result is committed.

KIND is ``group``, ``audience``, ``price`` or ``customer``. Nothing of this is known to the bridge:
its functions are wrapped from outside.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from bridge.cli import main
from bridge.db import Database
from bridge.outbox import delivering
from bridge.outbox.handler import Handler
from bridge.plans import service


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class _Countdown:
    def __init__(self, text: str) -> None:
        self.place, _, times = text.partition(":")
        self._left = int(times or 1)
        self._lock = threading.Lock()

    def reached(self) -> None:
        with self._lock:
            self._left -= 1
            if self._left == 0:
                _die()


def _arm(countdown: _Countdown) -> None:
    kind, _, moment = countdown.place.partition(".")
    if kind == "run":
        _arm_run(countdown, moment)
        return
    handler = next(one for one in service.HANDLERS if one.kind == kind)
    if moment in ("intent", "sent"):
        _arm_write(countdown, handler, before=moment == "intent")
    else:
        _arm_settle(countdown, kind, moment)


def _arm_run(countdown: _Countdown, moment: str) -> None:
    original: Callable[..., Any] = (
        service.RunWriter.finish if moment == "before-commit" else service.store_plan
    )

    def wrapped(*arguments: Any, **named: Any) -> Any:
        result = original(*arguments, **named)
        countdown.reached()
        return result

    if moment == "before-commit":
        service.RunWriter.finish = wrapped  # type: ignore[method-assign]
    else:
        service.store_plan = wrapped


def _arm_write(countdown: _Countdown, handler: Handler, *, before: bool) -> None:
    kind: Any = type(handler)
    original = kind.write

    def write(*arguments: Any) -> Any:
        if before:
            countdown.reached()
        result = original(*arguments)
        if not before:
            countdown.reached()
        return result

    kind.write = write


def _arm_settle(countdown: _Countdown, kind: str, moment: str) -> None:
    """Only results of what was sent count: those of the first look have no intent."""
    settle, here = delivering.settle, threading.local()

    def settling(session: Any, stage: Any, handler: Any, judged: Any, *rest: Any) -> Any:
        counts = stage.kind == kind and bool(judged)
        if counts and moment == "read-back":
            countdown.reached()
        result = settle(session, stage, handler, judged, *rest)
        if counts and moment == "before-commit":
            session.flush()
            countdown.reached()
        here.done = counts
        return result

    delivering.settle = settling
    if moment != "committed":
        return
    writing = Database.writing

    @contextmanager
    def committing(database: Any) -> Iterator[Any]:
        here.done = False
        with writing(database) as session:
            yield session
        if here.done:
            countdown.reached()

    Database.writing = committing  # type: ignore[method-assign, assignment]


if __name__ == "__main__":
    _arm(_Countdown(os.environ["DIE_AT"]))
    main()
