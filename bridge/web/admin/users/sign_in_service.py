"""Signing in with a service that knows the staff already: OpenID Connect, code flow with PKCE.

State, nonce, signature, issuer and audience are checked by the library (Authlib).
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import structlog
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.flask_client import OAuth
from flask import Flask, abort, current_app, redirect, request, session, url_for
from joserfc.errors import JoseError

from bridge.application import Application
from bridge.config import Settings
from bridge.logging import hide
from bridge.users.outside import Stranger, Told, let_in
from bridge.web.admin.access import own_path
from bridge.web.admin.routes import Doors, Needs
from bridge.web.admin.shown import page
from bridge.web.admin.users.signing_in import begin
from bridge.web.speaking import _

log = structlog.get_logger(__name__)

doors = Doors()

EXTENSION = "loyalty_bridge.sign_in_service"
_WISH = "service-next"
_SECONDS = 10
"""How long it may take to answer."""


def configure(app: Flask, settings: Settings) -> None:
    """Asks the service nothing yet: it may be down while the bridge starts."""
    if not settings.oidc_issuer:
        return
    secret = settings.oidc_client_secret
    told = secret.get_secret_value() if secret is not None else ""
    hide({"oidc_client_secret": told})
    app.extensions[EXTENSION] = OAuth(app).register(
        "service",
        server_metadata_url=f"{settings.oidc_issuer.rstrip('/')}/.well-known/openid-configuration",
        client_id=settings.oidc_client_id,
        client_secret=told or None,
        client_kwargs={
            "scope": "openid email profile",
            "code_challenge_method": "S256",
            "default_timeout": _SECONDS,
        },
    )


def service_name(settings: Settings) -> str:
    """What the button says; empty: there is no such service."""
    return settings.oidc_name or urlsplit(settings.oidc_issuer).hostname or ""


@doors.get("/sign-in/service", Needs.NOTHING)
def to_service(app: Application) -> Any:
    service = _service()
    session[_WISH] = own_path(request.args.get("next", "/"))
    base = app.settings.public_url or request.host_url
    back = f"{base.rstrip('/')}{url_for('admin.back_from_service')}"
    try:
        return service.authorize_redirect(back)
    except (AuthlibBaseError, OSError, ValueError) as error:
        return _failed(app, error)


@doors.get("/sign-in/service/back", Needs.NOTHING)
def back_from_service(app: Application) -> Any:
    service = _service()
    target = own_path(str(session.get(_WISH, "/")))
    try:
        found = service.authorize_access_token()["userinfo"]
    except (AuthlibBaseError, JoseError, OSError, KeyError, ValueError) as error:
        return _failed(app, error)
    told = Told(
        issuer=str(found.get("iss", "")),
        subject=str(found.get("sub", "")),
        email=str(found.get("email", "")),
        is_verified=found.get("email_verified") is True,
        name=str(found.get("name", "")),
    )
    try:
        with app.database.writing() as database:
            user = let_in(database, told, app.now())
    except Stranger as stranger:
        return _refused(str(stranger))
    assert user.id is not None
    begin(app, user.id)
    return redirect(target, 303)


def _service() -> Any:
    found = current_app.extensions.get(EXTENSION)
    if found is None:
        abort(404)
    return found


def _failed(app: Application, error: Exception) -> Any:
    # Its text may hold a code or a token.
    log.warning("the sign-in service failed", reason=type(error).__name__)
    return page(
        "refusal.html",
        502,
        title=_("%(name)s did not sign you in", name=service_name(app.settings)),
        advice=_(
            "Try again. If it stays, sign in with your password and tell who runs the bridge."
        ),
    )


def _refused(why: str) -> Any:
    advice = {
        "unknown": _("Nobody invited your address yet. Ask an owner of the workspace."),
        "unverified": _("Your address is not confirmed there. Confirm it, then try again."),
        "somebody-else": _("Your address belongs to another account there. Ask an owner."),
    }[why]
    return page("refusal.html", 403, title=_("You are not known here"), advice=advice)
