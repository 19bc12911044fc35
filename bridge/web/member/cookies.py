"""The cookies of members' browsers: which session it is, and the language that was chosen.

Each merchant has one of his own, so that a member of two is signed in with both.
"""

from __future__ import annotations

from typing import Any

from flask import Response, request

from bridge.languages.catalogues import MEMBER_NAMES, PSEUDO
from bridge.web.member.visit import Caller

_LANGUAGE = "member-language"
_YEAR = 365 * 24 * 3600


def token(workspace_id: int, *, is_secure: bool) -> str:
    """Empty: there is none."""
    return request.cookies.get(_name(workspace_id, is_secure), "")


def set_token(answer: Response, caller: Caller, told: str) -> Response:
    """Until the browser is closed; how long it is good for, its row says."""
    answer.set_cookie(_name(caller.app.workspace_id, _is_secure(caller)), told, **_options(caller))
    return answer


def drop_token(answer: Response, caller: Caller) -> Response:
    answer.delete_cookie(_name(caller.app.workspace_id, _is_secure(caller)), **_options(caller))
    return answer


def language() -> str:
    """What he chose; empty: nothing."""
    found = request.cookies.get(_LANGUAGE, "")
    return found if found in MEMBER_NAMES or found == PSEUDO else ""


def set_language(answer: Response, caller: Caller, told: str) -> Response:
    answer.set_cookie(_LANGUAGE, told, max_age=_YEAR, **_options(caller))
    return answer


def _name(workspace_id: int, is_secure: bool) -> str:
    # The prefix makes browsers refuse one that another host or an unsafe page set.
    return f"{'__Host-' if is_secure else ''}member-{workspace_id}"


def _is_secure(caller: Caller) -> bool:
    return caller.app.settings.public_url.startswith("https:")


def _options(caller: Caller) -> dict[str, Any]:
    return {"path": "/", "secure": _is_secure(caller), "httponly": True, "samesite": "Lax"}
