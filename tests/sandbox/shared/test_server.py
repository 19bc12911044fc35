"""Serving, holding calls, the log and the control routes."""

from __future__ import annotations

import socket
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from connectors.sandbox.log import RequestLog
from connectors.sandbox.server import RunningSandbox


def test_one_connection_carries_many_calls(shop: RunningSandbox) -> None:
    host, port = shop.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as line:
        for _ in range(3):
            line.sendall(b"GET /sum HTTP/1.1\r\nHost: shop\r\n\r\n")
            said = b""
            while b'"sum":0' not in said.replace(b" ", b""):
                said += line.recv(4096)
            assert said.startswith(b"HTTP/1.1 200")
    assert len(shop.log.calls()) == 3


def test_a_shop_sees_the_path_as_it_was_sent(
    shop: RunningSandbox, session: requests.Session
) -> None:
    said = session.get(f"{shop.url}/name/a%2Fb%20c?x=%C3%A4", timeout=10).json()
    assert said == {"name": "a/b c", "raw": "/name/a%2Fb%20c?x=%C3%A4"}


def test_the_log_counts_rows_and_forgets_the_oldest() -> None:
    log = RequestLog(capacity=2)
    for path in ("/a", "/b", "/c"):
        log.open("GET", path)
    assert (log.total, [call.path for call in log.calls()]) == (3, ["/b", "/c"])
    assert [call.path for call in log.calls(since=2)] == ["/c"]


def test_the_log_is_read_over_http_without_logging_itself(
    shop: RunningSandbox, session: requests.Session
) -> None:
    session.post(f"{shop.url}/add", json=[1, 2, 3], timeout=10)
    said = session.get(f"{shop.url}/_sandbox/log?since=0", timeout=10).json()
    assert said["total"] == 1
    (call,) = said["calls"]
    assert (call["method"], call["path"], call["status"], call["rows"]) == ("POST", "/add", 200, 3)


def test_dump_and_reset_over_http(shop: RunningSandbox, session: requests.Session) -> None:
    session.post(f"{shop.url}/add", json=[1, 2, 3], timeout=10)
    shop.faults.set(rates={"429": 1.0})
    assert session.get(f"{shop.url}/_sandbox/dump", timeout=10).json() == {"sum": 3}
    session.post(f"{shop.url}/_sandbox/reset", timeout=10)
    assert shop.dump() == {"sum": 0}
    assert (shop.faults.rates, shop.log.total) == ({}, 0)


def test_an_unknown_control_route_lists_those_there_are(
    shop: RunningSandbox, session: requests.Session
) -> None:
    said = session.get(f"{shop.url}/_sandbox/nothing", timeout=10)
    assert said.status_code == 404
    assert "GET dump" in said.json()["routes"]


@pytest.mark.parametrize(("moment", "done"), [("before", 0), ("after", 2)])
def test_a_held_call_stands_still_until_released(
    shop: RunningSandbox, session: requests.Session, moment: str, done: int
) -> None:
    control = f"{shop.url}/_sandbox"
    session.put(f"{control}/hold", json={"pattern": "POST /add", "when": moment}, timeout=10)
    with ThreadPoolExecutor(1) as pool:
        call = pool.submit(requests.post, f"{shop.url}/add", json=["a", "b"], timeout=20)
        shop.holds.wait_held(1)
        assert shop.dump() == {"sum": done}
        (held,) = session.get(f"{control}/held", timeout=10).json()["held"]
        assert (held["method"], held["path"], held["when"]) == ("POST", "/add", moment)
        assert session.post(f"{control}/release", timeout=10).json() == {"released": 1}
        assert call.result().status_code == 200
    assert shop.dump() == {"sum": 2}


@pytest.mark.parametrize(("moment", "done"), [("before", 0), ("after", 2)])
def test_a_held_call_can_be_thrown_away(shop: RunningSandbox, moment: str, done: int) -> None:
    shop.holds.hold("POST /add", moment, times=1)  # type: ignore[arg-type]
    with ThreadPoolExecutor(1) as pool:
        call = pool.submit(requests.post, f"{shop.url}/add", json=["a", "b"], timeout=20)
        shop.holds.wait_held(1)
        shop.holds.release(discard=True)
        with pytest.raises(requests.exceptions.ConnectionError):
            call.result()
    assert shop.dump() == {"sum": done}


def test_a_hold_counts_only_as_many_calls_as_asked(
    shop: RunningSandbox, session: requests.Session
) -> None:
    shop.holds.hold("POST /add", "before", times=1)
    first = threading.Thread(
        target=requests.post, args=(f"{shop.url}/add",), kwargs={"json": ["a"], "timeout": 20}
    )
    first.start()
    shop.holds.wait_held(1)
    assert session.post(f"{shop.url}/add", json=["b"], timeout=10).status_code == 200
    shop.holds.release()
    first.join()
    assert shop.dump() == {"sum": 2}


def test_waiting_for_a_call_that_never_comes_says_so(shop: RunningSandbox) -> None:
    with pytest.raises(TimeoutError, match="0 of 1 calls held"):
        shop.holds.wait_held(1, timeout=0.01)


def test_a_wrong_hold_is_refused(shop: RunningSandbox, session: requests.Session) -> None:
    for wrong in ({"pattern": "("}, {"pattern": "x", "when": "soon"}, {}):
        assert session.put(f"{shop.url}/_sandbox/hold", json=wrong, timeout=10).status_code == 400


def test_stopping_lets_go_of_held_calls(shop: RunningSandbox) -> None:
    shop.holds.hold("POST /add")
    with ThreadPoolExecutor(1) as pool:
        call = pool.submit(requests.post, f"{shop.url}/add", json=["a"], timeout=20)
        shop.holds.wait_held(1)
        shop.stop()
        with pytest.raises(requests.exceptions.ConnectionError):
            call.result()
    with pytest.raises(requests.exceptions.ConnectionError):
        requests.get(f"{shop.url}/sum", timeout=5)


def test_a_taken_port_is_an_error(shop: RunningSandbox) -> None:
    from connectors.sandbox.faults import Faults
    from connectors.sandbox.server import start

    with pytest.raises(OSError, match="in use"):
        start(lambda environ, start_response: [], shop.state, Faults(), port=shop.port)
