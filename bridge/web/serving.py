"""Serves the web application in this process, in threads, until it is stopped."""

from __future__ import annotations

import threading
from types import TracebackType
from typing import Self

from flask import Flask
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from bridge.web.app import COUNTING
from bridge.web.counting import Counting

SILENCE_SECONDS = 10
"""How long a client may say nothing before its connection is closed."""


class _Handler(WSGIRequestHandler):
    timeout = SILENCE_SECONDS

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - the base's name
        """The paths hold unguessable addresses; what is worth a line, the application logs."""


class Serving:
    """A running server. Also a context manager that stops it."""

    def __init__(self, app: Flask, host: str, port: int) -> None:
        self._server: BaseWSGIServer = make_server(
            host, port, app, threaded=True, request_handler=_Handler
        )
        # Requests that have begun are answered before :meth:`stop` returns.
        self._server.daemon_threads = False  # type: ignore[attr-defined]
        self._counting: Counting = app.extensions[COUNTING]
        self.host, self.port = host, int(self._server.server_port)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.1,), name="web", daemon=True
        )
        self._counting.start()
        self._thread.start()

    @property
    def url(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    def wait(self) -> None:
        """Blocks until somebody stops it."""
        self._thread.join()

    def stop(self) -> None:
        """Takes no more connections, answers what has begun, stores the counts."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
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


def serve(app: Flask, host: str = "127.0.0.1", port: int = 0) -> Serving:
    """Starts serving; port 0 lets the system choose one. Raises OSError when it is taken."""
    return Serving(app, host, port)
