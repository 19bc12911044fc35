"""The bridge's web application: where shops send to, the pages behind links in letters, and what
is behind the sign-in."""

from __future__ import annotations

from collections.abc import Callable

import structlog
from flask import Flask, Response, request
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException

from bridge.application import Application
from bridge.kit.encryption import UnreadableSecret
from bridge.web.admin import registering as admin
from bridge.web.api import serving as api
from bridge.web.app_pages import AppPagesView
from bridge.web.counting import Counting
from bridge.web.directory import Directory
from bridge.web.jobs import EXTENSION as JOBS
from bridge.web.jobs import Jobs
from bridge.web.letters import LettersView
from bridge.web.member import registering as member
from bridge.web.member.basket import BasketView
from bridge.web.messages import BODY_LIMIT, answer, refusal
from bridge.web.referrals import ReferralView
from bridge.web.registration import RegistrationView
from bridge.web.shop_doors import ShopDoors
from bridge.web.webhooks import WebhookView

log = structlog.get_logger(__name__)

COUNTING = "loyalty_bridge.counting"
"""The application's :class:`Counting`, in ``app.extensions``."""


def create_app(
    application: Application,
    *,
    directory: Directory | None = None,
    on_signal: Callable[[int], None] = lambda installation_id: None,
    problem: Callable[[], str] = lambda: "",
    wake: Callable[[str], None] = lambda step: None,
) -> Flask:
    """A WSGI application over an opened bridge; it closes neither it nor its database.

    ``on_signal`` is told the installation of each new signal, once it is stored, and returns at
    once; ``problem`` says why the process around it is not well, and nothing when it is. ``wake``
    is told the engine's step (``letters``, ``vouchers``) that a visitor made work for.

    Behind another server than :func:`bridge.web.serving.serve`, start and stop the counting
    yourself.
    """
    app = Flask("bridge.web")
    app.config["MAX_CONTENT_LENGTH"] = BODY_LIMIT + 1
    directory = directory or Directory(application)
    counting = app.extensions[COUNTING] = Counting(application)
    app.extensions[JOBS] = Jobs(application.now)
    doors = ShopDoors(application, directory, counting, on_signal, wake)
    webhooks = WebhookView(doors)
    registration = RegistrationView(doors)
    shop_pages = AppPagesView(doors)
    baskets = BasketView(doors)
    referrals = ReferralView(application, wake)
    letters = LettersView(application)

    def ready() -> Response:
        """Messages can be stored, the database answers, and the process is well."""
        try:
            with application.database.reading() as session:
                session.connection().execute(text("SELECT 1"))
        except SQLAlchemyError:
            return answer(503, {"status": "no database"})
        if reason := problem():
            return answer(503, {"status": reason})
        return answer(200, {"status": "ok"})

    app.post("/webhooks/<token>")(webhooks.receive)
    app.post("/<platform>/<token>/events")(webhooks.receive)
    app.get("/<platform>/<token>/register")(registration.register)
    app.post("/<platform>/<token>/confirm")(registration.confirm)
    app.get("/<platform>/<token>/module", endpoint="shop_module")(shop_pages.module)
    app.post("/<platform>/<token>/module", endpoint="shop_open")(shop_pages.open)
    app.post("/<platform>/<token>/customer", endpoint="shop_button")(shop_pages.customer)
    app.get("/<platform>/<token>/member", endpoint="shop_member")(shop_pages.member)
    app.post("/<platform>/<token>/award", endpoint="shop_award")(shop_pages.award)
    for method, asked in (("POST", baskets.redeem), ("OPTIONS", baskets.preflight)):
        app.add_url_rule(
            "/<platform>/<token>/redeem",
            f"basket_{method.lower()}",
            asked,
            methods=[method],
            provide_automatic_options=False,
        )
    app.get("/r/<code>", endpoint="invitation")(referrals.invite)
    app.post("/r/<code>", endpoint="invited")(referrals.ask)
    app.get("/r/confirm/<token>", endpoint="letter")(referrals.look)
    app.post("/r/confirm/<token>", endpoint="confirmed")(referrals.confirm)
    app.get("/letters/unsubscribe/<token>", endpoint="letters")(letters.look)
    app.post("/letters/unsubscribe/<token>", endpoint="letters_chosen")(letters.choose)
    app.get("/healthz")(_healthy)
    app.get("/readyz")(ready)

    admin.register(app, application, wake)
    member.register(app, application, wake)
    api.register(app, application, wake)

    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(UnreadableSecret, _unreadable_secret)
    app.register_error_handler(Exception, _fault)
    return app


def _healthy() -> Response:
    """The process answers."""
    return answer(200, {"status": "ok"})


def _http_error(error: HTTPException) -> Response:
    if request.path.startswith("/api/"):
        return api.refusal(error)
    if request.path.startswith(member.BELOW):
        return member.refusal_page(error.code or 500)
    if admin.wants_page():
        return admin.refusal_page(error.code or 500)
    response = refusal(error.code or 500, error.name)
    allowed = getattr(error, "valid_methods", None)
    if allowed:
        response.headers["Allow"] = ", ".join(sorted(allowed))
    return response


def _unreadable_secret(error: UnreadableSecret) -> Response:
    log.error("webhook not read", reason=str(error))
    return refusal(503, "The message cannot be verified now. Send it again.")


def _fault(error: Exception) -> Response:
    """A defect of ours. Its trace could hold the message: the log names its kind and place."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else ""
    log.error("request failed", reason=type(error).__name__, place=place)
    if request.blueprint == "admin":
        return admin.fault_page()
    if request.blueprint == "member":
        return member.fault_page()
    if request.blueprint == "api":
        return api.fault()
    return refusal(500, "Something went wrong here. Send it again.")
