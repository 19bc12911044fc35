"""The services that the bridge's module brings: absent without it, refused without its resource,
as MODULE's contract says with it."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests

from connectors.magento.sandbox.module_desk import ModuleDesk
from connectors.sandbox.server import RunningSandbox

ROUTES = (
    ("GET", "module", None),
    ("PUT", "settings", {"settings": {"told": "a"}}),
    ("DELETE", "settings", None),
    ("POST", "hello", {"nonce": "n" * 8}),
    ("POST", "balances", {"balances": []}),
    ("GET", "balances?customerIds=1", None),
    ("DELETE", "balances", None),
    ("GET", "gifts", None),
    ("PUT", "gifts/gift-a", None),
    ("DELETE", "gifts/gift-a", None),
    ("POST", "vouchers", {"vouchers": []}),
    ("GET", "vouchers?codes=A", None),
    ("POST", "vouchers/forget", {"codes": []}),
    ("GET", "me", None),
)
RULE = {
    "v": 1,
    "mark": "acme/magento",
    "key": "gift-a",
    "rule": "gift.a",
    "sku": "24-MB01",
    "quantity": 1,
    "amount": "100.0000",
    "currency": "EUR",
    "gross": False,
    "after_discounts": False,
    "groups": [],
    "tiers": [],
    "from": None,
    "until": None,
    "says": {"ü": 1.5},
}


@pytest.fixture
def desk(shop: RunningSandbox) -> ModuleDesk:
    desk = ModuleDesk(shop.state)
    desk.install()
    return desk


def put(client: Any, rule: Any = RULE, key: str = "gift-a", **changes: Any) -> requests.Response:
    text = rule if isinstance(rule, str) else json.dumps(rule, ensure_ascii=False)
    gift = {"key": key, "website_id": 1, "rule": text, **changes}
    answer: requests.Response = client("PUT", f"loyalty-bridge/gifts/{key}", {"gift": gift})
    return answer


# -- being there ----------------------------------------------------------------------------


@pytest.mark.parametrize(("method", "route", "body"), ROUTES)
def test_without_the_module_there_is_no_such_route(
    client: Any, method: str, route: str, body: Any
) -> None:
    answer = client(method, f"loyalty-bridge/{route}", body)
    assert (answer.status_code, answer.json()) == (
        404,
        {"message": "Request does not match any route."},
    )


@pytest.mark.parametrize(("method", "route", "body"), ROUTES)
def test_each_needs_its_resource(
    client: Any, shop: RunningSandbox, desk: ModuleDesk, method: str, route: str, body: Any
) -> None:
    """And ``me`` a customer's own token."""
    resource = "LoyaltyBridge_Loyalty::bridge"
    shop.faults.set(shop={"missing_privileges": [resource]})
    answer = client(method, f"loyalty-bridge/{route}", body)
    assert answer.status_code == 401
    wanted = "self" if route == "me" else resource
    assert answer.json()["parameters"] == {"resources": wanted}


def test_a_merchant_installs_switches_upgrades_and_removes(client: Any, desk: ModuleDesk) -> None:
    assert "LoyaltyBridge_Loyalty" in client.get("modules")
    assert client.get("loyalty-bridge/module") == {
        "version": "1.0.0",
        "api": 1,
        "is_active": True,
        "told": "",
        "waiting": 0,
        "oldest_waiting": 0,
    }
    desk.switch(on=False)
    assert client.get("loyalty-bridge/module")["is_active"] is False
    desk.install(version="2.1.0", api=2)
    seen = client.get("loyalty-bridge/module")
    assert (seen["version"], seen["api"], seen["is_active"]) == ("2.1.0", 2, True)
    desk.uninstall()
    assert client("GET", "loyalty-bridge/module").status_code == 404
    assert "LoyaltyBridge_Loyalty" not in client.get("modules")


def test_it_comes_and_goes_by_the_control_door(client: Any, shop: RunningSandbox) -> None:
    door = f"{shop.url}/_sandbox/module"
    done = requests.post(door, json={"do": "install", "version": "1.2.0"}, timeout=5)
    assert done.json() == {"installed": True, "version": "1.2.0", "api": 1, "active": True}
    assert client.get("loyalty-bridge/module")["version"] == "1.2.0"
    for deed, active in (("switch off", False), ("switch on", True), ("remove", False)):
        assert requests.post(door, json={"do": deed}, timeout=5).json()["active"] is active
    assert requests.post(door, json={"do": "polish"}, timeout=5).status_code == 400


