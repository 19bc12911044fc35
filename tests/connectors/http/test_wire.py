"""Over a real socket: what a mocked answer cannot show."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from connectors.errors import AnswerLost
from connectors.http import HttpClient, Policy, in_parallel, transport

Build = Callable[..., HttpClient]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    connections: set[Any]
    tick: Callable[[], None]

    def do_GET(self) -> None:
        type(self).connections.add(self.client_address)
        getattr(self, self.path.strip("/"))()

    def whole(self) -> None:
        self._head(4)
        self.wfile.write(b"true")

    def packed(self) -> None:
        body = gzip.compress(b'{"price": 1.10}')
        self._head(len(body), encoding="gzip")
        self.wfile.write(body)

    def bomb(self) -> None:
        body = gzip.compress(b" " * 2**21)
        self._head(len(body), encoding="gzip")
        self.wfile.write(body)

    def chunked(self) -> None:
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.write(b"2\r\ntr\r\n2\r\nue\r\n0\r\n\r\n")

    def short(self) -> None:
        self._head(400)
        self.wfile.write(b"[1, 2]")
        self.close_connection = True

    def broken_chunks(self) -> None:
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.write(b"4\r\ntrue\r\n")
        self.close_connection = True

    def drip(self) -> None:
        self._head(1000)
        for _ in range(100):
            type(self).tick()
            self.wfile.write(b" ")
            self.wfile.flush()

    def _head(self, length: int, encoding: str = "") -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(length))
        if encoding:
            self.send_header("Content-Encoding", encoding)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server(time: Any) -> Iterator[type[Handler]]:
    class Own(Handler):
        connections: set[Any] = set()  # noqa: RUF012
        url = ""

    def tick() -> None:
        time.now += 30

    Own.tick = staticmethod(tick)
    http = ThreadingHTTPServer(("127.0.0.1", 0), Own)
    Own.url = f"http://127.0.0.1:{http.server_port}"
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield Own
    http.shutdown()
    http.server_close()
    thread.join()


def test_connections_are_reused(server: Any, client_of: Build) -> None:
    client = client_of(url=server.url)
    assert [client.get("whole") for _ in range(5)] == [True] * 5
    assert str(client.get("packed")["price"]) == "1.10"
    assert client.get("chunked") is True
    assert client.get("whole") is True
    assert len(server.connections) == 1
    client.close()


def test_threads_share_one_pool(server: Any, client_of: Build) -> None:
    client = client_of(url=server.url, policy=Policy(slots=3, max_slots=3, calls_per_second=1000))
    answers = list(in_parallel(client.get, ["whole"] * 30, workers=3))
    assert answers == [True] * 30
    assert len(server.connections) <= 3
    client.close()


@pytest.mark.parametrize("path", ["short", "broken_chunks"])
def test_a_cut_answer_is_lost(server: Any, client_of: Build, path: str) -> None:
    client = client_of(url=server.url, policy=Policy(attempts=2))
    with pytest.raises(AnswerLost):
        client.get(path)
    assert client.calls == 2
    client.close()


def test_an_answer_that_drips_for_ever_is_given_up(server: Any, client_of: Build) -> None:
    client = client_of(url=server.url, policy=Policy(total_timeout=100))
    with pytest.raises(AnswerLost, match="in time"):
        client.get("drip")
    assert client.calls == 1
    client.close()


def test_an_answer_that_fills_the_memory_is_left(
    server: Any, client_of: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_of(url=server.url, policy=Policy(attempts=1))
    monkeypatch.setattr(transport, "LARGEST", 2**20)
    with pytest.raises(AnswerLost, match="cut before the whole answer"):
        client.get("bomb")
    assert client.get("whole") is True
    client.close()
