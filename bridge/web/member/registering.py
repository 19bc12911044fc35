"""All members' pages, and how they are hung into the application."""

from __future__ import annotations

from collections.abc import Callable

import structlog
from flask import Blueprint, Flask, Response, g, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException

from bridge.application import Application
from bridge.kit.encryption import UnreadableSecret
from bridge.kit.errors import BridgeError
from bridge.languages.catalogues import MEMBER_NAMES, SOURCE
from bridge.languages.speech import Speech
from bridge.web.member import (
    brand,
    cookies,
    from_app,
    from_shop,
    history,
    home,
    languages,
    prices,
    privacy,
    redeem,
    referral,
    rewards,
    shown,
    signing_in,
    surveys,
    terms,
    vouchers,
)
from bridge.web.member.access import DOMAIN, Access
from bridge.web.member.routes import Route
from bridge.web.speaking import _

log = structlog.get_logger(__name__)

PAGES = (
    brand.pages,
    languages.pages,
    signing_in.pages,
    from_shop.pages,
    from_app.pages,
    home.pages,
    history.pages,
    redeem.pages,
    rewards.pages,
    vouchers.pages,
    prices.pages,
    referral.pages,
    surveys.pages,
    terms.pages,
    privacy.pages,
)
BELOW = "/m/"


def routes() -> list[Route]:
    return [route for room in PAGES for route in room.routes]


def register(app: Flask, application: Application, wake: Callable[[str], None]) -> None:
    """After the pages behind the staff's sign-in: they configure cookies and templates."""
    access = Access(application, wake)
    blueprint = Blueprint("member", __name__)
    for route in routes():
        blueprint.add_url_rule(route.rule, route.name, access.guard(route), methods=[route.method])
    blueprint.register_error_handler(CSRFError, _stale)
    blueprint.register_error_handler(HTTPException, _refused)
    blueprint.register_error_handler(BridgeError, _cannot)
    blueprint.register_error_handler(UnreadableSecret, _cannot)
    blueprint.register_error_handler(SQLAlchemyError, _cannot)
    app.register_blueprint(blueprint)


def refusal_page(status: int) -> Response:
    _speak()
    title, advice = {
        401: (_("You are signed out"), _("Please sign in, and try again.")),
        403: (_("This link does not work"), _("It may be too old, or was used already.")),
        404: (_("There is no such page"), _("Perhaps the address is not complete.")),
        429: (_("Please wait a moment"), _("This was tried too often. Try again later.")),
        503: (_("Please try again later"), _("This does not work at the moment.")),
    }.get(status, (_("This did not work"), _("Please go back and try again.")))
    return shown.page("refusal.html", status, title=title, advice=advice)


def fault_page() -> Response:
    _speak()
    advice = _("Nothing was changed. Please try again later.")
    return shown.page("refusal.html", 500, title=_("Something went wrong here"), advice=advice)


def _refused(error: HTTPException) -> Response:
    return refusal_page(error.code or 500)


def _stale(_error: CSRFError) -> Response:
    _speak()
    return shown.page(
        "refusal.html",
        400,
        title=_("This page is too old"),
        advice=_("Please go back, load it again and repeat what you did."),
    )


def _cannot(error: Exception) -> Response:
    """Nothing a member could do about: it stands in the log for who can."""
    reason = str(error) if isinstance(error, BridgeError) else type(error).__name__
    log.error("a member's page failed", reason=reason)
    return refusal_page(503)


def _speak() -> None:
    """Where nobody found out yet whose page it is."""
    if "speech" not in g:
        told = cookies.language() or request.accept_languages.best_match([*MEMBER_NAMES])
        g.speech = Speech(told or SOURCE, DOMAIN)
