"""What members' codes and tokens are made of. Pure but for :func:`new_token`.

A code is six digits of an HMAC-SHA256 over a random nonce, under a key derived (HKDF) from the
workspace's secret. Who reads the database alone learns no code.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

DIGITS = 6
_PURPOSE = b"loyalty-bridge member codes 1"


def new_token() -> str:
    """256 bits, URL-safe."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """Enough for a token that nobody can guess: no salt, no slow hash."""
    return hashlib.sha256(token.encode()).hexdigest()


def address_hash(workspace_id: int, email: str) -> str:
    """``email``: as :func:`bridge.programme.emails.normal_email` writes it. It finds an address
    again that is known; it does not hide one from who can guess it."""
    return hashlib.sha256(f"{workspace_id} {email}".encode()).hexdigest()


def code_of(secret: bytes, workspace_id: int, nonce: str) -> str:
    """``042117``. ``secret``: :func:`bridge.vouchers.codes.workspace_secret`."""
    key = HKDF(algorithm=SHA256(), length=32, salt=None, info=_PURPOSE).derive(secret)
    digest = hmac.new(key, f"{workspace_id} {nonce}".encode(), hashlib.sha256).digest()
    return f"{int.from_bytes(digest, 'big') % 10**DIGITS:0{DIGITS}}"


def typed_code(text: str) -> str:
    """The digits of what somebody typed, whatever digits his language writes (Persian, Thai):
    ``042117``. Anything else is left as it is, and is no code."""
    told = "".join(text.split()).replace("-", "")
    return "".join(str(int(sign)) if sign.isdecimal() else sign for sign in told)


def is_code(secret: bytes, workspace_id: int, nonce: str, typed: str) -> bool:
    """In a time that tells nothing about where it differs."""
    wanted = code_of(secret, workspace_id, nonce)
    return hmac.compare_digest(wanted.encode(), typed_code(typed).encode())
