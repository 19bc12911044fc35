"""All pages behind the sign-in, and how they are hung into the application."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Flask, Response, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from bridge.application import Application
from bridge.kit.errors import BridgeError
from bridge.users.web_secret import web_secret
from bridge.web.admin import cookies, fleet, front, job_pages, shown, simulation
from bridge.web.admin.access import Access
from bridge.web.admin.figures import overview, reports
from bridge.web.admin.groups import pages as groups
from bridge.web.admin.letters import pages as letters
from bridge.web.admin.letters import texts as letters_texts
from bridge.web.admin.members import claiming as member_claiming
from bridge.web.admin.members import company as member_company
from bridge.web.admin.members import identity as member_identity
from bridge.web.admin.members import linking as member_linking
from bridge.web.admin.members import listing as members
from bridge.web.admin.members import page as member
from bridge.web.admin.members import points as member_points
from bridge.web.admin.members import privacy as member_privacy
from bridge.web.admin.members import redeeming as member_redeeming
from bridge.web.admin.members import standing as member_standing
from bridge.web.admin.members import tier as member_tier
from bridge.web.admin.members import vouchers as member_vouchers
from bridge.web.admin.plans import pages as plan
from bridge.web.admin.plans import runs
from bridge.web.admin.prices import files as price_files
from bridge.web.admin.prices import list_settings as price_list_settings
from bridge.web.admin.prices import lists as price_lists
from bridge.web.admin.prices import rules as price_rules
from bridge.web.admin.programme import pages as programme
from bridge.web.admin.programme import previewing as programme_previewing
from bridge.web.admin.programme import text as programme_text
from bridge.web.admin.programme import versions as programme_versions
from bridge.web.admin.programme_templates import pages as templates
from bridge.web.admin.routes import Route
from bridge.web.admin.settings import audit_log, backup, branding, limits, privacy, terms
from bridge.web.admin.stores import adding as stores_adding
from bridge.web.admin.stores import administration as stores_administration
from bridge.web.admin.stores import changing as stores_changing
from bridge.web.admin.stores import links as stores_links
from bridge.web.admin.stores import pages as stores
from bridge.web.admin.stores import plugin as stores_plugin
from bridge.web.admin.subscribers import pages as webhooks
from bridge.web.admin.surveys import answers as survey_answers
from bridge.web.admin.surveys import pages as surveys
from bridge.web.admin.surveys import questions as survey_questions
from bridge.web.admin.surveys import settings as survey_settings
from bridge.web.admin.users import (
    account,
    from_administration,
    invited,
    sign_in_service,
    signing_in,
    tokens,
)
from bridge.web.admin.users import pages as users
from bridge.web.admin.work import fulfilment, questions, reconciliation, waiting
from bridge.web.admin.work import letters as work_letters
from bridge.web.admin.work import pages as work
from bridge.web.admin.work import vouchers as work_vouchers
from bridge.web.speaking import _, said

DOORS = (
    front.doors,
    fleet.doors,
    signing_in.doors,
    sign_in_service.doors,
    invited.doors,
    account.doors,
    from_administration.doors,
)
PAGES = (
    overview.pages,
    stores.pages,
    stores_adding.pages,
    stores_changing.pages,
    stores_links.pages,
    stores_plugin.pages,
    stores_administration.pages,
    groups.pages,
    price_list_settings.pages,
    price_lists.pages,
    price_rules.pages,
    price_files.pages,
    plan.pages,
    runs.pages,
    waiting.pages,
    members.pages,
    member.pages,
    member_points.pages,
    member_standing.pages,
    member_redeeming.pages,
    member_vouchers.pages,
    member_identity.pages,
    member_tier.pages,
    member_company.pages,
    member_linking.pages,
    member_claiming.pages,
    member_privacy.pages,
    privacy.pages,
    fulfilment.pages,
    questions.pages,
    programme.pages,
    programme_text.pages,
    programme_versions.pages,
    programme_previewing.pages,
    templates.pages,
    simulation.pages,
    work.pages,
    work_vouchers.pages,
    work_letters.pages,
    reconciliation.pages,
    surveys.pages,
    survey_settings.pages,
    survey_questions.pages,
    survey_answers.pages,
    reports.pages,
    users.pages,
    limits.pages,
    branding.pages,
    letters.pages,
    letters_texts.pages,
    terms.pages,
    tokens.pages,
    webhooks.pages,
    backup.pages,
    audit_log.pages,
    job_pages.pages,
)
EXTENSION = "loyalty_bridge.routes"
"""All routes behind the sign-in, in ``app.extensions``: what each needs can be looked up."""


def routes() -> list[Route]:
    return [route for room in (*DOORS, *PAGES) for route in room.routes]


def register(app: Flask, application: Application, wake: Callable[[str], None]) -> None:
    is_secure = application.settings.public_url.startswith("https:")
    cookies.configure(
        app,
        lambda: web_secret(application.database, application.keyring),
        is_secure=is_secure,
    )
    shown.prepare(app)
    sign_in_service.configure(app, application.settings)
    app.jinja_env.globals["service_name"] = sign_in_service.service_name(application.settings)
    access = Access(application, wake)
    access.csrf.init_app(app)
    blueprint = Blueprint("admin", __name__)
    for route in routes():
        blueprint.add_url_rule(route.rule, route.name, access.guard(route), methods=[route.method])
    blueprint.register_error_handler(CSRFError, _stale)
    blueprint.register_error_handler(HTTPException, _refused)
    blueprint.register_error_handler(BridgeError, _problem)
    app.register_blueprint(blueprint)
    app.extensions[EXTENSION] = routes()


def wants_page() -> bool:
    """Whether a person looks, and not a shop that sends."""
    best = request.accept_mimetypes.best_match(["text/html", "application/json"])
    return request.method == "GET" and best == "text/html"


def refusal_page(status: int) -> Response:
    title, advice = {
        401: (_("You are signed out"), _("Sign in, and try again.")),
        403: (
            _("You may not do this"),
            _("Your role does not allow it. An owner of the workspace can change that."),
        ),
        404: (_("There is no such page"), _("It was removed, or the address is not right.")),
        413: (_("This is too much at once"), _("Send a smaller file.")),
    }.get(status, (_("This did not work"), _("Go back and try again.")))
    return shown.page("refusal.html", status, title=title, advice=advice)


def fault_page() -> Response:
    return shown.page(
        "refusal.html",
        500,
        title=_("Something went wrong here"),
        advice=_("Nothing was changed. Try again; if it stays, look into the bridge's log."),
    )


def _refused(error: HTTPException) -> Response:
    return refusal_page(error.code or 500)


def _stale(_error: CSRFError) -> Response:
    return shown.page(
        "refusal.html",
        400,
        title=_("This form is no longer valid"),
        advice=_("You signed in or out meanwhile. Go back, load the page again and repeat it."),
    )


def _problem(error: BridgeError) -> Response:
    return shown.page("refusal.html", 409, title=_("This cannot be done"), advice=said(error))
