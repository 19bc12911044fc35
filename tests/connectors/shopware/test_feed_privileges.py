"""``store check`` names what will not work for want of a privilege, and goes on."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from connectors.base import Finding, Severity
from connectors.shopware.connector import ShopwareConnector
from connectors.shopware.privileges import FEATURES, NEEDED

from .conftest import URL, FakeShop, Recordings

SEARCH = re.compile(re.escape(URL) + r"/api/search/[a-z-]+")
ALL = [name for feature in FEATURES for name in feature.privileges]


def serve(shop: FakeShop, **answers: tuple[int, Any]) -> None:
    def search(request: Any) -> tuple[int, dict[str, str], str]:
        entity = request.url.rpartition("/")[2].replace("-", "_")
        status, body = answers.get(entity, (200, {"total": 0, "data": []}))
        return status, {}, json.dumps(body)

    shop.add("GET", "/api/_info/version", 200, {"version": "6.6.7.1"})
    shop.add("GET", "/api/_info/config", 200, {"adminWorker": {"enableAdminWorker": False}})
    shop.mock.add_callback("POST", SEARCH, search)


def role(*privileges: str) -> tuple[int, Any]:
    row = {"admin": False, "aclRoles": [{"privileges": list(privileges)}]}
    return 200, {"total": 1, "data": [row]}


def about_privileges(connector: ShopwareConnector) -> list[Finding]:
    return [one for one in connector.check() if one.topic == "privileges"]


def test_a_role_with_all_of_them(shop: FakeShop, connector: ShopwareConnector) -> None:
    serve(shop, integration=role(*NEEDED, *ALL))
    assert [one.severity for one in about_privileges(connector)] == [Severity.OK]


@pytest.mark.parametrize("feature", FEATURES, ids=lambda feature: feature.entity)
def test_a_role_that_lacks_one(shop: FakeShop, connector: ShopwareConnector, feature: Any) -> None:
    lacking = feature.privileges[-1]
    serve(shop, integration=role(*NEEDED, *(name for name in ALL if name != lacking)))
    (warning,) = [o for o in about_privileges(connector) if o.severity is not Severity.OK]
    assert warning.severity is Severity.WARNING
    assert warning.found == f"{feature.text} (the integration lacks {lacking})"
    assert warning.mend


def test_a_role_that_may_not_read_itself_is_tried(
    shop: FakeShop, connector: ShopwareConnector, recorded: Recordings
) -> None:
    """All that is read along with an order is asked for at once, and all it lacks is named."""
    shop.add("POST", "/api/_action/sync", 403, recorded.body("app_configuration", 6))
    names = '["order_line_item:read","order_transaction_capture:read"]'
    detail = f'{{"message":"Missing privilege","missingPrivileges":{names}}}'
    code = "FRAMEWORK__MISSING_PRIVILEGE_ERROR"
    refused = {"errors": [{"status": "403", "code": code, "detail": detail}]}
    serve(
        shop,
        integration=(403, recorded.body("app_configuration", 7)),
        order=(403, refused),
        product_review=(404, {"errors": [{"status": "404", "code": "0", "detail": "no route"}]}),
    )
    found = [o.found for o in about_privileges(connector) if o.severity is Severity.WARNING]
    assert any("nobody earns" in text and "order_line_item:read" in text for text in found)
    assert any("product_review" in text for text in found)
    asked, _ = shop.sent("/api/search/order")
    assert "lineItems" in asked["associations"]
