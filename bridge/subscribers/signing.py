"""Secrets and signatures as the Standard Webhooks specification has them (version 1.0.0,
https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md). Pure,
but for :func:`new_secret`.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence

SECRET_PREFIX = "whsec_"  # noqa: S105 (what secrets begin with)
ID_PREFIX = "msg_"
_BYTES = 32
"""The specification asks for 24 to 64."""


def new_secret() -> str:
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(_BYTES)).decode("ascii")


def new_id() -> str:
    """Of a message: no full stop in it, which would make what is signed ambiguous."""
    return ID_PREFIX + secrets.token_urlsafe(20)


def signature(secret: str, webhook_id: str, timestamp: int, body: bytes) -> str:
    """``v1,`` and the HMAC in base64. ``timestamp``: seconds since 1970. Raises ValueError for
    what is no secret."""
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    signed = f"{webhook_id}.{timestamp}.".encode() + body
    digest = hmac.new(key, signed, hashlib.sha256).digest()
    return "v1," + base64.b64encode(digest).decode("ascii")


def headers(valid: Sequence[str], webhook_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """``valid``: the present secret, and the one before while both hold."""
    signatures = [signature(secret, webhook_id, timestamp, body) for secret in valid]
    return {
        "webhook-id": webhook_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signatures),
    }
