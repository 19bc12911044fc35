"""A shopper pays with points: his shop's page says how many his baskets shall take off.

The shop signs who he is, for ten minutes; nothing else that the page sends is believed. One wish is
granted for each signature. The page belongs to the shop, so browsers ask first whether it may send
from there (CORS); no cookie is read or set.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog
from flask import Response, g, request
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException

from bridge.installations import service
from bridge.installations.endpoints import Endpoint
from bridge.installations.models import ShopFacts
from bridge.kit.encryption import UnreadableSecret
from bridge.kit.errors import BridgeError
from bridge.languages.catalogues import MEMBER_NAMES, SOURCE
from bridge.languages.speech import Speech
from bridge.member_sign_in.limiting import Rate, count, subject
from bridge.member_sign_in.limiting import hold as hold_tries
from bridge.member_sign_in.sessions import customer_member
from bridge.members.standing import identity
from bridge.points.book import NotEnoughPoints
from bridge.programme.document import Programme
from bridge.programme.kinds import LARGEST
from bridge.programme.service import current
from bridge.vouchers.baskets import Asked, InBasket, hold, in_basket
from bridge.vouchers.codes import workspace_secret
from bridge.vouchers.rules import NotRedeemable, least_value, nearest_values, value_of
from bridge.vouchers.stores import StorePlace, store_with_id
from bridge.web.messages import answer, read_body
from bridge.web.origins import of_shop
from bridge.web.shop_doors import ShopDoors
from bridge.web.speaking import _
from connectors.shop_pages import ShopPages, SignedIn
from connectors.webhooks import Forged, Refused, Unreadable, read_object

log = structlog.get_logger(__name__)

STEP = "baskets"
"""The engine's, which writes into the shop what is held."""
WAITS = 3.0
"""Seconds for the shop to have it, before the page is told that it is on its way."""
_LOOK_EVERY = 0.1
_EACH = Rate(10, timedelta(seconds=6))
"""Wishes of one customer: ten at once, ten a minute."""
_PREFLIGHT_KEPT = "600"
_LARGEST_BODY = 1_000


class CannotPay(BridgeError):
    """What the shopper is told, and the page beside it."""

    def __init__(self, status: int, code: str, text: str, **more: Any) -> None:
        super().__init__(text)
        self.status = status
        self.content = {"error": text, "code": code, **more}


@dataclass(frozen=True, slots=True)
class _Wish:
    shopper: SignedIn
    points: int
    member_id: int
    store: StorePlace
    programme: Programme | None


