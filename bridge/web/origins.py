"""Where the pages of a shop are, as browsers say where a request comes from (``Origin``)."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from bridge.installations.models import ShopFacts


def of_shop(addresses: Iterable[str], facts: ShopFacts | None) -> frozenset[str]:
    """``addresses``: those that the shop may have (:attr:`Endpoint.allowed_urls`); its stores' are
    added, as far as it told them."""
    urls = list(addresses)
    for store in facts.stores if facts is not None else ():
        urls += [store.get("url", ""), *store.get("more_urls", "").split()]
    return frozenset(filter(None, map(origin, urls)))


def origin(url: str) -> str:
    """As browsers write it: without the port that belongs to the scheme, in lower case. Empty for
    what is no address of a page."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not host:
        return ""
    host = f"[{host}]" if ":" in host else host
    is_usual = port in (None, {"http": 80, "https": 443}[parts.scheme])
    return f"{parts.scheme}://{host}" if is_usual else f"{parts.scheme}://{host}:{port}"
