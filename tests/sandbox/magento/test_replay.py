"""Each recorded exchange, asked of the sandbox, is answered the way the live shop answered."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytest
import requests

from connectors.magento.sandbox import SANDBOX, auth
from connectors.sandbox.catalogue import catalogue
from connectors.sandbox.server import RunningSandbox
from tests.sandbox.replay import (
    CONTRACTS,
    Exchange,
    How,
    KeyPath,
    Replay,
    Rules,
    Said,
    differences,
    load,
)

SHOP = "magento-2.4.4"
SCENARIOS = (
    "auth",
    "store",
    "customer_groups",
    "products",
    "tier_prices",
    "tier_prices_bulk",
    "customers",
    "paging",
)
EXCHANGES = [exchange for scenario in SCENARIOS for exchange in load(SHOP, scenario)]
VECTORS = json.loads((CONTRACTS / SHOP / "oauth1.json").read_text("utf-8"))["vectors"]

EXEMPT: Mapping[tuple[str, int], str] = {
    ("paging", 5): "lists the customers of that day: five, with a gap where one was deleted",
}

DUE = len(EXCHANGES) + len(VECTORS)


def test_at_most_one_exchange_in_twenty_is_exempt() -> None:
    known = {exchange.key for exchange in EXCHANGES}
    assert set(EXEMPT) <= known
    assert len(EXEMPT) <= DUE * 0.05


# -- what the recordings mean ---------------------------------------------------------------


def id_kind(exchange: Exchange, at: KeyPath) -> str:
    """Group, customer and address ids; other numbers of Magento's look just like them."""
    if at[-1] in ("default_billing", "default_shipping") and at[-2] != "[]":
        return "address"
    if at[-1] == "customer_id":
        return "customer"
    if at[-1] == "fieldValue":
        return "group" if exchange.scenario == "customer_groups" else "customer"
    if at[-1] != "id":
        return ""
    if "addresses" in at:
        return "address"
    return {"customer_groups": "group", "customers": "customer"}.get(exchange.scenario, "")


PATH_IDS = ((r"/customerGroups/(\d+)", "group"), (r"/customers/(\d+)", "customer"))
TIMES = ("created_at", "updated_at")


def how_exactly(exchange: Exchange, at: KeyPath) -> How:
    """Everything by value, but for times and the shop's own address."""
    if (at and at[-1] in TIMES) or (at and at[-1].endswith("_url")):
        return How.FORMAT
    if exchange.key == ("auth", 0):
        return How.SHAPE
    return How.VALUE


def how_renamed(exchange: Exchange, at: KeyPath) -> How:
    """By value what a price list rests on; of other products and customers only the shape."""
    if exchange.scenario == "paging" or (
        exchange.scenario in ("products", "customers") and at[:1] == ("items",)
    ):
        return How.SHAPE
    if exchange.key in (("customers", 0), ("products", 2), ("products", 7), ("products", 8)):
        return How.SHAPE
    if at == ("total_count",) and exchange.scenario == "customers":
        return How.SHAPE
    return how_exactly(exchange, at)


def rules(how: Callable[[Exchange, KeyPath], How], skus: list[str]) -> Rules:
    def expand(exchange: Exchange) -> Exchange:
        return expanded(exchange, skus)

    return Rules(id_kind, PATH_IDS, how, expand, check_shortened)


