"""Shoppers in a sandbox that another process runs."""

from __future__ import annotations

import json
from http.client import HTTPConnection, HTTPException

from connectors.sandbox.gate import CONTROL

_PATIENCE = 300
"""Seconds; thousands of orders take a while."""


def order_in(port: int, orders: int, seed: int) -> dict[str, int]:
    """Places orders, with all that follows from them, in the sandbox that listens on this port of
    127.0.0.1; how many deeds of which kind it came to.

    Raises ConnectionError when no sandbox answers there, and LookupError when it has nobody to
    buy or nothing to sell.
    """
    connection = HTTPConnection("127.0.0.1", port, timeout=_PATIENCE)
    body = json.dumps({"orders": orders, "seed": seed})
    try:
        connection.request("POST", f"{CONTROL}orders", body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        said = json.loads(answer.read())
    except (OSError, HTTPException, ValueError) as error:
        raise ConnectionError(f"no sandbox answers on port {port}") from error
    finally:
        connection.close()
    if answer.status == 400:
        raise LookupError(str(said["error"]))
    if answer.status != 200:
        raise ConnectionError(f"what answers on port {port} is no sandbox")
    return {str(kind): int(count) for kind, count in said.items()}
