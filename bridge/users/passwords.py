"""Passwords: what is taken for one, how it is kept and compared.

argon2id with the library's parameters (RFC 9106, low memory). What is taken follows NIST SP
800-63B: length counts, no rules on kinds of characters, nothing that says the account itself.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from itertools import pairwise

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST = 12
LONGEST = 256
"""Characters; hashing more would only be work for us."""

_hasher = PasswordHasher()


def objection(password: str, email: str, name: str) -> str:
    """Why this cannot be the password, as a key of a text; empty: it can. Pure.

    Keys: ``too-short``, ``too-long``, ``too-plain``, ``says-account``.
    """
    normal = _normal(password)
    if len(normal) < SHORTEST:
        return "too-short"
    if len(normal) > LONGEST:
        return "too-long"
    if len(set(normal.casefold())) < 5 or normal.isdecimal() or _is_row(normal):
        return "too-plain"
    told = [email.partition("@")[0], email, *name.split()]
    rest = normal.casefold()
    for word in sorted((one.casefold() for one in told if len(one) >= 4), key=len, reverse=True):
        rest = rest.replace(word, "")
    return "" if len(rest) >= SHORTEST // 2 else "says-account"


def hashed(password: str) -> str:
    """Takes some tens of milliseconds: never within a unit of work."""
    return _hasher.hash(_normal(password))


def is_right(password_hash: str, password: str) -> bool:
    """Takes as long for an account that is not there, told as the empty hash."""
    try:
        return _hasher.verify(password_hash or _nobody(), _normal(password)) and bool(password_hash)
    except (VerificationError, InvalidHashError):
        return False


def is_dated(password_hash: str) -> bool:
    """Made with weaker parameters than today's."""
    return _hasher.check_needs_rehash(password_hash)


@lru_cache(maxsize=1)
def _nobody() -> str:
    return _hasher.hash("nobody's password")


def _normal(password: str) -> str:
    return unicodedata.normalize("NFKC", password)


def _is_row(password: str) -> bool:
    """abcdef…, 123456…, or one piece again and again."""
    steps = {ord(b) - ord(a) for a, b in pairwise(password)}
    if len(steps) == 1:
        return True
    return any(
        password == (password[:size] * len(password))[: len(password)] for size in range(1, 5)
    )
