"""Serves the web application in this process, in threads, until it is stopped."""

from __future__ import annotations

import threading
import time
from types import TracebackType
from typing import Any, Self

from flask import Flask
from waitress import wasyncore
from waitress.channel import HTTPChannel
from waitress.server import create_server

from bridge.web.admin.prices.files import LARGEST
from bridge.web.app import COUNTING
from bridge.web.counting import Counting
from bridge.web.messages import BODY_LIMIT

THREADS = 8
"""Requests that are answered at once; more wait their turn."""
SILENCE_SECONDS = 10
"""How long a client may say nothing before its connection is closed."""
CONNECTIONS = 500
"""Open at once; more wait to be accepted."""


class Serving:
    """A running server. Also a context manager that stops it."""

    def __init__(self, app: Flask, host: str, port: int, trusted_proxy: str = "") -> None:
        self._connections: dict[int, Any] = {}
        self._server = create_server(
            app,
            map=self._connections,
            host=host,
            port=port,
            threads=THREADS,
            channel_timeout=SILENCE_SECONDS,
            cleanup_interval=SILENCE_SECONDS,
            connection_limit=CONNECTIONS,
            max_request_body_size=LARGEST
            + BODY_LIMIT,  # the application refuses smaller ones kindly
            ident=None,
            clear_untrusted_proxy_headers=True,
            **_trust(trusted_proxy),
        )
        self._counting: Counting = app.extensions[COUNTING]
        self.host, self.port = host, int(self._server.effective_port)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="web", daemon=True)
        self._counting.start()
        self._thread.start()

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._turn(1.0)
        self._server.del_channel(self._connections)
        self._server.socket.close()
        ends = time.monotonic() + SILENCE_SECONDS
        while self._busy() and time.monotonic() < ends:
            self._turn(0.05)
        self._server.task_dispatcher.shutdown()
        wasyncore.close_all(self._connections)

    def _turn(self, seconds: float) -> None:
        wasyncore.loop(timeout=seconds, map=self._connections, count=1, use_poll=True)

    def _busy(self) -> bool:
        """Whether a request that has begun is still to be answered."""
        return any(
            connection.requests or connection.total_outbufs_len
            for connection in list(self._connections.values())
            if isinstance(connection, HTTPChannel)
        )

    @property
    def url(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    def wait(self) -> None:
        """Blocks until somebody stops it."""
        self._thread.join()

    def stop(self) -> None:
        """Takes no more connections, answers what has begun, stores the counts."""
        self._stopping.set()
        self._server.pull_trigger()
        self._thread.join()
        self._counting.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


def _trust(proxy: str) -> dict[str, Any]:
    """From the proxy alone: who the visitor is, and whether he came by HTTPS. Not which host he
    asked for: the proxy passes that on as it is."""
    if not proxy:
        return {}
    return {
        "trusted_proxy": proxy,
        "trusted_proxy_count": 1,
        "trusted_proxy_headers": {"x-forwarded-for", "x-forwarded-proto"},
    }


def serve(
    app: Flask, host: str = "127.0.0.1", port: int = 0, *, trusted_proxy: str = ""
) -> Serving:
    """Starts serving; port 0 lets the system choose one. Raises OSError when it is taken.

    ``trusted_proxy``: the IP address of the proxy whose ``X-Forwarded-For`` and
    ``X-Forwarded-Proto`` are believed.
    """
    return Serving(app, host, port, trusted_proxy)