def expanded(exchange: Exchange, skus: list[str]) -> Exchange:
    """Sends as many rows as the recording says; the first two are the recorded ones."""
    body = exchange.body
    if exchange.scenario != "tier_prices_bulk" or not isinstance(body, dict) or "…" not in body:
        return exchange
    words = body["…"].split()
    count = int(words[0])
    if "skus" in body:
        return replace(exchange, body={"skus": skus[:count]})
    most = 500
    first = body["prices"][0]
    rows = [
        {
            **first,
            "price": 5 + place % 20,
            "sku": skus[place % min(count, most)],
            "quantity": first["quantity"] * (1 + place // most),
        }
        for place in range(count)
    ]
    assert rows[:2] == body["prices"], "the recording begins with the same rows"
    return replace(exchange, body={"prices": rows})


def check_shortened(exchange: Exchange, said: Said) -> list[str] | None:
    """An answer that was cut in the recording: its length, and rows like the recorded ones."""
    recorded = exchange.answer
    if exchange.key == ("paging", 0):
        return _check_first_page(exchange, said)
    if not isinstance(recorded, list) or not recorded or not str(recorded[-1]).startswith("…"):
        return None
    count = int(recorded[-1].split()[1])
    if len(said.body) != count:
        return [f"{len(said.body)} entries instead of {count}"]
    found = [] if recorded[0] in said.body else [f"lacks {recorded[0]}"]
    found += [] if recorded[1] in said.body else [f"lacks {recorded[1]}"]
    return found + differences(recorded[:-1], said.body, lambda at: How.SHAPE)


def _check_first_page(exchange: Exchange, said: Said) -> list[str]:
    shortened = {**said.body, "items": said.body["items"][:3]}
    wrong = [] if len(said.body["items"]) == 300 else ["the page has not 300 entries"]
    return wrong + differences(exchange.answer, shortened, lambda at: How.SHAPE)


# -- asking ---------------------------------------------------------------------------------


@dataclass
class Asking:
    shop: RunningSandbox
    session: requests.Session

    def __call__(self, exchange: Exchange) -> Said:
        headers = dict(exchange.headers)
        if exchange.authorized:
            wrong = exchange.name == "wrong bearer"
            token = "wrong" if wrong else SANDBOX.credentials["access_token"]
            headers["authorization"] = f"Bearer {token}"
        url = self.shop.url + exchange.path
        query = {key: str(value) for key, value in exchange.query.items()}
        answer = self.session.request(
            exchange.method, url, params=query, headers=headers, data=_bytes(exchange.body)
        )
        return Said(answer.status_code, answer.json())


def _bytes(body: Any) -> bytes | None:
    """What was recorded as text was sent as it is: broken JSON, other kinds of content."""
    if body is None:
        return None
    if isinstance(body, str):
        return body.encode()
    if isinstance(body, dict) and body.get("password") == "<admin-password>":
        body = {**body, "password": auth.ADMIN_PASSWORDS[0]}
    return json.dumps(body).encode()


def simple_skus(shop: RunningSandbox) -> list[str]:
    rows = sorted(shop.state.products.rows.values(), key=lambda product: product.id)
    return [product.sku for product in rows if product.type_id == "simple"]


Results = Mapping[tuple[str, int], list[str]]


@pytest.fixture(scope="module")
def replayed() -> Results:
    """Against a shop with the recorded catalogue and no customer but the recorded one."""
    with SANDBOX.serve(customers=0) as shop, requests.Session() as session:
        session.trust_env = False
        replay = Replay(Asking(shop, session), rules(how_exactly, simple_skus(shop)))
        return replay.run(EXCHANGES)


PARENT = next(article for article in catalogue() if article.variant_skus)
RENAMES = {
    "24-MB01": "B2B-1029",
    "24-MB04": "B2B-1056",
    "24-MB03": PARENT.variant_skus[2],
    "MH01": PARENT.sku,
    "no-such-sku": "never-was-one",
    "Gold": "Onyx",
    "No Such Group": "Nobody's Group",
    "NoTax": "Taxed",
    "359563": "808017",
    "buyer": "kunde",
    "Berta": "Britta",
    "Buyer": "Käufer",
    "Muster": "Möller",
    "no_such_field": "favourite_colour",
    "thereIsNoSuchRoute": "nothingHere",
    "nosuchstore": "elsewhere",
    "999999": "888888",
    "99999": "77777",
}


@pytest.fixture(scope="module")
def replayed_renamed() -> Results:
    """Against a shop full of customers, with other products, groups, people and unknowns."""
    with SANDBOX.serve() as shop, requests.Session() as session:
        session.trust_env = False
        rows = rules(how_renamed, unchanged(simple_skus(shop)))
        return Replay(Asking(shop, session), rows, RENAMES).run(EXCHANGES)


def unchanged(skus: list[str]) -> list[str]:
    """The recorded SKUs first, then those that no change of names touches."""
    others = [
        sku
        for sku in skus
        if sku not in RENAMES.values() and not any(old in sku for old in RENAMES)
    ]
    return ["24-MB01", "24-MB04", "24-MB03", *others]


def _id(exchange: Exchange) -> str:
    return f"{exchange.scenario}-{exchange.index}-{exchange.name.replace(' ', '-')}"


DUE_EXCHANGES = [exchange for exchange in EXCHANGES if exchange.key not in EXEMPT]


@pytest.mark.parametrize("exchange", DUE_EXCHANGES, ids=_id)
def test_answers_like_the_recorded_shop(exchange: Exchange, replayed: Results) -> None:
    assert replayed[exchange.key] == []


@pytest.mark.parametrize("exchange", DUE_EXCHANGES, ids=_id)
def test_answers_alike_with_other_names(exchange: Exchange, replayed_renamed: Results) -> None:
    assert replayed_renamed[exchange.key] == []


# -- signatures -----------------------------------------------------------------------------


@pytest.mark.parametrize("vector", VECTORS, ids=lambda one: f"{one['status']} {one['url'][21:]}")
def test_judges_recorded_signatures_like_the_recorded_shop(vector: dict[str, Any]) -> None:
    """The signed address is the recorded shop's, so the sandbox is told it is that host."""
    host, _, path = vector["url"].removeprefix("http://").partition("/")
    body = vector.get("body")
    with SANDBOX.serve(products=0, customers=0) as shop:
        answer = requests.request(
            vector["method"],
            f"{shop.url}/{path}",
            headers={
                "Host": host,
                "Authorization": vector["authorization"].removeprefix("b'").removesuffix("'"),
                "Content-Type": "application/json",
            },
            data=None if body is None else json.dumps(body),
            timeout=10,
        )
    assert answer.status_code == vector["status"]
    if "answer" in vector:
        assert answer.json() == vector["answer"]
