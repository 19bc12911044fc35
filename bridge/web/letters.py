"""The page behind a letter's link: which letters its reader does not want any more.

No sign-in: the link shows who he is. Looking at the page changes nothing, since mail servers and
programs open links to look at them; a form does, and what mail programs send when their reader
clicks "unsubscribe" (RFC 8058).
"""

from __future__ import annotations

from collections.abc import Callable

import structlog
from flask import Response, request
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException

from bridge.application import Application
from bridge.kit.encryption import UnreadableSecret
from bridge.kit.errors import BridgeError
from bridge.languages.catalogues import MEMBER_NAMES, SOURCE
from bridge.languages.speech import Speech
from bridge.mailing import wording
from bridge.mailing.unsubscribing import ONE_CLICK, choose, holder
from bridge.mailing.wording import NONE, Page
from bridge.web.limiting import Limit, visitor
from bridge.web.pages import said

log = structlog.get_logger(__name__)

_FORM_LIMIT = 16 * 1024


class LettersView:
    def __init__(self, application: Application) -> None:
        self._app = application
        self._looks = Limit(120, 600)

    def look(self, token: str) -> Response:
        """200 the question, 404, 429, 503."""
        return self._kindly(lambda: self._look(token))

    def choose(self, token: str) -> Response:
        """200 what was done; never a redirect, which mail programs must not follow. 404, 413,
        429, 503."""
        return self._kindly(lambda: self._choose(token))

    def _look(self, token: str) -> Response:
        app = self._app
        with app.database.reading() as session:
            found = holder(session, app.keyring, token, app.now())
            if found is None:
                return _unknown()
            return _shown(found.asked(), found.tongue.speech)

    def _choose(self, token: str) -> Response:
        app = self._app
        request.max_content_length = _FORM_LIMIT
        choice = NONE if ONE_CLICK in request.form else request.form.get("choice", "")
        with app.database.reading() as session:
            found = holder(session, app.keyring, token, app.now())
        if found is None:
            return _unknown()
        with app.database.writing() as session:
            page = choose(session, found, choice, app.now())
        return _shown(page, found.tongue.speech)

    def _kindly(self, answer: Callable[[], Response]) -> Response:
        """People get a page, whatever happens."""
        if not self._looks.allows(visitor(request.remote_addr), self._app.now()):
            response = _later(429)
            response.headers["Retry-After"] = "600"
            return response
        try:
            return answer()
        except HTTPException as error:
            return _later(error.code or 400)
        except (SQLAlchemyError, BridgeError, UnreadableSecret) as error:
            log.error("the page of letters failed", reason=type(error).__name__)
            return _later(503)


def _unknown() -> Response:
    speech = _browsers()
    return _shown(wording.unknown_page(speech), speech, 404)


def _later(status: int) -> Response:
    speech = _browsers()
    return _shown(wording.later_page(speech), speech, status)


def _browsers() -> Speech:
    """As the visitor's browser says."""
    found = request.accept_languages.best_match([*MEMBER_NAMES], default=SOURCE)
    return Speech(found or SOURCE, wording.DOMAIN)


def _shown(page: Page, speech: Speech, status: int = 200) -> Response:
    return said(
        "letters.html",
        speech.language,
        page.title,
        status,
        direction=speech.direction,
        lines=page.lines,
        buttons=page.buttons,
    )
