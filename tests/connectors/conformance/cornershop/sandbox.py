"""A Corner Shop to try things on: a small server with state, over the shared shell."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable
from copy import deepcopy
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from connectors.sandbox.faults import Faults
from connectors.sandbox.server import RunningSandbox, start
from cornershop.refused import Refused
from cornershop.sandbox_carts import CornerBaskets
from cornershop.sandbox_extras import Extras
from cornershop.sandbox_offers import Offers
from cornershop.sandbox_sales import CornerTill, Sales

API_KEY = "corner-key-5f2c81"
Key = tuple[str, str, str, Decimal]


def net_of(number: int) -> Decimal:
    return Decimal(25 + number * 7) + Decimal("0.37")


class ShopState:
    """Thirty articles, five customers, two groups."""

    def __init__(self, faults: Faults) -> None:
        self.faults = faults
        self.lock = threading.RLock()
        self.reset()

    def reset(self) -> None:
        self.products = {f"A-{n}": {"sku": f"A-{n}", "net": str(net_of(n))} for n in range(30)}
        self.groups = {
            "g1": {"id": "g1", "name": "Everybody", "tax": "net"},
            "g2": {"id": "g2", "name": "Staff", "tax": "gross"},
        }
        self.customers = {f"c{n}": _customer(n) for n in range(1, 6)}
        self.prices: dict[Key, dict[str, str]] = {}
        self.offers = Offers()
        self.baskets = CornerBaskets(self)
        self.sales = Sales(
            self.customers, lambda sku: Decimal(self.products[sku]["net"]), self.offers
        )
        self.extras = Extras(self.customers)
        self._made = 2

    def till(self) -> CornerTill:
        return CornerTill(self)

    def dump(self) -> dict[str, Any]:
        rows = [
            {"key": [str(part) for part in key], **self.prices[key]} for key in sorted(self.prices)
        ]
        return deepcopy({"groups": self.groups, "customers": self.customers, "prices": rows})

    # -- groups -----------------------------------------------------------------------------

    def add_group(self, body: dict[str, Any]) -> Any:
        if body["like"] not in self.groups:
            raise Refused(400, "", f"No group {body['like']} to copy from")
        if any(group["name"] == body["name"] for group in self.groups.values()):
            raise Refused(409, "taken", f"There is a group {body['name']}")
        self._made += 1
        group = {**self.groups[body["like"]], "id": f"g{self._made}", "name": body["name"]}
        self.groups[group["id"]] = group
        return group

    def group(self, id: str) -> dict[str, str]:  # noqa: A002 - the route's word
        if id not in self.groups:
            raise Refused(404, "gone", f"No group {id}")
        return self.groups[id]

    def drop_group(self, id: str) -> Any:  # noqa: A002 - the route's word
        self.group(id)
        members = [each for each in self.customers.values() if each["group"] == id]
        if members or any(key[2] == id for key in self.prices):
            raise Refused(409, "in use", f"Group {id} has members or prices")
        del self.groups[id]
        return {}

    # -- customers --------------------------------------------------------------------------

    def customer(self, id: str) -> dict[str, str]:  # noqa: A002 - the route's word
        if id not in self.customers:
            raise Refused(404, "gone", f"No customer {id}")
        return self.customers[id]

    def move(self, id: str, body: dict[str, Any]) -> Any:  # noqa: A002 - the route's word
        customer = self.customer(id)
        if body["group"] not in self.groups:
            raise Refused(400, "", f"No group {body['group']}")
        customer.update(group=body["group"], updated=datetime.now(UTC).isoformat())
        return customer

    # -- prices -----------------------------------------------------------------------------

    def read_prices(self, skus: list[str]) -> Any:
        return [
            {"sku": key[0], "store": key[1], "group": key[2], "from": str(key[3]), **value}
            for key, value in self.prices.items()
            if key[0] in skus
        ]

    def set_prices(self, rows: list[dict[str, Any]]) -> Any:
        refused = []
        for position, row in enumerate(rows):
            error = self._wrong(row)
            if error:
                refused.append({"row": position, "error": error})
            else:
                self.prices[_key(row)] = _value(row)
        return refused

    def _wrong(self, row: dict[str, Any]) -> str:
        if row["sku"] not in self.products:
            return f"No product {row['sku']}"
        if row["group"] not in self.groups:
            return f"No group {row['group']}"
        return f"{row['sku']} is poisoned" if self.faults.poisoned(row["sku"]) else ""

    def remove_prices(self, rows: list[dict[str, Any]]) -> Any:
        for row in rows:
            self.prices.pop(_key(row), None)
        return []

    def pays(self, email: str, sku: str, quantity: int) -> Decimal:
        customer = next(each for each in self.customers.values() if each["email"] == email)
        net = Decimal(self.products[sku]["net"])
        steps = [
            (key[3], value)
            for key, value in self.prices.items()
            if key[:3] == (sku, "", customer["group"]) and key[3] <= quantity
        ]
        if not steps:
            return net
        value = max(steps, key=lambda step: step[0])[1]
        if "net" in value:
            return Decimal(value["net"])
        return net * (100 - Decimal(value["percent"])) / 100


def _customer(number: int) -> dict[str, str]:
    time = datetime(2026, 1, number, 8, tzinfo=UTC).isoformat()
    return {
        "id": f"c{number}",
        "email": f"c{number}@example.com",
        "group": "g1",
        "store": "north",
        "created": time,
        "updated": time,
    }


def _key(row: dict[str, Any]) -> Key:
    return (row["sku"], row["store"], row["group"], Decimal(str(row["from"])))


def _value(row: dict[str, Any]) -> dict[str, str]:
    if "percent" in row:
        return {"percent": str(row["percent"])}
    return {"net": str(Decimal(str(row["net"])).quantize(Decimal("0.0001"), ROUND_HALF_UP))}


# -- over HTTP ----------------------------------------------------------------------------------

Handler = Callable[[ShopState, Request, dict[str, str]], Any]


def _customers(state: ShopState, request: Request, _: dict[str, str]) -> Any:
    after, limit = request.args["after"], int(request.args["limit"])
    return [each for id_, each in sorted(state.customers.items()) if id_ > after][:limit]


def _changes(state: ShopState, request: Request, at: dict[str, str]) -> Any:
    return state.sales.changed(at["resource"], request.args["since"], request.args["after"])


def _orders(state: ShopState, request: Request, _: dict[str, str]) -> Any:
    ((field, values),) = json.loads(request.data).items()
    return state.sales.read(field, values)


def _rename(state: ShopState, request: Request, at: dict[str, str]) -> Any:
    group = state.group(at["id"])
    group["name"] = json.loads(request.data)["name"]
    return group


ROUTES: dict[tuple[str, str], Handler] = {
    ("GET", "/shop"): lambda state, request, at: {
        "version": "1.0",
        "stores": [{"id": "north", "name": "North"}, {"id": "south", "name": "South"}],
    },
    ("GET", "/groups"): lambda state, request, at: list(state.groups.values()),
    ("POST", "/groups"): lambda state, request, at: state.add_group(json.loads(request.data)),
    ("PATCH", "/groups/<id>"): _rename,
    ("DELETE", "/groups/<id>"): lambda state, request, at: state.drop_group(at["id"]),
    ("GET", "/customers"): _customers,
    ("GET", "/customers/<id>"): lambda state, request, at: state.customer(at["id"]),
    ("PATCH", "/customers/<id>"): lambda state, request, at: state.move(
        at["id"], json.loads(request.data)
    ),
    ("GET", "/products"): lambda state, request, at: [
        {**product, "name": f"Article {sku}"} for sku, product in state.products.items()
    ],
    ("GET", "/changes/<resource>"): _changes,
    ("POST", "/orders/read"): _orders,
    ("POST", "/refunds/read"): lambda state, request, at: state.sales.refunds_of(
        json.loads(request.data)["orders"]
    ),
    ("PUT", "/extras/fields/<name>"): lambda state, request, at: state.extras.declare(at["name"]),
    ("DELETE", "/extras/fields/<name>"): lambda state, request, at: state.extras.drop(at["name"]),
    ("POST", "/extras/read"): lambda state, request, at: state.extras.read(
        json.loads(request.data)
    ),
    ("POST", "/extras/merge"): lambda state, request, at: state.extras.merge(
        json.loads(request.data)
    ),
    ("POST", "/extras/replace"): lambda state, request, at: state.extras.replace(
        json.loads(request.data)
    ),
    ("GET", "/offers"): lambda state, request, at: state.offers.page(request.args["after"]),
    ("POST", "/offers/read"): lambda state, request, at: state.offers.read(
        json.loads(request.data)
    ),
    ("PUT", "/offers/<id>"): lambda state, request, at: state.offers.put(
        at["id"], json.loads(request.data)
    ),
    ("DELETE", "/offers/<id>"): lambda state, request, at: state.offers.drop(at["id"]),
    ("GET", "/codes"): lambda state, request, at: state.offers.page_of_codes(
        request.args["offer"], request.args["after"]
    ),
    ("POST", "/codes/read"): lambda state, request, at: state.offers.read_codes(
        json.loads(request.data)
    ),
    ("POST", "/codes/add"): lambda state, request, at: state.offers.add(**json.loads(request.data)),
    ("POST", "/codes/remove"): lambda state, request, at: state.offers.remove(
        json.loads(request.data)
    ),
    ("GET", "/carts"): lambda state, request, at: state.baskets.changed(
        request.args["since"], request.args["after"]
    ),
    ("GET", "/carts/<id>"): lambda state, request, at: state.baskets.get(at["id"]),
    ("GET", "/carts/<id>/totals"): lambda state, request, at: state.baskets.totals(at["id"]),
    ("POST", "/carts/<id>/lines"): lambda state, request, at: state.baskets.add(
        at["id"], **json.loads(request.data)
    ),
    ("DELETE", "/carts/<id>/lines/<line>"): lambda state, request, at: state.baskets.remove(
        at["id"], at["line"]
    ),
    ("POST", "/prices/read"): lambda state, request, at: state.read_prices(
        json.loads(request.data)["skus"]
    ),
    ("POST", "/prices/set"): lambda state, request, at: state.set_prices(_rows(request)),
    ("POST", "/prices/remove"): lambda state, request, at: state.remove_prices(_rows(request)),
}
URLS = Map([Rule(path, methods=[method], endpoint=(method, path)) for method, path in ROUTES])


def _rows(request: Request) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(request.data, parse_float=Decimal)
    return rows


def app_for(state: ShopState) -> Callable[..., Iterable[bytes]]:
    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        return _answer(state, Request(environ))(environ, start_response)

    return app


def _answer(state: ShopState, request: Request) -> Response:
    if request.headers.get("Authorization") != f"Bearer {API_KEY}":
        return _said(401, {"error": "Who are you?"})
    try:
        endpoint, at = URLS.bind_to_environ(request.environ).match()
        with state.lock:
            return _said(200, ROUTES[endpoint](state, request, dict(at)))
    except Refused as refused:
        return _said(refused.status, {"code": refused.code, "error": refused.error})
    except NotFound:
        return _said(404, {"code": "gone", "error": "No such thing"})
    except HTTPException as error:
        return _said(error.code or 500, {"error": error.name})


def _said(status: int, body: Any) -> Response:
    return Response(json.dumps(body), status, content_type="application/json")


def serve() -> RunningSandbox:
    faults = Faults()
    state = ShopState(faults)
    return start(app_for(state), state, faults)
