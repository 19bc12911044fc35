"""What was recorded of cart price rules, coupons, carts and pages, asked of the sandbox."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pytest
import requests

from connectors.magento.sandbox import SANDBOX
from connectors.sandbox.server import RunningSandbox
from tests.sandbox.replay import Exchange, How, KeyPath, Replay, Rules, Said, load

SHOP = "magento-2.4.4"
EXCHANGES = [one for scenario in ("cart_price_rules", "cms_pages") for one in load(SHOP, scenario)]
Results = Mapping[tuple[str, int], list[str]]

_PLAIN = {
    "rule_id": "rule",
    "coupon_id": "coupon",
    "item_id": "cart item",
    "quote_item_id": "cart item",
    "quote_id": "cart",
    "customer_id": "customer",
    "product_id": "product",
    "billing_address_id": "address",
}
_TIMES = ("created_at", "updated_at", "creation_time", "update_time")


def id_kind(exchange: Exchange, at: KeyPath) -> str:
    if not at:
        return ""
    if exchange.name in ("cart for the customer", "a second cart") and at == ("answer",):
        return "cart"
    if exchange.name == "place order" and at == ("answer",):
        return "order"
    if exchange.name == "generate coupons" and at[-1] == "[]":
        return "code"
    if "orders" in exchange.path:
        return _of_order(at)
    if at[-1] == "code" and at[0] == "answer":
        return "code"
    if at[-1] == "id":
        return _own_id(exchange, at)
    if at[-2:] == ("codes", "[]"):
        return "code"
    return _PLAIN.get(at[-1], "")


def _own_id(exchange: Exchange, at: KeyPath) -> str:
    if "cms" in exchange.path:
        return "page" if "Page" in exchange.path else "block"
    if "customer" in at or exchange.path.endswith("/customers"):
        return "customer"
    if any("address" in part for part in at):
        return "cart address"
    return "cart"


def _of_order(at: KeyPath) -> str:
    if at[-1] in ("entity_id", "parent_id"):
        is_address = any("address" in part for part in at[:-1])
        return "address" if is_address and at[-1] == "entity_id" else "order"
    return {"item_id": "row", "order_id": "order"}.get(at[-1], _PLAIN.get(at[-1], ""))


PATH_IDS = (
    (r"/carts/\d+/items/(\d+)", "cart item"),
    (r"/carts/(\d+)", "cart"),
    (r"/customers/(\d+)", "customer"),
    (r"/salesRules/(\d+)", "rule"),
    (r"/orders/(\d+)", "order"),
    (r"/cmsPage/(\d+)", "page"),
    (r"/cmsBlock/(\d+)", "block"),
)


def how(exchange: Exchange, at: KeyPath) -> How:
    if at and at[-1] in (*_TIMES, "increment_id"):
        return How.FORMAT
    if at and at[-1] in ("protect_code", "applied_rule_ids"):
        return How.SHAPE
    if exchange.name == "generate coupons" or exchange.status == 500:
        return How.SHAPE
    if exchange.name == "remove it again" and "parameters" in at:
        return How.SHAPE
    return How.VALUE


@dataclass
class Asking:
    shop: RunningSandbox
    session: requests.Session

    def __call__(self, exchange: Exchange) -> Said:
        answer = self.session.request(
            exchange.method,
            self.shop.url + exchange.path,
            params={key: str(value) for key, value in exchange.query.items()},
            headers={**exchange.headers, "authorization": f"Bearer {TOKEN}"},
            json=exchange.body,
        )
        return Said(answer.status_code, answer.json())


TOKEN = SANDBOX.credentials["access_token"]


def replayed_on(shop: RunningSandbox, renames: Mapping[str, str]) -> Results:
    with requests.Session() as session:
        session.trust_env = False
        replay = Replay(Asking(shop, session), Rules(id_kind, PATH_IDS, how), renames)
        _tier_price_of_that_day(shop, session)
        results = {}
        for exchange in EXCHANGES:
            results[exchange.key] = replay.exchange(_with_ids(exchange, replay))
        return results


def _tier_price_of_that_day(shop: RunningSandbox, session: requests.Session) -> None:
    """Made by an earlier recording: the second bag costs everyone 25."""
    tier = {"price": 25, "price_type": "fixed", "website_id": 0, "sku": "24-MB04"}
    tier |= {"customer_group": "ALL GROUPS", "quantity": 1}
    answer = session.post(
        f"{shop.url}/rest/all/V1/products/tier-prices",
        json={"prices": [tier]},
        headers={"authorization": f"Bearer {TOKEN}"},
    )
    assert answer.json() == []


def _with_ids(exchange: Exchange, replay: Replay) -> Exchange:
    """The rule that is searched for, as the running shop numbers it."""
    at = "searchCriteria[filter_groups][0][filters][0]"
    if exchange.query.get(f"{at}[field]") != "rule_id":
        return exchange
    value = replay.ids[("rule", str(exchange.query[f"{at}[value]"]))]
    told = exchange.answer["search_criteria"]["filter_groups"][0]["filters"][0]
    told["value"] = str(value)
    return replace(exchange, query={**exchange.query, f"{at}[value]": value})


@pytest.fixture(scope="module")
def replayed() -> Results:
    with SANDBOX.serve(products=0, customers=0) as shop:
        return replayed_on(shop, {})


RENAMES = {
    "24-WG085": "24-WG086",
    "359563": "808017",
    "Sprite Yoga Strap 6 foot": "Sprite Yoga Strap 8 foot",
    "Points voucher": "Punkte-Gutschein",
    "made by a recording": "gemacht von Hand",
    "Carla": "Cornelia",
    "Berlin": "Köln",
    "REF": "FREUND",
    "NOPE": "GIBTSNICHT",
    "loyalty-terms": "treue-bedingungen",
}


@pytest.fixture(scope="module")
def replayed_renamed() -> Results:
    """The other strap costs what the recorded one does."""
    with SANDBOX.serve(products=0, customers=9) as shop:
        shop.state.products.get("24-WG086").price = shop.state.products.get("24-WG085").price
        return replayed_on(shop, RENAMES)


def _id(exchange: Exchange) -> str:
    return f"{exchange.scenario}-{exchange.index}-{exchange.name.replace(' ', '-')}"


@pytest.mark.parametrize("exchange", EXCHANGES, ids=_id)
def test_answers_like_the_recorded_shop(exchange: Exchange, replayed: Results) -> None:
    assert replayed[exchange.key] == []


@pytest.mark.parametrize("exchange", EXCHANGES, ids=_id)
def test_answers_alike_with_other_names(exchange: Exchange, replayed_renamed: Results) -> None:
    assert replayed_renamed[exchange.key] == []
