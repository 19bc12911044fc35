"""What a shop signs besides its webhooks: a page opened in its administration, a button pressed on
customers, an action of a flow, a token that says who a shopper is. Pure.

PLUGIN_FACTS "Signed calls". All are signed with the secret that the shop was given when it
registered. Nothing is read before the signature was found good.
"""

from __future__ import annotations

import hashlib
import hmac
import html
import json
import re
from base64 import urlsafe_b64decode
from binascii import Error as NoBase64
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.shop_pages import Award, Awarded, Opened, Pressed, Reply, SignedIn
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
PAGE_LASTS = timedelta(hours=12)
"""The administration asks for the signed address once, when it is loaded, and uses that one as long
as it stays open (``refreshApps`` of its menu)."""
_LEEWAY = timedelta(seconds=30)
"""How far the shop's clock may be from ours, for a token."""
_ID = re.compile(r"[0-9a-f]{32}")
_MOST_IDS = 500
_LANGUAGE = "sw-user-language"
_USER = "sw-user-id"
_LONGEST = 200
"""Letters of a number or a reason that are kept."""


class ShopwarePages:
    """A :class:`connectors.shop_pages.ShopPages`."""

    def opened(self, secrets: Sequence[str], query: bytes, now: datetime) -> Opened:
        return opened(secrets, query, now)

    def pressed(
        self, secrets: Sequence[str], headers: Headers, body: bytes, now: datetime
    ) -> Pressed:
        return pressed(secrets, headers, body, now)

    def awarded(
        self, secrets: Sequence[str], headers: Headers, body: bytes, now: datetime
    ) -> Awarded:
        return awarded(secrets, headers, body, now)

    def signed_in(self, secrets: Sequence[str], token: str, now: datetime) -> SignedIn:
        return signed_in(secrets, token, now)

    def opens(self, secret: str, address: str) -> Reply:
        """The shop adds a signed query to the address, as to that of a page (source:
        ``OpenNewTabResponseFactory``)."""
        return _reply(secret, "openNewTab", {"redirectUrl": address})

    def says(self, secret: str, text: str, *, is_good: bool = True) -> Reply:
        status = "success" if is_good else "info"
        return _reply(secret, "notification", {"status": status, "message": text})


def _reply(secret: str, action: str, payload: dict[str, str]) -> Reply:
    body = json.dumps({"actionType": action, "payload": payload}).encode()
    headers = {"Content-Type": "application/json", APP_SIGNATURE: signature(secret, body)}
    return Reply(body, headers)


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
    at = signed_at(fields.get("timestamp"), now, lasts=PAGE_LASTS)
    shop = ShopIdentity(read_name(fields, "shop-id"), read_name(fields, "shop-url"))
    return Opened(shop, fields.get(_LANGUAGE, ""), at, _user(fields))


def _user(fields: Mapping[str, str]) -> str:
    """Newer shops alone say it, and behind what all of them say. An older one signs any address
    that its users ask it to sign, with what stands in that before its own words (source:
    ``QuerySigner``, ``AdminExtensionApiController::signUri``): whoever a user calls himself there
    is nobody."""
    names = list(fields)
    found = fields.get(_USER, "")
    is_the_shops = _USER in fields and names.index(_USER) > names.index("shop-id")
    return found if is_the_shops and _ID.fullmatch(found) else ""


def pressed(secrets: Sequence[str], headers: Headers, body: bytes, now: datetime) -> Pressed:
    """Raises Forged, Stale, Unreadable."""
    secret = _signed_with(secrets, headers, body)
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
        headers.get(_LANGUAGE) or "",
        secret,
    )


def awarded(secrets: Sequence[str], headers: Headers, body: bytes, now: datetime) -> Awarded:
    """What the flow's action sends: its parameters beside ``source`` and ``timestamp`` (source:
    ``WebhookManager::getPayloadForWebhook``). ``source.eventId`` is made once a run and kept in the
    queue, so that each repetition has it too; the timestamp is that of the try.

    Raises Forged, Stale, Unreadable: also where the shop names no event, since nothing else tells
    a repetition from a second award of the same.
    """
    _signed_with(secrets, headers, body)
    message = read_object(body)
    sent_at = signed_at(message.get("timestamp"), now)
    source = part(message, "source")
    customer_id = message.get("customerId")
    if not isinstance(customer_id, str) or not _ID.fullmatch(customer_id):
        raise Unreadable("The message does not say who the customer is.")
    award = Award(
        id=read_name(source, "eventId"),
        at=sent_at,
        customer_id=customer_id,
        points=_written(message.get("points")),
        reason=_written(message.get("reason")),
    )
    return Awarded(ShopIdentity(read_name(source, "shopId"), read_name(source, "url")), award)


def _signed_with(secrets: Sequence[str], headers: Headers, body: bytes) -> str:
    for secret in secrets:
        if is_signed([secret], body, headers.get(SIGNATURE)):
            return secret
    raise Forged("The message is not signed with this shop's secret.")


def _written(value: object) -> str:
    """What the merchant wrote. The shop renders it as a template within a template, and escapes it
    for HTML each time (source: ``AppFlowActionProvider``, ``StringTemplateRenderer``)."""
    text = html.unescape(html.unescape(str(value))) if isinstance(value, str | int) else ""
    shown = "".join(one if one.isprintable() else " " for one in text)
    return " ".join(shown.split())[:_LONGEST]


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
    ends = _checked_end(told, now)
    ids = [told.get(name) for name in ("customerId", "salesChannelId")]
    customer, channel = (one if isinstance(one, str) else "" for one in ids)
    if not _ID.fullmatch(customer) or not _ID.fullmatch(channel):
        raise Unreadable("The token does not say who the customer is.")
    return SignedIn(customer, channel, ends, hashlib.sha256(signed).hexdigest())


def _checked_end(told: dict[str, Any], now: datetime) -> datetime:
    begins, ends = _seconds(told.get("nbf", told.get("iat"))), _seconds(told.get("exp"))
    moment, leeway = now.timestamp(), _LEEWAY.total_seconds()
    if ends - begins > (TOKEN_LASTS + _LEEWAY).total_seconds():
        raise Unreadable("The token lasts longer than a shop's.")
    if not begins - leeway <= moment < ends + leeway:
        raise Stale("The token is over, or begins later; one of the two clocks may be wrong.")
    return datetime.fromtimestamp(ends, UTC) + _LEEWAY


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
