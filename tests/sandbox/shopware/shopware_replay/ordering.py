"""What happened in the recorded shop between the exchanges of its orders, as far as they tell."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from connectors.shopware.sandbox.seed import STOREFRONT_KEY
from shopware_replay.asking import Client
from shopware_replay.comparing import Partners
from shopware_replay.recording import RECORDED_HOST, Exchange, Renaming, exchanges

STANDARD_GROUP = "cfbd5018d38d41d8adca10d94fc8bdd6"
PASSWORD = "Str0ng-Passw0rd"
_SALES_CHANNEL = "01a2039a5257718283536f3332a41a55"
_GERMANY = "01a2039a456f731a8416139c44a70098"
_MISTER = "01a2039a456e71a8b020cdbbf833ae6b"
_INVOICE = "01a2039a4597719b99a87bca503daf7b"
_ROOT = "01a2039a459b70e4b7b347b78d42a6ea"
_SAW, _DEGREASER = "0009f964978456518617e13b4a9d1108", "01480d19ed01215837593594e2d5ae96"

_FILE = (
    *("mimeType", "fileExtension", "fileSize", "metaData", "uploadedAt", "url", "fileName"),
    *("hasFile", "path"),
)
"""What a picture's row says, as far as the sandbox keeps it."""

Line = tuple[str, int]


class Shopper:
    """A customer, or whoever registers, in one session of the Store API."""

    def __init__(self, client: Client, token: str = "") -> None:
        self._client = client
        self.token = token

    def sign_in(self, email: str) -> Shopper:
        answer = self._post("account/login", {"username": email, "password": PASSWORD})
        self.token = answer["contextToken"]
        return self

    def place(self, *lines: Line) -> dict[str, Any]:
        items = [
            {"type": "product", "referencedId": product, "quantity": quantity}
            for product, quantity in lines
        ]
        self._post("checkout/cart/line-item", {"items": items})
        return self._post("checkout/order", {})

    def _post(self, path: str, body: Any) -> Any:
        headers = {"sw-access-key": STOREFRONT_KEY}
        if self.token:
            headers["sw-context-token"] = self.token
        answer = self._client.post(f"/store-api/{path}", body, headers=headers, authorized=False)
        assert answer.status == 200, answer.body
        return answer.body


