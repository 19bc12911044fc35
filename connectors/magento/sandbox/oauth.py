"""OAuth 1.0a signatures, checked the way the shop checks them (recorded: oauth1.json)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from urllib.parse import quote, unquote

_ALGORITHMS = {"HMAC-SHA256": hashlib.sha256, "HMAC-SHA1": hashlib.sha1}


SIGNATURE_METHODS = frozenset(_ALGORITHMS)
LENGTH = 32
"""Of a consumer's key and of a token; another length has an error text of its own."""


def parameters(header: str) -> dict[str, str] | None:
    """The ``oauth_…`` parameters of an Authorization header; None when it is another kind
    or has none.

    What stands before ``OAuth `` is passed over, and only double quotes are taken off a value
    (magento2: Framework/Oauth/Helper/Request.php; recorded: the last vector of oauth1.json).
    """
    at = header.lower().find("oauth ")
    if at < 0:
        return None
    pairs = (part.strip().partition("=") for part in header[at + 6 :].split(","))
    found = {
        unquote(name): unquote(value.strip('"'))
        for name, equals, value in pairs
        if equals and _PROTOCOL.search(name)
    }
    return found or None


def signature(
    method: str,
    url: str,
    oauth: Mapping[str, str],
    consumer_secret: str,
    token_secret: str,
) -> str:
    """The signature of a call; ``url`` as it was sent, with its query. A JSON body is not part
    of it. Raises LookupError for a method of signing the shop does not know."""
    base, _, query = url.partition("?")
    signed = [(name, value) for name, value in oauth.items() if name not in _NOT_SIGNED]
    signed += _query(query)
    pairs = sorted((_encoded(name), _encoded(value)) for name, value in signed)
    normal = "&".join(f"{name}={value}" for name, value in pairs)
    text = "&".join((method.upper(), _encoded(base), _encoded(normal)))
    key = f"{_encoded(consumer_secret)}&{_encoded(token_secret)}"
    algorithm = _ALGORITHMS[oauth.get("oauth_signature_method", "")]
    return base64.b64encode(hmac.new(key.encode(), text.encode(), algorithm).digest()).decode()


_NOT_SIGNED = frozenset({"oauth_signature", "realm"})
_PROTOCOL = re.compile(r"oauth_[a-z_-]+")


def _query(query: str) -> list[tuple[str, str]]:
    """The shop signs a parameter only when it has exactly one ``=`` (same source); of two with
    one name the last. A ``+`` is no space to those versions that decode by ``rawurldecode``: this
    shop is one of them."""
    parts = [part.split("=") for part in query.split("&")]
    pairs = [part for part in parts if len(part) == 2 and not _PROTOCOL.search(part[0])]
    return list({unquote(name): unquote(value) for name, value in pairs}.items())


def _encoded(text: str) -> str:
    return quote(text, safe="~")
