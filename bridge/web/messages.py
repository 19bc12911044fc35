"""Reading a request whole, and answering it in a few words."""

from __future__ import annotations

from typing import Any

from flask import Response, json, request
from werkzeug.exceptions import LengthRequired, RequestEntityTooLarge

BODY_LIMIT = 1024 * 1024
"""Bytes. ``checkout.order.placed`` holds the whole order, some 4 kB a line (recorded:
app_system.json #10); for a larger one the short ``order.written`` comes as well."""


def read_body() -> bytes:
    """Byte by byte as it came. Raises HTTPException: 411 when it has no announced end, 413 when
    it is longer than the limit, announced or not, 400 when it is cut off."""
    if request.content_length is None and not request.environ.get("wsgi.input_terminated"):
        raise LengthRequired
    body = request.get_data(cache=False)
    if len(body) > BODY_LIMIT:  # one of unknown length is cut at MAX_CONTENT_LENGTH
        raise RequestEntityTooLarge
    return body


def answer(status: int, content: dict[str, Any]) -> Response:
    """Nobody between us and the shop may keep it: it can hold a secret."""
    response = Response(json.dumps(content), status, content_type="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response


def refusal(status: int, error: str) -> Response:
    """Shopware shows the text under ``error`` to the admin who installs an app."""
    return answer(status, {"error": error})
