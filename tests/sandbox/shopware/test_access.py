"""Tokens that end, credentials that are wrong, roles that lack something."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from shopware_replay.asking import Client

from connectors.sandbox.server import RunningSandbox
from connectors.shopware.sandbox import SANDBOX
from connectors.shopware.sandbox.seed import CLIENT_SECRET, LIMITED_CLIENT_ID


@pytest.mark.parametrize(
    ("header", "detail"),
    [
        ("Bearer nonsense", "The JWT string must have two dots"),
        ("Bearer e30.e30.x", "Access token could not be verified"),
        ("Bearer bm90.e30.x", "Error while decoding from JSON"),
        ("Basic YTpi", "The JWT string must have two dots"),
        ("bearer e30.e30.x", "Error while decoding from Base64Url, invalid base64 characters"),
    ],
)
def test_a_token_that_is_none(api: Client, header: str, detail: str) -> None:
    answer = api.ask("GET", "/api/_info/version", headers={"Authorization": header})
    assert answer.status == 401
    assert answer.errors[0]["detail"].startswith(detail)


def test_every_token_can_be_ended_and_a_fresh_one_works(api: Client, shop: RunningSandbox) -> None:
    shop.faults.set(shop={"token_epoch": 1})
    try:
        ended = api.ask("GET", "/api/_info/version")
        assert (ended.status, ended.errors[0]["code"]) == (401, "9")
        api.sign_in(**SANDBOX.credentials)
        assert api.ask("GET", "/api/_info/version").status == 200
    finally:
        shop.faults.clear()


def test_tokens_can_be_made_to_last_no_time_at_all(api: Client, shop: RunningSandbox) -> None:
    shop.faults.set(shop={"token_seconds": 0})
    try:
        assert api.sign_in(**SANDBOX.credentials).body["expires_in"] == 600
        assert api.ask("GET", "/api/_info/version").status == 401
    finally:
        shop.faults.clear()


def test_a_token_request_without_client_is_incomplete(new_client: Callable[[], Client]) -> None:
    answer = new_client().post("/api/oauth/token", {"grant_type": "client_credentials"})
    assert (answer.status, answer.errors[0]["detail"]) == (400, "Check the `client_id` parameter")


def test_a_limited_role_reads_what_it_may_and_nothing_else(
    new_client: Callable[[], Client],
) -> None:
    client = new_client()
    client.sign_in(LIMITED_CLIENT_ID, CLIENT_SECRET)
    assert client.search("customer-group", limit=1).status == 200
    refused = client.search("order", limit=1)
    assert refused.status == 403
    assert refused.errors[0] == {
        "status": "403",
        "code": "FRAMEWORK__MISSING_PRIVILEGE_ERROR",
        "title": "Forbidden",
        "detail": '{"message":"Missing privilege","missingPrivileges":["order:read"]}',
        "meta": {"parameters": []},
    }
    joined = client.search("customer", associations={"salesChannel": {}})
    assert '["sales_channel:read"]' in joined.errors[0]["detail"]


def test_a_limited_role_writes_nothing_by_any_way(
    new_client: Callable[[], Client], shop: RunningSandbox
) -> None:
    client = new_client()
    client.sign_in(LIMITED_CLIENT_ID, CLIENT_SECRET)
    before = shop.dump()
    group = {"id": "a" * 32, "name": "x"}
    twice = '["customer_group:create","customer_group:create"]'
    created = client.post("/api/customer-group", group)
    synced = client.sync(g={"entity": "customer_group", "action": "upsert", "payload": [group]})
    for answer in (created, synced):
        assert answer.status == 403
        assert twice in answer.errors[0]["detail"]
    dealer = "610f97c0abd3f8be1e1f49a1dd318b34"
    changed = client.ask("PATCH", f"/api/customer-group/{dealer}", {"displayGross": True})
    assert '["customer_group:update"]' in changed.errors[0]["detail"]
    doomed = {"entity": "customer_group", "action": "delete", "payload": [{"id": "f" * 32}]}
    assert client.sync(d=doomed).status == 403
    assert shop.dump() == before


def test_an_integration_of_ones_own_with_a_role(
    api: Client, new_client: Callable[[], Client]
) -> None:
    role, integration = "a" * 32, "b" * 32
    api.post("/api/acl-role", {"id": role, "name": "prices", "privileges": ["tax:read"]})
    api.post(
        "/api/integration",
        {
            "id": integration,
            "label": "Mine",
            "accessKey": "SWIAMINE",
            "secretAccessKey": "secret",
            "aclRoles": [{"id": role}],
        },
    )
    client = new_client()
    assert client.sign_in("SWIAMINE", "secret").status == 200
    assert client.search("tax").status == 200
    assert client.search("currency").status == 403
    shown = api.ask("GET", f"/api/integration/{integration}").body["data"]
    assert "secret" not in str(shown.get("secretAccessKey", ""))
