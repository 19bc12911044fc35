"""``store check``: what the shop sends by itself, where to, and what it has switched off."""

from __future__ import annotations

import json
from typing import Any

import pytest

from connectors.base import Finding, Severity
from connectors.shopware.app.manifests import EVENTS, LIFE_CYCLE
from connectors.shopware.connector import ShopwareConnector

from .conftest import FakeShop, Recordings

TOKEN = "unguessable"
OURS = f"https://bridge.example/shopware/{TOKEN}/events"
LIST = "/api/search/webhook"


def hooks(*events: str, **values: Any) -> list[dict[str, Any]]:
    frame = {"url": OURS, "active": True, "errorCount": 0, "app": {"active": True}}
    return [{**frame, "eventName": event, **values} for event in events]


ALL = hooks(*EVENTS, *LIFE_CYCLE)


def checked(
    shop: FakeShop, connector: ShopwareConnector, rows: list[dict[str, Any]], address: str = OURS
) -> list[Finding]:
    shop.add("POST", LIST, 200, {"total": len(rows), "data": rows})
    found = connector.check_webhooks(address)
    assert {finding.topic for finding in found} == {"webhooks"}
    # An address is what lets somebody in: it is in no finding.
    assert TOKEN not in json.dumps([finding.found + finding.mend for finding in found])
    return found


def test_a_shop_that_sends_all_of_them_here(shop: FakeShop, connector: ShopwareConnector) -> None:
    award = hooks("loyalty.bridge.award.points", url=OURS.replace("/events", "/award"))
    (finding,) = checked(shop, connector, [*award, *ALL])
    assert finding.severity is Severity.OK
    assert "https://bridge.example" in finding.found
    (asked,) = shop.sent(LIST)
    assert asked["filter"] == [{"type": "equals", "field": "app.name", "value": "LoyaltyBridge"}]


@pytest.mark.parametrize(
    ("rows", "address", "severity", "words"),
    [
        ([], "", Severity.NOTE, "sends no webhooks"),
        ([], OURS, Severity.NOTE, "not installed"),
        (hooks(*EVENTS, app={"active": False}), OURS, Severity.WARNING, "app is switched off"),
        (ALL, "", Severity.WARNING, "another bridge's: it sends to https://bridge.example"),
        (ALL, OURS.replace(TOKEN, "x"), Severity.WARNING, "an address that is not this store's"),
        (
            ALL,
            OURS.replace("bridge", "new"),
            Severity.WARNING,
            "sends to https://bridge.example, but the bridge listens at https://new.example",
        ),
        (
            [*ALL[1:], *hooks("order.written", active=False)],
            OURS,
            Severity.WARNING,
            f"switched off 1 of {len(ALL)} webhooks, after ten messages that it could not "
            "deliver (order.written)",
        ),
        (
            [*ALL[1:], *hooks("order.written", errorCount=4)],
            OURS,
            Severity.WARNING,
            "could not deliver its last messages (up to 4 in a row: order.written)",
        ),
        (ALL[1:], OURS, Severity.NOTE, "an older one: it does not tell of order.written"),
    ],
)
def test_what_is_not_as_it_should_be(
    shop: FakeShop,
    connector: ShopwareConnector,
    rows: list[dict[str, Any]],
    address: str,
    severity: Severity,
    words: str,
) -> None:
    found = checked(shop, connector, rows, address)
    (finding,) = [one for one in found if words in one.found]
    assert finding.severity is severity
    assert finding.mend


def test_many_events_are_not_all_named(shop: FakeShop, connector: ShopwareConnector) -> None:
    (finding,) = checked(shop, connector, [{**row, "active": False} for row in ALL])
    assert f"and {len(ALL) - 3} more)" in finding.found


def test_a_shop_that_does_not_let_us_look(shop: FakeShop, connector: ShopwareConnector) -> None:
    names = '["webhook:read","app:read"]'
    detail = f'{{"message":"Missing privilege","missingPrivileges":{names}}}'
    code = "FRAMEWORK__MISSING_PRIVILEGE_ERROR"
    refused = {"errors": [{"status": "403", "code": code, "detail": detail}]}
    shop.add("POST", LIST, 403, refused)
    (finding,) = connector.check_webhooks(OURS)
    assert finding.severity is Severity.NOTE
    assert "lacks webhook:read, app:read" in finding.found
    assert "Grant webhook:read and app:read" in finding.mend


def test_a_shop_that_is_down_or_has_no_such_list_is_a_note(
    shop: FakeShop, connector: ShopwareConnector, recorded: Recordings
) -> None:
    (finding,) = connector.check_webhooks(OURS)
    assert (finding.severity, finding.topic) == (Severity.NOTE, "webhooks")
    shop.add("POST", LIST, 404, {"errors": [{"status": "404", "code": "0", "detail": "no route"}]})
    (finding,) = connector.check_webhooks(OURS)
    assert finding.found == "The shop does not tell of its webhooks"
