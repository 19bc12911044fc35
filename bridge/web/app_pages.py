"""What people in a shop open and press, and what its flows ask for: verified, and answered.

Nobody is signed in by any of it unless a person said so for this store: a shop's administration
does not say who of its users it is, and whoever may open a page there is no user of the bridge.
Points that a flow gives are stored, as events are, and booked by the engine.
"""

from __future__ import annotations

import structlog
from flask import Response, request
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from bridge.inbox.signals import store_signal
from bridge.inbox.storing import Fetched, store
from bridge.installations import service
from bridge.installations.app_registration import check_address
from bridge.installations.endpoints import Endpoint
from bridge.installations.webhook_counts import ACCEPTED, REPLAYED
from bridge.member_sign_in.sessions import standing_member
from bridge.members.models import ShopCustomer
from bridge.members.standing import binding
from bridge.web import app_page
from bridge.web.app_way_in import CUSTOMER, WayIn
from bridge.web.messages import answer, read_body, refusal
from bridge.web.shop_doors import ShopDoors
from bridge.web.speaking import _, speak
from connectors.sales import Entity, Signal
from connectors.shop_pages import Award, Reply, ShopPages
from connectors.webhooks import Refused, Stale

log = structlog.get_logger(__name__)


class AppPagesView:
    def __init__(self, doors: ShopDoors) -> None:
        self._doors = doors
        self._application = doors.application
        self._way_in = WayIn(doors.application)

    # -- in the administration --------------------------------------------------------------

    def module(self, platform: str, token: str) -> Response:
        """The page in the administration: 200, 400, 401, 403, 404, 410."""
        found, pages = self._find(platform, token)
        if found.is_removed:
            return self._gone()
        query, now = request.query_string, self._application.now()
        try:
            found, opened = self._doors.verified(
                found, lambda one: pages.opened(one.accepted(now), query, now)
            )
            check_address(found, opened.shop)
        except Refused as error:
            return self._not_shown(found, error)
        speak(opened.language.partition("-")[0])
        with self._application.database.reading() as session:
            has = app_page.told(session, found, now)
        origins = app_page.framers(found, has.facts, opened.shop.shop_url)
        return app_page.shown(self._application, found, has, origins, query)

    def open(self, platform: str, token: str) -> Response:
        """The button on that page: 200 with the way in, 303 to the sign-in where nobody is let in
        so; 400, 401, 403, 404, 410, 413, 429."""
        found, pages = self._find(platform, token)
        if found.is_removed:
            return self._gone()
        try:
            return self._way_in.from_page(found, pages)
        except Refused as error:
            return self._not_shown(found, error)

    def customer(self, platform: str, token: str) -> Response:
        """The button on a customer: 200 with what the shop does then; 400, 401, 403, 404, 410,
        411, 413."""
        found, pages = self._find(platform, token)
        if found.is_removed:
            return refusal(410, "This shop is no longer connected.")
        now = self._application.now()
        try:
            body = read_body()
            found, pressed = self._doors.verified(
                found, lambda one: pages.pressed(one.accepted(now), request.headers, body, now)
            )
            check_address(found, pressed.shop)
        except Refused as error:
            return self._refuse(found, error)
        speak(pressed.language.partition("-")[0])
        if pressed.entity != CUSTOMER:
            return _replied(pages.says(pressed.secret, _("This is no customer."), is_good=False))
        customer = pressed.ids[0]
        with self._application.database.reading() as session:
            member_id = _member(session, found, customer)
        if member_id is None:
            said = _("This customer is no member yet: he becomes one as soon as he has an account.")
            return _replied(pages.says(pressed.secret, said, is_good=False))
        # By an address of ours: the shop adds a signed query, which shall not stay in the browser.
        address = f"{app_page.way_in(self._application, found, 'member')}?{CUSTOMER}={customer}"
        return _replied(pages.opens(pressed.secret, address))

    def member(self, platform: str, token: str) -> Response:
        """Where the button leads: 303 to the member's page, which asks for the sign-in, or 200
        with the way in; 400, 401, 403, 404, 410."""
        found, pages = self._find(platform, token)
        if found.is_removed:
            return self._gone()
        query, now = request.query_string, self._application.now()
        try:
            found, opened = self._doors.verified(
                found, lambda one: pages.opened(one.accepted(now), query, now)
            )
            check_address(found, opened.shop)
        except Refused as error:
            return self._not_shown(found, error)
        speak(opened.language.partition("-")[0])
        with self._application.database.reading() as session:
            # Said once, and signed with the rest of the query.
            member_id = _member(session, found, request.args.get(CUSTOMER, ""))
        if member_id is None:
            lines = [_("The bridge knows no member who is this customer.")]
            return app_page.says(_("Loyalty Bridge"), lines, 404, ())
        try:
            return self._way_in.from_button(found, pages, member_id)
        except Refused:
            # Good enough to be led to the sign-in, as it always was.
            address = app_page.staff_address(
                self._application, found, "member", member_id=member_id
            )
            return app_page.led(address)

    # -- a flow -----------------------------------------------------------------------------

    def award(self, platform: str, token: str) -> Response:
        """202 stored or known already, 400, 401, 403, 404, 410, 411, 413, 503."""
        found, pages = self._find(platform, token)
        if found.is_removed:
            return refusal(410, "This shop is no longer connected.")
        try:
            outcome = self._take(found, pages)
        except RequestEntityTooLarge:
            self._doors.count(found, "oversized")
            return refusal(413, "The message is too long.")
        except HTTPException as error:
            self._doors.count(found, "unreadable")
            return refusal(error.code or 400, error.name)
        except Refused as error:
            return self._refuse(found, error)
        except SQLAlchemyError as error:
            log.error("award not stored", store=found.installation, reason=type(error).__name__)
            self._doors.count(found, "failed")
            return refusal(503, "It cannot be stored now. Send it again.")
        self._doors.count(found, outcome)
        return answer(202, {})

    def _take(self, found: Endpoint, pages: ShopPages) -> str:
        now, body = self._application.now(), read_body()
        found, told = self._doors.verified(
            found, lambda one: pages.awarded(one.accepted(now), request.headers, body, now)
        )
        # A copy of the shop holds the same secret, and its flows run as well.
        check_address(found, told.shop)
        is_new, is_known = self._store(found, told.award)
        if not is_new:
            return REPLAYED
        if is_known:
            self._doors.wake("handle")
        else:
            self._doors.on_signal(found.installation_id)
        return ACCEPTED

    def _store(self, found: Endpoint, award: Award) -> tuple[bool, bool]:
        """Whether it is new, and whether the shop has told of its customer; he is fetched else."""
        now, shop = self._application.now(), found.installation_id
        with self._application.database.writing() as session:
            is_known = session.get(ShopCustomer, (shop, award.customer_id)) is not None
            signal = Signal(
                event_id=f"award/{award.id}",
                event="award",
                sent_at=award.at,
                entity=None if is_known else Entity.CUSTOMER,
                ids=() if is_known else (award.customer_id,),
            )
            is_new = store_signal(session, found.workspace_id, shop, signal, now)
            if is_new:
                fetched = Fetched(award, min(award.at, now), now)
                store(session, found.workspace_id, shop, [fetched])
        return is_new, is_known

    # -- what they have in common -----------------------------------------------------------

    def _find(self, platform: str, token: str) -> tuple[Endpoint, ShopPages]:
        return self._doors.pages(self._doors.directory.find(token), platform)

    def _not_shown(self, found: Endpoint, error: Refused) -> Response:
        """What is told in the frame is told only to who was signed for, if too long ago."""
        self._doors.count(found, error.outcome)
        log.info("page refused", store=found.installation, outcome=error.outcome)
        if not isinstance(error, Stale):
            lines = [_("Open it from the administration of the shop.")]
            return app_page.says(_("This page cannot be shown"), lines, error.status, ())
        with self._application.database.reading() as session:
            facts = service.facts(session, found.workspace_id).get(found.installation_id)
        lines = [_("It was opened too long ago. Load the administration anew, then open it again.")]
        origins = app_page.framers(found, facts)
        return app_page.says(_("This page cannot be shown"), lines, error.status, origins)

    def _gone(self) -> Response:
        lines = [_("This shop is no longer connected to the bridge.")]
        return app_page.says(_("Loyalty Bridge"), lines, 410, ())

    def _refuse(self, found: Endpoint, error: Refused) -> Response:
        self._doors.count(found, error.outcome)
        log.info("message refused", store=found.installation, outcome=error.outcome)
        return refusal(error.status, str(error))


def _member(session: Session, found: Endpoint, customer_id: str) -> int | None:
    """Who this customer is, as he is called now."""
    linked = binding(session, found.workspace_id, found.installation_id, customer_id)
    if linked is None:
        return None
    member = standing_member(session, found.workspace_id, linked.member_id)
    return None if member is None or member.erased_at else member.id


def _replied(reply: Reply) -> Response:
    """Byte by byte as it was signed."""
    response = Response(reply.body, headers=dict(reply.headers))
    response.headers["Cache-Control"] = "no-store"
    return response
