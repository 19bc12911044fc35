"""Secrets at rest: Fernet (AES-128-CBC with HMAC-SHA256) under keys that rotate.

The newest key encrypts, every key decrypts; rotating means encrypting anew and then dropping
the old keys. See https://cryptography.io/en/latest/fernet/ for the format.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet


class UnreadableSecret(Exception):
    """Encrypted under a key that is no longer there, or changed since."""

    def __str__(self) -> str:
        return (
            "The stored credentials cannot be decrypted with the present key. "
            "Restore the key file they were stored under, or add the store anew."
        )


def generate_key() -> str:
    return Fernet.generate_key().decode("ascii")


class KeyRing:
    """Keys as URL-safe base64 text, newest first."""

    def __init__(self, keys: Sequence[str]) -> None:
        if not keys:
            raise ValueError("A key ring needs at least one key.")
        try:
            self._fernet = MultiFernet([Fernet(key.encode("ascii")) for key in keys])
        except ValueError as error:
            raise ValueError("A key is 32 bytes in URL-safe base64.") from error

    def __repr__(self) -> str:
        return "KeyRing(…)"

    def encrypt(self, secrets: Mapping[str, str]) -> str:
        plain = json.dumps(dict(secrets), sort_keys=True).encode("utf-8")
        return self._fernet.encrypt(plain).decode("ascii")

    def decrypt(self, token: str) -> dict[str, str]:
        """Raises :class:`UnreadableSecret`."""
        try:
            plain = self._fernet.decrypt(token.encode("ascii"))
        except InvalidToken as error:
            raise UnreadableSecret from error
        return {str(name): str(value) for name, value in json.loads(plain).items()}

    def rotate(self, token: str) -> str:
        """The same secrets under the newest key. Raises :class:`UnreadableSecret`."""
        try:
            return self._fernet.rotate(token.encode("ascii")).decode("ascii")
        except InvalidToken as error:
            raise UnreadableSecret from error
