"""What the client retries, what it never retries, and what it makes of strange answers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import requests
import responses

from connectors.errors import (
    AnswerLost,
    ConnectorError,
    NotAShop,
    NotFound,
    Rejected,
    ShopFault,
    Throttled,
    Unauthorized,
    Unreachable,
)
from connectors.http import HttpClient, Policy

URL = "https://shop.test/shop"
Build = Callable[..., HttpClient]
Shop = responses.RequestsMock

HTML = "<!doctype html><html><body>Welcome</body></html>"


def cut() -> requests.ConnectionError:
    return requests.ConnectionError("('Connection aborted.', RemoteDisconnected())")


# -- numbers --------------------------------------------------------------------------------


def test_a_price_is_read_exactly(shop: Shop, client_of: Build) -> None:
    shop.get(f"{URL}/p", body='{"price": 1.10, "big": 0.1000000000000000055, "n": 3}')
    body = client_of().get("p")
    assert body == {"price": Decimal("1.10"), "big": Decimal("0.1000000000000000055"), "n": 3}
    assert isinstance(body["n"], int)


def test_a_price_is_sent_as_the_number_it_is(shop: Shop, client_of: Build) -> None:
    shop.post(f"{URL}/p", json=[])
    client_of().request("POST", "p", json={"price": Decimal("19.90"), "name": "Größe", "x": [None]})
    assert shop.calls[0].request.body == b'{"price":19.90,"name":"Gr\\u00f6\\u00dfe","x":[null]}'


# -- retries --------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_read_is_tried_again(shop: Shop, client_of: Build, time: Any, status: int) -> None:
    shop.get(f"{URL}/a", status=status, json={"message": "later"})
    shop.get(f"{URL}/a", json=1)
    client = client_of()
    assert client.get("a") == 1
    assert client.calls == 2
    assert time.waits == [0.25]


@pytest.mark.parametrize("status", [400, 401, 404, 500])
def test_what_will_not_change_is_not_tried_again(shop: Shop, client_of: Build, status: int) -> None:
    shop.get(f"{URL}/a", status=status, json={"message": "no"})
    client = client_of()
    with pytest.raises(ConnectorError):
        client.get("a")
    assert client.calls == 1


def test_waits_grow_to_a_cap(shop: Shop, client_of: Build, time: Any) -> None:
    shop.get(f"{URL}/a", status=503, json={})
    with pytest.raises(Throttled):
        client_of(policy=Policy(attempts=5, backoff_base=4, backoff_cap=10)).get("a")
    assert time.waits == [4, 8, 10, 10]


def test_a_shop_that_names_a_pause_gets_it(shop: Shop, client_of: Build, time: Any) -> None:
    shop.get(f"{URL}/a", status=429, headers={"Retry-After": "7"}, json={})
    shop.get(f"{URL}/a", json=1)
    client_of(jitter=lambda low, high: 0.0).get("a")
    assert time.waits == [7]


def test_too_long_a_pause_is_left_to_the_caller(shop: Shop, client_of: Build, time: Any) -> None:
    shop.get(f"{URL}/a", status=503, headers={"Retry-After": "3600"}, json={})
    with pytest.raises(Throttled) as caught:
        client_of().get("a")
    assert caught.value.retry_after == 3600
    assert time.waits == []


def test_no_try_begins_after_the_total_timeout(shop: Shop, client_of: Build, time: Any) -> None:
    shop.get(f"{URL}/a", status=503, headers={"Retry-After": "40"}, json={})
    client = client_of(policy=Policy(attempts=99, total_timeout=100))
    start = time.now
    with pytest.raises(Throttled):
        client.get("a")
    assert client.total_timeout == 100
    assert time.now - start < 100
    assert client.calls == 3


@pytest.mark.parametrize("failure", [cut(), requests.ReadTimeout("slow")])
def test_a_write_that_may_have_arrived_is_not_sent_again(
    shop: Shop, client_of: Build, failure: Exception
) -> None:
    shop.post(f"{URL}/groups", body=failure)
    client = client_of()
    with pytest.raises(AnswerLost) as caught:
        client.request("POST", "groups", json={"code": "Gold"})
    assert client.calls == 1
    assert caught.value.outcome_unknown


@pytest.mark.parametrize("status", [502, 504])
def test_a_write_behind_a_broken_gateway_is_not_sent_again(
    shop: Shop, client_of: Build, status: int
) -> None:
    shop.post(f"{URL}/groups", status=status, body=HTML, content_type="text/html")
    client = client_of()
    with pytest.raises(ShopFault) as caught:
        client.request("POST", "groups", json={})
    assert client.calls == 1
    assert caught.value.outcome_unknown


@pytest.mark.parametrize("status", [429, 503])
def test_a_write_that_was_turned_away_is_sent_again(
    shop: Shop, client_of: Build, status: int
) -> None:
    shop.post(f"{URL}/groups", status=status, body="busy")
    shop.post(f"{URL}/groups", json={"id": 4})
    assert client_of().request("POST", "groups", json={}).body == {"id": 4}


def test_a_cache_that_gave_up_waiting_leaves_a_write_unknown(shop: Shop, client_of: Build) -> None:
    page = "<html><body><h1>Error 503 Backend fetch failed</h1>Guru Meditation</body></html>"
    shop.post(f"{URL}/groups", status=503, body=page, headers={"Retry-After": "5"})
    client = client_of()
    with pytest.raises(ShopFault) as caught:
        client.request("POST", "groups", json={})
    assert client.calls == 1
    assert caught.value.outcome_unknown


def test_a_repeatable_post_is_sent_again(shop: Shop, client_of: Build) -> None:
    shop.post(f"{URL}/prices", body=cut())
    shop.post(f"{URL}/prices", json=[])
    assert client_of().request("POST", "prices", json={}, repeatable=True).body == []


def test_a_shop_that_is_down_is_unreachable(client_of: Build) -> None:
    client = client_of(url="http://127.0.0.1:9", policy=Policy(attempts=2))
    with pytest.raises(Unreachable) as caught:
        client.request("POST", "groups", json={})
    assert client.calls == 2
    assert not caught.value.outcome_unknown


def test_an_untrusted_certificate_is_not_tried_again(shop: Shop, client_of: Build) -> None:
    shop.get(f"{URL}/a", body=requests.exceptions.SSLError("CERTIFICATE_VERIFY_FAILED"))
    client = client_of()
    with pytest.raises(Unreachable, match="TLS"):
        client.get("a")
    assert client.calls == 1


# -- strange answers ------------------------------------------------------------------------


def test_truncated_json_is_a_lost_answer(shop: Shop, client_of: Build) -> None:
    shop.post(f"{URL}/a", body='{"id": 4, "co', content_type="application/json")
    with pytest.raises(AnswerLost):
        client_of().request("POST", "a", json={})


def test_a_body_shorter_than_announced_is_a_lost_answer(shop: Shop, client_of: Build) -> None:
    shop.post(
        f"{URL}/a",
        body=requests.exceptions.ChunkedEncodingError("IncompleteRead(3 bytes read)"),
    )
    with pytest.raises(AnswerLost):
        client_of().request("POST", "a", json={})


def test_an_empty_answer_where_json_is_due_is_a_lost_answer(shop: Shop, client_of: Build) -> None:
    shop.post(f"{URL}/a", body="")
    with pytest.raises(AnswerLost):
        client_of().request("POST", "a", json={})


def test_no_content_is_an_answer(shop: Shop, client_of: Build) -> None:
    shop.delete(f"{URL}/a", status=204)
    assert client_of().request("DELETE", "a").body is None


def test_a_web_page_is_not_a_shop(shop: Shop, client_of: Build) -> None:
    shop.get(f"{URL}/a", body=HTML, content_type="text/html")
    with pytest.raises(NotAShop, match="HTML"):
        client_of().get("a")


def test_a_web_page_after_a_write_leaves_it_unknown(shop: Shop, client_of: Build) -> None:
    """A maintenance page with status 200, say, can stand in front of a write that happened."""
    shop.post(f"{URL}/a", body=HTML, content_type="text/html")
    with pytest.raises(AnswerLost):
        client_of().request("POST", "a", json={})


def test_a_wall_in_front_of_the_shop_is_named(shop: Shop, client_of: Build) -> None:
    shop.get(f"{URL}/a", status=403, body=HTML, content_type="text/html")
    with pytest.raises(NotAShop, match="web server in front"):
        client_of().get("a")


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(shop: Shop, client_of: Build, status: int) -> None:
    target = "https://user:pw12345@www.shop.test:8443/de/a?token=abcdefgh"
    shop.get(f"{URL}/a", status=status, headers={"Location": target})
    client = client_of()
    with pytest.raises(NotAShop) as caught:
        client.get("a")
    assert client.calls == 1
    assert "https://www.shop.test:8443" in str(caught.value)
    assert "pw12345" not in str(caught.value)
    assert "abcdefgh" not in str(caught.value)


def test_each_status_has_its_error(shop: Shop, client_of: Build) -> None:
    for status, kind in ((401, Unauthorized), (404, NotFound), (400, Rejected), (500, ShopFault)):
        shop.upsert("GET", f"{URL}/a", status=status, json={"message": "x"})
        with pytest.raises(kind) as caught:
            client_of().get("a")
        assert type(caught.value) is kind


# -- address, clock, cookies ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("shop.test", "https://"),
        ("ftp://shop.test", "https://"),
        ("https://", "host"),
        ("https://admin:pw@shop.test", "user name"),
        ("https://shop.test/?a=1", "no \\?"),
    ],
)
def test_an_address_that_cannot_be_used_is_refused(url: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason) as caught:
        HttpClient(url)
    assert "pw" not in str(caught.value)


def test_the_shops_clock_is_measured(shop: Shop, client_of: Build) -> None:
    shop.get(f"{URL}/a", json=1, headers={"Date": "Sun, 22 Nov 2026 15:02:00 GMT"})
    client = client_of(now=lambda: datetime(2026, 11, 22, 15, 0, 0, tzinfo=UTC))
    assert client.clock_offset is None
    client.get("a")
    assert client.clock_offset == timedelta(minutes=2)


def test_the_shop_cannot_start_a_session(shop: Shop, client_of: Build) -> None:
    shop.get(f"{URL}/a", json=1, headers={"Set-Cookie": "PHPSESSID=abc; path=/"})
    client = client_of()
    client.get("a")
    client.get("a")
    assert "Cookie" not in shop.calls[1].request.headers


def test_calls_per_second_are_bounded(shop: Shop, client_of: Build, time: Any) -> None:
    shop.get(f"{URL}/a", json=1)
    client = client_of(policy=Policy(calls_per_second=2))
    for _ in range(6):
        client.get("a")
    assert sum(time.waits) == pytest.approx(2.0, abs=0.01)


# -- adaptive concurrency -------------------------------------------------------------------


def test_an_overloaded_shop_gets_fewer_calls_at_once(shop: Shop, client_of: Build) -> None:
    shop.get(f"{URL}/a", status=429, json={})
    shop.get(f"{URL}/a", json=1)
    client = client_of(policy=Policy(slots=4))
    client.get("a")
    assert client.concurrency.limit == 2


def test_a_call_inside_a_slot_does_not_wait_for_another(shop: Shop, client_of: Build) -> None:
    shop.get(f"{URL}/a", json=1)
    client = client_of(policy=Policy(slots=1, max_slots=1))
    with client.concurrency.slot():
        assert client.get("a") == 1
    assert client.concurrency.busy == 0
