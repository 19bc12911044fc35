"""The signed cookie of browsers: which session it is, the form's token, what to say next.

Shops send to the same server. Their addresses have no session, so that a missing key or a
slow database cannot keep a webhook out.
"""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from flask.wrappers import Request
from itsdangerous import URLSafeTimedSerializer

WITHOUT = ("/webhooks/", "/healthz", "/readyz", "/static/", "/r/", "/letters/", "/api/")
PAGES = ("/w/", "/m/")
OF_SHOPS = ("/events", "/register", "/module", "/customer", "/member", "/award", "/redeem")
"""How addresses that a shop's app calls or opens end."""


class Cookies(SecureCookieSessionInterface):
    def __init__(self, secret: Callable[[], str]) -> None:
        self._secret = secret

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        if _is_of_a_shop(request.path):
            return None  # flask makes it a session that refuses to be written
        return super().open_session(app, request)

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        if not app.secret_key:
            app.secret_key = self._secret()
        return super().get_signing_serializer(app)


def _is_of_a_shop(path: str) -> bool:
    if path.startswith(PAGES):
        return False  # a group may be called "events"
    return path.startswith(WITHOUT) or path.endswith(OF_SHOPS)


def configure(app: Flask, secret: Callable[[], str], *, is_secure: bool) -> None:
    """``is_secure``: visitors reach the bridge by HTTPS."""
    app.session_interface = Cookies(secret)
    app.config.update(
        # The prefix makes browsers refuse one that another host or an unsafe page set.
        SESSION_COOKIE_NAME="__Host-bridge" if is_secure else "bridge",
        SESSION_COOKIE_SECURE=is_secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
        WTF_CSRF_CHECK_DEFAULT=False,
        WTF_CSRF_TIME_LIMIT=None,
    )
