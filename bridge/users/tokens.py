"""Random tokens: handed out once, kept as their hash."""

from __future__ import annotations

import hashlib
import secrets


def new_token() -> str:
    """256 bits, URL-safe."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """Enough for a token that nobody can guess: no salt, no slow hash."""
    return hashlib.sha256(token.encode()).hexdigest()
