"""Whose codes are whose: said to a shop so that no owner is ever refused, and taken back whole."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from connectors.base import Connection
from connectors.errors import Forbidden, Rejected
from connectors.plugins import Owner, plugin_of
from connectors.sandbox.server import RunningSandbox
from connectors.shopware import ids
from connectors.shopware.app.manifests import APP_NAME, APP_VERSION
from connectors.shopware.app_configuration import DOMAIN, GUARDED, OPEN_CODE
from connectors.shopware.balances import ShopwareBalances
from connectors.shopware.code_owners import FIELD, name_of
from connectors.shopware.connector import ShopwareConnector, connect
from connectors.shopware.privileges import FEATURES, NEEDED
from connectors.shopware.sandbox import SANDBOX, settings
from connectors.shopware.sandbox.records import change, insert

from .conftest import MARK

CODE, OTHER = "LB-7Q2MX-0RW4T-KZ91C", "LB-0000A-0000B-0000C"
POOL = "pool.vouchers-10.1"
APP = "0a0b0c0d0e0f4001800203040506070d"
GONE = "0a0b0c0d0e0f4001800203040506070e"


@pytest.fixture(scope="module")
def running() -> Iterator[RunningSandbox]:
    with SANDBOX.serve(products=20, customers=10) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running: RunningSandbox) -> RunningSandbox:
    running.reset()
    row = {"id": APP, "name": APP_NAME, "version": APP_VERSION, "active": True}
    insert(running.state.database, "app", row)
    return running


@pytest.fixture
def live(sandbox: RunningSandbox) -> Iterator[ShopwareConnector]:
    connector = connect(Connection(sandbox.url, SANDBOX.credentials, {}, MARK))
    yield connector
    connector.close()


def told(sandbox: RunningSandbox) -> set[str]:
    """The names that stand in the configuration of all channels."""
    return {name for name, _ in settings.all_of(sandbox.state.database) if name.startswith(DOMAIN)}


def owning(sandbox: RunningSandbox, customer_id: str) -> set[str]:
    """Names of codes that are his."""
    fields = sandbox.state.database["customer"].rows[customer_id].values.get("customFields") or {}
    return {
        name.removeprefix(FIELD)
        for name, value in fields.items()
        if name.startswith(FIELD) and value is not None
    }


def customers(live: ShopwareConnector) -> list[str]:
    return [one.id for one in live.customers()]


def test_each_code_is_a_field_of_its_own_and_others_stay(
    sandbox: RunningSandbox, live: ShopwareConnector
) -> None:
    one, two, *_ = customers(live)
    live._client.update("customer", one, {"customFields": {"another_tool": "stays"}})
    assert live.own({CODE: Owner((one, two))}) == {}
    assert live.own({OTHER: Owner((one,))}) == {}
    assert owning(sandbox, one) == {name_of(CODE), name_of(OTHER)}
    assert owning(sandbox, two) == {name_of(CODE)}
    live.disown([CODE, "LB-NEVER"], {CODE: (one, two, GONE, "0")})
    assert (owning(sandbox, one), owning(sandbox, two)) == ({name_of(OTHER)}, set())
    fields = sandbox.state.database["customer"].rows[one].values["customFields"]
    assert fields["another_tool"] == "stays"
    assert told(sandbox) == set()


def test_who_has_no_account_there_leaves_it_to_anybody_until_he_has(
    sandbox: RunningSandbox, live: ShopwareConnector
) -> None:
    one = customers(live)[0]
    opened = {f"{OPEN_CODE}{name_of(CODE)}"}
    for owner in (Owner(email="eva@example.com"), Owner(), Owner(("0",)), Owner((GONE,))):
        assert live.own({CODE: owner}) == {}
        assert told(sandbox) == opened, owner
    assert live.own({CODE: Owner((GONE, one))}) == {}
    assert (told(sandbox), owning(sandbox, one)) == (set(), {name_of(CODE)})
    assert live.own({CODE: Owner(email="eva@example.com")}, {CODE: (one,)}) == {}
    assert (told(sandbox), owning(sandbox, one)) == (opened, set())


def test_a_code_that_the_script_could_not_name_is_refused(live: ShopwareConnector) -> None:
    one = customers(live)[0]
    refused = live.own({"É 1": Owner((one,)), CODE: Owner((one,))})
    assert list(refused) == ["É 1"]
    assert isinstance(refused["É 1"], Rejected)


@pytest.mark.parametrize(
    ("app", "guards", "knows"),
    [
        ({}, True, True),
        ({"active": False}, False, True),
        ({"version": "2.2.9"}, False, False),
        ({"version": "2.10.0"}, True, True),
    ],
)
def test_which_app_guards_and_which_has_to_know(
    sandbox: RunningSandbox,
    live: ShopwareConnector,
    app: dict[str, Any],
    guards: bool,
    knows: bool,
) -> None:
    change(sandbox.state.database, "app", APP, app)
    plugin = plugin_of(live)
    assert plugin is not None
    assert (plugin.guards_codes, live.has_to_know()) == (guards, knows)
    live.guard_promotions([POOL])
    assert live.has_to_know(), "one that is put there later guards at once"
    assert told(sandbox) == {f"{GUARDED}{ids.promotion_id(MARK, POOL)}"}


def test_nothing_is_left_when_the_bridge_goes(
    sandbox: RunningSandbox, live: ShopwareConnector
) -> None:
    one = customers(live)[0]
    live.own({CODE: Owner((one,)), OTHER: Owner()})
    live.guard_promotions([POOL])
    live.guard_promotions([])
    assert len(told(sandbox)) == 2
    live.forget()
    assert told(sandbox) == set()
    balances = live.balances
    assert isinstance(balances, ShopwareBalances)
    balances.remove()
    assert owning(sandbox, one) == set()


def test_a_promotion_that_is_removed_leaves_nothing_there(
    sandbox: RunningSandbox, live: ShopwareConnector
) -> None:
    live.guard_promotions([POOL, "pool.vouchers-10.2"])
    assert live.promotions is not None
    live.promotions.remove(POOL)
    assert told(sandbox) == {f"{GUARDED}{ids.promotion_id(MARK, 'pool.vouchers-10.2')}"}


def test_where_the_configuration_may_not_be_written_nothing_is_guarded(
    sandbox: RunningSandbox, live: ShopwareConnector
) -> None:
    every = [*NEEDED, *(name for feature in FEATURES for name in feature.privileges)]
    held = [*(name for name in every if not name.startswith("system_config")), "app:read"]
    sandbox.state.faults.shop["privileges"] = held
    plugin = plugin_of(live)
    assert plugin is not None and not plugin.guards_codes
    one = customers(live)[0]
    assert live.own({CODE: Owner((one,)), OTHER: Owner()}) == {}
    live.guard_promotions([POOL])
    assert (told(sandbox), owning(sandbox, one)) == (set(), {name_of(CODE)})


def test_where_it_may_not_be_written_any_more_the_code_waits(
    sandbox: RunningSandbox, live: ShopwareConnector
) -> None:
    live.guard_promotions([POOL])
    every = [*NEEDED, *(name for feature in FEATURES for name in feature.privileges)]
    held = [*(name for name in every if not name.startswith("system_config")), "app:read"]
    sandbox.state.faults.shop["privileges"] = [*held, "system_config:read"]
    with pytest.raises(Forbidden):
        live.own({OTHER: Owner()})


def test_where_neither_app_nor_configuration_may_be_seen_it_says_so(
    sandbox: RunningSandbox, live: ShopwareConnector
) -> None:
    """Nothing there, and not to be seen, are two things: owners would lose what guards them."""
    live.guard_promotions([POOL])
    sandbox.state.faults.shop["privileges"] = list(NEEDED)
    assert plugin_of(live) is None
    for asked in (live.has_to_know, live.release):
        with pytest.raises(Forbidden):
            asked()
    live.forget()
    assert len(told(sandbox)) == 1