def test_what_goes_with_its_tables_and_what_stays(client: Any, desk: ModuleDesk) -> None:
    """Settings are configuration, and stay (PLUGIN_FACTS Magento, "Packaging"); the name of what
    was told goes, so that it is told anew."""
    settings = {"told": "abc", "events_url": "https://bridge.example/hooks"}
    client("PUT", "loyalty-bridge/settings", {"settings": settings})
    put(client)
    client.post("loyalty-bridge/vouchers", {"vouchers": [{"code": "A", "customer_ids": [1]}]})
    desk.uninstall()
    desk.install()
    assert client.get("loyalty-bridge/module")["told"] == ""
    assert client.get("loyalty-bridge/gifts") == []
    assert client.get("loyalty-bridge/vouchers", codes="A") == []


# -- settings -------------------------------------------------------------------------------


def test_an_empty_secret_leaves_what_is_stored(
    client: Any, shop: RunningSandbox, desk: ModuleDesk
) -> None:
    """And none is ever shown; nor does what is not said change."""
    settings = {
        "events_url": "https://bridge.example/e",
        "events_secret": "s3cret-events",
        "link_secret": "s3cret-links",
        "told": "one",
    }
    first = client("PUT", "loyalty-bridge/settings", {"settings": settings})
    changed = {**settings, "events_secret": "", "link_secret": None, "told": "two"}
    second = client("PUT", "loyalty-bridge/settings", {"settings": changed})
    assert (first.json()["told"], second.json()["told"]) == ("one", "two")
    assert shop.state.module.setting("events_secret") == "s3cret-events"
    assert "s3cret" not in first.text + second.text + json.dumps(shop.dump())
    assert client("PUT", "loyalty-bridge/settings", {"settings": {"told": "three"}}).ok
    assert shop.state.module.setting("events_url") == "https://bridge.example/e"
    assert client("DELETE", "loyalty-bridge/settings").json() is True
    assert shop.state.module.settings == {}


@pytest.mark.parametrize("url", ["bridge.example", "ftp://a.example/", "https://a.example/?b=c"])
def test_an_address_is_a_whole_one(client: Any, desk: ModuleDesk, url: str) -> None:
    answer = client("PUT", "loyalty-bridge/settings", {"settings": {"events_url": url}})
    assert (answer.status_code, answer.json()["parameters"]) == (400, ["events_url"])


# -- balances -------------------------------------------------------------------------------


def test_balances_are_set_and_read(client: Any, desk: ModuleDesk) -> None:
    full = {
        "customer_id": 1,
        "available": 1_234_567_890,
        "pending": 30,
        "tier": "Gold & Söhne",
        "tier_key": "gold",
        "expiring": 20,
        "expires_on": "2026-12-31",
    }
    plain = {"customer_id": 2, "available": 0, "pending": 0, "expiring": 0}
    assert client.post("loyalty-bridge/balances", {"balances": [full, plain]}) == []
    nothing = {"available": 0, "pending": 0, "tier": "", "tier_key": ""}
    nothing |= {"expiring": 0, "expires_on": ""}
    assert client.get("loyalty-bridge/balances", customerIds="3,1,4711,2") == [
        {**full, "is_set": True},
        {"customer_id": 2, "is_set": True, **nothing},
        {"customer_id": 3, "is_set": False, **nothing},
    ]
    assert client("DELETE", "loyalty-bridge/balances").json() is True
    assert client.get("loyalty-bridge/balances", customerIds="1")[0]["is_set"] is False


def test_a_bad_balance_hides_no_good_one(client: Any, desk: ModuleDesk) -> None:
    """A number that is missing is not taken for 0."""
    good = {"available": 5, "pending": 0, "expiring": 0}
    rows = [
        {"customer_id": 4711, **good},
        {"customer_id": 2, "available": 5, "expiring": 0},
        {"customer_id": 3, **good, "pending": -1},
        {"customer_id": 1, **good},
    ]
    refused = client.post("loyalty-bridge/balances", {"balances": rows})
    assert [row["customer_id"] for row in refused] == [2, 3, 4711]
    assert all(row["message"] for row in refused)
    held = client.get("loyalty-bridge/balances", customerIds="1,2,3")
    assert [(row["customer_id"], row["is_set"]) for row in held] == [
        (1, True),
        (2, False),
        (3, False),
    ]


@pytest.mark.parametrize(
    ("method", "route", "body", "most"),
    [
        ("POST", "balances", {"balances": [{"customer_id": 1}] * 501}, 500),
        ("GET", f"balances?customerIds={','.join(map(str, range(1, 502)))}", None, 500),
        ("POST", "vouchers", {"vouchers": [{"code": "A"}] * 501}, 500),
        ("GET", f"vouchers?codes={','.join(map(str, range(101)))}", None, 100),
    ],
)
def test_too_many_at_once(
    client: Any, desk: ModuleDesk, method: str, route: str, body: Any, most: int
) -> None:
    answer = client(method, f"loyalty-bridge/{route}", body)
    assert answer.status_code == 400
    assert answer.json() == {"message": "At most %1 in a call.", "parameters": [most]}


