"""Nobody holds a call for ever by speaking slowly, over real sockets."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
import urllib3.exceptions as pool
from urllib3.connection import HTTPConnection

from connectors.errors import AnswerLost
from connectors.http import HttpClient, Policy, public_only
from connectors.http.posting import Posted, Poster

ENDLESS = 500
"""Pieces, one each 20 ms: far longer than anything here waits."""
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
Saying = Callable[[bytes, bytes], str]


@pytest.fixture
def saying() -> Iterator[Saying]:
    """The address of a server that says something at once, then the rest bit by bit."""
    over, servers = threading.Event(), []

    def say(at_once: bytes, slowly: bytes) -> str:
        server = socket.create_server(("127.0.0.1", 0))
        servers.append(server)

        def speak() -> None:
            connection, _ = server.accept()
            with connection, suppress(OSError):
                connection.recv(65536)
                connection.sendall(at_once)
                for _ in range(ENDLESS):
                    if over.wait(0.02):
                        return
                    connection.sendall(slowly)
                connection.sendall(b"\r\n\r\n")

        threading.Thread(target=speak, daemon=True).start()
        return f"http://127.0.0.1:{server.getsockname()[1]}"

    yield say
    over.set()
    for server in servers:
        server.close()


@pytest.mark.parametrize(
    ("at_once", "slowly"),
    [
        (b"", b"H"),
        (HEAD + b"X-Long: ", b"a"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    ],
    ids=["status", "header", "continue"],
)
def test_an_answer_whose_head_never_ends(saying: Saying, at_once: bytes, slowly: bytes) -> None:
    with Poster(saying(at_once, slowly), public_only=False, longest=0.3) as poster:
        assert poster.post(b"{}", {}) == Posted(None, "No answer in time")


def test_a_status_counts_though_the_rest_never_ends(saying: Saying) -> None:
    url = saying(HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n", b"0")
    with Poster(url, public_only=False, longest=0.3) as poster:
        posted = poster.post(b"{}", {})
    assert (posted.status, posted.error) == (200, "")


@pytest.mark.parametrize("target", [b"/elsewhere", b"http://[nowhere"])
def test_of_a_redirect_no_more_is_read_than_of_any_answer(saying: Saying, target: bytes) -> None:
    head = b"HTTP/1.1 302 Found\r\nLocation: " + target + b"\r\nContent-Length: 9999999\r\n\r\n"
    with Poster(saying(head, b"x" * 4096), public_only=False, longest=30) as poster:
        posted = poster.post(b"{}", {})
    assert (posted.status, posted.text) == (302, "x" * 4096)


def test_a_shop_is_given_up_too(saying: Saying) -> None:
    client = HttpClient(saying(HEAD, b"X"), policy=Policy(total_timeout=1, attempts=1))
    with pytest.raises(AnswerLost, match="in time"):
        client.get("x")
    client.close()


def test_a_name_with_many_silent_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[str] = []

    def looked_up(host: str, at: int, *_: Any, **__: Any) -> list[Any]:
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (f"93.184.215.{last}", at))
            for last in range(200)
        ]

    def silent(connection: Any) -> Any:
        tried.append(connection._dns_host)
        raise pool.ConnectTimeoutError(connection, "silent")

    monkeypatch.setattr(socket, "getaddrinfo", looked_up)
    monkeypatch.setattr(HTTPConnection, "_new_conn", silent)
    monkeypatch.setattr(public_only, "is_over", lambda: len(tried) >= 3)
    with Poster("http://shop.test/hook", public_only=True) as poster:
        assert poster.post(b"{}", {}).status is None
    assert len(tried) == 3
