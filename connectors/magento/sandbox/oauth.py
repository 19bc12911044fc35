"""OAuth 1.0a signatures, checked the way the shop checks them (recorded: oauth1.json)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, quote, unquote

_ALGORITHMS = {"HMAC-SHA256": hashlib.sha256, "HMAC-SHA1": hashlib.sha1}


def parameters(header: str) -> dict[str, str] | None:
    """The ``oauth_…`` parameters of an Authorization header; None when it is another kind."""
    if not re.match(r"(b')?oauth\s", header, re.IGNORECASE):
        return None
    pairs = re.findall(r'([a-z_]+)="([^"]*)"', header)
    return {name: unquote(value) for name, value in pairs}


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
    signed += parse_qsl(query, keep_blank_values=True)
    pairs = sorted((_encoded(name), _encoded(value)) for name, value in signed)
    normal = "&".join(f"{name}={value}" for name, value in pairs)
    text = "&".join((method.upper(), _encoded(base), _encoded(normal)))
    key = f"{_encoded(consumer_secret)}&{_encoded(token_secret)}"
    algorithm = _ALGORITHMS[oauth.get("oauth_signature_method", "")]
    return base64.b64encode(hmac.new(key.encode(), text.encode(), algorithm).digest()).decode()


_NOT_SIGNED = frozenset({"oauth_signature", "realm"})


def _encoded(text: str) -> str:
    return quote(text, safe="~")
