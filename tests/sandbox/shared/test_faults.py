"""A sandbox can be told to misbehave in every way a shop or a line does."""

from __future__ import annotations

import contextlib
import json

import pytest
import requests

from connectors.sandbox.faults import KINDS, Faults
from connectors.sandbox.latency import NO_LATENCY, Cost, Latency
from connectors.sandbox.server import RunningSandbox


def add(shop: RunningSandbox, session: requests.Session) -> requests.Response:
    return session.post(f"{shop.url}/add", json=["a", "b"], timeout=10)


@pytest.mark.parametrize("status", [429, 503])
def test_a_refusal_changes_nothing_and_says_when_to_come_back(
    shop: RunningSandbox, session: requests.Session, status: int
) -> None:
    shop.faults.set(script=[str(status)], retry_after=3)
    answer = add(shop, session)
    assert (answer.status_code, answer.headers["Retry-After"]) == (status, "3")
    assert shop.dump() == {"sum": 0}
    assert add(shop, session).status_code == 200


def test_no_retry_after_unless_asked_for(shop: RunningSandbox, session: requests.Session) -> None:
    shop.faults.set(script=["503"])
    assert "Retry-After" not in add(shop, session).headers


@pytest.mark.parametrize(("kind", "done"), [("drop_before", 0), ("drop_after", 2), ("cut", 2)])
def test_a_lost_line_leaves_the_shop_as_the_fault_says(
    shop: RunningSandbox, session: requests.Session, kind: str, done: int
) -> None:
    shop.faults.set(script=[kind])
    with pytest.raises(requests.exceptions.RequestException):
        add(shop, session)
    assert shop.dump() == {"sum": done}


def test_truncated_json_arrives_as_a_whole_answer(
    shop: RunningSandbox, session: requests.Session
) -> None:
    shop.faults.set(script=["truncate"])
    answer = add(shop, session)
    assert answer.status_code == 200
    with pytest.raises(json.JSONDecodeError):
        json.loads(answer.text)
    assert shop.dump() == {"sum": 2}


def test_rates_come_about_as_often_as_asked_and_alike_for_one_seed() -> None:
    def run() -> list[str]:
        faults = Faults(seed=11)
        faults.set(rates={"429": 0.1, "drop_after": 0.05})
        return [faults.draw("POST /x") for _ in range(2000)]

    drawn = run()
    assert drawn == run()
    assert 150 <= drawn.count("429") <= 250
    assert 60 <= drawn.count("drop_after") <= 140
    assert set(drawn) == {"", "429", "drop_after"}


def test_faults_can_be_kept_to_some_calls(shop: RunningSandbox, session: requests.Session) -> None:
    shop.faults.set(rates={"503": 1.0}, paths="^POST /add")
    assert session.get(f"{shop.url}/sum", timeout=10).status_code == 200
    assert add(shop, session).status_code == 503


def test_poison_hits_the_same_rows_every_time_and_about_as_many_as_asked() -> None:
    faults = Faults(seed=3)
    faults.set(poison_every=100, poisoned_skus=["B2B-1029"])
    skus = [f"B2B-{number}" for number in range(2000, 12000)]
    hit = [sku for sku in skus if faults.poisoned(sku)]
    assert hit == [sku for sku in skus if faults.poisoned(sku)]
    assert 60 <= len(hit) <= 140
    assert faults.poisoned("B2B-1029")


def test_faults_are_set_and_cleared_over_http(
    shop: RunningSandbox, session: requests.Session
) -> None:
    control = f"{shop.url}/_sandbox/faults"
    said = session.put(control, json={"rates": {"429": 0.5}, "shop": {"open": False}}, timeout=10)
    assert said.json()["rates"] == {"429": 0.5}
    assert shop.faults.shop == {"open": False}
    assert session.get(control, timeout=10).json()["shop"] == {"open": False}
    session.delete(control, timeout=10)
    assert (shop.faults.rates, shop.faults.shop) == ({}, {"open": True})


@pytest.mark.parametrize(
    ("switches", "named"),
    [
        ({"rate": 1}, "rate"),
        ({"rates": {"teapot": 0.1}}, "teapot"),
        ({"rates": {"429": 0.7, "503": 0.7}}, "between 0 and 1"),
        ({"latency": "fast"}, "latency"),
        ({"latency": {"per_cow_ms": 1}}, "per_cow_ms"),
        ({"paths": "("}, "paths"),
        ({"poison_every": -1}, "poison_every"),
        ({"script": ["boom"]}, "boom"),
        ({"shop": {"colour": "red"}}, "colour"),
    ],
)
def test_a_wrong_switch_is_named_and_nothing_is_set(
    shop: RunningSandbox, session: requests.Session, switches: dict[str, object], named: str
) -> None:
    before = shop.faults.as_json()
    wrong = {"retry_after": 9, **switches}
    answer = session.put(f"{shop.url}/_sandbox/faults", json=wrong, timeout=10)
    assert answer.status_code == 400
    assert named in answer.json()["error"]
    assert shop.faults.as_json() == before


def test_every_kind_of_fault_is_recorded_in_the_log(
    shop: RunningSandbox, session: requests.Session
) -> None:
    shop.faults.set(script=list(KINDS))
    for _ in KINDS:
        with contextlib.suppress(requests.exceptions.RequestException):
            add(shop, session)
    assert [call.fault for call in shop.log.calls()] == list(KINDS)
    assert [call.handled for call in shop.log.calls()] == [False, False, False, True, True, True]


def test_clearing_brings_back_the_latency_of_the_start() -> None:
    recorded = Latency({"": Cost(per_call_ms=5)})
    faults = Faults(recorded=recorded, latency="recorded")
    faults.set(latency="none")
    assert faults.latency == NO_LATENCY
    faults.clear()
    assert faults.latency == recorded
