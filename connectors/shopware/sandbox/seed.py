"""What the shop holds at the start: reference data as recorded, the shared catalogue, people.

Ids are those of the recordings where a recording shows one, and otherwise derive from names:
the same in every run.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from importlib import resources
from typing import Any

from connectors.sandbox.catalogue import CATEGORIES, Article, catalogue, money
from connectors.sandbox.people import PASSWORD, Person, people
from connectors.shopware.sandbox.database import Database, Key, Row
from connectors.shopware.sandbox.defaults import defaults_of
from connectors.shopware.sandbox.definitions import (
    DEFAULT_CURRENCY,
    LIVE_VERSION,
    SYSTEM_LANGUAGE,
    definitions,
)
from connectors.shopware.sandbox.fieldvalues import hashed, number
from connectors.shopware.sandbox.identifiers import fixed_id, stamp
from connectors.shopware.sandbox.machines import transitions
from connectors.shopware.sandbox.numbers import NUMBER_RANGES
from connectors.shopware.sandbox.states import STATEFUL, machine_id, state_id

CLIENT_ID = "SWIALOYALTYBRIDGESANDBOX01"
CLIENT_SECRET = "throw-away-secret-of-the-shopware-sandbox"  # noqa: S105 - documented, guards nothing
LIMITED_CLIENT_ID = "SWIALOYALTYBRIDGESANDBOX02"
"""An integration whose role may read customer groups and customers and nothing else; the
secret is the same."""
STOREFRONT_KEY = "SWSCSANDBOXB2BDEMOACCESSKEY"
SALES_CHANNEL = "01a2039a5257718283536f3332a41a55"
STOREFRONT_DOMAIN = ("sales_channel_domain", "01a2039a52587182bd6c35f3332a0001")
STANDARD_GROUP = "cfbd5018d38d41d8adca10d94fc8bdd6"
_ROOT_CATEGORY = "01a2039a459b70e4b7b347b78d42a6ea"
_PAYMENT_METHOD = "01a2039a4597719b99a87bca503daf7b"
_SALUTATION = "01a2039a456e71a8b020cdbbf833ae6b"
COUNTRY = "01a2039a456f731a8416139c44a70098"
_TAXES = {19: "01a2039a459b70e4b7b347b78b72b3b4", 7: "01a2039a459b70e4b7b347b78c6e5b12"}

_PRODUCTS = {
    "B2B-1029": "0009f964978456518617e13b4a9d1108",
    "B2B-1056": "01480d19ed01215837593594e2d5ae96",
    "B2B-1032": "0430b3e0934781cbcd69c40723f95314",
}
_CUSTOMERS = {
    "anna.albers@example.com": "a00f13813ff43cb96fa35b000e85bdb8",
    "ben.becker@example.com": "bb1c2cc31051f939e2ee9145db3fb02c",
    "clara.claasen@example.com": "2655df39d13fe11cdf905e27a0d84a7d",
    "david.dietrich@example.com": "2a6037b21782335db80adc3b85d93fc1",
}
_HAND_MADE = (
    # name, group, rule, priority, share of the product's price
    ("Dealer", "610f97c0abd3f8be1e1f49a1dd318b34", "64eebfef88f7c7984104d40fd38665b6", 30, "0.90"),
    (
        "Wholesale",
        "cfef9c0316074ed17be25e464ac73a0d",
        "363973e0d0f269592e90fb9156fb194c",
        20,
        "0.82",
    ),
    (
        "Key account",
        "5425b798b92f15d4351a84d184a311cc",
        "fbd0fd4edebb55cab8e95c7c70832575",
        10,
        "0.75",
    ),
)
"""Prices the shop's own people keep: from 1 piece the share, from 10 pieces 5 % less again."""

_HAND_MADE_PRODUCTS = 60
_HAND_MADE_IDS = {
    ("Wholesale", 1): "0f129f227d27e7c08c525446d1950004",
    ("Wholesale", 10): "f05820fbc1e3f7a090db90657787c1b6",
    ("Dealer", 1): "5bf598e0f6c4cfe513d883df8b2bcab5",
    ("Dealer", 10): "f43c1daf9a63844de8985fbd6f43117d",
    ("Key account", 1): "c76033421012764bf5f13ddfc1b107f8",
    ("Key account", 10): "79255ca0bc96747769de9be895b81152",
}
"""Of B2B-1029 (recorded: products_and_advanced_prices.json #1)."""

_OPENED = datetime(2026, 1, 5, 8, tzinfo=UTC)
_TOUCHED = stamp(_OPENED + timedelta(days=3))


