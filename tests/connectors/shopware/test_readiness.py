"""``store check``: each thing that can be missing, found without changing the shop."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from connectors.base import Finding, Severity
from connectors.shopware import ids
from connectors.shopware.connector import ShopwareConnector
from connectors.shopware.privileges import NEEDED

from .conftest import MARK, URL, FakeShop, Recordings

SEARCH = re.compile(re.escape(URL) + r"/api/search/[a-z-]+")
SYNC = "/api/_action/sync"


def healthy(
    shop: FakeShop, recorded: Recordings, *, version: str = "6.6.7.1", **lists: Any
) -> None:
    """``lists``: answers of searches, or what gives one, by entity; all others are empty."""
    refuse = recorded.body("app_configuration", 7)
    answers = {"integration": (403, refuse), **lists}

    def search(request: Any) -> tuple[int, dict[str, str], str]:
        entity = request.url.rpartition("/")[2].replace("-", "_")
        answer = answers.get(entity, (200, {"total": 0, "data": []}))
        status, body = answer(json.loads(request.body)) if callable(answer) else answer
        return status, {}, json.dumps(body)

    shop.add("GET", "/api/_info/version", 200, {"version": version})
    shop.add("GET", "/api/_info/config", 200, {"adminWorker": {"enableAdminWorker": False}})
    shop.on("POST", SYNC, lambda probe: (400, refused_condition(probe, recorded)))
    shop.mock.add_callback("POST", SEARCH, search)


def refused_condition(probe: Any, recorded: Recordings) -> Any:
    """As recorded, for the condition that was sent."""
    kind = probe["rule"]["payload"][0]["conditions"][0]["type"]
    text = json.dumps(recorded.body("products_and_advanced_prices", 5))
    assert kind.startswith("loyaltyBridge")
    return json.loads(text.replace("noSuchCondition", kind).replace('"/0/', '"/rule/0/'))


def forbidden(*privileges: str) -> dict[str, Any]:
    names = ",".join(f'"{name}"' for name in privileges)
    detail = f'{{"message":"Missing privilege","missingPrivileges":[{names}]}}'
    code = "FRAMEWORK__MISSING_PRIVILEGE_ERROR"
    return {"errors": [{"status": "403", "code": code, "detail": detail}]}


def topics(findings: list[Finding], *severities: Severity) -> set[str]:
    return {finding.topic for finding in findings if finding.severity in severities}


BAD = (Severity.ERROR, Severity.WARNING)


def test_a_healthy_shop(shop: FakeShop, connector: ShopwareConnector, recorded: Recordings) -> None:
    healthy(shop, recorded)
    findings = connector.check()
    assert topics(findings, *BAD) == set()
    good = topics(findings, Severity.OK)
    assert {"credentials", "version", "privileges", "admin-worker"} <= good


def test_the_newest_orders_are_read_and_add_up(
    shop: FakeShop, connector: ShopwareConnector, recorded: Recordings
) -> None:
    healthy(shop, recorded, order=(200, recorded.body("promotions", 18)))
    assert {"orders"} <= topics(connector.check(), Severity.OK)
    _, newest, by_time = shop.sent("/api/search/order")
    assert (newest["limit"], newest["sort"]) == (20, [{"field": "createdAt", "order": "DESC"}])
    at = "2026-11-22 15:00:18.520"
    assert by_time["filter"][0]["parameters"] == {"gte": at, "lte": at}


def about_orders(connector: ShopwareConnector) -> list[Finding]:
    return [one for one in connector.check() if one.topic == "orders"]


@pytest.mark.parametrize("side", ["amountTotal", "amountNet"])
def test_orders_that_do_not_add_up_are_named(
    shop: FakeShop, connector: ShopwareConnector, recorded: Recordings, side: str
) -> None:
    body = recorded.body("promotions", 18)
    body["data"][0][side] += 5
    healthy(shop, recorded, order=(200, body))
    (finding,) = about_orders(connector)
    assert finding.severity is Severity.WARNING
    assert "10032: 123.06 net, 146.44 gross instead of" in finding.found


def test_a_total_in_steps_of_five_cents_adds_up(
    shop: FakeShop, connector: ShopwareConnector, recorded: Recordings
) -> None:
    body = recorded.body("promotions", 18)
    body["data"][0] |= {"amountTotal": 146.4, "totalRounding": {"interval": 0.05, "decimals": 2}}
    healthy(shop, recorded, order=(200, body))
    assert [one.severity for one in about_orders(connector)] == [Severity.OK]


def test_a_database_in_another_time_zone_is_told(
    shop: FakeShop, connector: ShopwareConnector, recorded: Recordings
) -> None:
    def search(criteria: Any) -> tuple[int, Any]:
        by_time = any(one["type"] == "range" for one in criteria.get("filter", ()))
        body = recorded.body("promotions", 18)
        return 200, {"total": 0, "data": []} if by_time else body

    healthy(shop, recorded, order=search)
    errors = [one for one in about_orders(connector) if one.severity is Severity.ERROR]
    assert ["10032" in one.found for one in errors] == [True]
    assert "SQL_SET_DEFAULT_SESSION_VARIABLES" in errors[0].mend


def test_an_order_that_cannot_be_read(
    shop: FakeShop, connector: ShopwareConnector, recorded: Recordings
) -> None:
    body = recorded.body("promotions", 18)
    body["data"][0]["lineItems"][0]["price"] = None
    healthy(shop, recorded, order=(200, body))
    (finding,) = about_orders(connector)
    assert finding.severity is Severity.WARNING
    assert "The order 10032 cannot be read" in finding.found


def test_a_shop_without_orders(
    shop: FakeShop, connector: ShopwareConnector, recorded: Recordings
) -> None:
    healthy(shop, recorded)
    assert [one.severity for one in about_orders(connector)] == [Severity.NOTE]


def test_missing_privileges_are_all_named(
    shop: FakeShop, connector: ShopwareConnector, recorded: Recordings
) -> None:
    shop.add("POST", SYNC, 403, forbidden("product_price:create", "product_price:create"))
    healthy(shop, recorded, tax=(403, forbidden("tax:read")))
    found = [f.found for f in connector.check() if f.severity is Severity.ERROR]
    assert found == [
        "The integration lacks the privilege tax:read",
        "The integration lacks the privilege product_price:create",
    ]


def test_the_probe_for_writing_can_never_be_taken(
    shop: FakeShop, connector: ShopwareConnector, recorded: Recordings
) -> None:
    """Its rule has a condition that does not exist, and its price names a product and a rule by
    random ids, all in one call: so nothing can stay."""
    healthy(shop, recorded)
    connector.check()
    connector.check()
    first, promotion, second, _ = shop.sent(SYNC)
    price, other = (probe["price"]["payload"][0] for probe in (first, second))
    assert price["productId"] != other["productId"]
    assert price["ruleId"] not in {row["id"] for row in first["rule"]["payload"]}
    (rule,) = promotion["rule"]["payload"]
    assert rule["conditions"] == first["rule"]["payload"][0]["conditions"]
    (channel,) = promotion["promotion"]["payload"][0]["salesChannels"]
    assert re.fullmatch("[0-9a-f]{32}", channel["salesChannelId"])
    writing = {(c.request.method, c.request.url) for c in shop.mock.calls}
    paths = {url for method, url in writing if "/api/search/" not in str(url)}
    assert paths == {
        f"{URL}{path}"
        for path in ("/api/oauth/token", "/api/_info/version", "/api/_info/config", SYNC)
    }


def test_a_shop_that_does_not_mind_the_condition_takes_everything_back(
    shop: FakeShop, connector: ShopwareConnector, recorded: Recordings
) -> None:
    shop.add("POST", SYNC, 500, recorded.body("products_and_advanced_prices", 11))
    healthy(shop, recorded)
    assert topics(connector.check(), *BAD) == set()


def test_a_probe_that_ends_otherwise_is_a_warning(
    shop: FakeShop, connector: ShopwareConnector, recorded: Recordings
) -> None:
    shop.add("POST", SYNC, 400, recorded.body("products_and_advanced_prices", 13))
    healthy(shop, recorded)
    findings = connector.check()
    assert topics(findings, Severity.ERROR) == set()
    (warning,) = [f for f in findings if f.severity is Severity.WARNING]
    assert (warning.topic, "default currency" in warning.found) == ("privileges", True)


def test_a_probe_that_is_taken_all_the_same_is_swept_away(
    shop: FakeShop, connector: ShopwareConnector, recorded: Recordings
) -> None:
    shop.add("POST", SYNC, 200, {"data": {}})
    healthy(shop, recorded)
    shop.mock.add("DELETE", re.compile(URL + "/api/.*"), status=204)
    findings = connector.check()
    deleted = {c.request.url for c in shop.mock.calls if c.request.method == "DELETE"}
    assert len(deleted) == 3
    assert topics(findings, Severity.WARNING) == {"privileges"}


@pytest.mark.parametrize(
    ("integration", "missing"),
    [
        ({"admin": True, "aclRoles": []}, set()),
        ({"admin": False, "aclRoles": [{"privileges": list(NEEDED)}]}, set()),
        (
            {"admin": False, "aclRoles": [{"privileges": list(NEEDED[1:])}]},
            {f"The integration lacks the privilege {NEEDED[0]}"},
        ),
    ],
)
def test_a_role_that_may_read_itself_is_read(
    shop: FakeShop,
    connector: ShopwareConnector,
    recorded: Recordings,
    integration: dict[str, Any],
    missing: set[str],
) -> None:
    healthy(shop, recorded, integration=(200, {"total": 1, "data": [integration]}))
    findings = connector.check()
    assert {f.found for f in findings if f.severity is Severity.ERROR} == missing
    assert shop.sent(SYNC) == []


@pytest.mark.parametrize(
    ("version", "bad"), [("6.5.4.1", True), ("6.5.5.0", False), ("6.7.0.0", False), ("6.4", True)]
)
def test_old_versions(
    shop: FakeShop,
    connector: ShopwareConnector,
    recorded: Recordings,
    version: str,
    bad: bool,
) -> None:
    healthy(shop, recorded, version=version)
    assert ("version" in topics(connector.check(), Severity.ERROR)) is bad


def test_the_admin_worker_is_explained(
    shop: FakeShop, connector: ShopwareConnector, recorded: Recordings
) -> None:
    shop.add("GET", "/api/_info/config", 200, {"adminWorker": {"enableAdminWorker": True}})
    healthy(shop, recorded)
    (finding,) = [f for f in connector.check() if f.topic == "admin-worker"]
    assert finding.severity is Severity.WARNING
    assert "webhooks" in finding.found
    assert "messenger:consume" in finding.mend


@pytest.mark.parametrize(("minutes", "word"), [(5, "ahead of"), (-5, "behind")])
def test_a_clock_that_differs(
    shop: FakeShop, connector: ShopwareConnector, recorded: Recordings, minutes: int, word: str
) -> None:
    healthy(shop, recorded)
    date = format_datetime(datetime.now(UTC) + timedelta(minutes=minutes), usegmt=True)
    shop.mock.replace(
        "GET",
        f"{URL}/api/_info/version",
        json={"version": "6.6.7.1"},
        headers={"Date": date},
    )
    (finding,) = [f for f in connector.check() if f.topic == "clock"]
    assert finding.severity is Severity.WARNING
    assert word in finding.found


def test_a_foreign_rule_above_ours_and_a_bent_one(
    shop: FakeShop, connector: ShopwareConnector, recorded: Recordings
) -> None:
    rules = [
        {"id": ids.rule_id(MARK, "g"), "name": "Ours", "priority": 5, "conditions": []},
        {"id": "x", "name": "Black Friday", "priority": 9, "conditions": []},
    ]
    rules[0]["customFields"] = {"loyalty_bridge": {"mark": MARK}}
    healthy(shop, recorded, rule=(200, {"total": 2, "data": rules}))
    found = [f.found for f in connector.check() if f.topic == "rules"]
    assert any("Black Friday" in text for text in found)
    assert any("conditions" in text for text in found)


@pytest.mark.parametrize(
    ("status", "body", "topic"),
    [(401, None, "credentials"), (404, "<html>no</html>", "url"), (200, "<html>hi</html>", "url")],
)
def test_a_way_in_that_is_shut_is_one_finding(
    shop: FakeShop,
    connector: ShopwareConnector,
    recorded: Recordings,
    status: int,
    body: str | None,
    topic: str,
) -> None:
    shop.mock.reset()
    shop.add("POST", "/api/oauth/token", status, body or recorded.body("oauth", 1))
    (finding,) = connector.check()
    assert (finding.severity, finding.topic) == (Severity.ERROR, topic)
    assert finding.mend


def test_a_shop_that_is_down_is_one_finding(shop: FakeShop, connector: ShopwareConnector) -> None:
    shop.mock.reset()
    (finding,) = connector.check()
    assert (finding.severity, finding.topic) == (Severity.ERROR, "reachable")
