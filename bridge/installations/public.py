"""Whether a shop stands where everybody can reach it: asked of addresses that a person typed who
may use the web app, and not the network the bridge stands in.

This is asked before anything is stored or called, so that the person reads why. Names can lead
elsewhere a moment later: connectors ask again with each connection
(:attr:`connectors.base.Connection.public_only`).
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

from bridge.kit.errors import BridgeError
from connectors.addresses import is_public
from connectors.sentences import sentence

Resolver = Callable[[str], Sequence[str]]
"""The IP addresses a host name leads to. Raises OSError when there are none."""


class NotPublic(BridgeError):
    def __init__(self, host: str) -> None:
        self.host = host
        super().__init__(
            sentence(
                "`%(host)s` leads to an address that is not public, and the web app connects "
                "to public ones only. Whoever runs the bridge can add this store with "
                "`loyalty-bridge store add`, or allow it here with "
                "LOYALTY_BRIDGE_ALLOW_PRIVATE_STORES=true.",
                host=host,
            )
        )


class UnknownHost(BridgeError):
    def __init__(self, host: str) -> None:
        self.host = host
        super().__init__(
            sentence("There is no host `%(host)s`. Look at how its name is written.", host=host)
        )


def resolved(host: str) -> Sequence[str]:
    """By this machine's own means; may take seconds."""
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(one[4][0]) for one in found))


def require_public(url: str, resolve: Resolver) -> None:
    """Every address that the host leads to must be public. Raises NotPublic, UnknownHost."""
    host = urlsplit(url).hostname or ""
    try:
        found = resolve(host)
    except (OSError, UnicodeError):
        raise UnknownHost(host) from None
    if not found:
        raise UnknownHost(host)
    if not all(is_public(address) for address in found):
        raise NotPublic(host)
