"""Gift rules in the app's configuration: whatever stands there, and whenever the bridge dies."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from connectors.base import Connection
from connectors.errors import ConnectorError, Forbidden, Rejected, Unreachable
from connectors.rewards import Discount, Promotion, PromotionKind, Promotions, Threshold
from connectors.sandbox.server import RunningSandbox
from connectors.shopware.app.manifests import APP_NAME, APP_VERSION
from connectors.shopware.app_configuration import GIFTS, MOST_RULES
from connectors.shopware.connector import ShopwareConnector, connect
from connectors.shopware.installed_app import InstalledApp
from connectors.shopware.privileges import FEATURES, NEEDED
from connectors.shopware.sandbox import SANDBOX, settings
from connectors.shopware.sandbox.records import change, insert
from connectors.shopware.sandbox.seed import SALES_CHANNEL

from .conftest import MARK

SAW, DEGREASER = "0009f964978456518617e13b4a9d1108", "01480d19ed01215837593594e2d5ae96"
APP, KEY = "f" * 32, "gift:degreaser:main"
GIFT = Promotion(
    key=KEY,
    kind=PromotionKind.GIFT,
    name="Acme: degreaser",
    label="Degreaser",
    store_id=SALES_CHANNEL,
    currency="EUR",
    discount=Discount(percent=Decimal(100)),
    threshold=Threshold(Decimal("150.10"), is_gross=True),
    product_ids=(DEGREASER,),
    most_pieces=1,
)
THEIRS = {"product": SAW, "quantity": 1, "amount": 20.5, "base": 20.5, "rule": "by hand"}


@pytest.fixture(scope="module")
def running() -> Iterator[RunningSandbox]:
    with SANDBOX.serve(products=60, customers=10) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running: RunningSandbox) -> RunningSandbox:
    running.reset()
    app = {"id": APP, "name": APP_NAME, "version": APP_VERSION, "active": True}
    insert(running.state.database, "app", app)
    return running


@pytest.fixture
def live(sandbox: RunningSandbox) -> Iterator[ShopwareConnector]:
    connector = connect(Connection(sandbox.url, SANDBOX.credentials, {}, MARK))
    yield connector
    connector.close()


@pytest.fixture
def promotions(live: ShopwareConnector) -> Promotions:
    assert live.promotions is not None
    return live.promotions


def told(sandbox: RunningSandbox) -> Any:
    return settings.value(sandbox.state.database, GIFTS, SALES_CHANNEL)


def tell(sandbox: RunningSandbox, value: Any) -> None:
    settings.store(sandbox.state.database, GIFTS, value, SALES_CHANNEL)


def make(promotions: Promotions, promotion: Promotion = GIFT) -> str:
    return promotions.write(promotion.key, promotions.compile(promotion)).native


def ours(**changes: Any) -> dict[str, Any]:
    return {"mark": MARK, "key": KEY, "product": DEGREASER, **changes}


def test_others_rules_stay_and_what_the_script_reads_is_all_there(
    sandbox: RunningSandbox, promotions: Promotions
) -> None:
    tell(sandbox, [THEIRS])
    make(promotions)
    first, second = told(sandbox)
    assert first == THEIRS
    assert (second["product"], second["amount"], second["gross"]) == (DEGREASER, 150.1, True)
    assert (second["from"], second["until"], second["groups"]) == (None, None, [])
    promotions.remove(KEY)
    assert told(sandbox) == [THEIRS]


MALFORMED: dict[str, Any] = {
    "a word": "gifts",
    "a number": 7.5,
    "yes": True,
    "an object": {"a": ours(says={"discounts": "x"}), "b": None},
    "no rules": [None, 1, "x", [], [[]], {}],
    "no text": [ours()],
    "a text that is a word": [ours(says="x")],
    "an empty text": [ours(says={})],
    "a text of the wrong kinds": [ours(says={"basket": 1, "discounts": [7], "by_app": {"a": 1.5}})],
    "another store": [ours(says={"store": "x", "currency": 5, "discounts": []}, base="x")],
    "half a text": [ours(says={"discounts": [], "codes": False, "priority": "x", "by_app": []})],
    "twice": [ours(says={"store": SALES_CHANNEL}), ours(says={"store": SALES_CHANNEL})],
    "no key": [ours(key=None), ours(key=7), ours(mark=["x"])],
    "a deep one": [ours(says={"store": SALES_CHANNEL, "from": {"a": [{"b": 0.1}]}})],
}


@pytest.mark.parametrize("name", MALFORMED)
def test_whatever_stands_there_is_told_as_a_change_and_put_right(
    sandbox: RunningSandbox, promotions: Promotions, name: str
) -> None:
    """No reader falls over it; the next writing mends what is ours."""
    tell(sandbox, MALFORMED[name])
    wanted = promotions.compile(GIFT)
    assert all(one.native != wanted for one in promotions.all())
    assert promotions.read([KEY]).keys() <= {KEY}
    assert make(promotions) == wanted
    assert promotions.read([KEY])[KEY].native == wanted
    tell(sandbox, MALFORMED[name])
    promotions.remove(KEY)
    assert promotions.read([KEY]) == {}


@pytest.mark.parametrize("change_of", [{"amount": 1}, {"quantity": 2}, {"base": 1}, {"more": 1}])
def test_a_hand_in_one_rule_is_seen(
    sandbox: RunningSandbox, promotions: Promotions, change_of: dict[str, Any]
) -> None:
    native = make(promotions)
    tell(sandbox, [{**told(sandbox)[0], **change_of}])
    found = promotions.read([KEY])[KEY].native
    assert found != native
    with pytest.raises(Rejected):
        promotions.write(KEY, found)
    assert promotions.write(KEY, native).native == native


def test_rates_of_exchange_may_move(sandbox: RunningSandbox, promotions: Promotions) -> None:
    native = make(promotions)
    tell(sandbox, [{**told(sandbox)[0], "base": 155.25}])
    assert promotions.read([KEY])[KEY].native == native


class Killed(ConnectorError):
    pass


@pytest.mark.parametrize("is_on", [True, False], ids=["to the app", "back"])
@pytest.mark.parametrize("calls", range(4))
def test_killed_at_any_call_nobody_gets_two_and_the_next_try_ends_it(
    sandbox: RunningSandbox,
    promotions: Promotions,
    live: ShopwareConnector,
    monkeypatch: pytest.MonkeyPatch,
    calls: int,
    is_on: bool,
) -> None:
    """The bridge dies before the n-th call that changes the shop."""
    database = sandbox.state.database
    change(database, "app", APP, {"active": not is_on})
    make(promotions)
    change(database, "app", APP, {"active": is_on})
    native = promotions.compile(GIFT)
    send, left = live._client.http.request, [calls]

    def request(method: str, path: str, **arguments: Any) -> Any:
        if method != "GET" and "/search/" not in path:
            if not left[0]:
                raise Killed("dead")
            left[0] -= 1
        return send(method, path, **arguments)

    with monkeypatch.context() as patch:
        patch.setattr(live._client.http, "request", request)
        try:
            promotions.write(KEY, native)
        except Killed:
            both = bool(told(sandbox)) and bool(database["promotion"].rows)
            assert not both
    assert promotions.write(KEY, native).native == native
    assert bool(told(sandbox)) is is_on
    assert bool(database["promotion"].rows) is not is_on


def test_a_shop_that_does_not_answer_is_no_shop_without_the_app(
    promotions: Promotions, live: ShopwareConnector, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a gift would move back for a moment's silence."""

    def search(*_: Any) -> Any:
        raise Unreachable("down")

    monkeypatch.setattr(live._client, "search", search)
    with pytest.raises(Unreachable):
        promotions.compile(GIFT)


