"""Addresses as invited friends write them. Pure."""

from __future__ import annotations

import re

from bridge.programme.emails import normal_email

_LOCAL = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
"""RFC 5322's dot-atom: no quotes, commas or controls, so it can be nothing but one recipient."""
_LONGEST_LOCAL, _LONGEST = 64, 254
"""RFC 5321, 4.5.3.1, and its erratum 1690."""
_ONE_DOMAIN = {"googlemail.com": "gmail.com"}
_WITHOUT_DOTS = frozenset({"gmail.com"})


def invited_address(typed: str) -> str:
    """The address as it is compared. Raises ValueError for what mail cannot be sent to."""
    address = normal_email(typed)
    local, _, domain = address.rpartition("@")
    if (
        not _LOCAL.fullmatch(local)
        or len(local) > _LONGEST_LOCAL
        or len(address) > _LONGEST
        or "." not in domain
    ):
        raise ValueError(f'"{typed}" is not an e-mail address: write it like name@example.com')
    return address


def mailbox_of(address: str) -> str:
    """The same for addresses that most mail servers put into one mailbox: without what follows
    a plus, and for Gmail without dots."""
    local, _, domain = untagged(address).rpartition("@")
    domain = _ONE_DOMAIN.get(domain, domain)
    if domain in _WITHOUT_DOTS:
        local = local.replace(".", "")
    return f"{local}@{domain}"


def untagged(address: str) -> str:
    """``ada+shop@example.com`` is ``ada@example.com``."""
    local, at, domain = address.rpartition("@")
    base = local.partition("+")[0]
    return f"{base or local}{at}{domain}"


def spellings(address: str) -> tuple[str, ...]:
    """Under which of the bridge's known addresses its owner may be found."""
    return tuple(dict.fromkeys((address, untagged(address), mailbox_of(address))))
