"""The pages behind a referral's link: a friend gives his address, and confirms it.

Nothing an outsider does here tells him whether an address is known, and looking at a page changes
nothing: only a form that a person sent does. What the mail server or a link's preview opens is
a GET.
"""

from __future__ import annotations

import hmac
import re
import secrets
import time
from collections.abc import Callable
from copy import copy
from typing import TypeVar
from zoneinfo import ZoneInfo

import structlog
from flask import Response, request
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlmodel import Session
from werkzeug.exceptions import HTTPException

from bridge.application import Application
from bridge.inbox.conflicts import is_conflict, pause_after
from bridge.kit.calendar import day_of
from bridge.kit.errors import BridgeError
from bridge.programme import service as programmes
from bridge.referrals import wording
from bridge.referrals.addresses import invited_address
from bridge.referrals.asking import Asked, ask
from bridge.referrals.clicks import count_click
from bridge.referrals.codes import workspace_of_code
from bridge.referrals.confirming import Shown, confirm, shown, workspace_of_link
from bridge.referrals.models import ReferralState
from bridge.referrals.offers import Invitation, invitation, merchant_name, place_title
from bridge.vouchers.codes import workspace_secret
from bridge.vouchers.models import VoucherState
from bridge.web.limiting import Limit, visitor
from bridge.web.pages import language, message, page
from bridge.web.referral_texts import TEXTS
from bridge.workspaces.service import workspaces

log = structlog.get_logger(__name__)
T = TypeVar("T")

VISIT_SECONDS = 6 * 3600
"""How long looking again is still the same visit."""
_FORM_LIMIT = 16 * 1024
_CONFLICTS = 5
_ROBOTS = re.compile(
    r"bot\b|crawl|spider|preview|slurp|facebookexternalhit|whatsapp|curl/|wget/|python-", re.I
)


