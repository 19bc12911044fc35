"""What the recorded shop held before a scenario began, as far as its answers show it."""

from __future__ import annotations

from typing import Any

from shopware_replay.asking import Client
from shopware_replay.recording import Renaming, exchanges

STANDARD_GROUP = "cfbd5018d38d41d8adca10d94fc8bdd6"
SALES_CHANNEL = "01a2039a5257718283536f3332a41a55"
SHOPPER_PASSWORD = "Str0ng-Passw0rd"
_STANDARD_MEMBERS = 22
"""Customers of the standard group (recorded: customer_groups.json #20)."""
_GERMANY = "01a2039a456f731a8416139c44a70098"
_MISTER = "01a2039a456e71a8b020cdbbf833ae6b"
_INVOICE = "01a2039a4597719b99a87bca503daf7b"


class Preparation:
    def __init__(self, client: Client, renaming: Renaming) -> None:
        self._client = client
        self._renaming = renaming
        self._id = renaming.id

    def run(self, scenario: str) -> None:
        self._rename_products()
        step = getattr(self, f"_{scenario}", None)
        if step is not None:
            step()

    def _upsert(self, entity: str, *rows: dict[str, Any]) -> None:
        operation = {"entity": entity, "action": "upsert", "payload": list(rows)}
        answer = self._client.sync(prepared=operation)
        assert answer.status == 200, answer.body

    def _rename_products(self) -> None:
        for old, new in self._renaming.words:
            if not old.startswith("B2B-"):
                continue
            found = self._client.search(
                "product", filter=[{"type": "equals", "field": "productNumber", "value": old}]
            )
            row = found.body["data"][0]
            name = self._renaming.of(row["name"])
            self._upsert("product", {"id": row["id"], "productNumber": new, "name": name})

    def _customer_groups(self) -> None:
        listed = exchanges("customer_groups", self._renaming)[0].response["body"]["data"]
        there = self._client.post("/api/search-ids/customer-group", {}).body["data"]
        self._upsert(
            "customer_group",
            *(
                {name: one[name] for name in ("id", "name", "displayGross")}
                for one in listed
                if one["id"] not in there
            ),
        )
        self._members(_STANDARD_MEMBERS)

    def _members(self, count: int) -> None:
        """Moves customers until the standard group has this many."""
        rows = self._client.search("customer", sort="autoIncrement").body["data"]
        others = [row["id"] for row in rows if row["groupId"] != STANDARD_GROUP]
        missing = count - (len(rows) - len(others))
        self._upsert(
            "customer", *({"id": one, "groupId": STANDARD_GROUP} for one in others[-missing:])
        )

    def _customers(self) -> None:
        group = exchanges("customers", self._renaming)[9].request["body"]["groupId"]
        self._upsert("customer_group", {"id": group, "name": "Regulars", "displayGross": False})

    def _app_configuration(self) -> None:
        (group,) = exchanges("app_configuration", self._renaming)[4].response["body"]["data"]
        shown = {name: group[name] for name in ("id", "name", "displayGross")}
        self._upsert("customer_group", shown)

    def _products_and_advanced_prices(self) -> None:
        for number in (1, 2):
            tax = self._client.search("tax", limit=1).body["data"][0]["id"]
            price = {"currencyId": "b7d2554b0ce847cd82f3ac9bd1c0dfca", "net": 1, "gross": 1}
            self._upsert(
                "product",
                {
                    "id": f"{number:0>32}".replace("0", "f"),
                    "productNumber": f"EARLIER-{number}",
                    "name": "Of an earlier day",
                    "stock": 0,
                    "taxId": tax,
                    "price": [{**price, "linked": False}],
                },
            )
        for product in exchanges("products_and_advanced_prices", self._renaming)[1].response[
            "body"
        ]["data"]:
            self._rules(sorted({row["ruleId"] for row in product["prices"]}))
            self._clear_prices(product["id"])
            rows = [_price_row(product["id"], row) for row in product["prices"]]
            self._upsert("product_price", *rows)

    def _clear_prices(self, product_id: str) -> None:
        owned = [{"type": "equals", "field": "productId", "value": product_id}]
        found = self._client.post("/api/search-ids/product-price", {"filter": owned}).body["data"]
        rows = [{"id": one} for one in found]
        operation = {"entity": "product_price", "action": "delete", "payload": rows}
        assert not rows or self._client.sync(prepared=operation).status == 200

    def _rules(self, ids: list[str]) -> None:
        self._upsert("rule", *({"id": one, "name": one[:6], "priority": 1} for one in ids))

    def _sync_bulk(self) -> None:
        first = exchanges("sync_bulk", self._renaming)[0].request["body"]["p"]["payload"][0]
        self._rules([first["ruleId"]])

    def _variants_and_prices_seen(self) -> None:
        recorded = exchanges("variants_and_prices_seen", self._renaming)
        rule = recorded[1].request["body"]["p"]["payload"][0]["ruleId"]
        cart = recorded[8].response["body"]
        address = cart["deliveries"][0]["location"]["address"]
        group = self._id("5eed0000000000000000000000000001")
        self._upsert("customer_group", {"id": group, "name": "Seen", "displayGross": False})
        condition = {
            "type": "customerCustomerGroup",
            "value": {"operator": "=", "customerGroupIds": [group]},
        }
        self._upsert(
            "rule", {"id": rule, "name": "Seen", "priority": 100, "conditions": [condition]}
        )
        self._upsert("customer", _shopper(group, address))


def _price_row(product_id: str, row: dict[str, Any]) -> dict[str, Any]:
    prices = [
        {name: one[name] for name in ("currencyId", "net", "gross", "linked")}
        for one in row["price"]
    ]
    names = ("id", "ruleId", "quantityStart", "quantityEnd")
    return {**{name: row[name] for name in names}, "productId": product_id, "price": prices}


def shopper_email(customer_id: str) -> str:
    return f"{customer_id[:8]}@example.com"


def _shopper(group: str, address: dict[str, Any]) -> dict[str, Any]:
    """The recorded shopper, whose address the recorded cart shows."""
    names = ("id", "firstName", "lastName", "street", "zipcode", "city", "company")
    person = {name: address[name] for name in ("firstName", "lastName", "company")}
    return {
        "id": address["customerId"],
        "customerNumber": address["customerId"][:8],
        "email": shopper_email(address["customerId"]),
        "password": SHOPPER_PASSWORD,
        "groupId": group,
        "salesChannelId": SALES_CHANNEL,
        "defaultPaymentMethodId": _INVOICE,
        "salutationId": _MISTER,
        "defaultBillingAddressId": address["id"],
        "defaultShippingAddressId": address["id"],
        "addresses": [
            {
                **{name: address[name] for name in names},
                "countryId": _GERMANY,
                "salutationId": _MISTER,
            }
        ],
        **person,
    }
