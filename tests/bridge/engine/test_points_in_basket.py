"""Points in the basket of a Shopware shop with the app: over real HTTP, from the shop's own token
to the order, and back into the book."""

from __future__ import annotations

import hmac
import http.client
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from engine_world import Merchant, programme
from sqlalchemy import delete, select, update
from sqlmodel import col

from bridge.engine.bench import open_bench
from bridge.engine.once import work_once
from bridge.engine.voucher_steps import baskets_to_shop
from bridge.installations import app_registration
from bridge.installations.endpoints import Endpoint
from bridge.installations.models import Installation
from bridge.kit.clock import utc_now
from bridge.member_sign_in.models import MemberTry
from bridge.members.adjusting import Adjustment, adjust
from bridge.members.models import MemberCustomer
from bridge.points.models import Account
from bridge.reconciling.service import reconcile
from bridge.vouchers.models import Voucher
from bridge.web import Serving, create_app, serve
from bridge.web.member import basket
from connectors.sandbox.server import RunningSandbox
from connectors.shopware.app.manifests import APP_NAME
from connectors.shopware.sandbox import SANDBOX
from connectors.shopware.sandbox.apps import AppSystem
from connectors.shopware.sandbox.seed import STOREFRONT_KEY
from connectors.webhooks import Addresses

SHOPPER = SANDBOX.also["shopper_email"]
LOGIN = "/account/login"
REDEMPTION = {"rate": {"points": 10, "amount": 1}, "step": 1, "minimum": 2}
Answer = tuple[int, dict[str, Any], dict[str, str]]


@dataclass
class Scene:
    """A shopper with 1,000 points in front of the shop: ten are worth 1 EUR."""

    merchant: Merchant
    sandbox: RunningSandbox
    serving: Serving
    found: Endpoint
    customer: str
    member: int
    context: str = ""
    delivers: list[bool] = field(default_factory=lambda: [True])

    def store(self, method: str, path: str, body: Any = None) -> Any:
        """The shop's Store API, as this shopper, signed in."""
        if not self.context and path != LOGIN:
            told = {"username": SHOPPER, "password": SANDBOX.also["shopper_password"]}
            self.store("POST", LOGIN, told)
        headers = {"sw-access-key": STOREFRONT_KEY, "Content-Type": "application/json"}
        if self.context:
            headers["sw-context-token"] = self.context
        status, told, sent = call(
            self.sandbox.url, method, f"/store-api{path}", json.dumps(body or {}), headers
        )
        assert status == 200, told
        self.context = sent.get("sw-context-token", self.context)
        return told

    def token(self) -> str:
        return str(self.store("POST", f"/app-system/{APP_NAME}/generate-token")["token"])

    def redeem(self, points: Any, token: str | None = None, **headers: str) -> Answer:
        told = {
            "Origin": self.sandbox.url,
            "Authorization": f"Bearer {self.token() if token is None else token}",
            "Content-Type": "application/json",
            **headers,
        }
        path = f"/shopware/{self.found.installation}/redeem"
        return call(self.serving.url, "POST", path, json.dumps({"points": points}), told)

    def basket(self) -> dict[str, float]:
        """What it costs, by line."""
        lines = self.store("GET", "/checkout/cart")["lineItems"]
        return {one["id"]: one["price"]["totalPrice"] for one in lines}

    def points_off(self) -> float:
        return sum(cost for name, cost in self.basket().items() if name.startswith("lbpoints-"))

    def fill(self, pieces: int = 1) -> float:
        """So many of a thing; what one of it costs."""
        rows = self.sandbox.state.database["product"].rows
        sku = self.merchant.till("shopware").skus()[0]
        product = next(key for key, row in rows.items() if row.values["productNumber"] == sku)
        item = {"id": product, "type": "product", "referencedId": product, "quantity": pieces}
        self.store("POST", "/checkout/cart/line-item", {"items": [item]})
        return self.basket()[product] / pieces

    def standing(self) -> tuple[int, int, int]:
        with self.merchant.database.reading() as session:
            query = select(Account).where(col(Account.holder_id) == self.member)
            row = session.scalars(query).one()
            return row.available, row.reserved, row.debt

    def work(self) -> list[str]:
        result = work_once(self.merchant.app)
        assert result.problems == {}
        return result.remarks

    def time_passes(self, **span: float) -> None:
        """As if what is held, and what was taken away, had been for a while."""
        with self.merchant.database.writing() as session:
            for one in session.scalars(select(Voucher)):
                session.execute(
                    update(Voucher)
                    .where(col(Voucher.id) == one.id)
                    .values(
                        valid_until=one.valid_until and one.valid_until - timedelta(**span),
                        removed_at=one.removed_at and one.removed_at - timedelta(**span),
                    )
                )

    def forget_tries(self) -> None:
        """As if a minute had passed."""
        with self.merchant.database.writing() as session:
            session.execute(delete(MemberTry))

    def is_sound(self) -> bool:
        """Whether nothing contradicts anything, here and in the shops."""
        report = reconcile(self.merchant.app)
        assert report.left == []
        return not report.failures


