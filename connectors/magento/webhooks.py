"""What the bridge's own Magento module sends. Stock Magento sends nothing (PLATFORM_FACTS 25).

One header holds time and signature, ``X-Loyalty-Bridge-Signature: t=<seconds>,v1=<hex>``: the
HMAC-SHA256 of ``<seconds>.<raw body>``, so that the time of an old message cannot be changed.
``X-Loyalty-Bridge-Event-Id`` stays the same over repetitions; observers fire two or three times
per order (PLATFORM_FACTS Magento 25), each under an id of its own, which costs one fetch and
changes nothing. The id is in the body too, as ``id``, and so is signed; both must be equal.

Body: ``{"id": …, "event": "sales_order_save_after", "entity": "order", "ids": ["17"]}``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from connectors.sales import Entity, Signal
from connectors.webhooks import (
    Forged,
    Headers,
    Unreadable,
    is_signed,
    read_name,
    read_object,
    signature,
    signed_at,
)

HEADERS = ("X-Loyalty-Bridge-Event-Id", "X-Loyalty-Bridge-Signature")
EVENT_ID, SIGNATURE = (name.lower() for name in HEADERS)

EXAMPLE = """\
AT=$(date +%s)
BODY='{"id":"try-'$AT'","event":"sales_order_save_after","entity":"order","ids":["1"]}'
SIGNED=$(printf '%s.%s' "$AT" "$BODY" | openssl dgst -sha256 -hmac "$SECRET" | sed 's/.*= *//')
EVENT="X-Loyalty-Bridge-Event-Id: try-$AT"
SIGNATURE="X-Loyalty-Bridge-Signature: t=$AT,v1=$SIGNED"
curl -i "$ADDRESS" -H 'Content-Type: application/json' -H "$EVENT" -H "$SIGNATURE" -d "$BODY"
"""

_ID = re.compile(r"[0-9]{1,19}")
_ENTITIES = {"order": Entity.ORDER, "customer": Entity.CUSTOMER}


class MagentoWebhooks:
    """A :class:`connectors.webhooks.Webhooks` and :class:`connectors.webhooks.SharedSecret`."""

    headers = HEADERS
    example = EXAMPLE

    def verify(
        self, secrets: Sequence[str], headers: Headers, body: bytes, now: datetime
    ) -> Signal:
        seconds, claimed = _parts(headers.get(SIGNATURE) or "")
        if not is_signed(secrets, _signed(seconds, body), claimed):
            raise Forged("The message is not signed with this shop's secret.")
        message = read_object(body)
        sent_at = signed_at(seconds, now)
        event_id = read_name(message, "id")
        if headers.get(EVENT_ID) != event_id:
            raise Unreadable(f"The header {EVENT_ID} is not the `id` in the body.")
        ids = _ids(message.get("ids"))
        return Signal(
            event_id=event_id,
            event=read_name(message, "event"),
            sent_at=sent_at,
            entity=_ENTITIES.get(str(message.get("entity"))) if ids else None,
            ids=ids,
        )


def signed_headers(secret: str, event_id: str, body: bytes, at: datetime) -> dict[str, str]:
    """What a sender puts beside the body."""
    seconds = str(int(at.timestamp()))
    signed = f"t={seconds},v1={signature(secret, _signed(seconds, body))}"
    return dict(zip(HEADERS, (event_id, signed), strict=True))


def _signed(seconds: str, body: bytes) -> bytes:
    return seconds.encode("utf-8", "replace") + b"." + body


def _parts(header: str) -> tuple[str, str]:
    """Time and signature; each empty where it is missing or there twice."""
    pairs = [part.strip().partition("=") for part in header.split(",")]
    found = {name: value for name, _, value in pairs}
    if len(found) != len(pairs):
        return "", ""
    return found.get("t", ""), found.get("v1", "")


def _ids(found: object) -> tuple[str, ...]:
    """Magento's ids are numbers; each once, in order."""
    texts = [str(one) for one in found] if isinstance(found, list) else []
    return tuple(dict.fromkeys(text for text in texts if _ID.fullmatch(text)))
