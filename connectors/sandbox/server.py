"""Serves a shop's WSGI application with faults, a log and control routes.

HTTP/1.1 with keep-alive and without Nagle's delay, one thread a connection: bulk calls and
thousands of small ones are as fast as Python allows.
"""

from __future__ import annotations

import contextlib
import io
import socket
import socketserver
import threading
from collections.abc import Callable, Iterable, Mapping
from http.server import BaseHTTPRequestHandler
from types import TracebackType
from typing import Any
from urllib.parse import unquote_to_bytes

from connectors.sandbox.faults import Faults
from connectors.sandbox.gate import Answer, Control, Gate, Refusal, ShopState, plain_refusal
from connectors.sandbox.hold import Holds
from connectors.sandbox.log import RequestLog

WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class _Server(socketserver.ThreadingMixIn, socketserver.TCPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True
    request_queue_size = 256

    def __init__(self, address: tuple[str, int], gate: Gate) -> None:
        self.gate = gate
        self._open: set[socket.socket] = set()
        self._open_lock = threading.Lock()
        super().__init__(address, _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._open_lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._open_lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news in a sandbox that kills its clients."""

    def hang_up(self) -> None:
        """Closes the connections that clients keep alive."""
        with self._open_lock:
            connections = list(self._open)
        for connection in connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "Sandbox"
    sys_version = ""
    disable_nagle_algorithm = True
    wbufsize = 65536
    server: _Server

    def handle_one_request(self) -> None:
        self.raw_requestline = self.rfile.readline(65537)
        if not self.raw_requestline or len(self.raw_requestline) > 65536:
            self.close_connection = True
            return
        if not self.parse_request():
            return
        answer = self.server.gate.answer(self._environ())
        if answer is None:
            self.close_connection = True
            return
        self._send(answer)

    def _environ(self) -> dict[str, Any]:
        path, _, query = self.path.partition("?")
        host, port = self.server.server_address[:2]
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        environ: dict[str, Any] = {
            "REQUEST_METHOD": self.command,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
            "RAW_URI": self.path,
            "REQUEST_URI": self.path,
            "QUERY_STRING": query,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "SERVER_NAME": str(host),
            "SERVER_PORT": str(port),
            "SERVER_PROTOCOL": self.request_version,
            "REMOTE_ADDR": self.client_address[0],
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": io.StringIO(),
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }
        for name, value in self.headers.items():
            environ["HTTP_" + name.upper().replace("-", "_")] = value
        return environ

    def _send(self, answer: Answer) -> None:
        self.send_response(answer.status)
        for name, value in answer.headers:
            if name.lower() not in ("content-length", "connection"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body[: answer.sent])
        self.wfile.flush()
        if answer.sent is not None:
            self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base's name
        """The sandbox keeps its own log."""


class RunningSandbox:
    """A shop that answers. Also a context manager that stops it."""

    def __init__(
        self, gate: Gate, host: str, port: int, on_stop: Callable[[], object] = lambda: None
    ) -> None:
        self._gate = gate
        self._on_stop = on_stop
        self._server = _Server((host, port), gate)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.01,), name="sandbox", daemon=True
        )
        bound = self._server.server_address
        self.port = int(bound[1])
        self.url = f"http://{host}:{self.port}"
        self._thread.start()

    @property
    def faults(self) -> Faults:
        return self._gate.faults

    @property
    def log(self) -> RequestLog:
        return self._gate.log

    @property
    def holds(self) -> Holds:
        return self._gate.holds

    @property
    def state(self) -> Any:
        """The shop itself; its type is the platform's."""
        return self._gate.state

    def dump(self) -> dict[str, Any]:
        return self._gate.state.dump()

    def reset(self) -> None:
        """The shop as it was at the start, no faults, an empty log."""
        self._gate.reset()

    def wait(self) -> None:
        """Blocks until the server is stopped."""
        self._thread.join()

    def stop(self) -> None:
        self._on_stop()
        self.holds.release(discard=True)
        self._server.shutdown()
        self._server.server_close()
        self._server.hang_up()
        self._thread.join(5)

    def __enter__(self) -> RunningSandbox:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


def start(
    app: WsgiApp,
    state: ShopState,
    faults: Faults,
    *,
    port: int = 0,
    host: str = "127.0.0.1",
    refusal: Refusal = plain_refusal,
    control: Mapping[str, Control] | None = None,
    on_stop: Callable[[], object] = lambda: None,
) -> RunningSandbox:
    """Serves ``app`` in background threads; port 0 lets the system choose one.

    ``refusal`` gives content type and body of a 429 or 503; ``control``: further control
    routes, as ``POST app``; ``on_stop`` ends what the shop does by itself.

    Raises OSError when the port is taken.
    """
    return RunningSandbox(Gate(app, state, faults, refusal, control), host, port, on_stop)
