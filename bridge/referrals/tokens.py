"""What the link in a letter carries: a token that only who gets the letter knows.

It is an HMAC-SHA256 of the referral's nonce under a key derived from the workspace's secret: a
letter that has to be sent again carries the same link, and yet the database holds nothing but a
hash of it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_PURPOSE = b"loyalty-bridge referral links 1"
_SHAPE = re.compile(r"[A-Za-z0-9_-]{43}")


def new_nonce() -> str:
    return secrets.token_hex(16)


def token_of(secret: bytes, workspace_id: int, nonce: str) -> str:
    """256 bits in URL-safe base64. ``secret``: see :mod:`bridge.vouchers.codes`."""
    key = HKDF(algorithm=SHA256(), length=32, salt=None, info=_PURPOSE).derive(secret)
    told = hmac.new(key, f"{workspace_id}/{nonce}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(told).decode().rstrip("=")


def hash_of(token: str) -> str:
    """What the database keeps. A token has 256 random bits: it needs no salt."""
    return hashlib.sha256(token.encode()).hexdigest()


def is_token(text: str) -> bool:
    """Whether it has a token's shape, so that asking the database makes sense."""
    return bool(_SHAPE.fullmatch(text))


def fits(token: str, kept: str) -> bool:
    """In a time that tells nothing about where they differ."""
    return hmac.compare_digest(hash_of(token), kept)