def call(url: str, method: str, path: str, body: str, headers: dict[str, str]) -> Answer:
    parts = urlsplit(url)
    with closing(http.client.HTTPConnection(parts.netloc, timeout=30)) as connection:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        text = answer.read()
        sent = {name.lower(): value for name, value in answer.getheaders()}
        return answer.status, json.loads(text) if text else {}, sent


@pytest.fixture
def scene(merchants: Callable[..., Merchant], served: dict[str, RunningSandbox]) -> Iterator[Scene]:
    merchant, sandbox = merchants(), served["shopware"]
    merchant.load(programme(redemption=REDEMPTION))
    work_once(merchant.app)
    shop = merchant.installation("shopware")
    delivers = [True]

    def wake(step: str) -> None:
        """As the engine does, within moments."""
        if step == "baskets" and delivers[0]:
            with closing(open_bench(merchant.app)) as bench:
                baskets_to_shop(bench, shop)

    with serve(create_app(merchant.app, wake=wake)) as serving:
        app, keys = merchant.app, merchant.app.keyring
        with merchant.database.writing() as session:
            installed = session.get_one(Installation, shop.id)
            found = app_registration.offer(
                session, installed, keys, utc_now(), base_url=serving.url
            )
        registration = app.platforms["shopware"].registration
        assert registration is not None
        addresses = Addresses(found.address("register"), found.address("events"))
        with closing(AppSystem(sandbox.state, sandbox.url)) as system:
            system.install(registration.manifest(addresses, found.app_secret))
            rows = sandbox.state.database["customer"].rows
            customer = next(key for key, row in rows.items() if row.values["email"] == SHOPPER)
            with merchant.database.writing() as session:
                member = session.scalars(
                    select(col(MemberCustomer.member_id)).where(
                        col(MemberCustomer.customer_id) == customer
                    )
                ).one()
                given = Adjustment("start", 1000, "start", "me")
                adjust(session, app.workspace_id, member, given, utc_now())
            yield Scene(merchant, sandbox, serving, found, customer, member, delivers=delivers)


