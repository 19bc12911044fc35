"""What a sandbox was asked, call by call, in bounded memory."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(slots=True)
class Call:
    seq: int
    method: str
    path: str
    query: str = ""
    status: int = 0
    """0 while it runs, and when the connection was dropped without an answer."""
    rows: int = 0
    """Rows the call wrote or asked for, as the shop counts them."""
    fault: str = ""
    handled: bool = False
    """The shop did what was asked, whatever became of the answer."""
    ms: float = 0.0

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "ms": round(self.ms, 1)}


class RequestLog:
    """The last ``capacity`` calls; ``total`` counts all of them since the last clear."""

    def __init__(self, capacity: int = 100_000) -> None:
        self._calls: deque[Call] = deque(maxlen=capacity)
        self._lock = threading.Lock()
        self.total = 0

    def open(self, method: str, path: str, query: str = "") -> Call:
        with self._lock:
            self.total += 1
            call = Call(self.total, method, path, query)
            self._calls.append(call)
            return call

    def calls(self, since: int = 0) -> list[Call]:
        """The calls with a sequence number above ``since``, oldest first."""
        with self._lock:
            return [call for call in self._calls if call.seq > since]

    def clear(self) -> None:
        """Forgets all calls and starts to number anew."""
        with self._lock:
            self._calls.clear()
            self.total = 0
