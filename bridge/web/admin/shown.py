"""Pages as browsers get them: templates, files, headers."""

from __future__ import annotations

import hashlib
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Flask, Response, make_response, render_template, request, url_for
from jinja2 import StrictUndefined
from markupsafe import Markup, escape

from bridge.languages.catalogues import NAMES
from bridge.web import speaking
from bridge.web.admin.navigation import badges, sections
from bridge.web.admin.visit import guest, visit

STATIC = Path(__file__).parents[1] / "static"
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex",
}
_OWN = frozenset({"Content-Security-Policy", "X-Frame-Options"})
"""A page with a frame, and what stands in that, have their own."""
_YEAR = 365 * 24 * 3600


def page(template: str, status: int = 200, **values: Any) -> Response:
    """A template below ``templates/admin/``."""
    response = make_response(render_template(f"admin/{template}", **values), status)
    return protect(response)


def protect(response: Response) -> Response:
    """With the headers of every page; what the page itself says of frames stays."""
    for name, value in HEADERS.items():
        if name not in _OWN or name not in response.headers:
            response.headers[name] = value
    response.headers["Content-Language"] = speaking.speech().language
    if request.is_secure:
        response.headers["Strict-Transport-Security"] = f"max-age={_YEAR}; includeSubDomains"
    return response


def is_fragment() -> bool:
    """Whether htmx asks for a part of a page."""
    return "HX-Request" in request.headers and "HX-Boosted" not in request.headers


@lru_cache(maxsize=64)
def _digest(name: str) -> str:
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]


def asset(name: str) -> str:
    """The address of a file in ``static/``: another one when the file changes, so that browsers
    may keep it."""
    return url_for("static", filename=name, v=_digest(name))


def link(name: str, /, **values: Any) -> str:
    """Of a page of the workspace that is looked at, by its function's name."""
    found = visit()
    assert found is not None, "only in pages of a workspace"
    return found.url(name, **values)


def with_code(text: str | BaseException) -> Markup:
    """What a service says, in the user's language; what stands between backticks is to be typed."""
    parts = speaking.said(text).split("`")
    if len(parts) % 2 == 0:
        return escape("`".join(parts))
    said = (
        Markup("<code>{}</code>").format(part) if place % 2 else escape(part)
        for place, part in enumerate(parts)
    )
    return Markup("").join(said)


def prepare(app: Flask) -> None:
    """What every template can say."""
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = _YEAR
    environment = app.jinja_env
    environment.undefined = StrictUndefined
    environment.trim_blocks = environment.lstrip_blocks = True
    environment.globals.update(
        _=speaking._,
        ngettext=speaking.ngettext,
        asset=asset,
        link=link,
        sections=sections,
        badges=badges,
        languages=NAMES,
    )
    environment.filters.update(
        number=lambda value: speaking.speech().number(value),
        signed=lambda value: speaking.speech().signed(value),
        money=lambda value, currency: speaking.speech().money(value, currency),
        percent=lambda value, digits=1: speaking.speech().percent(value, digits),
        day=lambda value: speaking.speech().day(value),
        moment=lambda value: speaking.speech().moment(value),
        said=speaking.said,
        with_code=with_code,
    )

    @app.context_processor
    def present() -> dict[str, Any]:
        return {
            "speech": speaking.speech(),
            "visit": visit(),
            "guest": guest(),
            "now": _now,
        }


def _now() -> datetime:
    found = visit()
    assert found is not None
    return found.app.now()
