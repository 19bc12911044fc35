"""Orders bought, paid, edited and given back in a whole shop, as the feed tells of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
import requests

from connectors.sales import NO_MONEY, ActivityKind, Balance, Change, Feed, Mark, Money, Order
from connectors.sandbox.server import RunningSandbox
from connectors.shopware.client import ShopwareClient
from connectors.shopware.connector import ShopwareConnector
from connectors.shopware.sandbox import SANDBOX
from connectors.shopware.sandbox.seed import STOREFRONT_KEY, product_id

LONG_AGO = Mark(datetime(2020, 1, 1, tzinfo=UTC))
SAW, OIL = "B2B-1029", "B2B-1061"
DEALER, CONSUMER = SANDBOX.shoppers[0], SANDBOX.shoppers[1]
Row = dict[str, Any]


@pytest.fixture(scope="module")
def running() -> Iterator[RunningSandbox]:
    with SANDBOX.serve(products=100, customers=20) as sandbox:
        yield sandbox


@pytest.fixture
def feed(live: ShopwareConnector) -> Feed:
    assert live.feed is not None
    return live.feed


class Merchant:
    """What people do in the administration."""

    def __init__(self, sandbox: RunningSandbox) -> None:
        self.client = ShopwareClient(sandbox.url, **SANDBOX.credentials)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.http.request("POST", f"/api{path}", json=body or {}, headers=sent).body

    def patch(self, path: str, body: Row, **headers: str) -> None:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        self.client.http.request("PATCH", f"/api{path}", json=body, headers=sent)

    def become(self, entity: str, thing: str, *actions: str) -> None:
        for action in actions:
            self.post(f"/_action/{entity}/{thing}/state/{action}")

    def parts(self, order_id: str) -> Row:
        criteria = {"associations": {"lineItems": {}, "transactions": {}, "deliveries": {}}}
        return self.client.one("order", order_id, criteria, "order")


@pytest.fixture
def merchant(sandbox: RunningSandbox) -> Iterator[Merchant]:
    merchant = Merchant(sandbox)
    yield merchant
    merchant.client.close()


class Shopper:
    def __init__(self, sandbox: RunningSandbox, email: str) -> None:
        self.url = f"{sandbox.url}/store-api"
        self.headers = {"sw-access-key": STOREFRONT_KEY}
        secret = SANDBOX.also["shopper_password"]
        self.post("/account/login", {"username": email, "password": secret})

    def post(self, path: str, body: Row) -> Any:
        answer = requests.post(self.url + path, json=body, headers=self.headers, timeout=10)
        assert answer.ok, answer.text
        token = answer.headers.get("sw-context-token")
        if token:
            self.headers["sw-context-token"] = token
        return answer.json() if answer.content else None

    def buys(self, *codes: str, **quantities: int) -> str:
        """The id of the order."""
        skus = {"saw": SAW, "oil": OIL}
        items: list[Row] = [
            {"type": "product", "referencedId": product_id(skus[name]), "quantity": number}
            for name, number in quantities.items()
        ]
        items += [{"type": "promotion", "referencedId": code} for code in codes]
        self.post("/checkout/cart/line-item", {"items": items})
        return str(self.post("/checkout/order", {})["id"])


@pytest.fixture
def shopper(sandbox: RunningSandbox) -> Callable[[str], Shopper]:
    return lambda email: Shopper(sandbox, email)


def told(feed: Feed, order_id: str) -> Order:
    (order,) = feed.orders([order_id])
    return order


def news(feed: Feed, since: Mark = LONG_AGO) -> dict[str, list[Change]]:
    return {name: list(feed.changes(name, since)) for name in feed.resources}


def sums(order: Order) -> Money:
    lines = sum((one.price - one.discount for one in order.lines), NO_MONEY)
    return lines + order.shipping - order.shipping_discount


def promotion(merchant: Merchant, code: str, **discount: Any) -> None:
    channel = merchant.client.search("sales_channel", {"limit": 1}).rows[0]["id"]
    wanted = {"scope": "cart", "considerAdvancedRules": False, **discount}
    merchant.post(
        "/promotion",
        {
            "name": code, "active": True, "useCodes": True, "useIndividualCodes": False,
            "code": code, "salesChannels": [{"salesChannelId": channel, "priority": 1}],
            "discounts": [wanted],
        },
    )  # fmt: skip


# --- the life of an order ------------------------------------------------------------------


@pytest.mark.parametrize("email", [DEALER, CONSUMER])
def test_an_order_with_a_code_adds_up(
    feed: Feed, merchant: Merchant, shopper: Callable[[str], Shopper], email: str
) -> None:
    promotion(merchant, "TENTH", type="percentage", value=10)
    promotion(merchant, "FIVE", type="absolute", value=5)
    order = told(feed, shopper(email).buys("TENTH", "FIVE", saw=3, oil=2))
    row = merchant.parts(order.id)
    assert sums(order) == Money(row["amountNet"], row["amountTotal"])
    assert {one.sku for one in order.lines} == {SAW, OIL}
    assert all(one.discount.gross > 0 for one in order.lines)
    assert {used.code for used in order.codes} == {"TENTH", "FIVE"}
    assert (order.paid_at, order.completed_at, order.is_guest) == (None, None, False)
    assert order.email == email


def test_every_step_is_news_and_has_its_time(
    feed: Feed, merchant: Merchant, shopper: Callable[[str], Shopper]
) -> None:
    order_id = shopper(CONSUMER).buys(saw=1)
    parts = merchant.parts(order_id)
    payment, parcel = parts["transactions"][0]["id"], parts["deliveries"][0]["id"]
    steps = [
        ("order_transaction", payment, "paid"),
        ("order_delivery", parcel, "ship"),
        ("order", order_id, "process"),
        ("order", order_id, "complete"),
        ("order_transaction", payment, "refund_partially"),
        ("order_transaction", payment, "refund"),
    ]
    seen = told(feed, order_id)
    for entity, thing, action in steps:
        merchant.become(entity, thing, action)
        mark = Mark(seen.changed_at, "z")
        changes = [change for walk in news(feed, mark).values() for change in walk]
        assert {change.id for change in changes} == {order_id}, action
        now = told(feed, order_id)
        assert now.changed_at > seen.changed_at
        assert now != seen or action in {"ship"}
        seen = now
    assert seen.paid_at is not None
    assert seen.completed_at is not None
    assert seen.placed_at <= seen.paid_at < seen.completed_at
    (back,) = seen.refunds
    assert (back.id, back.is_whole) == (payment, True)
    assert back.at > seen.completed_at


def test_an_order_that_is_paid_back_by_line(
    feed: Feed, merchant: Merchant, shopper: Callable[[str], Shopper]
) -> None:
    order_id = shopper(CONSUMER).buys(saw=2)
    parts = merchant.parts(order_id)
    (line,), (payment,) = parts["lineItems"], parts["transactions"]
    merchant.become("order_transaction", payment["id"], "paid", "refund_partially")
    states = {
        machine: merchant.client.search(
            "state_machine_state",
            {
                "limit": 1,
                "filter": [
                    {"type": "equals", "field": "technicalName", "value": "completed"},
                    {"type": "equals", "field": "stateMachine.technicalName", "value": machine},
                ],
            },
        ).rows[0]["id"]
        for machine in (
            "order_transaction_capture.state",
            "order_transaction_capture_refund.state",
        )
    }
    half = {
        "unitPrice": line["unitPrice"], "totalPrice": line["unitPrice"], "quantity": 1,
        "calculatedTaxes": [], "taxRules": [],
    }  # fmt: skip
    merchant.post(
        "/order-transaction-capture",
        {
            "orderTransactionId": payment["id"],
            "stateId": states["order_transaction_capture.state"],
            "amount": half,
            "refunds": [
                {
                    "stateId": states["order_transaction_capture_refund.state"],
                    "amount": half,
                    "positions": [{"orderLineItemId": line["id"], "quantity": 1, "amount": half}],
                }
            ],
        },
    )
    order = told(feed, order_id)
    (back,) = order.refunds
    assert [(one.line_id, one.quantity) for one in back.lines] == [(line["id"], Decimal(1))]
    assert back.lines[0].amount.gross == line["unitPrice"]
    assert back.unnamed == NO_MONEY
    assert {change.id for change in feed.changes("refunds", LONG_AGO)} == {order_id}


def test_a_draft_is_not_seen_until_it_is_merged(
    feed: Feed, merchant: Merchant, shopper: Callable[[str], Shopper]
) -> None:
    order_id = shopper(CONSUMER).buys(saw=3)
    before = told(feed, order_id)
    line = before.lines[0].id
    version = merchant.post(f"/_action/version/order/{order_id}")["versionId"]
    merchant.patch(f"/order-line-item/{line}", {"quantity": 2}, sw_version_id=version)
    merchant.post(f"/_action/order/{order_id}/recalculate", sw_version_id=version)
    assert told(feed, order_id) == before
    assert len(list(feed.changes("orders_created", LONG_AGO))) == 1
    merchant.post(f"/_action/version/merge/order/{version}")
    after = told(feed, order_id)
    assert [one.quantity for one in after.lines] == [Decimal(2)]
    assert after.changed_at > before.changed_at
    changes = feed.changes("orders_updated", Mark(before.changed_at))
    assert [change.id for change in changes] == [order_id]


def test_orders_by_number_and_those_that_are_not_there(
    feed: Feed, shopper: Callable[[str], Shopper]
) -> None:
    buyer = shopper(CONSUMER)
    first, second = (told(feed, buyer.buys(saw=1)) for _ in range(2))
    assert feed.orders(["0" * 32, first.id]) == [first]
    assert {one.id for one in feed.orders_by_number([first.number, second.number, "nope"])} == {
        first.id, second.id,
    }  # fmt: skip


# --- activities ----------------------------------------------------------------------------


def test_reviews_and_the_newsletter(
    feed: Feed, merchant: Merchant, shopper: Callable[[str], Shopper]
) -> None:
    buyer = shopper(CONSUMER)
    text = "Cuts well through oak and steel, would buy again."
    review = {"title": "Good saw", "content": text, "points": 5}
    buyer.post(f"/product/{product_id(SAW)}/review", review)
    (written,) = feed.changes("reviews", LONG_AGO)
    assert written.activity is not None
    assert (written.activity.kind, written.activity.is_valid) == (ActivityKind.REVIEW, False)
    merchant.patch(f"/product-review/{written.id}", {"status": True})
    *_, published = feed.changes("reviews", LONG_AGO)
    assert published.activity is not None
    assert published.activity.is_valid
    assert (published.id, published.activity.at) == (written.id, written.activity.at)
    signing_up = {"email": "n@example.com", "option": "direct", "storefrontUrl": buyer.url}
    channel = merchant.client.search(
        "sales_channel_domain", {"limit": 1, "includes": {"sales_channel_domain": ["url"]}}
    )
    signing_up["storefrontUrl"] = channel.rows[0]["url"]
    buyer.post("/newsletter/subscribe", signing_up)
    *_, signed_up = feed.changes("newsletter_recipients", LONG_AGO)
    assert signed_up.activity is not None
    assert (signed_up.activity.email, signed_up.activity.is_valid) == ("n@example.com", True)


# --- balances ------------------------------------------------------------------------------


def test_balances_live_beside_what_others_keep(live: ShopwareConnector, merchant: Merchant) -> None:
    balances = live.balances
    assert balances is not None
    one, other = (customer.id for customer, _ in zip(live.customers(), range(2), strict=False))
    merchant.patch(f"/customer/{one}", {"customFields": {"theirs": "stays"}})
    balances.prepare()
    balances.prepare()
    assert balances.read([one, "0" * 32]) == {one: None}
    gold = Balance(120, 30, "Gold", "gold", 20, "2026-12-31")
    refused = balances.write({one: gold, "0" * 32: gold, other: Balance(0, 0)})
    assert list(refused) == ["0" * 32]
    assert balances.read([one, other]) == {one: gold, other: Balance(0, 0)}
    balances.remove()
    balances.remove()
    assert balances.read([one, other]) == {one: None, other: None}
    row = merchant.client.one("customer", one, {}, "customer")
    assert row["customFields"]["theirs"] == "stays"
    assert merchant.client.search("custom_field_set", {"limit": 500}).rows == []
