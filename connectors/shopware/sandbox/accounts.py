"""Registering, with or without an account (Shopware RegisterRoute).

Recorded: orders.json #14; app_system.json #4 to #6 for what is written in which order.
"""

from __future__ import annotations

from connectors.shopware.sandbox import errors
from connectors.shopware.sandbox.checkout import anonymized
from connectors.shopware.sandbox.criteria import read_criteria
from connectors.shopware.sandbox.definitions import definitions
from connectors.shopware.sandbox.fieldvalues import EMAIL, hashed
from connectors.shopware.sandbox.identifiers import new_id
from connectors.shopware.sandbox.numbers import reserve
from connectors.shopware.sandbox.presenting import present
from connectors.shopware.sandbox.pricing import Struct
from connectors.shopware.sandbox.records import change, insert
from connectors.shopware.sandbox.storefront import Storefront

_ADDRESS = (
    "street",
    "zipcode",
    "city",
    "countryId",
    "countryStateId",
    "company",
    "department",
    "phoneNumber",
    "additionalAddressLine1",
    "additionalAddressLine2",
)
_NEEDED = ("firstName", "lastName", "email")
_NEEDED_OF_ADDRESS = ("street", "city", "countryId")
_SHORTEST_PASSWORD = 8
_WITH_COUNTRY: Struct = {"associations": {"country": {}, "salutation": {}}}
_SHOWN: Struct = {
    "salutation": {},
    "defaultBillingAddress": _WITH_COUNTRY,
    "defaultShippingAddress": _WITH_COUNTRY,
    "addresses": {},
}


class Registration:
    def __init__(self, storefront: Storefront, address: str = "") -> None:
        self._store = storefront
        self._database = storefront.database
        self._address = anonymized(address)

    def register(self, payload: Struct) -> Struct:
        """Makes the customer, signs him in and shows him.

        Raises ShopError 400 with everything that is missing or wrong.
        """
        guest = bool(payload.get("guest"))
        self._check(payload, guest)
        with self._database.transaction():
            key = self._insert(payload, guest)
        name = "guest_register" if guest else "register"
        now = self._database.now()
        self._database.happenings.note_event(f"checkout.customer.{name}", "customer", key, now)
        shown = self._shown(key)
        self._store.session.customer_id = key
        if self._address:
            with self._database.transaction():
                change(self._database, "customer", key, {"remoteAddress": self._address})
        return shown

    def _insert(self, payload: Struct, guest: bool) -> str:
        channel = self._store.channel.values
        key, billing = new_id(), new_id()
        shipping = new_id() if payload.get("shippingAddress") else billing
        person = {
            "firstName": payload["firstName"],
            "lastName": payload["lastName"],
            "salutationId": payload.get("salutationId"),
            "title": payload.get("title"),
        }
        company = payload.get("company") or payload["billingAddress"].get("company")
        insert(
            self._database,
            "customer",
            {
                **person,
                "id": key,
                "customerNumber": reserve(self._database, "customer"),
                "email": payload["email"],
                "password": None if guest else hashed(payload["password"]),
                "guest": guest,
                "groupId": channel["customerGroupId"],
                "salesChannelId": channel["id"],
                "languageId": self._store.reader.language,
                "defaultPaymentMethodId": self._store.payment_method_id(),
                "defaultBillingAddressId": billing,
                "defaultShippingAddressId": shipping,
                "accountType": payload.get("accountType") or "private",
                "company": company,
                "vatIds": payload.get("vatIds") or None,
                "affiliateCode": payload.get("affiliateCode"),
                "campaignCode": payload.get("campaignCode"),
                "birthday": None,
                "firstLogin": self._database.now(),
                "active": True,
            },
        )
        self._insert_address(key, billing, payload["billingAddress"], person)
        if shipping != billing:
            self._insert_address(key, shipping, payload["shippingAddress"], person)
        return key

    def _insert_address(self, customer_id: str, key: str, given: Struct, person: Struct) -> None:
        named = {name: given.get(name) or value for name, value in person.items()}
        place = {name: given.get(name) for name in _ADDRESS}
        row = {"id": key, "customerId": customer_id, **place, **named}
        insert(self._database, "customer_address", row)

    def _shown(self, key: str) -> Struct:
        definition = definitions()["customer"]
        criteria = read_criteria(self._store.reader, definition, {"associations": _SHOWN})
        row = self._database["customer"].rows[key]
        shown = present(self._store.reader, definition, row, criteria, {})
        return {**shown, "hash": ""}

    # -- what is wrong ----------------------------------------------------------------------

    def _check(self, payload: Struct, guest: bool) -> None:
        found = [_blank(f"/{name}") for name in _NEEDED if not payload.get(name)]
        address = payload.get("billingAddress")
        address = address if isinstance(address, dict) else {}
        found += [
            _blank(f"/billingAddress/{name}")
            for name in _NEEDED_OF_ADDRESS
            if not address.get(name)
        ]
        email = str(payload.get("email") or "")
        if email and not EMAIL.fullmatch(email):
            text = "This value is not a valid email address."
            found.append(_violation("/email", "INVALID_EMAIL_ADDRESS", text))
        if not guest:
            found += self._account_mistakes(email, str(payload.get("password") or ""))
        if found:
            raise errors.ShopError(400, found)

    def _account_mistakes(self, email: str, password: str) -> list[Struct]:
        found = []
        if len(password) < _SHORTEST_PASSWORD:
            text = (
                f"This value is too short. It should have {_SHORTEST_PASSWORD} characters or more."
            )
            found.append(_violation("/password", "TOO_SHORT_ERROR", text))
        table = self._database["customer"]
        taken = [
            key for key in table.where("email", email) if not table.rows[key].values.get("guest")
        ]
        if email and taken:
            text = f'The email address "{email}" is already in use.'
            found.append(_violation("/email", "CUSTOMER_EMAIL_NOT_UNIQUE", text))
        return found


def _blank(pointer: str) -> Struct:
    return _violation(pointer, "IS_BLANK_ERROR", "This value should not be blank.")


def _violation(pointer: str, code: str, text: str) -> Struct:
    return errors.violation(pointer, f"VIOLATION::{code}", text, text, None)
