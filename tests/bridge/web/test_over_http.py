"""A shop and the bridge over real HTTP: the whole life of the app, and what only a wire shows."""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime

import pytest

from bridge.installations import webhook_counts
from bridge.web import Serving, serve
from bridge.web.messages import BODY_LIMIT
from connectors.sandbox.server import RunningSandbox
from connectors.shopware.app import APP_NAME
from connectors.shopware.sandbox import SANDBOX
from connectors.shopware.sandbox.apps import AppSystem, RegistrationFailed
from connectors.webhooks import Addresses, signature


@pytest.fixture
def serving(bridge) -> Iterator[Serving]:
    bridge.clock.now = datetime.now(UTC)
    with serve(bridge.app) as running:
        yield running


@pytest.fixture
def sandbox() -> Iterator[RunningSandbox]:
    with SANDBOX.serve(products=5, customers=5) as running:
        yield running


def offered(bridge, serving: Serving, sandbox: RunningSandbox):
    """The shop is connected, on the bridge's clock; the endpoint and the manifest to install."""
    sandbox.state.now = bridge.clock
    bridge.connect("live", "shopware", sandbox.url)
    found = bridge.offer("live", base_url=serving.url)
    addresses = Addresses(found.address("register"), found.address("events"))
    registration = bridge.application.platforms["shopware"].registration
    return found, registration.manifest(addresses, found.app_secret)


def ask(serving: Serving, method: str, path: str, body: object = None, **headers: str):
    connection = http.client.HTTPConnection("127.0.0.1", serving.port, timeout=20)
    try:
        connection.request(method, path, body, headers, encode_chunked=body is not None)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


@pytest.mark.parametrize("signs_again", [False, True], ids=["6.6.7.1", "6.6.10.15"])
def test_the_life_of_an_app(bridge, serving, sandbox, signs_again: bool) -> None:
    shop = sandbox.state
    found, manifest = offered(bridge, serving, sandbox)
    apps = AppSystem(shop, sandbox.url, signs_again=signs_again)

    apps.install(manifest)
    customer = next(iter(shop.database["customer"].rows))
    _change(shop, customer, "Dr.")
    assert [(signal.event, signal.ids) for signal in bridge.signals()] == [
        ("app.activated", "[]"),
        ("customer.written", json.dumps([customer])),
    ]

    old = apps.apps[APP_NAME].shop_secret
    if signs_again:
        apps.register_again(APP_NAME)
        assert apps.apps[APP_NAME].shop_secret != old
        assert bridge.endpoint(found.token).accepted(bridge.clock()) == (
            apps.apps[APP_NAME].shop_secret,
            old,
        )
        bridge.clock.wait(minutes=1)
    else:
        # It cannot prove who it is; its old secret stays good.
        with pytest.raises(RegistrationFailed, match="shopware-app release live"):
            apps.register_again(APP_NAME)
    _change(shop, customer, "Prof.")
    assert len(bridge.signals()) == 3

    apps.update(manifest.replace("1.0.0", "1.0.1"))
    apps.deactivate(APP_NAME)
    apps.delete(APP_NAME)
    assert bridge.endpoint(found.token).present == ""
    apps.install(manifest)
    _change(shop, customer, "")
    assert {delivery.status for delivery in apps.sender.deliveries} == {202}
    assert bridge.signals()[-1].event == "customer.written"
    apps.close()


def _change(shop, customer: str, title: str) -> None:
    database = shop.database
    with database.transaction():
        row = database["customer"].rows[customer].copy()
        row.values["title"] = title
        database.put("customer", customer, row)
    database.happenings.tell()


def test_a_renewed_secret_is_good_at_once_and_the_old_one_for_a_minute(
    bridge, serving, sandbox, shop
) -> None:
    found, manifest = offered(bridge, serving, sandbox)

    def status(secret: str, event_id: str) -> int:
        body = shop.body(event_id=event_id)
        headers = {"shopware-shop-signature": signature(secret, body)}
        return ask(serving, "POST", f"/shopware/{found.token}/events", iter([body]), **headers)[0]

    with closing(AppSystem(sandbox.state, sandbox.url, signs_again=True)) as apps:
        old = apps.install(manifest).shop_secret
        apps.register_again(APP_NAME)
        new = apps.apps[APP_NAME].shop_secret
    assert (status(new, "a"), status(old, "b")) == (202, 202)
    bridge.clock.wait(seconds=59)
    assert (status(new, "c"), status(old, "d")) == (202, 202)
    bridge.clock.wait(seconds=1)
    assert (status(new, "e"), status(old, "f")) == (202, 401)