class BasketView:
    def __init__(self, doors: ShopDoors, *, pause: Callable[[float], None] = time.sleep) -> None:
        self._doors = doors
        self._application = doors.application
        self._pause = pause

    def preflight(self, platform: str, token: str) -> Response:
        """204: whether a page of that origin may ask."""
        found, _pages = self._find(platform, token)
        response = Response(status=204)
        response.headers["Access-Control-Allow-Methods"] = "POST"
        response.headers["Access-Control-Allow-Headers"] = "authorization, content-type"
        response.headers["Access-Control-Max-Age"] = _PREFLIGHT_KEPT
        return self._readable(response, found)

    def redeem(self, platform: str, token: str) -> Response:
        """200 with what is held now, also for the same token again; 400, 401, 403, 404, 409, 410,
        411, 413, 422, 429, 503."""
        found, pages = self._find(platform, token)
        _speak()
        try:
            response = answer(200, self._redeem(found, pages))
        except CannotPay as error:
            response = answer(error.status, error.content)
            if "wait" in error.content:
                response.headers["Retry-After"] = str(error.content["wait"])
        except Refused as error:
            self._doors.count(found, error.outcome)
            log.info("basket refused", store=found.installation, outcome=error.outcome)
            told = {**_later().content, "code": error.outcome, "reason": str(error)}
            response = answer(error.status, told)
        except HTTPException as error:
            response = answer(error.code or 400, {"error": error.name, "code": "unreadable"})
        except (SQLAlchemyError, UnreadableSecret) as error:
            log.error("basket failed", store=found.installation, reason=type(error).__name__)
            response = answer(503, _later().content)
        return self._readable(response, found)

    def _redeem(self, found: Endpoint, pages: ShopPages) -> dict[str, Any]:
        if found.is_removed:
            raise CannotPay(410, "removed", _("This shop is no longer connected."))
        origin = request.headers.get("Origin")
        if origin is not None and origin not in self._origins(found):
            raise CannotPay(403, "origin", _("Points are used on the pages of the shop."))
        shopper = self._signed_in(found, pages)
        points = _points()
        self._count_try(found, shopper)
        wish = self._wish(found, shopper, points)
        try:
            self._hold(found, wish)
        except (BridgeError, KeyError) as error:
            raise _why(error, wish) from error
        self._doors.wake(STEP)
        return _told(self._awaited(found, wish))

    # -- who and what -----------------------------------------------------------------------

    def _find(self, platform: str, token: str) -> tuple[Endpoint, ShopPages]:
        # By its name; the token, which is a secret, stood in addresses that shops were told before.
        directory = self._doors.directory
        return self._doors.pages(directory.find_named(token) or directory.find(token), platform)

    def _signed_in(self, found: Endpoint, pages: ShopPages) -> SignedIn:
        kind, _space, signed = request.headers.get("Authorization", "").partition(" ")
        if kind.lower() != "bearer" or not signed:
            raise Forged("The shop's token is missing.")
        now = self._application.now()
        _found, shopper = self._doors.verified(
            found, lambda one: pages.signed_in(one.accepted(now), signed.strip(), now)
        )
        return shopper

    def _count_try(self, found: Endpoint, shopper: SignedIn) -> None:
        who = subject("basket", f"{found.installation_id}/{shopper.customer_id}")
        now = self._application.now()
        with self._application.database.writing() as session:
            wait = hold_tries(session, found.workspace_id, {who: _EACH}, now)
            if not wait:
                count(session, found.workspace_id, {who: _EACH}, now)
        if wait:
            seconds = max(1, round(wait.total_seconds()))
            text = _("That was very often. Please wait a minute.")
            raise CannotPay(429, "often", text, wait=seconds)

    def _wish(self, found: Endpoint, shopper: SignedIn, points: int) -> _Wish:
        workspace, shop = found.workspace_id, found.installation_id
        with self._application.database.reading() as session:
            member = customer_member(session, workspace, shop, shopper.customer_id)
            store = store_with_id(session, workspace, shop, shopper.sales_channel_id)
            facts = service.facts(session, workspace).get(shop)
            version = current(session, workspace)
        if member is None:
            raise CannotPay(403, "unknown", _("You have no points here yet."))
        if store is None or (points and _takes_none(facts)):
            raise _later()
        programme = version[1] if version else None
        return _Wish(shopper, points, identity(member), store, programme)

    # -- doing it ---------------------------------------------------------------------------

    def _hold(self, found: Endpoint, wish: _Wish) -> None:
        app, now = self._application, self._application.now()
        asked = Asked(
            wish.member_id,
            wish.shopper.customer_id,
            wish.points,
            wish.store,
            f"{found.installation_id}/{wish.shopper.token_id}",
        )
        with app.database.writing() as session:
            secret = workspace_secret(session, found.workspace_id, app.keyring, now)
            hold(session, found.workspace_id, secret, asked, now)

    def _awaited(self, found: Endpoint, wish: _Wish) -> InBasket:
        """What is held now, as soon as the shop has it; a while later in any case."""
        waited = 0.0
        while True:
            with self._application.database.reading() as session:
                has = in_basket(
                    session,
                    found.workspace_id,
                    wish.store,
                    wish.shopper.customer_id,
                    wish.member_id,
                    self._application.now(),
                )
            if has.is_there or waited >= WAITS:
                return has
            self._pause(_LOOK_EVERY)
            waited += _LOOK_EVERY

    # -- other origins ----------------------------------------------------------------------

    def _readable(self, response: Response, found: Endpoint) -> Response:
        """For pages of this shop alone."""
        origin = request.headers.get("Origin", "")
        if origin and origin in self._origins(found):
            response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Vary"] = "Origin"
        return response

    def _origins(self, found: Endpoint) -> frozenset[str]:
        with self._application.database.reading() as session:
            facts = service.facts(session, found.workspace_id).get(found.installation_id)
        return of_shop(found.allowed_urls, facts)


def _points() -> int:
    """Raises HTTPException, Unreadable."""
    body = read_body()
    if len(body) > _LARGEST_BODY:
        raise Unreadable("The message is too long.")
    points = read_object(body).get("points")
    if not isinstance(points, int) or isinstance(points, bool) or not 0 <= points <= LARGEST:
        raise Unreadable("The message names no number of points.")
    return points


def _takes_none(facts: ShopFacts | None) -> bool:
    """The app that was seen last does not take points off baskets."""
    return facts is not None and (facts.plugin or {}).get("takes_points") is False


def _speak() -> None:
    language = request.accept_languages.best_match([*MEMBER_NAMES]) or SOURCE
    g.speech = Speech(language, "member")


def _told(has: InBasket) -> dict[str, Any]:
    return {
        "points": has.points,
        "worth": str(has.worth),
        "currency": has.currency,
        "shown": g.speech.money(has.worth, has.currency),
        "until": None if has.until is None else int(has.until.timestamp()),
        "state": "done" if has.is_there else "on-its-way",
        "available": has.available,
    }


def _why(error: Exception, wish: _Wish) -> CannotPay:
    """What a shopper can do about it."""
    redemption = wish.programme.redemption if wish.programme is not None else None
    if isinstance(error, NotEnoughPoints):
        text = _("You can use up to %(points)s points.", points=g.speech.number(error.available))
        return CannotPay(409, "not-enough", text, available=error.available)
    if isinstance(error, NotRedeemable) and redemption is not None and wish.programme is not None:
        try:
            value_of(redemption, wish.points, wish.programme.currency)
        except NotRedeemable:
            least = least_value(redemption)
            near = nearest_values(redemption, wish.points)
            ways = " / ".join(g.speech.number(redemption.points_for(one)) for one in near)
            text = _("So many cannot be used. The nearest numbers: %(ways)s.", ways=ways or "-")
            minimum = redemption.points_for(least) if least is not None else 0
            return CannotPay(422, "not-redeemable", text, minimum=minimum)
        return CannotPay(422, "not-redeemable", _("Points cannot be used here at the moment."))
    log.warning("basket not held", reason=type(error).__name__)
    return _later()


def _later() -> CannotPay:
    return CannotPay(503, "later", _("It cannot be done right now. Please try again later."))
