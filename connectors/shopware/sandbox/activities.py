"""What else a shopper does: reviews, the newsletter (recorded: activities.json #0 to #3)."""

from __future__ import annotations

import hashlib
from typing import Any

from connectors.shopware.sandbox import errors
from connectors.shopware.sandbox.database import Row
from connectors.shopware.sandbox.fieldvalues import EMAIL
from connectors.shopware.sandbox.identifiers import new_id
from connectors.shopware.sandbox.pricing import Struct
from connectors.shopware.sandbox.records import change, insert
from connectors.shopware.sandbox.storefront import Storefront

_SHORTEST_TITLE, _SHORTEST_CONTENT = 5, 40
_OPTIONS = ("direct", "subscribe", "confirmSubscribe", "unsubscribe")
_PERSON = ("title", "firstName", "lastName", "zipCode", "city", "street", "salutationId")


# -- reviews ---------------------------------------------------------------------------------


def review(store: Storefront, product_id: str, payload: Struct) -> None:
    """Writes a review, which somebody has to approve.

    Raises ShopError 403 for nobody, 404 for a product that is not there, 400 for too little said.
    """
    customer = store.signed_in().values
    database = store.database
    if product_id not in database["product"].rows:
        text = f"Product for id {product_id} not found."
        parameters = {"productId": product_id}
        raise errors.coded(404, "CONTENT__PRODUCT_NOT_FOUND", text, parameters)
    _check_review(payload)
    with database.transaction():
        key = insert(
            database,
            "product_review",
            {
                "productId": product_id,
                "customerId": customer["id"],
                "salesChannelId": store.channel.values["id"],
                "languageId": store.reader.language,
                "externalUser": customer["firstName"],
                "externalEmail": customer["email"],
                "title": payload["title"],
                "content": payload["content"],
                "points": payload["points"],
                "status": False,
            },
        )
    database.happenings.note_event("review_form.send", "product_review", key, database.now())


def _check_review(payload: Struct) -> None:
    found = []
    for name, least in (("title", _SHORTEST_TITLE), ("content", _SHORTEST_CONTENT)):
        said = payload.get(name)
        if not isinstance(said, str) or not said.strip():
            found.append(
                _violation(f"/{name}", "IS_BLANK_ERROR", "This value should not be blank.")
            )
        elif len(said) < least:
            text = f"This value is too short. It should have {least} characters or more."
            found.append(_violation(f"/{name}", "TOO_SHORT_ERROR", text))
    points = payload.get("points")
    if isinstance(points, bool) or not isinstance(points, int | float) or not 1 <= points <= 5:
        text = "This value should be less than or equal to 5."
        found.append(_violation("/points", "TOO_HIGH_ERROR", text))
    if found:
        raise errors.ShopError(400, found)


# -- newsletter ------------------------------------------------------------------------------


def subscribe(store: Storefront, payload: Struct) -> None:
    """Raises ShopError 400 for an address or option that is none."""
    email, option = str(payload.get("email") or ""), payload.get("option")
    if not EMAIL.fullmatch(email):
        text = "This value is not a valid email address."
        raise errors.ShopError(400, [_violation("/email", "INVALID_EMAIL_ADDRESS", text)])
    if option not in _OPTIONS:
        text = "The value you selected is not a valid choice."
        raise errors.ShopError(400, [_violation("/option", "NO_SUCH_CHOICE_ERROR", text)])
    if option == "unsubscribe":
        unsubscribe(store, payload)
        return
    database = store.database
    status = _status(store, str(option))
    given = {name: payload[name] for name in _PERSON if payload.get(name) is not None}
    known = _recipient(store, email)
    with database.transaction():
        if known is None:
            key = _insert_recipient(store, email, {**given, "status": status})
        else:
            key = str(known.values["id"])
            change(database, "newsletter_recipient", key, {**given, "status": status})
    name = "newsletter.register" if status == "notSet" else "newsletter.confirm"
    database.happenings.note_event(name, "newsletter_recipient", key, database.now())


def _status(store: Storefront, option: str) -> str:
    """Where the shop asks for a confirmation, one is awaited."""
    if option == "confirmSubscribe":
        return "optIn"
    setting = "doubleOptInRegistered" if store.customer else "doubleOptIn"
    asks = store.database.config.get(f"core.newsletter.{setting}")
    return "notSet" if asks else "direct"


def _insert_recipient(store: Storefront, email: str, values: Struct) -> str:
    return insert(
        store.database,
        "newsletter_recipient",
        {
            **values,
            "email": email,
            "hash": new_id(),
            "languageId": store.reader.language,
            "salesChannelId": store.channel.values["id"],
        },
    )


def confirm(store: Storefront, payload: Struct) -> None:
    """Raises ShopError 404 for a hash nobody was sent, 400 for one of another address."""
    table = store.database["newsletter_recipient"]
    keys = table.where("hash", payload.get("hash"))
    if not keys:
        raise _no_recipient("hash", payload.get("hash"))
    row = table.rows[keys[0]]
    address = hashlib.sha1(str(row.values["email"]).encode(), usedforsecurity=False).hexdigest()
    if payload.get("em") != address:
        text = "This value should be equal to the recipient's address."
        raise errors.ShopError(400, [_violation("/em", "NOT_EQUAL_ERROR", text)])
    database, key = store.database, str(row.values["id"])
    with database.transaction():
        confirmed = {"status": "optIn", "confirmedAt": database.now()}
        change(database, "newsletter_recipient", key, confirmed)
    name = "newsletter.confirm"
    database.happenings.note_event(name, "newsletter_recipient", key, database.now())


def unsubscribe(store: Storefront, payload: Struct) -> None:
    """Raises ShopError 404 for an address that is no recipient."""
    email = str(payload.get("email") or "")
    row = _recipient(store, email)
    if row is None:
        raise _no_recipient("email", email)
    database, key = store.database, str(row.values["id"])
    with database.transaction():
        change(database, "newsletter_recipient", key, {"status": "optOut"})
    name = "newsletter.unsubscribe"
    database.happenings.note_event(name, "newsletter_recipient", key, database.now())


def _recipient(store: Storefront, email: str) -> Row | None:
    table = store.database["newsletter_recipient"]
    channel = store.channel.values["id"]
    for key in table.where("email", email):
        if table.rows[key].values["salesChannelId"] == channel:
            return table.rows[key]
    return None


def _no_recipient(name: str, value: Any) -> errors.ShopError:
    text = f'The NewsletterRecipient with the identifier "{name}" - {value} was not found.'
    parameters = {"identifier": name, "value": value}
    return errors.coded(404, "CONTENT__NEWSLETTER_RECIPIENT_NOT_FOUND", text, parameters)


def _violation(pointer: str, code: str, text: str) -> Struct:
    return errors.violation(pointer, f"VIOLATION::{code}", text, text, None)