def test_a_stranger_with_the_manifest_gets_no_secret(bridge, serving, sandbox) -> None:
    _, manifest = offered(bridge, serving, sandbox)
    apps = AppSystem(sandbox.state, sandbox.url)
    stranger = AppSystem(sandbox.state, "http://127.0.0.1:1")
    with pytest.raises(RegistrationFailed, match="another address"):
        stranger.install(manifest)
    apps.install(manifest)
    liar = AppSystem(sandbox.state, sandbox.url)
    with pytest.raises(RegistrationFailed, match="not signed"):
        liar.install(manifest)
    apps.deactivate(APP_NAME)
    assert [delivery.status for delivery in apps.sender.deliveries] == [202, 202]


def test_repetitions_and_a_bridge_that_was_away(bridge, serving, sandbox) -> None:
    """What the shop could not deliver comes again under the same event, and counts once."""
    shop = sandbox.state
    _, manifest = offered(bridge, serving, sandbox)
    apps = AppSystem(shop, sandbox.url)
    apps.install(manifest)
    sandbox.faults.set(shop={"admin_worker": False})
    apps.sender.lost = 1
    apps.queue.pause = lambda seconds: bridge.clock.wait(seconds=seconds)
    _change(shop, next(iter(shop.database["customer"].rows)), "Dr.")
    apps.queue.consume()
    assert [one.status for one in apps.sender.deliveries] == [202, 0, 202]
    assert len({one.event_id for one in apps.sender.deliveries}) == 2
    assert len(bridge.signals()) == 2


# -- the wire -------------------------------------------------------------------------------


def test_a_chunked_message_is_read_and_limited_like_any_other(registered_served) -> None:
    serving, shop = registered_served
    path = f"/webhooks/{shop.endpoint.token}"
    body = shop.body()
    made = {"shopware-shop-signature": signature(shop.secret, body)}
    chunks = iter([body[:10], body[10:]])
    assert ask(serving, "POST", path, chunks, **made) == (202, {})
    many = (b"x" * 65536 for _ in range(BODY_LIMIT // 65536 + 1))
    assert ask(serving, "POST", path, many)[0] == 413


def test_an_oversized_message_is_refused_before_it_is_read(registered_served) -> None:
    serving, shop = registered_served
    with socket.create_connection(("127.0.0.1", serving.port), timeout=20) as line:
        head = f"POST /webhooks/{shop.endpoint.token} HTTP/1.1\r\nHost: x\r\n"
        line.sendall(f"{head}Content-Length: {10**12}\r\n\r\n".encode())
        line.shutdown(socket.SHUT_WR)
        assert line.recv(65536).startswith(b"HTTP/1.1 413")


def test_a_message_without_a_body_is_none(registered_served) -> None:
    serving, shop = registered_served
    with socket.create_connection(("127.0.0.1", serving.port), timeout=20) as line:
        head = f"POST /webhooks/{shop.endpoint.token} HTTP/1.1\r\nHost: x\r\n\r\n"
        line.sendall(head.encode())
        assert line.recv(65536).startswith((b"HTTP/1.1 401", b"HTTP/1.1 411"))
    assert shop.bridge.signals() == []


def test_a_message_that_is_cut_off_is_no_message(registered_served) -> None:
    serving, shop = registered_served
    body = shop.body()
    with socket.create_connection(("127.0.0.1", serving.port), timeout=20) as line:
        head = f"POST /webhooks/{shop.endpoint.token} HTTP/1.1\r\nHost: x\r\n"
        line.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body[:20])
        line.shutdown(socket.SHUT_WR)
        assert line.recv(65536) == b""
    assert shop.bridge.signals() == []


def test_stopping_stores_the_counts(bridge, shop) -> None:
    with serve(bridge.app):
        shop.send(b"{}", secret="guessed")
    with bridge.application.database.reading() as session:
        totals = webhook_counts.totals(session, bridge.application.workspace_id)
    ((total,),) = totals.values()
    assert (total.outcome, total.messages) == ("forged", 1)
    assert total.last_at == bridge.clock()


@pytest.fixture
def registered_served(registered) -> Iterator[tuple]:
    with serve(registered.bridge.app) as running:
        yield running, registered