class Ordering:
    """Does what a scenario needs before its first exchange, and before single ones."""

    def __init__(self, client: Client, renaming: Renaming, partners: Partners) -> None:
        self._client = client
        self._renaming = renaming
        self._partners = partners
        self.tokens: dict[str, str] = {}
        """Recorded context tokens and ours."""

    def before(self, exchange: Exchange, scenario: str) -> None:
        step: Callable[[Exchange], None] | None
        step = getattr(self, f"_{scenario}_{exchange.index}", None)
        if step is not None:
            step(exchange)

    # -- orders -----------------------------------------------------------------------------

    def _orders_0(self, exchange: Exchange) -> None:
        order = exchange.response["body"]["data"][0]
        guest = exchanges("orders", self._renaming)[15].response["body"]["data"][0]
        self._dress(order["lineItems"])
        self._rules(order["ruleIds"], guest["ruleIds"])
        self._number("customer", 10005)
        who = order["orderCustomer"]
        shopper = self._customer(who["customerId"], who["email"], who)
        for _ in range(int(order["orderNumber"]) - 10000):
            shopper.place((_DEGREASER, 1))
        self._stock(order["lineItems"])
        self._join(order["id"], shopper.place((_SAW, 3), (_DEGREASER, 2)))
        to_cancel = exchanges("orders", self._renaming)[9].request["path"].split("/")[4]
        self._join(to_cancel, shopper.place((_SAW, 1)))

    def _orders_15(self, exchange: Exchange) -> None:
        guest = Shopper(self._client, self.tokens["guest registers"])
        order = exchange.response["body"]["data"][0]
        self._join(order["id"], guest.place((_SAW, 1)))

    # -- promotions -------------------------------------------------------------------------

    def _promotions_0(self, exchange: Exchange) -> None:
        """The shoppers; what the products hold is told by the carts."""
        scenario = exchanges("promotions", self._renaming)
        goods = [_as_line(line) for line in scenario[32].response["body"]["lineItems"][:2]]
        self._dress(goods)
        order, again = (scenario[index].response["body"] for index in (17, 23))
        self._stock([line for line in order["lineItems"] if line["type"] == "product"])
        self._number("order", int(order["orderNumber"]) - 1)
        self._hold(scenario[18].response["body"]["data"][0]["ruleIds"])
        first = scenario[18].response["body"]["data"][0]["orderCustomer"]
        birthday = first["customer"]["birthday"]
        for place, (index, seen) in enumerate(
            ((13, first), (20, again["orderCustomer"]), (25, {}))
        ):
            cart = scenario[index].response
            home = cart["body"]["deliveries"][0]["location"]["address"]
            key = home["customerId"]
            person = {**seen, "birthday": birthday, "home": home}
            email = seen.get("email") or f"{key[:8]}@example.com"
            address = self._renaming.id(f"add{place}" * 8)
            shopper = self._customer(key, email, person, address)
            self.tokens[cart["headers"]["sw-context-token"]] = shopper.token

    def _hold(self, rules: list[str]) -> None:
        """Rules that hold for everybody, of the recorded ids."""
        made = exchanges("promotions", self._renaming)[8].request["body"]["id"]
        there = self._client.post("/api/search-ids/rule", {}).body["data"]
        wanted = [one for one in rules if one != made and one not in there]
        self._upsert("rule", *({"id": one, "name": one[:6], "priority": 1} for one in wanted))

    # -- permissions ------------------------------------------------------------------------

    def _app_configuration_4(self, exchange: Exchange) -> None:
        """From here on an integration asks that has the role alone."""
        role = exchanges("app_configuration", self._renaming)[3].request["body"]["id"]
        keys = {"accessKey": "SWIAREADONLY", "secretAccessKey": "read-only"}
        integration = {"label": "Read only", "admin": False, "aclRoles": [{"id": role}], **keys}
        answer = self._client.post("/api/integration", integration)
        assert answer.status == 204, answer.body
        assert self._client.sign_in(*keys.values()).status == 200

    # -- activities -------------------------------------------------------------------------

    def _activities_0(self, exchange: Exchange) -> None:
        review = exchanges("activities", self._renaming)[1].response["body"]["data"][0]
        address = exchanges("activities", self._renaming)[2].request["body"]["email"]
        shopper = self._customer(review["customerId"], address)
        self.tokens["review"] = self.tokens["newsletter"] = shopper.token

    def _activities_4(self, exchange: Exchange) -> None:
        order = Shopper(self._client, self.tokens["review"]).place((_SAW, 3))
        edited = exchanges("activities", self._renaming)[8].response["body"]["data"][0]
        self._join(edited["id"], order)
        self._partners.join(edited["lineItems"][0]["id"], order["lineItems"][0]["id"])

    # -- changes a poller sees --------------------------------------------------------------

    def _changes_a_poller_sees_0(self, exchange: Exchange) -> None:
        shopper = self._customer("5eed" * 8, "poller@example.com")
        capture = exchanges("changes_a_poller_sees", self._renaming)[7].request["body"]
        self._move(shopper.place((_SAW, 1)), "paid", "refund_partially")
        self._move(shopper.place((_SAW, 3), (_DEGREASER, 2)), "paid", "refund")
        order = shopper.place((_SAW, 1))
        self._join(exchange.response["body"]["data"][0]["id"], order)
        position = capture["refunds"][0]["positions"][0]["orderLineItemId"]
        self._partners.join(position, order["lineItems"][0]["id"])

    def _move(self, order: dict[str, Any], *actions: str) -> None:
        for action in actions:
            key = order["transactions"][0]["id"]
            path = f"/api/_action/order_transaction/{key}/state/{action}"
            assert self._client.post(path, {}).status == 200

    # -- what the shop held -----------------------------------------------------------------

    def _join(self, recorded: str, order: dict[str, Any]) -> None:
        assert self._partners.join(recorded, order["id"])

    def _upsert(self, entity: str, *rows: dict[str, Any]) -> None:
        operation = {"entity": entity, "action": "upsert", "payload": list(rows)}
        answer = self._client.sync(prepared=operation)
        assert answer.status == 200, answer.body

    def _customer(
        self, key: str, email: str, person: dict[str, Any] | None = None, address: str = ""
    ) -> Shopper:
        person = person or {}
        seen = person.get("home") or {}
        name = {
            "firstName": seen.get("firstName", "Berta"),
            "lastName": seen.get("lastName", "Buyer"),
        }
        address = address or self._renaming.id("add0" * 8)
        place = {"street": "Hauptstr. 1", "zipcode": "10115", "city": "Berlin"}
        place.update({name: seen[name] for name in ("company", "salutationId") if name in seen})
        self._upsert(
            "customer",
            {
                **name,
                "id": key,
                "email": email,
                "password": PASSWORD,
                "customerNumber": person.get("customerNumber") or key[:8],
                "company": person.get("company"),
                "vatIds": person.get("vatIds"),
                "groupId": STANDARD_GROUP,
                "salesChannelId": _SALES_CHANNEL,
                "defaultPaymentMethodId": _INVOICE,
                "salutationId": _MISTER,
                "birthday": person.get("birthday"),
                "defaultBillingAddressId": address,
                "defaultShippingAddressId": address,
                "addresses": [{**name, **place, "id": address, "countryId": _GERMANY}],
            },
        )
        return Shopper(self._client).sign_in(email)

    def _dress(self, lines: list[dict[str, Any]]) -> None:
        """Makers, purchase prices, pictures and categories of the recorded products."""
        for line in lines:
            payload, key = line["payload"], line["productId"]
            net, gross = {_SAW: (46.41, 55.23), _DEGREASER: (6.88, 8.18)}[key]
            maker = {"id": payload["manufacturerId"], "name": "Maker"}
            price = {"currencyId": "b7d2554b0ce847cd82f3ac9bd1c0dfca", "linked": True}
            picture = self._renaming.id(f"cafe{key[4:]}")
            told = json.dumps(line.get("cover") or {})
            file = json.loads(told.replace(RECORDED_HOST, self._client.url))
            shown = {name: file[name] for name in _FILE if name in file}
            thumbnails = [
                {name: one[name] for name in ("width", "height", "path", "url")}
                for one in file.get("thumbnails") or ()
            ]
            media = {"id": picture, "mediaId": picture, "media": {"id": picture, **shown}}
            media["media"]["thumbnails"] = thumbnails
            if "deliveryInformation" in line:
                weight = line["deliveryInformation"]["weight"]
                self._upsert("product", {"id": key, "weight": weight})
            self._upsert(
                "product",
                {
                    "id": key,
                    "manufacturer": maker,
                    "purchasePrices": [{**price, "net": net, "gross": gross}],
                    "cover": {**media, "productId": key},
                },
            )
            if shown:
                self._upsert("media", {"id": picture, "mimeType": shown["mimeType"]})
            self._categories(key, payload["categoryIds"][1])

    def _categories(self, product: str, wanted: str) -> None:
        found = self._client.post(
            f"/api/search/product/{product}/categories", {"includes": {"category": ["id"]}}
        )
        links = [{"productId": product, "categoryId": one["id"]} for one in found.body["data"]]
        removal = {"entity": "product_category", "action": "delete", "payload": links}
        assert self._client.sync(removal=removal).status == 200
        self._upsert("category", {"id": wanted, "name": wanted[:6], "parentId": _ROOT})
        self._upsert("product_category", {"productId": product, "categoryId": wanted})

    def _stock(self, lines: list[dict[str, Any]]) -> None:
        for line in lines:
            self._upsert("product", {"id": line["productId"], "stock": line["payload"]["stock"]})

    def _rules(self, of_big_carts: list[str], of_all: list[str]) -> None:
        """Rules with the recorded ids, in the recorded order; those that did not hold for the
        guest's smaller cart ask for 100 euros."""
        for place, key in enumerate(of_big_carts):
            amount = {"operator": ">=", "amount": 100}
            condition = {"type": "cartCartAmount", "value": amount}
            conditions = [] if key in of_all else [condition]
            rule = {"id": key, "name": key[:6], "priority": 100 - place}
            self._upsert("rule", {**rule, "conditions": conditions})

    def _number(self, kind: str, last: int) -> None:
        of_kind = {"type": "equals", "field": "type.technicalName", "value": kind}
        found = self._client.search("number-range", filter=[of_kind], associations={"state": {}})
        (number_range,) = found.body["data"]
        state = number_range["state"] or {"id": self._renaming.id("0123" * 8)}
        row = {"id": state["id"], "numberRangeId": number_range["id"], "lastValue": last}
        self._upsert("number_range_state", row)


def _as_line(cart_line: dict[str, Any]) -> dict[str, Any]:
    return {**cart_line, "productId": cart_line["referencedId"]}