def test_who_may_not_look_gives_no_gift_that_could_be_the_second(
    sandbox: RunningSandbox, promotions: Promotions
) -> None:
    """The privilege was taken away after the app was told."""
    make(promotions)
    every = [*NEEDED, *(name for feature in FEATURES for name in feature.privileges)]
    sandbox.state.faults.shop["privileges"] = [*every, "app:read"]
    assert promotions.read([KEY]) == {}
    native = promotions.compile(GIFT)
    with pytest.raises(Forbidden, match="system_config:read"):
        promotions.write(KEY, native)
    assert not sandbox.state.database["promotion"].rows


def test_who_may_read_and_not_write_keeps_the_promotion(
    sandbox: RunningSandbox, promotions: Promotions
) -> None:
    database = sandbox.state.database
    change(database, "app", APP, {"active": False})
    make(promotions)
    change(database, "app", APP, {"active": True})
    every = [*NEEDED, *(name for feature in FEATURES for name in feature.privileges)]
    sandbox.state.faults.shop["privileges"] = [*every, "app:read", "system_config:read"]
    with pytest.raises(Forbidden, match="system_config"):
        make(promotions)
    assert len(database["promotion"].rows) == 1


def test_no_more_than_the_script_reads(sandbox: RunningSandbox, promotions: Promotions) -> None:
    """What it shall replace goes on."""
    database = sandbox.state.database
    change(database, "app", APP, {"active": False})
    make(promotions)
    change(database, "app", APP, {"active": True})
    tell(sandbox, [THEIRS] * MOST_RULES)
    with pytest.raises(Rejected, match="51 gift rules"):
        make(promotions)
    assert len(database["promotion"].rows) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"most_pieces": 100},
        {"threshold": None},
        {"product_ids": tuple(sorted((SAW, DEGREASER)))},
        {"is_active": False},
    ],
)
def test_what_the_app_cannot_give_is_a_promotion(
    promotions: Promotions, changes: dict[str, Any]
) -> None:
    assert "by_app" not in promotions.compile(replace(GIFT, **changes))
    assert "by_app" in promotions.compile(GIFT)


@pytest.mark.parametrize(
    ("version", "is_active", "gives", "takes"),
    [
        ("1.0.0", True, False, False),
        ("2.0.0", True, True, False),
        ("2.1.0", False, False, False),
        ("2.3", True, True, True),
        ("10", True, True, True),
        ("x", True, False, False),
    ],
)
def test_the_first_app_only_listens(
    sandbox: RunningSandbox,
    live: ShopwareConnector,
    version: str,
    is_active: bool,
    gives: bool,
    takes: bool,
) -> None:
    change(sandbox.state.database, "app", APP, {"version": version, "active": is_active})
    seen = InstalledApp(live._client).seen()
    assert seen is not None
    assert (seen.version, seen.is_active) == (version, is_active)
    assert (seen.puts_gifts_in, seen.takes_points) == (gives, takes)
