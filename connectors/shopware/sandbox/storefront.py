"""The Store API: who is asking, products with the prices they see, signing in.

Answers are plain values; no HTTP here.
"""

from __future__ import annotations

import secrets
import string
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from connectors.shopware.sandbox import errors, pricing
from connectors.shopware.sandbox.criteria import Criteria, read_criteria
from connectors.shopware.sandbox.database import Database, Row
from connectors.shopware.sandbox.definitions import definitions
from connectors.shopware.sandbox.fieldvalues import hashed
from connectors.shopware.sandbox.presenting import only, present
from connectors.shopware.sandbox.pricing import Buyer, Step
from connectors.shopware.sandbox.quantities import quantities
from connectors.shopware.sandbox.rules import Scope, matching_rules
from connectors.shopware.sandbox.searching import search
from connectors.shopware.sandbox.values import Reader

MAX_PRODUCTS = 100
_LETTERS = string.ascii_letters + string.digits

Struct = dict[str, Any]


@dataclass(slots=True)
class Session:
    """What a context token stands for."""

    token: str
    sales_channel_id: str
    customer_id: str | None = None
    currency_id: str | None = None
    """Chosen by the shopper; ``None``: the sales channel's."""
    language_id: str | None = None
    payment_method_id: str | None = None
    """Chosen by the shopper; ``None``: the customer's."""
    items: list[Struct] = field(default_factory=list)
    """The cart: ``{id, referencedId, quantity}`` in order."""
    codes: list[str] = field(default_factory=list)
    """Promotion codes that apply."""
    discounts: set[str] = field(default_factory=set)
    """Ids of the discounts the shopper has already been told of."""
    gifts: list[Struct] = field(default_factory=list)
    """Items that the app's script put in when the cart was worked out last."""
    declined: set[str] = field(default_factory=set)
    """Names of lines of the script that the shopper took out: the cart's states remember them."""
    points: list[Struct] = field(default_factory=list)
    """Lines of the same script."""

    def empty(self) -> None:
        self.items.clear()
        self.codes.clear()
        self.discounts.clear()
        self.gifts.clear()
        self.declined.clear()
        self.points.clear()


class Sessions:
    """Context tokens and what they stand for; unknown ones start anew under their name."""

    def __init__(self) -> None:
        self._sessions: dict[str, Session] = {}

    def of(self, token: str | None, sales_channel_id: str) -> Session:
        token = token or new_token()
        if token not in self._sessions:
            self._sessions[token] = Session(token, sales_channel_id)
        return self._sessions[token]

    def drop(self, token: str) -> None:
        self._sessions.pop(token, None)

    def clear(self) -> None:
        self._sessions.clear()


def new_token() -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(32))


def sales_channel(database: Database, access_key: str | None) -> Row:
    """The channel an access key opens. Raises ShopError 401 or 412."""
    if not access_key:
        raise errors.plain(401, 'Header "sw-access-key" is required.')
    table = database["sales_channel"]
    for key in table.where("accessKey", access_key):
        return table.rows[key]
    raise errors.coded(
        412,
        "FRAMEWORK__API_SALES_CHANNEL_NOT_FOUND",
        "No matching sales channel found.",
    )


