"""The merchant's colours and his picture, as files of their own: a page may hold no style."""

from __future__ import annotations

import hashlib
from typing import Any

from flask import Response, abort, request

from bridge.preferences.colours import darkened, lightened, text_on
from bridge.preferences.logos import logo
from bridge.preferences.sections import Branding
from bridge.web.admin.settings.branding import picture
from bridge.web.member.routes import Needs, Pages
from bridge.web.member.visit import Caller, Merchant

pages = Pages()

_DARK = "#303030"
"""The lightest ground of the dark pages."""
_FOR_GOOD = "public, max-age=31536000, immutable"


@pages.get("/brand.css", Needs.NOTHING)
def brand_css(caller: Caller) -> Any:
    answer = Response(css(caller.merchant.branding), mimetype="text/css")
    return _kept(answer, version(caller.merchant))


@pages.get("/logo", Needs.NOTHING)
def logo_file(caller: Caller) -> Any:
    with caller.app.database.reading() as session:
        found = logo(session, caller.app.workspace_id)
    if found is None:
        abort(404)
    return _kept(picture(found), found.digest)


def _kept(answer: Response, present: str) -> Response:
    """For good under the address that names what it holds; else asked for anew."""
    is_named = request.args.get("v") == present
    answer.headers["Cache-Control"] = _FOR_GOOD if is_named else "no-cache"
    return answer


def version(merchant: Merchant) -> str:
    """Other colours have another address."""
    return hashlib.sha256(css(merchant.branding).encode()).hexdigest()[:12]


def css(branding: Branding) -> str:
    """Pure. Every text can be read on its ground, in the light and in the dark."""
    colour = darkened(branding.colour)
    return (
        ":root{"
        f"--member-header:{branding.header};--member-on-header:{branding.on_header};"
        f"--member-brand:{colour};--member-on-brand:{text_on(colour)};--member-link:{colour}"
        "}\n"
        f"[data-bs-theme=dark]{{--member-link:{lightened(colour, _DARK)}}}\n"
    )
