"""Being told to stop, by SIGTERM or Ctrl-C."""

from __future__ import annotations

import os
import select
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any


class Stop:
    """A pipe: a signal's handler runs in the thread that waits, and the lock of a
    :class:`threading.Event`, which that thread may hold at this very moment, would never be free
    for it."""

    def __init__(self) -> None:
        self.is_told = False
        self._reader, self._writer = os.pipe()

    def tell(self) -> None:
        self.is_told = True
        os.write(self._writer, b"!")

    def wait(self, seconds: float | None = None) -> bool:
        """Whether it was told; ``None``: waits until it is."""
        poll = select.poll()
        poll.register(self._reader, select.POLLIN)
        return bool(poll.poll(None if seconds is None else seconds * 1000))

    def close(self) -> None:
        os.close(self._reader)
        os.close(self._writer)


@contextmanager
def stop_signals() -> Iterator[Stop]:
    """Told by the first SIGTERM or SIGINT; the second ends the process."""
    stop = Stop()

    def on_signal(number: int, _frame: FrameType | None) -> None:
        if stop.is_told:
            os._exit(128 + number)
        stop.tell()

    before: dict[signal.Signals, Any] = {
        number: signal.signal(number, on_signal) for number in (signal.SIGTERM, signal.SIGINT)
    }
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        stop.close()