class ReferralView:
    def __init__(self, application: Application, wake: Callable[[str], None]) -> None:
        """``wake`` is told the engine's step that something was made for."""
        self._app = application
        self._wake = wake
        self._looks = Limit(120, 600)
        self._misses = Limit(20, 600)
        self._asks = Limit(20, 600)
        self._of_code = Limit(60, 3600)

    # -- the invitation -----------------------------------------------------------------------

    def invite(self, code: str) -> Response:
        """200 the form, 404, 429, 503."""
        return self._kindly(lambda: self._merchants(workspace_of_code, code)._invite(code))

    def ask(self, code: str) -> Response:
        """200, whoever it is; 400 with the form again; 404, 413, 429, 503."""
        return self._kindly(lambda: self._merchants(workspace_of_code, code)._ask(code))

    def _invite(self, code: str) -> Response:
        if not self._looks.allows(self._visitor(), self._app.now()):
            return _too_often()
        found = self._find(code)
        if found is None:
            return self._nowhere()
        visit = request.cookies.get(_cookie(found), "")
        if not visit and _is_person():
            self._count(found)
        return self._form(found, visit)

    def _ask(self, code: str) -> Response:
        request.max_content_length = _FORM_LIMIT
        now = self._app.now()
        if not self._asks.allows(self._visitor(), now):
            return _too_often()
        found = self._find(code)
        if found is None:
            return self._nowhere()
        problem = _problem(found)
        if problem:
            return self._form(found, request.cookies.get(_cookie(found), ""), problem)
        email = invited_address(request.form["email"])
        if not request.form.get("website"):  # people do not see this field, and leave it empty
            if not self._of_code.allows(found.code.code, now):
                return _too_often()
            self._store(found, email)
        return message("asked", email=email)

    def _store(self, found: Invitation, email: str) -> None:
        app, now = self._app, self._app.now()
        place = found.place(request.form.get("store", ""))
        assert place is not None, "it was looked at"
        asked = Asked(found, place, email, language())

        def act(session: Session) -> None:
            secret = workspace_secret(session, app.workspace_id, app.keyring, now)
            ask(session, app.workspace_id, secret, asked, now)

        self._write(act)
        self._wake("letters")

    def _form(self, found: Invitation, visit: str, problem: str = "") -> Response:
        visit = visit or secrets.token_urlsafe(18)
        told, programme = language(), found.terms.programme
        friend = found.terms.referrals.friend
        give, basket = friend.give, ""
        if friend.basket is not None:
            basket = wording.money(friend.basket, programme.currency, told)
        response = page(
            "invite.html",
            "invite_title",
            400 if problem else 200,
            merchant=found.merchant,
            worth=wording.discount(
                told,
                programme.currency,
                amount=give.amount,
                share=give.percent,
                most=give.maximum,
            ),
            basket=basket,
            error=problem,
            visit=visit,
            places=found.places,
            email=request.form.get("email", "")[:254],
            store=request.form.get("store", ""),
        )
        response.set_cookie(
            _cookie(found),
            visit,
            max_age=VISIT_SECONDS,
            path=None,  # the folder of this page, also where a proxy puts it below another one
            httponly=True,
            samesite="Lax",
            secure=self._app.settings.public_url.startswith("https:"),
        )
        return response

    def _find(self, code: str) -> Invitation | None:
        with self._app.database.reading() as session:
            return invitation(session, self._app.workspace_id, code, self._app.now())

    def _count(self, found: Invitation) -> None:
        day = day_of(self._app.now(), found.terms.zone)
        self._write(lambda session: count_click(session, found.code, day))

    def _nowhere(self) -> Response:
        """Who tries codes gets no further after some."""
        if not self._misses.allows(self._visitor(), self._app.now()):
            return _too_often()
        return message("nowhere", 404)

    # -- the link in the letter ---------------------------------------------------------------

    def look(self, token: str) -> Response:
        """200 the button or what came of it, 404, 410, 429, 503."""
        return self._kindly(lambda: self._merchants(workspace_of_link, token)._look(token))

    def confirm(self, token: str) -> Response:
        """303 to the same page, 404, 410, 429, 503."""
        return self._kindly(lambda: self._merchants(workspace_of_link, token)._confirm(token))

    def _look(self, token: str) -> Response:
        app = self._app
        if not self._looks.allows(self._visitor(), app.now()):
            return _too_often()
        with app.database.reading() as session:
            found = shown(session, app.workspace_id, token, app.now())
            if found is None:
                return self._nowhere()
            return self._result(session, found)

    def _confirm(self, token: str) -> Response:
        app, now = self._app, self._app.now()
        if not self._asks.allows(self._visitor(), now):
            return _too_often()

        def act(session: Session) -> Shown | None:
            secret = workspace_secret(session, app.workspace_id, app.keyring, now)
            return confirm(session, app.workspace_id, secret, token, now)

        found = self._write(act)
        if found is None:
            return self._nowhere()
        if found.has_ended:
            return message("ended", 410)
        if found.voucher is not None and not found.voucher.is_there:
            self._wake("vouchers")
        response = Response(status=303)
        response.headers["Location"] = token  # this page itself, wherever a proxy shows it
        response.headers["Cache-Control"] = "no-store"
        response.headers["Referrer-Policy"] = "no-referrer"
        return response

    def _result(self, session: Session, found: Shown) -> Response:
        workspace_id = self._app.workspace_id
        current = programmes.current(session, workspace_id)
        merchant = merchant_name(session, workspace_id, current[1]) if current is not None else ""
        if found.has_ended:
            return message("ended", 410)
        if found.referral.state == ReferralState.ASKED:
            return page(
                "confirm.html", "confirm_title", email=found.referral.email, merchant=merchant
            )
        if found.voucher is None:
            return message("known", merchant=merchant)
        if found.voucher.state == VoucherState.USED:
            return message("used")
        if found.voucher.state != VoucherState.OPEN:
            return message("over")
        if not found.voucher.is_there:
            return page(
                "message.html", "preparing_title", lines=[_text("preparing")], code="", again=True
            )
        zone = ZoneInfo(current[1].timezone if current is not None else "UTC")
        return self._code(session, found, zone)

    def _code(self, session: Session, found: Shown, zone: ZoneInfo) -> Response:
        voucher, told = found.voucher, language()
        assert voucher is not None
        place = (voucher.installation_id, voucher.store_id)
        store = place_title(session, self._app.workspace_id, *place)
        lines = [_text("code", store=store, worth=wording.worth_of(voucher, told))]
        if voucher.valid_until is not None:
            day = wording.last_day(voucher.valid_until, zone, told)
            lines.append(_text("until", day=day))
        lines.append(_text("mailed"))
        return page("message.html", "code_title", lines=lines, code=voucher.code, again=False)

    # -- each of them -------------------------------------------------------------------------

    def _merchants(self, find: Callable[[Session, str], int | None], told: str) -> ReferralView:
        """The same pages for the merchant whose code or letter it is: any process that works with
        this database answers for all of its merchants, as it does for members' own pages."""
        with self._app.database.reading() as session:
            found = find(session, told)
            if found is None or found == self._app.workspace_id:
                return self
            name = workspaces(session)[found]
        other = copy(self)
        other._app = self._app.at(found, name)
        other._wake = _nobody_listens
        return other

    def _kindly(self, answer: Callable[[], Response]) -> Response:
        """People get a page, whatever happens."""
        try:
            return answer()
        except HTTPException as error:
            return message("later", error.code or 400)
        except (SQLAlchemyError, BridgeError) as error:
            reason = str(error) if isinstance(error, BridgeError) else type(error).__name__
            log.error("a page of referrals failed", reason=reason)
            return message("later", 503)

    def _write(self, act: Callable[[Session], T]) -> T:
        conflicts = 0
        while True:
            try:
                with self._app.database.writing() as session:
                    return act(session)
            except DBAPIError as error:
                conflicts += 1
                if not is_conflict(error) or conflicts > _CONFLICTS:
                    raise
                time.sleep(pause_after(conflicts))

    def _visitor(self) -> str:
        return visitor(request.remote_addr)


def _nobody_listens(step: str) -> None:
    """Another process works for that merchant, and looks by itself."""


def _cookie(found: Invitation) -> str:
    """A visit is of one code."""
    return f"lb_visit_{found.code.code}"


def _is_person() -> bool:
    """Not a look ahead of the browser, a link's preview or a search engine."""
    purpose = request.headers.get("Sec-Purpose", "") + request.headers.get("Purpose", "")
    agent = request.headers.get("User-Agent", "")
    return request.method == "GET" and "prefetch" not in purpose and not _ROBOTS.search(agent)


def _problem(found: Invitation) -> str:
    """The key of what is wrong with the form; empty: nothing."""
    form = request.form
    if not _is_own_form(request.cookies.get(_cookie(found), "")):
        return "try_again"
    try:
        invited_address(form.get("email", ""))
    except ValueError:
        return "bad_email"
    if found.place(form.get("store", "")) is None:
        return "no_store"
    return "" if form.get("consent") == "yes" else "no_consent"


def _is_own_form(visit: str) -> bool:
    """The form holds what only this browser's cookie says: no other site can send it."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        return False
    sent = request.form.get("visit", "")
    return bool(visit) and hmac.compare_digest(sent.encode(), visit.encode())


def _too_often() -> Response:
    response = message("often", 429)
    response.headers["Retry-After"] = "600"
    return response


def _text(key: str, **parts: str) -> str:
    return TEXTS[language()][key].format(**parts)
