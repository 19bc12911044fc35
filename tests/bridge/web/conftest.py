"""A merchant with one shop of each platform, the web application, and a clock to set."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import select
from werkzeug.test import TestResponse

from bridge.application import Application
from bridge.config import Settings
from bridge.db import Database
from bridge.inbox.models import StoredSignal
from bridge.installations import app_registration, endpoints, service, webhook_counts
from bridge.installations.endpoints import Endpoint
from bridge.installations.service import NewInstallation
from bridge.kit.encryption import generate_key
from bridge.web import create_app
from bridge.web.app import COUNTING
from bridge.workspaces.service import ensure_workspace, workspace_id
from connectors.webhooks import signature

sys.path.insert(0, str(Path(__file__).parent))

KEY = generate_key()
BASE = "https://bridge.example/in"
SHOP_URL = "https://shop.example"


class Clock:
    """Stands still until a test moves it."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def wait(self, **span: float) -> None:
        self.now += timedelta(**span)


@dataclass
class Bridge:
    """The bridge with its shops ``sw`` (Shopware) and ``m2`` (Magento)."""

    application: Application
    clock: Clock
    app: Flask = field(init=False)

    def __post_init__(self) -> None:
        self.app = create_app(self.application)

    @property
    def client(self) -> FlaskClient:
        return self.app.test_client()

    def connect(self, name: str, platform: str, url: str) -> None:
        with self.application.database.writing() as session:
            new = NewInstallation(name, platform, url, {"key": "x"}, {})
            seal = self.application.keyring().encrypt
            service.add(session, self.application.workspace_id, new, seal, self.clock())

    def offer(self, name: str, **options: Any) -> Endpoint:
        with self.application.database.writing() as session:
            shop = service.installation(session, self.application.workspace_id, name)
            return app_registration.offer(
                session,
                shop,
                self.application.keyring,
                self.clock(),
                **{"base_url": BASE, **options},
            )

    def share(self, name: str, *, renew: bool = False) -> tuple[Endpoint, str]:
        """The secret is empty where there is one already."""
        with self.application.database.writing() as session:
            shop = service.installation(session, self.application.workspace_id, name)
            keys, now = self.application.keyring, self.clock()
            return app_registration.share(session, shop, keys, now, base_url=BASE, renew=renew)

    def endpoint(self, token: str) -> Endpoint:
        with self.application.database.reading() as session:
            found = endpoints.endpoint(
                session, self.application.workspace_id, token, self.application.keyring
            )
        assert found is not None
        return found

    def signals(self) -> list[StoredSignal]:
        with self.application.database.reading() as session:
            return list(session.exec(select(StoredSignal)))

    def counts(self) -> dict[str, int]:
        """Over all shops, by outcome."""
        self.app.extensions[COUNTING].flush()
        with self.application.database.reading() as session:
            totals = webhook_counts.totals(session, self.application.workspace_id)
        found: dict[str, int] = {}
        for total in [total for shop in totals.values() for total in shop]:
            found[total.outcome] = found.get(total.outcome, 0) + total.messages
        return found


@dataclass
class Shopware:
    """What a shop of this platform does: it signs as the recorded one."""

    bridge: Bridge
    endpoint: Endpoint
    url: str = SHOP_URL
    shop_id: str = "S1"
    secret: str = ""
    """Its present one."""

    @property
    def seconds(self) -> int:
        return int(self.bridge.clock().timestamp())

    def ask(self, *, app_secret: str = "", signed_with: str = "", url: str = "") -> TestResponse:
        """``signed_with``: the shop's own secret, where it sends that signature."""
        query = f"shop-id={self.shop_id}&shop-url={url or self.url}&timestamp={self.seconds}"
        raw = query.encode()
        headers = {"shopware-app-signature": signature(app_secret or self.endpoint.app_secret, raw)}
        if signed_with:
            headers["shopware-shop-signature"] = signature(signed_with, raw)
        address = f"/shopware/{self.endpoint.token}/register"
        return self.bridge.client.get(address, query_string=query, headers=headers)

    def confirm(self, secret: str, *, previous: str = "", api_key: str = "api-key") -> TestResponse:
        body = json.dumps(
            {
                "apiKey": api_key,
                "secretKey": "api-secret",
                "timestamp": str(self.seconds),
                "shopUrl": self.url,
                "shopId": self.shop_id,
            }
        ).encode()
        headers = {"shopware-shop-signature": signature(secret, body)}
        if previous:
            headers["shopware-shop-signature-previous"] = signature(previous, body)
        address = f"/shopware/{self.endpoint.token}/confirm"
        return self.bridge.client.post(address, data=body, headers=headers)

    def register(self) -> str:
        """The whole handshake; the new secret."""
        asked = self.ask(signed_with=self.secret)
        assert asked.status_code == 200, asked.text
        secret: str = asked.json["secret"]
        confirmed = self.confirm(secret, previous=self.secret, api_key=f"api-{secret}")
        assert confirmed.status_code == 200, confirmed.text
        self.secret = secret
        return secret

    def body(
        self, event: str = "order.written", event_id: str = "e1", payload: object = None
    ) -> bytes:
        message = {
            "data": {"payload": payload or [], "event": event},
            "source": {
                "url": self.url,
                "eventId": event_id,
                "shopId": self.shop_id,
                "appVersion": "1.0.0",
            },
            "timestamp": self.seconds,
        }
        return json.dumps(message).encode()

    def send(
        self, body: bytes | None = None, *, secret: str = "", client: FlaskClient | None = None
    ) -> TestResponse:
        body = self.body() if body is None else body
        headers = {"shopware-shop-signature": signature(secret or self.secret, body)}
        address = f"/shopware/{self.endpoint.token}/events"
        return (client or self.bridge.client).post(address, data=body, headers=headers)


@pytest.fixture
def bridge_on(tmp_path: Path) -> Iterator[Callable[[Database], Bridge]]:
    def make(database: Database) -> Bridge:
        clock = Clock()
        with database.writing() as session:
            ensure_workspace(session, "acme", clock())
            workspace = workspace_id(session, "acme")
        settings = Settings(home=tmp_path / "home", keys=KEY, workspace="acme")
        bridge = Bridge(Application(settings, database, workspace, now=clock), clock)
        bridge.connect("sw", "shopware", SHOP_URL)
        bridge.connect("m2", "magento", "https://magento.example")
        return bridge

    yield make


@pytest.fixture
def bridge(
    bridge_on: Callable[[Database], Bridge], sqlite_url: str, open_database: Callable[..., Database]
) -> Bridge:
    return bridge_on(open_database(sqlite_url))


@pytest.fixture
def shop_on(bridge_on: Callable[[Database], Bridge]) -> Callable[[Database], Shopware]:
    """A shop that is not registered yet, over this database."""

    def make(database: Database) -> Shopware:
        bridge = bridge_on(database)
        return Shopware(bridge, bridge.offer("sw"))

    return make


@pytest.fixture
def shop(bridge: Bridge) -> Shopware:
    """Not registered yet."""
    return Shopware(bridge, bridge.offer("sw"))


@pytest.fixture
def registered(shop: Shopware) -> Shopware:
    shop.register()
    return shop