def test_from_the_token_to_the_order_and_back(scene: Scene) -> None:
    status, told, sent = scene.redeem(500)
    assert (status, sent["access-control-allow-origin"]) == (200, scene.sandbox.url)
    assert {name: told[name] for name in ("points", "worth", "state", "available")} == {
        "points": 500,
        "worth": "50.00",
        "state": "done",
        "available": 500,
    }
    assert told["shown"] == "€50.00"
    assert scene.standing() == (500, 500, 0)

    cost = scene.fill()
    assert cost > 50
    assert scene.points_off() == -50
    status, told, _ = scene.redeem(200)
    assert (told["points"], told["available"], scene.points_off()) == (200, 500, -20)

    order = scene.store("POST", "/checkout/order")
    (line,) = [one for one in order["lineItems"] if one["type"] == "discount"]
    assert line["totalPrice"] == -20
    assert scene.work() == []
    available, reserved, debt = scene.standing()
    earned = available - 800
    assert (reserved, debt) == (0, 0)
    assert 0 < earned <= cost - 20, "what was paid with points earns none"
    scene.fill()
    assert scene.points_off() == 0, "the fields were cleared as soon as the order was seen"
    assert scene.is_sound()

    scene.sandbox.state.till().cancel(order["id"])
    scene.work()
    assert scene.standing() == (1000, 0, 0)
    assert scene.is_sound()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_taken_back_forgotten_and_too_dear_for_the_basket(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    cost = scene.fill()
    monkeypatch.setattr(basket, "WAITS", 0.2)
    scene.delivers[0] = False  # the shop does not answer
    status, told, _ = scene.redeem(1000)
    assert (status, told["state"], scene.points_off()) == (200, "on-its-way", 0)
    scene.delivers[0] = True
    scene.work()
    assert scene.points_off() == -min(cost, 100)
    status, told, _ = scene.redeem(0)
    assert (status, told["points"], told["state"], told["until"]) == (200, 0, "done", None)
    assert (scene.points_off(), scene.standing()) == (0, (0, 1000, 0))
    scene.work()
    assert scene.standing() == (0, 1000, 0), "an order of the last second may be on its way"
    scene.time_passes(minutes=10)
    scene.work()
    assert scene.standing() == (1000, 0, 0)

    scene.redeem(300)
    scene.time_passes(minutes=61)
    scene.work()
    assert scene.points_off() == 0
    scene.time_passes(minutes=10)
    scene.work()
    assert scene.standing() == (1000, 0, 0)
    assert scene.is_sound()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_who_asks_and_what_for_is_checked(scene: Scene) -> None:
    good = scene.token()
    assert scene.redeem(200, good)[1]["points"] == 200
    assert scene.redeem(900, good)[1]["points"] == 200, "one wish for each token"
    for token in ("", "x", "x.y.z", forged(good), unsigned(good)):
        status, told, _ = scene.redeem(300, token)
        assert (status, told["code"]) == (401, "forged"), token
    assert scene.standing() == (800, 200, 0)
    for points in (-1, 1.5, "5", True, None, [5], 10**30):
        assert scene.redeem(points)[0] == 400
    scene.forget_tries()
    for points, expected, about in (
        (5, 422, {"minimum": 20}),
        (25, 422, {"minimum": 20}),
        (5_000, 409, {"available": 1000}),
    ):
        with_more = {"Accept-Language": "en"}
        status, told, _ = scene.redeem(points, **with_more)
        assert (status, told | about) == (expected, told), points
        scene.forget_tries()
    assert scene.standing() == (800, 200, 0)
    codes = [scene.redeem(200 + 10 * turn)[0] for turn in range(11)]
    assert codes == [200] * 10 + [429]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_page_of_another_origin_can_neither_ask_nor_read(scene: Scene) -> None:
    path = f"/shopware/{scene.found.token}/redeem"  # as shops were told before
    for origin, may in ((scene.sandbox.url, True), ("https://evil.example", False)):
        asked = {"Origin": origin, "Access-Control-Request-Method": "POST"}
        status, _, sent = call(scene.serving.url, "OPTIONS", path, "", asked)
        assert status == 204
        assert sent.get("access-control-allow-origin") == (origin if may else None)
        assert "access-control-allow-credentials" not in sent
    status, told, sent = scene.redeem(200, Origin="https://evil.example")
    assert (status, told["code"]) == (403, "origin")
    assert "access-control-allow-origin" not in sent
    assert scene.standing() == (1000, 0, 0)


def forged(token: str) -> str:
    """Of another customer, with the mark of this one."""
    head, claims, mark = token.split(".")
    told = json.loads(urlsafe_b64decode(claims + "=="))
    told["customerId"] = "f" * 32
    return f"{head}.{encoded(told)}.{mark}"


def unsigned(token: str) -> str:
    claims = token.split(".")[1]
    head = encoded({"alg": "none", "typ": "JWT"})
    mark = hmac.new(b"", f"{head}.{claims}".encode(), "sha256").digest()
    return f"{head}.{claims}.{urlsafe_b64encode(mark).decode().rstrip('=')}"


def encoded(told: Any) -> str:
    return urlsafe_b64encode(json.dumps(told).encode()).decode().rstrip("=")
