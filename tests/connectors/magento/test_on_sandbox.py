"""The connector on the sandbox: what the conformance suite does not ask of every platform."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from connectors.base import (
    Amount,
    Connection,
    GroupDraft,
    Severity,
    TierKey,
    TierPrice,
    TierValue,
)
from connectors.errors import Forbidden, NotFound, Throttled, Unauthorized
from connectors.http import Policy
from connectors.magento import PLATFORM
from connectors.magento.connector import MagentoConnector
from connectors.magento.sandbox import SANDBOX
from connectors.sandbox.server import RunningSandbox

Build = Callable[..., MagentoConnector]
KEYS = SANDBOX.credentials
TOKEN = {"access_token": KEYS["access_token"]}
ADMIN = {"username": "admin", "password": "Sandbox-Admin-1"}
BAG, PACK = "24-MB01", "24-MB04"


@pytest.fixture(scope="module")
def running() -> Iterator[RunningSandbox]:
    with SANDBOX.serve(products=40, customers=20) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running: RunningSandbox) -> RunningSandbox:
    running.reset()
    return running


@pytest.fixture
def build(sandbox: RunningSandbox) -> Iterator[Build]:
    made: list[MagentoConnector] = []

    def connect(credentials: Any = TOKEN, **settings: str) -> MagentoConnector:
        told = {**SANDBOX.settings, **settings}
        connector = PLATFORM.connect(Connection(sandbox.url, credentials, told, "acme/shop"))
        assert isinstance(connector, MagentoConnector)
        connector.http._sleep = lambda seconds: None
        made.append(connector)
        return connector

    yield connect
    for connector in made:
        connector.close()


def row(sku: str, price: str, quantity: int = 1, group: str = "1", store: str = "") -> TierPrice:
    key = TierKey(sku, store, group, Decimal(quantity))
    return TierPrice(key, TierValue(amounts=(Amount("EUR", net=Decimal(price)),)))


def problems(connector: MagentoConnector) -> list[tuple[str, str]]:
    wrong = {Severity.WARNING, Severity.ERROR}
    return [(one.topic, one.mend) for one in connector.check() if one.severity in wrong]


@pytest.mark.parametrize("credentials", [TOKEN, KEYS, ADMIN], ids=["token", "oauth", "admin"])
def test_each_way_in_is_good_for_everything(
    sandbox: RunningSandbox, build: Build, credentials: Any
) -> None:
    sandbox.faults.set(shop={"nonce_once": True})
    connector = build(credentials)
    assert problems(connector) == []
    assert len(connector.groups()) == 4
    assert connector.write_tier_prices([row(BAG, "30.5", 5)]) == []
    assert connector.tier_prices([BAG]) == [row(BAG, "30.5", 5)]


def test_a_signed_call_that_is_tried_again_is_signed_anew(
    sandbox: RunningSandbox, build: Build
) -> None:
    sandbox.faults.set(shop={"nonce_once": True}, script=["429", "503"])
    assert len(build(KEYS).groups()) == 4


def test_a_token_where_bearer_is_off(sandbox: RunningSandbox, build: Build) -> None:
    sandbox.faults.set(shop={"integration_as_bearer": False})
    connector = build()
    [(topic, mend)] = problems(connector)
    assert topic == "credentials"
    assert "enable_integration_as_bearer" in mend
    with pytest.raises(Unauthorized):
        connector.groups()
    assert problems(build(KEYS)) == []


@pytest.mark.parametrize(
    "changed", ["consumer_key", "consumer_secret", "access_token", "access_token_secret"]
)
def test_one_wrong_key_of_four(build: Build, changed: str) -> None:
    connector = build({**KEYS, changed: "wrong" * 5})
    assert [topic for topic, _ in problems(connector)] == ["credentials"]
    with pytest.raises(Unauthorized):
        connector.groups()


def test_a_missing_privilege(sandbox: RunningSandbox, build: Build) -> None:
    sandbox.faults.set(shop={"missing_privileges": ["Magento_Customer::manage"]})
    connector = build()
    [finding] = [one for one in connector.check() if one.severity is Severity.ERROR]
    assert finding.topic == "privileges"
    assert "move customers" in finding.found
    assert "Magento_Customer::manage" in finding.found
    with pytest.raises(Forbidden) as caught:
        connector.move_customer("1", "2")
    assert caught.value.privileges == ("Magento_Customer::manage",)


def test_checking_changes_nothing(sandbox: RunningSandbox, build: Build) -> None:
    before = sandbox.dump()
    build().check()
    assert sandbox.dump() == before


def test_rows_of_one_website_contradict_a_global_price_scope(build: Build) -> None:
    build(price_scope="website").write_tier_prices([row(BAG, "30", store="1")])
    assert [topic for topic, _ in problems(build())] == ["settings"]
    assert problems(build(price_scope="website")) == []


def test_a_shop_in_maintenance(sandbox: RunningSandbox, build: Build) -> None:
    sandbox.faults.set(shop={"maintenance": True})
    with pytest.raises(Throttled, match="maintenance"):
        build().groups()


def test_limits_of_the_shop_are_learnt(sandbox: RunningSandbox, build: Build) -> None:
    """PLATFORM_FACTS Magento 10."""
    connector = build()
    skus = [one.id for one in connector.products() if one.prices]
    sandbox.faults.set(shop={"max_items": 20, "max_page_size": 25})
    rows = [row(sku, "1.25", 10) for sku in skus]
    assert connector.write_tier_prices(rows) == []
    assert {one.key for one in connector.tier_prices(skus)} == {one.key for one in rows}
    assert [one.id for one in connector.products() if one.prices] == skus
    assert len({one.id for one in connector.customers()}) == 21


def test_customers_who_share_a_second_are_all_walked(sandbox: RunningSandbox, build: Build) -> None:
    connector = build()
    moved = [connector.move_customer(str(number), "2") for number in range(1, 22)]
    sandbox.faults.set(shop={"max_page_size": 3})
    since = min(one.updated_at for one in moved)
    seen = [one.id for one in connector.customers(since)]
    assert sorted(seen, key=int) == [str(number) for number in range(1, 22)]


def test_a_renamed_group_keeps_its_prices(build: Build) -> None:
    """Prices are sent by code and known by id (PLATFORM_FACTS Magento 5)."""
    connector, other = build(), build()
    gold = connector.create_group(GroupDraft("gold", "Gold", "1"))
    assert connector.write_tier_prices([row(BAG, "30", group=gold.id)]) == []
    other.rename_group(gold.id, "Gold 2026")
    assert connector.write_tier_prices([row(BAG, "29", group=gold.id)]) == []
    assert connector.tier_prices([BAG]) == [row(BAG, "29", group=gold.id)]


def test_a_deleted_group_is_refused_row_by_row(build: Build) -> None:
    connector, other = build(), build()
    gold = connector.create_group(GroupDraft("gold", "Gold", "1"))
    connector.write_tier_prices([row(BAG, "30", group=gold.id)])
    connector.remove_tier_prices([row(BAG, "30", group=gold.id)])
    other.delete_group(gold.id)
    bad, good = row(BAG, "30", group=gold.id), row(PACK, "30")
    [refusal] = connector.write_tier_prices([bad, good])
    assert refusal.key == bad.key
    assert isinstance(refusal.error, NotFound)
    assert connector.tier_prices([BAG, PACK]) == [good]


def test_the_same_price_of_another_website_is_never_lost(
    sandbox: RunningSandbox, build: Build
) -> None:
    """Magento takes no such pair, but shops have them from imports and older versions."""
    connector = build(price_scope="website")
    mine, theirs = row(BAG, "30"), row(BAG, "30", store="1")
    assert connector.write_tier_prices([mine]) == []
    assert [one.key for one in connector.write_tier_prices([theirs])] == [theirs.key]
    sandbox.state.tiers.put((1, 1, Decimal(1), 1), Decimal(30), is_discount=False)
    before = sandbox.dump()
    assert [one.key for one in connector.remove_tier_prices([mine])] == [mine.key]
    assert sandbox.dump() == before
    assert connector.remove_tier_prices([mine, theirs]) == []
    assert sandbox.dump()["tier_prices"] == []


def test_every_good_row_arrives_while_the_shop_misbehaves(
    sandbox: RunningSandbox, build: Build
) -> None:
    """Calls that were turned away are made again; what a lost answer leaves open is read."""
    connector = build()
    connector.http.policy = replace(
        connector.http.policy, attempts=20, longest_pause_of_a_change=300.0
    )
    rows = [row(one.id, "1.5", 10) for one in connector.products() if one.prices]
    bad = row("no-such-sku", "1.5", 10)
    sandbox.faults.set(rates={"429": 0.2, "503": 0.2})
    refused = []
    for start in range(0, len(rows), 5):
        refused += connector.write_tier_prices([*rows[start : start + 5], bad])
    assert {one.key for one in refused} == {bad.key}
    written = connector.tier_prices([one.key.product_id for one in rows])
    assert {one.key: one.value for one in written} == {one.key: one.value for one in rows}


def test_the_policy_bounds_a_call() -> None:
    """Leases are longer than this (DESIGN: the way of an event)."""
    connector = PLATFORM.connect(Connection("https://shop.test", TOKEN, {}, "a/b"))
    assert isinstance(connector, MagentoConnector)
    assert connector.http.total_timeout == Policy().total_timeout > Policy().read_timeout


def test_the_check_tells_of_the_module(sandbox: RunningSandbox, build: Build) -> None:
    connector = build()
    assert [one.severity for one in connector.check() if one.topic == "module"] == [Severity.NOTE]
    sandbox.state.module.is_installed = True
    assert [one.severity for one in connector.check() if one.topic == "module"] == [Severity.OK]
    sandbox.faults.set(shop={"missing_privileges": ["LoyaltyBridge_Loyalty::bridge"]})
    [(topic, mend)] = problems(connector)
    assert topic == "module"
    assert "“Loyalty Bridge”" in mend
    assert connector.plugin() is None
    assert connector.balances is not None
    with pytest.raises(Forbidden):
        connector.balances.read(["1"])
