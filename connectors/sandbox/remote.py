"""Shoppers, apps and modules in a sandbox that another process runs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from http.client import HTTPConnection, HTTPException
from typing import Any

from connectors.sandbox.gate import CONTROL

_PATIENCE = 300
"""Seconds; thousands of orders take a while."""


def order_in(port: int, orders: int, seed: int) -> dict[str, int]:
    """Places orders, with all that follows from them, in the sandbox that listens on this port of
    127.0.0.1; how many deeds of which kind it came to.

    Raises ConnectionError when no sandbox answers there, and LookupError when it has nobody to
    buy or nothing to sell.
    """
    said = _told(port, "orders", {"orders": orders, "seed": seed})
    return {str(kind): int(count) for kind, count in said.items()}


def buy_in(port: int, email: str, items: Mapping[str, int], codes: Sequence[str]) -> dict[str, Any]:
    """One order, paid and sent: ``number``, ``guest``, and with tax ``goods``, ``off``, ``total``.
    Codes that the shop does not take are left out.

    Raises ConnectionError when no sandbox answers there, and LookupError for what cannot be
    bought.
    """
    return _told(port, "buy", {"email": email, "items": dict(items), "codes": list(codes)})


def install_in(port: int, manifest: str) -> dict[str, Any]:
    """Installs an app in the sandbox on this port of 127.0.0.1: ``app`` and ``version`` by name,
    ``webhooks`` by number.

    Raises ConnectionError when no sandbox answers there that has apps, and LookupError when it
    refuses this one.
    """
    return _told(port, "app", {"manifest": manifest})


def module_in(port: int, deed: str) -> dict[str, Any]:
    """``deed``: ``install``, ``switch off``, ``switch on`` or ``remove`` the bridge's module in the
    sandbox on this port of 127.0.0.1: ``installed``, ``version``, ``active``.

    Raises ConnectionError when no sandbox answers there that has modules.
    """
    return _told(port, "module", {"do": deed})


def _told(port: int, route: str, what: dict[str, Any]) -> dict[str, Any]:
    connection = HTTPConnection("127.0.0.1", port, timeout=_PATIENCE)
    headers = {"Content-Type": "application/json"}
    try:
        connection.request("POST", f"{CONTROL}{route}", json.dumps(what), headers)
        answer = connection.getresponse()
        said = json.loads(answer.read())
    except (OSError, HTTPException, ValueError) as error:
        raise ConnectionError(f"no sandbox answers on port {port}") from error
    finally:
        connection.close()
    if answer.status == 400:
        raise LookupError(str(said["error"]))
    if answer.status == 404 and isinstance(said, dict) and "routes" in said:
        raise ConnectionError(f"the sandbox on port {port} has no such thing as {route}")
    if answer.status != 200 or not isinstance(said, dict):
        raise ConnectionError(f"what answers on port {port} is no sandbox")
    return said
