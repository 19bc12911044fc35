"""A client that calls public addresses only, over real sockets, with names that lead elsewhere."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from connectors.errors import Unreachable
from connectors.http import HttpClient, public_only


@pytest.fixture
def port() -> Iterator[int]:
    """Where something answers each connection with ``true`` on this machine."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    connection.recv(65536)
                    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ntrue")

        threading.Thread(target=answer, daemon=True).start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.1", "2130706433"])
def test_this_machine_is_not_called_however_it_is_written(host: str, port: int) -> None:
    assert HttpClient(f"http://127.0.0.1:{port}").get("x") is True
    with pytest.raises(Unreachable, match="not public") as refused:
        HttpClient(f"http://{host}:{port}", public_only=True).get("x")
    assert not refused.value.transient


def test_a_name_is_connected_to_where_it_led_when_it_was_judged(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name whose next look-up leads to this machine: the connection goes to the first."""
    asked: list[str] = []

    def looked_up(host: str, at: int, *_: Any, **__: Any) -> list[Any]:
        asked.append(host)
        address = "127.0.0.2" if host == "shop.test" else host
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, at))]

    monkeypatch.setattr(socket, "getaddrinfo", looked_up)
    monkeypatch.setattr(public_only, "is_public", lambda address: address == "127.0.0.2")
    with socket.create_server(("127.0.0.2", port)) as there:

        def answer() -> None:
            connection, _ = there.accept()
            with connection:
                head = connection.recv(65536)
                assert b"Host: shop.test" in head
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n7")

        threading.Thread(target=answer, daemon=True).start()
        assert HttpClient(f"http://shop.test:{port}", public_only=True).get("x") == 7
    assert asked == ["shop.test", "127.0.0.2"]


def test_one_private_address_among_public_ones_is_enough_to_refuse(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def looked_up(host: str, at: int, *_: Any, **__: Any) -> list[Any]:
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, at))
            for address in ("93.184.215.14", "10.0.0.7")
        ]

    monkeypatch.setattr(socket, "getaddrinfo", looked_up)
    with pytest.raises(Unreachable, match="not public"):
        HttpClient("https://shop.test", public_only=True).get("x")


def test_a_name_that_is_nowhere_is_a_shop_that_cannot_be_reached(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def looked_up(*_: Any, **__: Any) -> list[Any]:
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", looked_up)
    client = HttpClient("https://shop.test", public_only=True, sleep=lambda _: None)
    with pytest.raises(Unreachable, match="No connection"):
        client.get("x")
