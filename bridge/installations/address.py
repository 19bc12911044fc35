"""A shop's base address, as an admin types it and as it is stored."""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit

from bridge.kit.errors import BridgeError
from connectors.sentences import sentence

_DEFAULT_PORTS = {"http": 80, "https": 443}
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def normalised_address(text: str) -> str:
    """The address with scheme and host in lower case and neither default port nor final slash.

    A path stays: a shop may live in a sub-folder. Raises BridgeError, which never repeats a
    password, for anything that is no base address.
    """
    try:
        parts = urlsplit(text.strip())
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise BridgeError(
            sentence("The URL cannot be read. Write it like https://shop.example.")
        ) from error
    if "@" in parts.netloc or ("@" in text and parts.scheme not in _DEFAULT_PORTS):
        raise BridgeError(
            sentence(
                "The URL holds a user or password. Give the plain address; what the shop's API "
                "needs belongs into the credentials file."
            )
        )
    if parts.scheme not in _DEFAULT_PORTS:
        raise BridgeError(
            sentence(
                "The URL `%(text)s` needs http:// or https:// in front, for example "
                "https://shop.example.",
                text=text.strip(),
            )
        )
    if not host or any(character.isspace() for character in text.strip()):
        raise BridgeError(
            sentence("The URL `%(text)s` names no host, or has a space in it.", text=text.strip())
        )
    if parts.query or parts.fragment:
        raise BridgeError(
            sentence(
                "The URL ends in a query or fragment. Give the shop's base address only, for "
                "example %(scheme)s://%(host)s.",
                scheme=parts.scheme,
                host=host,
            )
        )
    bracketed = f"[{host}]" if ":" in host else host
    netloc = bracketed if port in (None, _DEFAULT_PORTS[parts.scheme]) else f"{bracketed}:{port}"
    return urlunsplit((parts.scheme, netloc, parts.path.rstrip("/"), "", ""))


def is_in_the_open(address: str) -> bool:
    """Whether credentials would cross a network unencrypted."""
    parts = urlsplit(address)
    return parts.scheme == "http" and parts.hostname not in _LOOPBACK


def is_same_shop(one: str, other: str) -> bool:
    """Whether two base addresses lead to one shop.

    http and https do, and so do the names of this machine; another port, path or host does not.
    """
    try:
        return _place(one) == _place(other)
    except ValueError:
        return False


def _place(address: str) -> tuple[str, int | None, str]:
    parts = urlsplit(address.strip())
    host = (parts.hostname or "").rstrip(".")
    if parts.scheme not in _DEFAULT_PORTS or not host or parts.query or parts.fragment:
        raise ValueError("no base address")
    port = None if parts.port == _DEFAULT_PORTS[parts.scheme] else parts.port
    return ("localhost" if host in _LOOPBACK else host, port, parts.path.rstrip("/"))
