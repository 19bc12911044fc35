"""A bridge that only listens: takes what a shop sends, as it is told to."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from connectors.magento.webhooks import MagentoWebhooks
from connectors.sales import Signal

SECRET = "a-secret-of-the-bridge-and-the-shop"


@dataclass
class Listener:
    """``statuses``: of the next answers; then 202."""

    url: str = ""
    statuses: list[int] = field(default_factory=list)
    pause: float = 0.0
    raw: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    heard: threading.Condition = field(default_factory=threading.Condition)

    @property
    def settings(self) -> dict[str, str]:
        return {"events_url": self.url, "events_secret": SECRET}

    def take(self, headers: dict[str, str], body: bytes) -> int:
        with self.heard:
            self.raw.append((headers, body))
            self.heard.notify_all()
            return self.statuses.pop(0) if self.statuses else 202

    def wait(self, messages: int) -> list[Signal]:
        """The first so many, each verified as the bridge does it."""
        with self.heard:
            assert self.heard.wait_for(lambda: len(self.raw) >= messages, timeout=5), self.raw
            return [self._verified(*one) for one in self.raw[:messages]]

    def _verified(self, headers: dict[str, str], body: bytes) -> Signal:
        return MagentoWebhooks().verify([SECRET], headers, body, datetime.now(UTC))


@contextmanager
def listening() -> Iterator[Listener]:
    listener = Listener()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            status = listener.take(headers, body)
            threading.Event().wait(listener.pause)
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            """Silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listener.url = f"http://127.0.0.1:{server.server_address[1]}/magento/t0ken/events"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield listener
    server.shutdown()
    server.server_close()
    thread.join(5)
