"""What the shop sends to an app equals what a live shop sent: headers, keys, types, signatures."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from shopware_replay.asking import Client
from shopware_replay.shopping import SAW, Shopper

from connectors.sandbox.server import RunningSandbox
from connectors.shopware.sandbox.apps import AppSystem, RegistrationFailed, read_manifest
from connectors.shopware.sandbox.seed import STOREFRONT_KEY
from connectors.webhooks import signature

CONTRACTS = Path(__file__).parents[2] / "contracts/shopware-6.6.7.1"
RECORDED = [
    exchange["received"]
    for exchange in json.loads((CONTRACTS / "app_system.json").read_text())["exchanges"]
]
APP_SECRET, APP = "app-secret", "TestApp"
EVENTS = (
    "app.installed",
    "app.activated",
    "app.deactivated",
    "app.updated",
    "app.deleted",
    "customer.written",
    "checkout.customer.register",
    "order.written",
    "checkout.order.placed",
    "state_enter.order.state.completed",
    "product.written",
)


class AppServer:
    """Registers whoever asks, keeps what it received, answers as it is told."""

    def __init__(self) -> None:
        self.received: list[dict[str, Any]] = []
        self.status = 200
        self.secret = "shop-secret"
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                query = parse_qs(urlsplit(self.path).query)
                proof = f"{query['shop-id'][0]}{query['shop-url'][0]}{APP}".encode()
                server.keep(self, b"")
                self.answer(
                    {
                        "proof": signature(APP_SECRET, proof),
                        "secret": server.secret,
                        "confirmation_url": f"{server.url}/app/confirm",
                    }
                )

            def do_POST(self) -> None:
                server.keep(self, self.rfile.read(int(self.headers["content-length"])))
                self.answer({})

            def answer(self, content: dict[str, str]) -> None:
                body = json.dumps(content).encode()
                self.send_response(server.status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def keep(self, request: BaseHTTPRequestHandler, body: bytes) -> None:
        self.received.append(
            {
                "method": request.command,
                "target": request.path,
                "headers": {name.lower(): value for name, value in request.headers.items()},
                "body": body.decode(),
            }
        )

    @property
    def messages(self) -> list[dict[str, Any]]:
        return [
            json.loads(one["body"]) for one in self.received if one["target"].startswith("/hook")
        ]

    def events(self) -> list[str]:
        return [message["data"]["event"] for message in self.messages]

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def manifest(url: str, version: str = "1.0.0") -> str:
    hooks = "".join(
        f'<webhook name="h{number}" event="{event}" url="{url}/hook/{number}"/>'
        for number, event in enumerate(EVENTS)
    )
    return (
        f"<manifest><meta><name>{APP}</name><label>Test</label><author>A</author>"
        f"<copyright>C</copyright><version>{version}</version><license>MIT</license></meta>"
        f"<setup><registrationUrl>{url}/app/register</registrationUrl>"
        f"<secret>{APP_SECRET}</secret></setup><permissions><read>customer</read>"
        f"<read>order</read><read>product</read></permissions><webhooks>{hooks}</webhooks>"
        "</manifest>"
    )


@pytest.fixture
def server() -> Iterator[AppServer]:
    running = AppServer()
    yield running
    running.stop()


@pytest.fixture
def apps(shop: RunningSandbox) -> Iterator[AppSystem]:
    system = AppSystem(shop.state, shop.url)
    yield system
    system.close()


def kinds(value: Any, path: str = "") -> dict[str, str]:
    """What stands at each path. All entries of a list are one."""
    if isinstance(value, dict):
        inner = [kinds(one, f"{path}/{name}") for name, one in value.items()]
    elif isinstance(value, list):
        inner = [kinds(one, f"{path}[]") for one in value]
    else:
        names = {bool: "boolean", int: "number", float: "number", str: "text", type(None): "null"}
        return {path: names[type(value)]}
    found = {path: type(value).__name__}
    for one in inner:
        found |= one
    return found


def told(received: dict[str, Any]) -> Any:
    message = json.loads(received["body"])
    if "data" not in message:
        return message
    payload = message["data"]["payload"]
    for line in payload["order"]["lineItems"] if "order" in payload else ():
        line["payload"] = dict.fromkeys(line["payload"])  # the catalogues differ in their gaps
    # Our shop tells of a registration when all of its request is written, also the sign-in.
    if message["data"]["event"] == "checkout.customer.register":
        payload["customer"]["updatedAt"] = None
    return message


def assert_like(ours: dict[str, Any], recorded: dict[str, Any]) -> None:
    assert list(ours["headers"]) == list(recorded["headers"])
    same = ("user-agent", "content-type", "sw-version", "sw-context-language", "sw-user-language")
    for name in same:
        assert ours["headers"].get(name) == recorded["headers"].get(name), name
    if recorded["body"]:
        assert kinds(told(ours)) == kinds(told(recorded))
        assert ("\\/" in ours["body"]) == ("\\/" in recorded["body"])


def test_the_life_of_an_app_as_recorded(server: AppServer, apps: AppSystem) -> None:
    apps.install(manifest(server.url))
    apps.update(manifest(server.url, "1.0.1"))
    apps.deactivate(APP)
    apps.delete(APP)
    apps.install(manifest(server.url, "1.0.1"))
    ours = [one for one in server.received if "app.installed" not in one["body"]]
    recorded = [RECORDED[number] for number in (0, 1, 2, 19, 20, 21, 22, 23, 24)]
    assert len(ours) == len(recorded)
    for mine, theirs in zip(ours, recorded, strict=True):
        assert mine["method"] == theirs["method"]
        assert_like(mine, theirs)
    for asked in (ours[0], ours[6]):
        query = urlsplit(asked["target"]).query
        assert list(parse_qs(query)) == list(parse_qs(urlsplit(RECORDED[0]["target"]).query))
        made = signature(APP_SECRET, query.encode())
        assert asked["headers"]["shopware-app-signature"] == made
    for sent in ours:
        if sent["body"]:
            made = signature(server.secret, sent["body"].encode())
            assert sent["headers"]["shopware-shop-signature"] == made


def register(api: Client, email: str = "vera@example.com") -> str:
    """A context token of the new customer."""
    country = api.search("country", filter=[{"type": "equals", "field": "iso", "value": "DE"}])
    salutation = api.search("salutation", limit=1).body["data"][0]["id"]
    answer = api.post(
        "/store-api/account/register",
        {
            "salutationId": salutation,
            "firstName": "Vera",
            "lastName": "Verify",
            "email": email,
            "password": "Str0ng-Passw0rd",
            "accountType": "business",
            "company": "Verify GmbH",
            "vatIds": ["DE123456789"],
            "storefrontUrl": api.url,
            "billingAddress": {
                "street": "Kai 1",
                "zipcode": "20457",
                "city": "Hamburg",
                "company": "Verify GmbH",
                "countryId": country.body["data"][0]["id"],
                "salutationId": salutation,
            },
        },
        headers={"sw-access-key": STOREFRONT_KEY},
        authorized=False,
    )
    assert answer.status == 200, answer.body
    return answer.headers["sw-context-token"]


def buy(api: Client, token: str, product: str) -> str:
    headers = {"sw-access-key": STOREFRONT_KEY, "sw-context-token": token}
    item = {"type": "product", "referencedId": product, "quantity": 12}
    added = api.post(
        "/store-api/checkout/cart/line-item", {"items": [item]}, headers=headers, authorized=False
    )
    assert added.status == 200, added.body
    placed = api.post("/store-api/checkout/order", {}, headers=headers, authorized=False)
    assert placed.status == 200, placed.body
    return str(placed.body["id"])


def recorded_message(number: int) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(RECORDED[number]["body"])
    return found


def test_business_events_as_recorded(server: AppServer, apps: AppSystem, api: Client) -> None:
    apps.install(manifest(server.url))
    server.received.clear()
    product = api.search("product", limit=1).body["data"][0]["id"]
    order = buy(api, register(api), product)
    for action in ("process", "complete"):
        path = f"/api/_action/order/{order}/state/{action}"
        assert api.post(path, {}).status == 200
    by_event = {json.loads(one["body"])["data"]["event"]: one for one in server.received}
    for number in (5, 10, 13):
        event = recorded_message(number)["data"]["event"]
        assert_like(by_event[event], RECORDED[number])
        (entity,) = json.loads(by_event[event]["body"])["data"]["payload"].values()
        if number != 5:
            assert entity["id"] == order
    for sent in server.received:
        made = signature(server.secret, sent["body"].encode())
        assert sent["headers"]["shopware-shop-signature"] == made
    assert len({message["source"]["eventId"] for message in server.messages}) == len(
        server.messages
    )


@pytest.mark.parametrize("number", [3, 25])
def test_writes_as_recorded(server: AppServer, apps: AppSystem, api: Client, number: int) -> None:
    apps.install(manifest(server.url))
    recorded = recorded_message(number)["data"]
    entity = recorded["payload"][0]["entity"]
    key = api.search(entity, limit=1).body["data"][0]["id"]
    server.received.clear()
    if entity == "customer":
        api.ask("PATCH", f"/api/customer/{key}", {"customFields": {"a": 1}})
    else:
        rule = api.search("rule", limit=1).body["data"][0]["id"]
        price = [
            {"currencyId": "b7d2554b0ce847cd82f3ac9bd1c0dfca", "net": 1, "gross": 1, "linked": True}
        ]
        api.post(
            "/api/product-price",
            {"productId": key, "ruleId": rule, "quantityStart": 1, "price": price},
        )
    sent = [
        one
        for one in server.received
        if json.loads(one["body"])["data"]["event"] == recorded["event"]
    ]
    assert_like(sent[-1], RECORDED[number])
    (row,) = json.loads(sent[-1]["body"])["data"]["payload"]
    assert {**row, "primaryKey": ""} == {**recorded["payload"][0], "primaryKey": ""}


def test_without_a_queue_a_message_is_sent_once(
    server: AppServer, apps: AppSystem, api: Client
) -> None:
    apps.install(manifest(server.url))
    server.received.clear()
    server.status = 500
    rename(api, "A")
    assert server.events() == ["customer.written"]
    assert apps.apps[APP].webhooks[5].error_count == 0


def test_an_app_that_cannot_be_reached_stops_no_basket_and_no_order(
    server: AppServer, apps: AppSystem, buyer: Shopper
) -> None:
    apps.install(manifest(server.url))
    server.received.clear()
    server.stop()
    assert buyer.fill((SAW, 2)).status == 200
    assert buyer.ask("checkout/cart", {}, "GET").status == 200
    assert [one["quantity"] for one in buyer.place()["lineItems"]] == [2]
    assert server.received == []


def rename(api: Client, title: str) -> None:
    key = api.search("customer", limit=1).body["data"][0]["id"]
    assert api.ask("PATCH", f"/api/customer/{key}", {"title": title}).status == 204


def test_with_a_queue_it_is_repeated_as_recorded(
    shop: RunningSandbox, server: AppServer, apps: AppSystem, api: Client
) -> None:
    start = shop.state.now()
    passed = [0.0]
    shop.state.now = lambda: start + timedelta(seconds=passed[0])
    apps.queue.pause = lambda seconds: passed.__setitem__(0, passed[0] + seconds)
    apps.install(manifest(server.url))
    server.received.clear()
    server.status = 500
    shop.faults.set(shop={"admin_worker": False})
    rename(api, "A")
    assert (len(apps.queue), server.received) == (1, [])
    assert apps.queue.consume() == 1

    times = [message["timestamp"] for message in server.messages]
    recorded = [recorded_message(number)["timestamp"] for number in (15, 16, 17, 18)]
    assert [time - times[0] for time in times] == [time - recorded[0] for time in recorded]
    assert len({message["source"]["eventId"] for message in server.messages}) == 1
    for mine, number in zip(server.received, (15, 16, 17, 18), strict=True):
        assert_like(mine, RECORDED[number])


def test_after_ten_failures_for_good_a_webhook_is_switched_off(
    shop: RunningSandbox, server: AppServer, apps: AppSystem, api: Client
) -> None:
    apps.queue.pause = lambda seconds: None
    app = apps.install(manifest(server.url))
    hook = next(one for one in app.webhooks if one.event == "customer.written")
    shop.faults.set(shop={"admin_worker": False})
    for status, titles in ((500, range(9)), (200, range(1)), (500, range(10))):
        server.status = status
        for number in titles:
            rename(api, f"{status} {number}")
            apps.queue.consume()
            if status == 200:
                assert hook.error_count == 0
    assert not hook.is_active
    server.received.clear()
    rename(api, "last")
    assert (apps.queue.consume(), server.received) == (0, [])
    assert [other.is_active for other in app.webhooks if other is not hook] == [True] * 10


def test_what_was_on_its_way_when_its_app_was_taken_out_arrives_and_is_noted(
    shop: RunningSandbox, server: AppServer, apps: AppSystem, api: Client
) -> None:
    apps.queue.pause = lambda seconds: None
    apps.install(manifest(server.url))
    shop.faults.set(shop={"admin_worker": False})
    rename(api, "A")
    apps.delete(APP)
    noted = len(apps.sender.deliveries)
    server.received.clear()
    server.status = 401
    assert apps.queue.consume() == 1
    assert server.events() == ["customer.written"] * 4
    late = apps.sender.deliveries[noted:]
    assert {(one.webhook, one.event, one.status) for one in late} == {
        ("h5", "customer.written", 401)
    }


def test_an_inactive_app_hears_only_of_its_own_life(
    server: AppServer, apps: AppSystem, api: Client
) -> None:
    apps.install(manifest(server.url))
    server.received.clear()
    apps.deactivate(APP)
    rename(api, "A")
    apps.activate(APP)
    rename(api, "B")
    assert server.events() == ["app.deactivated", "app.activated", "customer.written"]


def test_a_newer_shop_proves_that_it_is_the_one_that_is_registered(
    shop: RunningSandbox, server: AppServer
) -> None:
    newer = AppSystem(shop.state, shop.url, signs_again=True)
    newer.install(manifest(server.url))
    first, server.secret = server.secret, "next-secret"
    server.received.clear()
    newer.register_again(APP)
    asked, confirmed = server.received
    query = urlsplit(asked["target"]).query.encode()
    assert asked["headers"]["shopware-shop-signature"] == signature(first, query)
    body = confirmed["body"].encode()
    assert confirmed["headers"]["shopware-shop-signature"] == signature("next-secret", body)
    assert confirmed["headers"]["shopware-shop-signature-previous"] == signature(first, body)
    newer.close()


def test_a_server_that_refuses_or_answers_wrongly_gets_no_app(
    server: AppServer, apps: AppSystem
) -> None:
    server.status = 401
    with pytest.raises(RegistrationFailed):
        apps.install(manifest(server.url))
    server.status = 200
    with pytest.raises(RegistrationFailed, match="invalid response"):
        apps.install(manifest(server.url).replace(APP_SECRET, "another"))
    with pytest.raises(RegistrationFailed, match="nothing"):
        apps.install(manifest("http://127.0.0.1:9"))
    assert apps.apps == {}


def test_a_manifest_without_what_a_shop_needs_is_refused() -> None:
    for gone in ("<author>A</author>", "<license>MIT</license>"):
        with pytest.raises(ValueError, match="has no"):
            read_manifest(manifest("http://a").replace(gone, ""))
    with pytest.raises(ValueError, match="twice"):
        read_manifest(manifest("http://a").replace('name="h1"', 'name="h0"'))