def seed(database: Database, *, products: int, customers: int) -> None:
    """Fills an empty database."""
    _Seeder(database).run(catalogue(products), people(customers))


class _Seeder:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._count = 0

    def run(self, articles: tuple[Article, ...], persons: list[Person]) -> None:
        with self._database.lock:
            self._reference()
            self._machines()
            self._number_ranges()
            self._integrations()
            self._categories()
            for name, group, rule, priority, _ in _HAND_MADE:
                self._rule(name, group, rule, priority)
            for article in articles:
                self._article(article)
            singles = [one for one in articles if not one.variant_skus and not one.parent_sku]
            for article in singles[:_HAND_MADE_PRODUCTS]:
                self._hand_made_prices(article)
            for index, person in enumerate(persons):
                self._customer(index, person)

    def put(self, entity: str, **values: Any) -> None:
        """A row with defaults, translations and a creation time of its own."""
        definition = definitions()[entity]
        variant = entity == "product" and values.get("parentId") is not None
        row = Row(dict(defaults_of(definition, is_variant=variant)))
        row.values.update(values)
        if definition.versioned:
            row.values["versionId"] = LIVE_VERSION
        translated = {
            name: row.values.pop(name) for name in definition.translatable if name in row.values
        }
        if translated:
            row.translations[SYSTEM_LANGUAGE] = translated
        if "createdAt" in definition.stored:
            self._count += 1
            row.values.setdefault("updatedAt", None)
            row.values["createdAt"] = stamp(_OPENED + timedelta(milliseconds=self._count))
        if entity in ("customer", "product", "category"):
            row.values["autoIncrement"] = self._database.next_number(entity)
        key: Key = self._database[entity].key_of(row.values)
        self._database.put(entity, key, row)

    def _reference(self) -> None:
        text = resources.files(__package__).joinpath("reference.json").read_text("utf-8")
        data = json.loads(text)
        self._database.config.update(data.pop("config"))
        for entity, rows in data.items():
            for values in rows:
                self.put(entity, **values)

    def _machines(self) -> None:
        for entity in STATEFUL:
            machine = machine_id(self._database, entity)
            for before, action, after in transitions(entity):
                self.put(
                    "state_machine_transition",
                    id=fixed_id("transition", entity, before, action),
                    actionName=action,
                    stateMachineId=machine,
                    fromStateId=state_id(self._database, entity, before),
                    toStateId=state_id(self._database, entity, after),
                )

    def _number_ranges(self) -> None:
        for kind, (name, last) in NUMBER_RANGES.items():
            type_id, range_id = fixed_id("number_range_type", kind), fixed_id("number_range", kind)
            self.put("number_range_type", id=type_id, technicalName=kind, typeName=name)
            self.put(
                "number_range",
                id=range_id,
                typeId=type_id,
                name=name,
                pattern="{n}",
                start=10000,
                **{"global": True},
            )
            if last:
                state = fixed_id("number_range_state", kind)
                self.put("number_range_state", id=state, numberRangeId=range_id, lastValue=last)

    def _integrations(self) -> None:
        secret = hashed(CLIENT_SECRET)
        self.put(
            "integration",
            id=fixed_id("integration", 1),
            label="Loyalty Bridge",
            accessKey=CLIENT_ID,
            secretAccessKey=secret,
            admin=True,
        )
        limited, role = fixed_id("integration", 2), fixed_id("role", "readonly")
        self.put(
            "acl_role",
            id=role,
            name="readonly",
            privileges=["customer_group:read", "customer:read"],
        )
        self.put(
            "integration",
            id=limited,
            label="Read only",
            accessKey=LIMITED_CLIENT_ID,
            secretAccessKey=secret,
        )
        self.put("integration_role", integrationId=limited, aclRoleId=role)

    # -- catalogue --------------------------------------------------------------------------

    def _categories(self) -> None:
        for node in CATEGORIES:
            above = fixed_id("category", node.parent) if node.parent else _ROOT_CATEGORY
            level = 3 if node.parent else 2
            key = fixed_id("category", node.key)
            self.put("category", id=key, parentId=above, name=node.name, level=level)

    def _article(self, article: Article) -> None:
        key = product_id(article.sku)
        values: dict[str, Any] = {
            "id": key,
            "productNumber": article.sku,
            "stock": article.stock,
            "updatedAt": _TOUCHED,
        }
        if article.parent_sku:
            values["parentId"] = product_id(article.parent_sku)
            if article.own_price:
                values["price"] = _price(article.net, article.tax_rate, linked=True)
            self.put("product", **values)
            self._options(article)
            return
        values["name"] = article.name
        values["taxId"] = _TAXES[article.tax_rate]
        values["price"] = _price(article.net, article.tax_rate, linked=True)
        self.put("product", **values)
        category = fixed_id("category", article.category)
        self.put("product_category", productId=key, categoryId=category)
        self.put(
            "product_visibility",
            id=fixed_id("visibility", article.sku),
            productId=key,
            salesChannelId=SALES_CHANNEL,
            visibility=30,
        )

    def _options(self, article: Article) -> None:
        for group, value in article.options:
            group_id = fixed_id("property_group", group)
            option_id = fixed_id("property_group_option", group, value)
            if group_id not in self._database["property_group"].rows:
                self.put("property_group", id=group_id, name=group)
            if option_id not in self._database["property_group_option"].rows:
                self.put("property_group_option", id=option_id, groupId=group_id, name=value)
            key = product_id(article.sku)
            self.put("product_option", productId=key, optionId=option_id)
            setting = fixed_id("configurator", article.parent_sku, group, value)
            if setting not in self._database["product_configurator_setting"].rows:
                self.put(
                    "product_configurator_setting",
                    id=setting,
                    productId=product_id(article.parent_sku),
                    optionId=option_id,
                    position=0,
                )

    # -- prices of others -------------------------------------------------------------------

    def _rule(self, name: str, group: str, rule: str, priority: int) -> None:
        self.put("rule", id=rule, name=f"Group {name}", priority=priority)
        outer, inner, leaf = (fixed_id("condition", rule, depth) for depth in range(3))
        self.put("rule_condition", id=outer, ruleId=rule, type="orContainer", value=[])
        self.put(
            "rule_condition",
            id=inner,
            ruleId=rule,
            parentId=outer,
            type="andContainer",
            value=[],
        )
        self.put(
            "rule_condition",
            id=leaf,
            ruleId=rule,
            parentId=inner,
            type="customerCustomerGroup",
            value={"operator": "=", "customerGroupIds": [group]},
        )

    def _hand_made_prices(self, article: Article) -> None:
        for name, _, rule, _, share in _HAND_MADE:
            for start, end, factor in ((1, 9, Decimal(1)), (10, None, Decimal("0.95"))):
                net = (article.net * Decimal(share) * factor).quantize(
                    Decimal("0.01"), ROUND_HALF_EVEN
                )
                key = fixed_id("product_price", article.sku, name, start)
                if article.sku == "B2B-1029":
                    key = _HAND_MADE_IDS[name, start]
                self.put(
                    "product_price",
                    id=key,
                    productId=product_id(article.sku),
                    ruleId=rule,
                    quantityStart=start,
                    quantityEnd=end,
                    price=_price(net, article.tax_rate, linked=False),
                )

    # -- people -----------------------------------------------------------------------------

    def _customer(self, index: int, person: Person) -> None:
        key = _CUSTOMERS.get(person.email) or fixed_id("customer", person.email)
        address = fixed_id("address", person.email)
        name = {"firstName": person.first_name, "lastName": person.last_name}
        groups = [group for _, group, *_ in _HAND_MADE] + [STANDARD_GROUP]
        self.put(
            "customer",
            id=key,
            customerNumber=str(10000 + index),
            email=person.email,
            password=hashed(PASSWORD),
            groupId=groups[index % len(groups)],
            salesChannelId=SALES_CHANNEL,
            defaultPaymentMethodId=_PAYMENT_METHOD,
            salutationId=_SALUTATION,
            company=person.company,
            vatIds=[person.vat_id],
            accountType="business",
            defaultBillingAddressId=address,
            defaultShippingAddressId=address,
            updatedAt=_TOUCHED,
            **name,
        )
        self.put(
            "customer_address",
            id=address,
            customerId=key,
            countryId=COUNTRY,
            salutationId=_SALUTATION,
            company=person.company,
            street=f"Hauptstr. {index + 1}",
            zipcode="10115",
            city="Berlin",
            **name,
        )


def product_id(sku: str) -> str:
    """The recorded ids sort first, as in the recorded shop; all others behind them."""
    derived = fixed_id("product", sku)
    return _PRODUCTS.get(sku) or derived.replace("0", "1", 1 if derived[0] == "0" else 0)


def _price(net: Decimal, tax_rate: int, *, linked: bool) -> list[dict[str, Any]]:
    gross = money(net * (100 + tax_rate) / 100)
    return [
        {
            "currencyId": DEFAULT_CURRENCY,
            "net": number(float(net)),
            "gross": number(float(gross)),
            "linked": linked,
        }
    ]
