"""Which passwords the shop takes for a new account (AccountManagement::checkPasswordStrength)."""

from __future__ import annotations

import re

from connectors.magento.sandbox.errors import Refused

_SHORTEST = "8"
_KINDS_NEEDED = "3"
_KINDS = (r"[0-9]", r"[A-Z]", r"[a-z]", r"[^0-9A-Za-z]")


def check(password: str, email: str) -> None:
    """Raises Refused in the shop's words."""
    if len(password) < int(_SHORTEST):
        raise Refused(
            400,
            "The password needs at least %1 characters. Create a new password and try again.",
            [_SHORTEST],
        )
    if password != password.strip():
        raise Refused(
            400,
            "The password can't begin or end with a space. Verify the password and try again.",
        )
    if sum(bool(re.search(kind, password)) for kind in _KINDS) < int(_KINDS_NEEDED):
        raise Refused(
            400,
            "Minimum of different classes of characters in password is %1. Classes of "
            "characters: Lower Case, Upper Case, Digits, Special Characters.",
            [_KINDS_NEEDED],
        )
    if password.lower() == email.lower():
        raise Refused(
            400,
            "The password can't be the same as the email address. Create a new password and try "
            "again.",
        )
