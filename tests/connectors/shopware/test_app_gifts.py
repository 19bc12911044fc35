"""Gift rules in the app's configuration: whatever stands there, and whenever the bridge dies."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from connectors.errors import ConnectorError, Forbidden, Rejected, Unreachable
from connectors.rewards import Discount, Promotion, PromotionKind, Promotions, Threshold
from connectors.sandbox.server import RunningSandbox
from connectors.shopware.app.manifests import APP_NAME, APP_VERSION
from connectors.shopware.app_configuration import GIFTS, MOST_RULES
from connectors.shopware.connector import ShopwareConnector
from connectors.shopware.installed_app import InstalledApp
from connectors.shopware.privileges import FEATURES, NEEDED
from connectors.shopware.sandbox import SANDBOX, settings
from connectors.shopware.sandbox.records import change, insert
from connectors.shopware.sandbox.seed import SALES_CHANNEL

from .conftest import MARK
from .test_promotions_on_sandbox import DEALER, SHOPPER, Basket

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


HALF = {
    "active": True,
    "codes": False,
    "currency": "EUR",
    "discounts": [],
    "groups": [],
    "kind": "gift",
    "name": "x",
    "priority": 0,
    "store": SALES_CHANNEL,
    "title": "x",
    "by_app": [],
    "beside_promotion": True,
}
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
    "beside what": [
        ours(says={**HALF, "basket": {}}),
        ours(says={**HALF, "basket": {"threshold": 1}}),
    ],
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


def put(sandbox: RunningSandbox, version: str | None) -> None:
    """Another version of the app, or none."""
    row = {"id": APP, "name": APP_NAME, "version": version, "active": True}
    sandbox.state.database["app"].store(APP, None)
    if version is not None:
        insert(sandbox.state.database, "app", row)


ALONE = "2.1.0"
"""An app that knows nothing of the promotions beside its rules."""
WAYS = [(None, ALONE), (None, APP_VERSION), (ALONE, APP_VERSION), (APP_VERSION, None)]


@pytest.mark.parametrize(("before", "after"), WAYS)
@pytest.mark.parametrize("calls", range(4))
def test_killed_at_any_call_nobody_gets_two_and_the_next_try_ends_it(
    sandbox: RunningSandbox,
    promotions: Promotions,
    live: ShopwareConnector,
    monkeypatch: pytest.MonkeyPatch,
    calls: int,
    before: str | None,
    after: str | None,
) -> None:
    """The bridge dies before the n-th call that changes the shop."""
    database = sandbox.state.database
    put(sandbox, before)
    make(promotions)
    put(sandbox, after)
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
            unaware = [one for one in told(sandbox) or [] if "promotion" not in one]
            assert not (unaware and database["promotion"].rows)
    assert promotions.write(KEY, native).native == native
    assert [one for one in promotions.all() if one.native == native]
    assert bool(told(sandbox)) is (after is not None)
    assert bool(database["promotion"].rows) is (after != ALONE)


@pytest.mark.parametrize("gone", ["promotion", "rule"])
def test_one_of_the_two_that_is_missing_is_a_change_and_comes_back(
    sandbox: RunningSandbox, promotions: Promotions, gone: str
) -> None:
    native = make(promotions)
    if gone == "rule":
        tell(sandbox, [])
    else:
        (promotion,) = sandbox.state.database["promotion"].rows
        sandbox.state.database["promotion"].store(promotion, None)
    assert promotions.read([KEY])[KEY].native != native
    assert make(promotions) == native
    assert promotions.read([KEY])[KEY].native == native


def test_switched_off_and_on_nothing_is_to_be_planned(
    sandbox: RunningSandbox, promotions: Promotions
) -> None:
    """And what is written meanwhile is there for both."""
    native = make(promotions)
    change(sandbox.state.database, "app", APP, {"active": False})
    assert promotions.compile(GIFT) == native == promotions.read([KEY])[KEY].native
    lower = replace(GIFT, threshold=Threshold(Decimal(20)))
    make(promotions, lower)
    change(sandbox.state.database, "app", APP, {"active": True})
    assert promotions.compile(lower) == promotions.read([KEY])[KEY].native


def test_what_was_forgotten_is_not_told_to_one_that_is_off(
    sandbox: RunningSandbox, promotions: Promotions
) -> None:
    """Before it is taken out: its configuration stays in the shop."""
    make(promotions)
    tell(sandbox, None)
    change(sandbox.state.database, "app", APP, {"active": False})
    make(promotions)
    assert told(sandbox) is None
    put(sandbox, None)
    assert [promotions.compile(GIFT)] == [one.native for one in promotions.all()]


GIFT_LINE = f"lbgift-{DEGREASER}"


@pytest.mark.parametrize("email", [SHOPPER, DEALER], ids=["gross", "net"])
@pytest.mark.parametrize("removed", [False, True], ids=["switched off", "removed"])
def test_an_app_that_is_gone_leaves_no_gift_to_pay_for(
    sandbox: RunningSandbox, promotions: Promotions, email: str, *, removed: bool
) -> None:
    """In a basket that is stored, with nothing planned or applied; on again, it is as before."""
    make(promotions)
    basket = Basket(sandbox, email)
    for own in (0, 2):
        put(sandbox, APP_VERSION)
        taken = basket.off(saws=2, cans=own)
        costs = basket.costs()
        assert (taken, GIFT_LINE in basket.ids()) == (0, True)
        if removed:
            put(sandbox, None)
        else:
            change(sandbox.state.database, "app", APP, {"active": False})
        assert GIFT_LINE in basket.ids()
        assert basket.costs() == costs
        put(sandbox, APP_VERSION)
        assert basket.costs() == costs
        assert len(basket.ids()) == (3 if own else 2)


def test_the_shop_says_nothing_of_a_promotion_that_the_app_takes_out(
    sandbox: RunningSandbox, promotions: Promotions
) -> None:
    make(promotions)
    basket = Basket(sandbox)
    basket.off(saws=2, cans=1)
    assert basket.errors() == []


def test_what_is_left_to_pay_is_the_apps_alone(
    sandbox: RunningSandbox, promotions: Promotions
) -> None:
    """The shop counts the gift itself in it."""
    make(promotions, replace(GIFT, threshold=Threshold(Decimal(20), after_discounts=True)))
    assert not sandbox.state.database["promotion"].rows
    assert "promotion" not in told(sandbox)[0]


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
    before = dict(sandbox.state.database["promotion"].rows)
    assert not promotions.read([KEY])[KEY].by_plugin
    native = promotions.compile(GIFT)
    with pytest.raises(Forbidden, match="system_config:read"):
        promotions.write(KEY, native)
    assert sandbox.state.database["promotion"].rows == before


def test_who_may_read_and_not_write_keeps_the_promotion(
    sandbox: RunningSandbox, promotions: Promotions
) -> None:
    database = sandbox.state.database
    put(sandbox, None)
    make(promotions)
    put(sandbox, APP_VERSION)
    every = [*NEEDED, *(name for feature in FEATURES for name in feature.privileges)]
    sandbox.state.faults.shop["privileges"] = [*every, "app:read", "system_config:read"]
    with pytest.raises(Forbidden, match="system_config"):
        make(promotions)
    assert len(database["promotion"].rows) == 1


def test_no_more_than_the_script_reads(sandbox: RunningSandbox, promotions: Promotions) -> None:
    """What it shall replace goes on."""
    database = sandbox.state.database
    put(sandbox, None)
    make(promotions)
    put(sandbox, APP_VERSION)
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
