"""What a shop signs besides its webhooks: a page opened in its administration, a button pressed on
customers, a token that says who a shopper is. Pure.

PLUGIN_FACTS "Signed calls". All are signed with the secret that the shop was given when it
registered. Nothing is read before the signature was found good.
"""

from __future__ import annotations

import hmac
import re
from base64 import urlsafe_b64decode
from binascii import Error as NoBase64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from connectors.shopware.app.registration import APP_SIGNATURE
from connectors.shopware.webhooks import SIGNATURE, part
from connectors.webhooks import (
    Forged,
    Headers,
    ShopIdentity,
    Stale,
    Unreadable,
    is_signed,
    read_name,
    read_object,
    signature,
    signed_at,
)

TOKEN_LASTS = timedelta(minutes=10)
_LEEWAY = timedelta(seconds=30)
"""How far the shop's clock may be from ours, for a token."""
_ID = re.compile(r"[0-9a-f]{32}")
_MOST_IDS = 500


@dataclass(frozen=True, slots=True)
class Opened:
    """Somebody opened the app's page in the shop's administration."""

    shop: ShopIdentity
    language: str
    """Of that person, like ``de-DE``; empty: the shop does not tell."""


@dataclass(frozen=True, slots=True)
class Pressed:
    """Somebody pressed a button of the app."""

    shop: ShopIdentity
    entity: str
    ids: tuple[str, ...]
    action: str


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A shopper, as his shop says."""

    customer_id: str
    sales_channel_id: str


def opened(secrets: Sequence[str], query: bytes, now: datetime) -> Opened:
    """``query``: what stood behind the ``?``, byte by byte: the shop signs it as it is, with ``:``
    and ``/`` of its own address unquoted. The signature stands in the query itself.

    Raises Forged, Stale, Unreadable.
    """
    name = SIGNATURE.encode() + b"="
    parts = query.split(b"&")
    given = [one.removeprefix(name) for one in parts if one.startswith(name)]
    signed = b"&".join(one for one in parts if not one.startswith(name))
    if len(given) != 1 or not is_signed(secrets, signed, given[0].decode("ascii", "replace")):
        raise Forged("The page was not opened from the administration of this shop.")
    fields = _fields(signed)
    signed_at(fields.get("timestamp"), now)
    shop = ShopIdentity(read_name(fields, "shop-id"), read_name(fields, "shop-url"))
    return Opened(shop, fields.get("sw-user-language", ""))


def pressed(secrets: Sequence[str], headers: Headers, body: bytes, now: datetime) -> Pressed:
    """Raises Forged, Stale, Unreadable."""
    if not is_signed(secrets, body, headers.get(SIGNATURE)):
        raise Forged("The message is not signed with this shop's secret.")
    message = read_object(body)
    signed_at(part(message, "meta").get("timestamp"), now)
    source, data = part(message, "source"), part(message, "data")
    ids = data.get("ids")
    if not isinstance(ids, list) or not 0 < len(ids) <= _MOST_IDS:
        raise Unreadable("The message names nothing that the button is about.")
    if not all(isinstance(one, str) and _ID.fullmatch(one) for one in ids):
        raise Unreadable("The message names something that is no id.")
    return Pressed(
        ShopIdentity(read_name(source, "shopId"), read_name(source, "url")),
        read_name(data, "entity"),
        tuple(ids),
        read_name(data, "action"),
    )


def reply_headers(secret: str, body: bytes) -> dict[str, str]:
    """What a shop wants with the answer to a button."""
    return {APP_SIGNATURE: signature(secret, body)}


def signed_in(secrets: Sequence[str], token: str, now: datetime) -> SignedIn:
    """Who the token is about. It lasts ten minutes; its times are fractions of seconds.

    Raises Forged, Stale, and Unreadable for one that does not say who the customer is (the app
    lacks a permission, or nobody is signed in).
    """
    head, _, rest = token.partition(".")
    claims, _, mark = rest.partition(".")
    signed = f"{head}.{claims}".encode("utf-8", "replace")
    right = [hmac.new(secret.encode(), signed, "sha256").digest() for secret in secrets if secret]
    given = _decoded(mark)
    if not any(hmac.compare_digest(one, given) for one in right):
        raise Forged("The token is not this shop's.")
    if read_object(_decoded(head)).get("alg") != "HS256":
        raise Forged("The token is signed in a way that this shop does not use.")
    told = read_object(_decoded(claims))
    _check_times(told, now)
    ids = [told.get(name) for name in ("customerId", "salesChannelId")]
    customer, channel = (one if isinstance(one, str) else "" for one in ids)
    if not _ID.fullmatch(customer) or not _ID.fullmatch(channel):
        raise Unreadable("The token does not say who the customer is.")
    return SignedIn(customer, channel)


def _check_times(told: dict[str, Any], now: datetime) -> None:
    begins, ends = _seconds(told.get("nbf", told.get("iat"))), _seconds(told.get("exp"))
    moment, leeway = now.timestamp(), _LEEWAY.total_seconds()
    if ends - begins > (TOKEN_LASTS + _LEEWAY).total_seconds():
        raise Unreadable("The token lasts longer than a shop's.")
    if not begins - leeway <= moment < ends + leeway:
        raise Stale("The token is over, or begins later; one of the two clocks may be wrong.")


def _seconds(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e11:
        raise Unreadable("The token says no time.")
    return float(value)


def _decoded(text: str) -> bytes:
    try:
        return urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (NoBase64, ValueError):
        raise Forged("This is no token of a shop.") from None


def _fields(query: bytes) -> dict[str, str]:
    """Unquoted as little as it was quoted: not at all."""
    try:
        pairs = [one.partition("=") for one in query.decode("ascii").split("&")]
    except UnicodeDecodeError:
        raise Unreadable("The page's address cannot be read.") from None
    fields = {name: value for name, _, value in pairs}
    if len(fields) != len(pairs):
        raise Unreadable("The page's address says something twice.")
    return fields