def test_a_deleted_customers_balance_goes_with_him(client: Any, desk: ModuleDesk) -> None:
    row = {"customer_id": 2, "available": 5, "pending": 0, "expiring": 0}
    client.post("loyalty-bridge/balances", {"balances": [row]})
    client("DELETE", "customers/2")
    assert client.get("loyalty-bridge/balances", customerIds="2") == []


def test_a_customer_sees_his_own_and_writes_none(
    client: Any, shop: RunningSandbox, desk: ModuleDesk
) -> None:
    """His token opens none of the bridge's routes."""
    with shop.state.lock:
        shop.state.access.shopper_tokens["of-two"] = 2
    row = {"customer_id": 2, "available": 5, "pending": 1, "expiring": 2, "tier": "Gold"}
    row["expires_on"] = "2026-12-31"
    before = requests.get(
        f"{shop.url}/rest/V1/loyalty-bridge/me",
        headers={"Authorization": "Bearer of-two"},
        timeout=5,
    ).json()
    assert (before["is_member"], before["available"]) == (False, 0)
    client.post("loyalty-bridge/balances", {"balances": [row]})
    with requests.Session() as his:
        his.headers["Authorization"] = "Bearer of-two"
        base = f"{shop.url}/rest/V1/loyalty-bridge"
        assert his.get(f"{base}/me", timeout=5).json() == {
            "is_member": True,
            "available": 5,
            "pending": 1,
            "tier": "Gold",
            "expiring": 2,
            "expires_on": "2026-12-31",
        }
        for method, route, body in ROUTES[:-1]:
            assert his.request(method, f"{base}/{route}", json=body, timeout=5).status_code == 401


# -- gifts ----------------------------------------------------------------------------------


def test_a_rule_is_kept_to_the_letter(client: Any, desk: ModuleDesk) -> None:
    text = json.dumps(RULE, ensure_ascii=False, indent=1)
    stored = {"key": "gift-a", "website_id": 1, "rule": text}
    assert put(client, text).json() == stored
    assert client.get("loyalty-bridge/gifts") == [stored]
    for _ in range(2):
        assert client("DELETE", "loyalty-bridge/gifts/gift-a").json() is True
    assert client.get("loyalty-bridge/gifts") == []


@pytest.mark.parametrize(
    "rule",
    ["", "{", "[]", {**RULE, "v": 2}, {**RULE, "quantity": 0}, {**RULE, "key": "gift-b"}],
    ids=str,
)
def test_a_rule_that_cannot_be_read_is_refused(client: Any, desk: ModuleDesk, rule: Any) -> None:
    assert put(client, rule).status_code == 400
    assert client.get("loyalty-bridge/gifts") == []


def test_the_key_is_that_of_the_path(client: Any, desk: ModuleDesk) -> None:
    gift = {"key": "gift-b", "website_id": 1, "rule": json.dumps({**RULE, "key": "gift-b"})}
    assert client("PUT", "loyalty-bridge/gifts/gift-a", {"gift": gift}).status_code == 400


# -- vouchers -------------------------------------------------------------------------------


def test_owners_are_told_and_forgotten(client: Any, desk: ModuleDesk) -> None:
    rows = [
        {"code": "lb-1", "customer_ids": [2, 1], "email": ""},
        {"code": "LB-2", "customer_ids": [], "email": "Ada@Example.com"},
        {"code": "", "customer_ids": []},
        {"code": "LB-3"},
        {"code": "LB-4", "customer_ids": [-1]},
    ]
    refused = client.post("loyalty-bridge/vouchers", {"vouchers": rows})
    assert [row["code"] for row in refused] == ["", "LB-3", "LB-4"]
    seen = client.get("loyalty-bridge/vouchers", codes="LB-1,lb-2,LB-3")
    assert [(row["code"], sorted(row["customer_ids"]), row["email"]) for row in seen] == [
        ("LB-1", [1, 2], ""),
        ("LB-2", [], "ada@example.com"),
    ]
    assert {(row["is_claimed"], row["order_increment"]) for row in seen} == {(False, "")}
    assert client.post("loyalty-bridge/vouchers/forget", {"codes": ["Lb-1", "LB-3"]}) is True
    [left] = client.get("loyalty-bridge/vouchers", codes="LB-1,LB-2")
    assert left["code"] == "LB-2"
