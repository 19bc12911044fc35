"""A system that takes webhooks, on this machine, and how such a system checks them: written from
the specification, without any of the bridge's code."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Got:
    path: str
    headers: dict[str, str]
    """Names in lower case."""
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    def is_signed_with(self, secret: str) -> bool:
        """As the specification has it: any of the signatures may fit."""
        key = base64.b64decode(secret.split("_", 1)[1])
        told = f"{self.id}.{self.headers['webhook-timestamp']}.".encode() + self.body
        expected = base64.b64encode(hmac.new(key, told, hashlib.sha256).digest()).decode()
        given = [one.split(",", 1) for one in self.headers["webhook-signature"].split(" ")]
        return any(v == "v1" and hmac.compare_digest(expected, sent) for v, sent in given)


class Receiver:
    def __init__(self) -> None:
        self.got: list[Got] = []
        self.status = 204
        self.headers: dict[str, str] = {}
        self.text = ""
        self.before_answer: Callable[[], Any] = lambda: None
        """Done when a request has come, before it is answered."""
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                receiver.got.append(Got(self.path, headers, body))
                receiver.before_answer()
                self.send_response(receiver.status)
                for name, value in receiver.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(receiver.text.encode())))
                self.end_headers()
                self.wfile.write(receiver.text.encode())

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/hook?token=of-its-own"

    @property
    def ids(self) -> list[str]:
        return [one.id for one in self.got]

    @property
    def types(self) -> list[str]:
        return sorted(one.json["type"] for one in self.got)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
