"""E-mail addresses in the one form in which they are compared."""

from __future__ import annotations

import idna


def normal_email(text: str) -> str:
    """Trimmed, lower case, the domain in IDNA (``ä@straße.de`` -> ``ä@xn--strae-oqa.de``).

    Raises ValueError whose text says what is wrong.
    """
    address = text.strip().lower()
    local, at, domain = address.rpartition("@")
    if not at or not local or any(sign.isspace() for sign in address):
        raise ValueError(f'"{text}" is not an e-mail address: write it like name@example.com')
    return f"{local}@{normal_domain(domain)}"


def folded_email(email: str) -> str:
    """As addresses are compared; trimmed and in lower case where it cannot be an address."""
    try:
        return normal_email(email)
    except ValueError:
        return email.strip().lower()


def normal_domain(text: str) -> str:
    """Trimmed, lower case, IDNA. Raises ValueError for what is not a domain name."""
    domain = text.strip().lower().removeprefix("@").removesuffix(".")
    try:
        return idna.encode(domain, uts46=True).decode("ascii").lower()
    except (idna.IDNAError, UnicodeError):
        message = f'"{text}" is not a domain name: write it like example.com'
        raise ValueError(message) from None
