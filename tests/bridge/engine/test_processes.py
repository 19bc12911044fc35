"""`run` as an operator meets it: stopped, killed, started again, and started twice."""

from __future__ import annotations

import http.client
import json
import signal
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from engine_world import POINTS, Merchant, programme, until

from bridge.engine.once import work_once
from connectors.sandbox.shopper import shop_around


def on_one(kind: str) -> pytest.MarkDecorator:
    """For what has little to do with the database: one kind is enough."""
    return pytest.mark.parametrize("database_url", [kind], indirect=True)


Shopped = Callable[[int], tuple[Merchant, Merchant]]


@pytest.fixture
def shopped(merchants: Callable[..., Merchant]) -> Shopped:
    """A merchant in each of whose shops so many orders were placed, and one with the same shops
    whose book is made in peace."""

    def shop(orders: int) -> tuple[Merchant, Merchant]:
        disturbed, calm = merchants("acme"), merchants("calm")
        for merchant in (disturbed, calm):
            merchant.load(programme(points={**POINTS, "ripen": {"after": "paid", "days": 0}}))
        for seed, running in enumerate(disturbed.shops.values()):
            shop_around(running, seed, orders)
        return disturbed, calm

    return shop


def same_book(disturbed: Merchant, calm: Merchant, orders: int) -> None:
    """Whatever happened to the one, a last look at the shops makes both books equal."""
    assert work_once(disturbed.app).problems == {}
    problems = work_once(calm.app).problems
    # The first merchant's points are shown in the shop already, and are not overwritten.
    assert all(one.startswith("balances: ") for found in problems.values() for one in found)
    book = disturbed.book()
    assert book == calm.book()
    assert book["orders"] == orders
    assert len(book["accounts"]) > 5


def get(url: str, path: str) -> tuple[int, dict[str, str]]:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=10)
    connection.request("GET", path)
    answer = connection.getresponse()
    found = json.loads(answer.read())
    connection.close()
    return answer.status, found


@on_one("postgresql")
def test_told_to_stop_it_ends_well_and_nothing_is_lost(shopped: Shopped) -> None:
    merchant, calm = shopped(40)
    with merchant.start() as process:
        url = process.url
        until(lambda: get(url, "/readyz") == (200, {"status": "ok"}))
        invitation = [process.line(), process.line()]
        assert invitation[0].startswith("Nobody can sign in yet.")
        assert process.line() == "Reading 2 stores every 1 second: magento, shopware."
        until(lambda: merchant.handled() > 5)
        process.signal(signal.SIGTERM)
        code, errors = process.end()
    assert code == 0, errors
    assert errors.splitlines() == [
        "Stopping: what runs comes to an end. A second signal ends at once.",
        "Stopped.",
    ]
    same_book(merchant, calm, 80)


def test_killed_in_the_middle_it_goes_on_when_it_is_started_again(shopped: Shopped) -> None:
    merchant, calm = shopped(40)
    for least in (1, 20, 50):
        with merchant.start("--no-web") as process:
            until(lambda: merchant.handled() >= least)  # noqa: B023
            process.signal(signal.SIGKILL)
            assert process.end()[0] == -signal.SIGKILL
    with merchant.start("--no-web") as process:
        assert process.line().startswith("Reading 2 stores")
        until(lambda: merchant.handled() == 80)
        process.signal(signal.SIGINT)
        assert process.end()[0] == 0
    same_book(merchant, calm, 80)


def test_two_at_once_put_each_order_into_the_book_once(shopped: Shopped) -> None:
    merchant, calm = shopped(100)
    with merchant.start("--no-web") as one, merchant.start("--no-web") as other:
        for process in (one, other):
            assert process.line().startswith("Reading 2 stores")
        until(lambda: merchant.handled() == 200)
        for process in (one, other):
            process.signal(signal.SIGTERM)
        for process in (one, other):
            code, errors = process.end()
            assert (code, [line for line in errors.splitlines() if "rror" in line]) == (0, [])
    same_book(merchant, calm, 200)


@on_one("sqlite")
def test_a_shop_that_hangs_does_not_keep_it_from_ending(
    merchants: Callable[..., Merchant],
) -> None:
    merchant = merchants()
    merchant.load(programme())
    work_once(merchant.app)
    holds = merchant.shops["shopware"].holds
    holds.hold("POST /api/search/order$")
    with merchant.start("--no-web", grace_seconds=1) as process:
        holds.wait_held()
        process.signal(signal.SIGTERM)
        code, errors = process.end(10)
        assert (code, "taken up at the next start" in errors) == (0, True)
    holds.release(discard=True)
    holds.hold("POST /api/search/order$")
    with merchant.start("--no-web", grace_seconds=600) as process:
        holds.wait_held()
        process.signal(signal.SIGTERM)
        assert process.process.stderr is not None
        assert "Stopping" in process.process.stderr.readline()
        process.signal(signal.SIGTERM)
        assert process.end(10)[0] == 128 + signal.SIGTERM
    holds.release(discard=True)
