"""Members' pages as browsers get them."""

from __future__ import annotations

from typing import Any

from flask import Response, make_response, render_template

from bridge.languages.catalogues import MEMBER_NAMES
from bridge.web.admin.shown import protect as _protect
from bridge.web.member import brand
from bridge.web.member.navigation import entries
from bridge.web.member.visit import Visit, caller
from bridge.web.speaking import ngettext, speech


def page(template: str, status: int = 200, **values: Any) -> Response:
    """A template below ``templates/member/``. It knows the ``visit`` (a Caller, or a Visit) as
    well, and what the menu holds."""
    found = caller()
    told: dict[str, Any] = {
        "visit": found,
        "merchant": found.merchant if found else None,
        "brand_version": brand.version(found.merchant) if found else "",
        "entries": entries(found) if isinstance(found, Visit) else [],
        "languages": MEMBER_NAMES,
        "counted": counted,
    }
    answer = make_response(render_template(f"member/{template}", **(told | values)), status)
    return protect(answer)


def protect(answer: Response) -> Response:
    """What may be kept by the browser stays so."""
    kept = answer.headers.get("Cache-Control")
    _protect(answer)
    if kept is not None:
        answer.headers["Cache-Control"] = kept
    return answer


def counted(number: int) -> str:
    """``1,200 points``, by the merchant's own word where he has one."""
    found = caller()
    branding = found.merchant.branding if found else None
    if branding is not None and branding.points:
        word = branding.point if number == 1 else branding.points
        return f"{speech().number(number)} {word}"
    return ngettext("%(number)s point", "%(number)s points", number)
