"""What a Corner Shop sends by itself, signed with a secret that its admin types in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from connectors.sales import Entity, Signal
from connectors.webhooks import Forged, Headers, is_signed, read_name, read_object, signed_at

EXAMPLE = """\
BODY='{"id":"try-1","event":"order.placed","at":'$(date +%s)',"order":"o1"}'
SIGNED=$(printf '%s' "$BODY" | openssl dgst -sha256 -hmac "$SECRET" | sed 's/.*= *//')
curl -i "$ADDRESS" -H "X-Corner-Signature: $SIGNED" -d "$BODY"
"""


class CornerWebhooks:
    """A :class:`connectors.webhooks.Webhooks`; with the first two also a ``SharedSecret``."""

    headers = ("X-Corner-Signature",)
    example = EXAMPLE

    def verify(
        self,
        secrets: Sequence[str],
        headers: Headers,
        body: bytes,
        now: datetime,
    ) -> Signal:
        """Nothing is read before the signature was found good, and the time not too far."""
        if not is_signed(secrets, body, headers.get("x-corner-signature")):
            raise Forged("The message is not signed with this shop's secret.")
        message = read_object(body)
        sent_at = signed_at(message.get("at"), now)
        ids = (read_name(message, "order"),) if "order" in message else ()
        return Signal(
            event_id=read_name(message, "id"),
            event=read_name(message, "event"),
            sent_at=sent_at,
            entity=Entity.ORDER if ids else None,
            ids=ids,
        )
