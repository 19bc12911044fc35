"""The language that a member chooses for his pages."""

from __future__ import annotations

from typing import Any

from flask import abort, current_app, redirect, request

from bridge.languages.catalogues import MEMBER_NAMES
from bridge.web.member import cookies
from bridge.web.member.access import own_page
from bridge.web.member.routes import Needs, Pages
from bridge.web.member.visit import Caller

pages = Pages()


@pages.post("/language", Needs.NOTHING)
def choose_language(caller: Caller) -> Any:
    told = request.form.get("language", "")
    if told not in MEMBER_NAMES:
        abort(400)
    target = own_page(caller, request.form.get("next", ""))
    answer = current_app.make_response(redirect(target, 303))
    return cookies.set_language(answer, caller, told)