class Storefront:
    """The Store API for one request of one session.

    ``currency`` and ``language``: what the request's headers ask for, before session and channel.
    """

    def __init__(
        self,
        database: Database,
        channel: Row,
        session: Session,
        *,
        currency: str | None = None,
        language: str | None = None,
    ) -> None:
        self.database = database
        self.channel = channel
        self.session = session
        self.currency_id = currency or session.currency_id or channel.values["currencyId"]
        spoken = language or session.language_id or channel.values["languageId"]
        self.reader = Reader(database, spoken, inheritance=True, storefront=True)

    # -- the shopper ------------------------------------------------------------------------

    @property
    def customer(self) -> Row | None:
        return self.database["customer"].by_id(self.session.customer_id)

    def buyer(self) -> Buyer:
        """Guests without an account count as members of the sales channel's own group."""
        group = self.database["customer_group"].by_id(self.group_id)
        currency = self.database["currency"].by_id(self.currency_id)
        factor = currency.values.get("factor", 1) if currency else 1
        tax_free = self._is_tax_free()
        return Buyer(
            rule_ids=matching_rules(self.database, self.scope()),
            gross=bool(group and group.values.get("displayGross")) and not tax_free,
            currency_id=self.currency_id,
            currency_factor=Decimal(str(factor)),
            tax_free=tax_free,
        )

    @property
    def group_id(self) -> str:
        customer = self.customer
        if customer is None:
            return str(self.channel.values["customerGroupId"])
        return str(customer.values["groupId"])

    def scope(self) -> Scope:
        """What rules see of the shopper; the cart is empty."""
        customer = self.customer
        return Scope(
            self.group_id,
            customer.values if customer else {},
            str(self.channel.values["id"]),
            self.currency_id,
        )

    def payment_method_id(self) -> str:
        """Chosen in this session, or what the customer used last, or is set to use."""
        customer = self.customer.values if self.customer else {}
        chosen = (
            self.session.payment_method_id
            or customer.get("lastPaymentMethodId")
            or customer.get("defaultPaymentMethodId")
            or self.channel.values["paymentMethodId"]
        )
        return str(chosen)

    def _is_tax_free(self) -> bool:
        """By the country the goods go to (Shopware TaxDetector)."""
        customer = self.customer
        if customer is None:
            return False
        address = self.database["customer_address"].by_id(
            customer.values["defaultShippingAddressId"]
        )
        country = address and self.database["country"].by_id(address.values["countryId"])
        if country is None or address is None:
            return False
        if (country.values.get("customerTax") or {}).get("enabled"):
            return True
        for_companies = (country.values.get("companyTax") or {}).get("enabled")
        is_company = customer.values.get("company") or address.values.get("company")
        return bool(for_companies and is_company and customer.values.get("vatIds"))

    def login(self, payload: Struct) -> Struct:
        """Raises ShopError 401 for a wrong address or password."""
        email = str(payload.get("username") or payload.get("email") or "").casefold()
        table = self.database["customer"]
        for key in table.keys():  # noqa: SIM118 - a table is no mapping
            row = table.rows[key]
            if not row.values.get("active") or row.values.get("guest"):
                continue
            is_named = str(row.values.get("email", "")).casefold() == email
            if is_named and row.values.get("password") == hashed(payload.get("password")):
                self._remember(row)
                return self._token_response()
        raise errors.coded(
            401,
            "CHECKOUT__CUSTOMER_AUTH_BAD_CREDENTIALS",
            "Invalid username and/or password.",
        )

    def _remember(self, customer: Row) -> None:
        """Signing in is a change of the customer (recorded: promotions.json, lastLogin)."""
        moment, changed = self.database.now(), customer.copy()
        changed.values.update(lastLogin=moment, updatedAt=moment)
        self.database.put("customer", changed.values["id"], changed)
        self.session.customer_id = str(changed.values["id"])

    def logout(self, sessions: Sessions) -> Struct:
        """Goes on under a new token. Raises ShopError 403 for a guest."""
        self.signed_in()
        sessions.drop(self.session.token)
        self.session = sessions.of(None, self.session.sales_channel_id)
        return self._token_response()

    def account(self, payload: Struct) -> Struct:
        """The shopper's own record (Shopware CustomerRoute). Raises ShopError 403 for a guest."""
        customer, definition = self.signed_in(), definitions()["customer"]
        asked = {**payload, "ids": [customer.values["id"]]}
        criteria = read_criteria(self.reader, definition, asked, max_limit=MAX_PRODUCTS)
        return present(self.reader, definition, customer, criteria, criteria.includes)

    def signed_in(self) -> Row:
        """The shopper's record. Raises ShopError 403 for nobody."""
        customer = self.customer
        if customer is None:
            text = "Customer is not logged in."
            raise errors.coded(403, "CHECKOUT__CUSTOMER_NOT_LOGGED_IN", text)
        return customer

    def choose(self, payload: Struct) -> Struct:
        """Another currency or language. Raises ShopError 400 for one that is not there."""
        chosen = {"currencyId": "currency", "languageId": "language"}
        for name, entity in {**chosen, "paymentMethodId": "payment_method"}.items():
            wanted = payload.get(name)
            if wanted is not None and wanted not in self.database[entity].rows:
                raise errors.no_such_choice(name, entity, wanted)
        self.session.currency_id = payload.get("currencyId") or self.session.currency_id
        self.session.language_id = payload.get("languageId") or self.session.language_id
        chosen_method = payload.get("paymentMethodId")
        self.session.payment_method_id = chosen_method or self.session.payment_method_id
        return self._token_response()

    def _token_response(self) -> Struct:
        return {
            "contextToken": self.session.token,
            "redirectUrl": None,
            "apiAlias": "context_token_response",
        }

    def context(self) -> Struct:
        customer = self.customer
        reader = self.reader
        shown = None
        if customer is not None:
            definition = definitions()["customer"]
            shown = present(reader, definition, customer, Criteria(definition), {})
        group = definitions()["customer_group"]
        buyer_group = self.database["customer_group"].by_id(
            customer.values["groupId"] if customer else self.channel.values["customerGroupId"]
        )
        assert buyer_group is not None
        return {
            "token": self.session.token,
            "currentCustomerGroup": present(reader, group, buyer_group, Criteria(group), {}),
            "customer": shown,
            "taxState": self.buyer().tax_status,
            "apiAlias": "sales_channel_context",
        }

    # -- products ---------------------------------------------------------------------------

    def products(self, payload: Struct) -> Struct:
        """A product listing; ids, filters and includes as in the Admin API."""
        definition = definitions()["product"]
        criteria = read_criteria(self.reader, definition, payload, max_limit=MAX_PRODUCTS)
        criteria.tests.append(self.is_sold)
        found = search(self.reader, criteria)
        buyer = self.buyer()
        limit = criteria.limit
        return {
            "elements": [self._product(row, criteria, buyer) for row in found.rows],
            "aggregations": [],
            "page": 1 + (criteria.offset // limit if limit else 0),
            "limit": limit if criteria.ids is None else None,
            "entity": "product",
            "total": found.total,
            "states": [],
            "apiAlias": "dal_entity_search_result",
        }

    def product(self, product_id: str, payload: Struct) -> Struct:
        asked = {**payload, "ids": [product_id]}
        elements = self.products(asked)["elements"]
        if not elements:
            raise errors.coded(
                404,
                "CONTENT__PRODUCT_NOT_FOUND",
                f"Product for id {product_id} not found.",
                {"productId": product_id},
            )
        return {"product": elements[0], "configurator": [], "apiAlias": "product_detail"}

    def is_sold(self, row: Row) -> bool:
        """Active, and visible in this sales channel; a variant inherits both."""
        definition = definitions()["product"]
        if not self.reader.value(definition, row, "active"):
            return False
        visibilities = definition.associations["visibilities"]
        channel_id = self.channel.values["id"]
        return any(
            one.values["salesChannelId"] == channel_id
            for one in self.reader.associated(definition, row, visibilities)
        )

    def _product(self, row: Row, criteria: Criteria, buyer: Buyer) -> Struct:
        definition = definitions()["product"]
        shown = present(self.reader, definition, row, criteria, criteria.includes)
        rate = pricing.tax_rate(self.reader, row)
        own = pricing.own_step(self.reader, row, buyer)
        quoted = pricing.steps(self.reader, row, buyer)
        names = criteria.includes.get("calculated_price")

        def price(step: Step) -> Struct:
            unit, quantity = step.unit_price, step.quantity
            shown = pricing.calculated_price(unit, quantity, rate, buyer.gross, step.list_price)
            return only(shown, names)

        worked_out = {
            "calculatedPrice": price(own),
            "calculatedPrices": [price(step) for step in quoted],
            "calculatedMaxPurchase": quantities(self.reader, row).most,
            "isNew": False,
        }
        asked = criteria.includes.get("product")
        shown.update(
            {name: value for name, value in worked_out.items() if asked is None or name in asked}
        )
        return shown
