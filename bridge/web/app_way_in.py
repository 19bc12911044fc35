"""From a shop's administration into the web app, where a person said so for this store.

What the shop signed is sent here and answered with a page that holds a ticket, which works once,
within minutes; that page sends it to :mod:`bridge.web.admin.users.from_administration`. So what
signs in stands in no address, and comes from a page of ours that is no frame: browsers send the
cookies along, and whoever is signed in already stays so. What comes from no page of ours or of the
shop waits on that page for a click: nobody can be led in without seeing where.
"""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs

import structlog
from flask import Response, request, url_for

from bridge.application import Application
from bridge.installations import service
from bridge.installations.app_registration import WrongAddress, check_address
from bridge.installations.endpoints import Endpoint
from bridge.installations.models import AppRegistration
from bridge.users import administrations
from bridge.users.administrations import Shown
from bridge.web import app_page
from bridge.web.admin.shown import page
from bridge.web.limiting import Limit, visitor
from bridge.web.origins import of_shop, origin
from bridge.web.speaking import _, speak
from connectors.shop_pages import Opened, ShopPages
from connectors.webhooks import Forged, Stale

log = structlog.get_logger(__name__)

CUSTOMER = "customer"
OPENED = "opened"
"""The form's field: what the shop signed, byte by byte."""
BUTTON_LASTS = timedelta(minutes=5)
"""The shop signs where a button leads when it is pressed. A window's history may keep it."""
_LARGEST_FORM = 16 * 1024


class WayIn:
    def __init__(self, application: Application) -> None:
        self._app = application
        self._limit = Limit(30, 60)

    def from_page(self, found: Endpoint, pages: ShopPages) -> Response:
        """The page in the frame sends on the address it was opened by. Raises Refused."""
        request.max_content_length = _LARGEST_FORM
        query = request.form.get(OPENED, "").encode("ascii", "replace")
        if CUSTOMER in parse_qs(query.decode()):
            raise Forged("This was signed for a button, not for the page.")
        path = url_for(
            "admin.one_store", workspace=self._app.workspace, store_id=found.installation_id
        )
        fallback = app_page.staff_address(
            self._app, found, "one_store", store_id=found.installation_id
        )
        # It posts to itself: no other page can say so.
        is_at_once = request.headers.get("Sec-Fetch-Site") == "same-origin"
        return self._let_in(found, pages, query, path, fallback, is_at_once=is_at_once)

    def from_button(self, found: Endpoint, pages: ShopPages, member_id: int) -> Response:
        """Raises Refused."""
        path = url_for("admin.member", workspace=self._app.workspace, member_id=member_id)
        fallback = app_page.staff_address(self._app, found, "member", member_id=member_id)
        query = request.query_string
        return self._let_in(
            found,
            pages,
            query,
            path,
            fallback,
            lasts=BUTTON_LASTS,
            is_at_once=self._is_from_shop(found),
        )

    def _let_in(
        self,
        found: Endpoint,
        pages: ShopPages,
        query: bytes,
        path: str,
        fallback: str,
        *,
        is_at_once: bool,
        lasts: timedelta | None = None,
    ) -> Response:
        app, now = self._app, self._app.now()
        if not self._limit.allows(visitor(request.remote_addr), now):
            lines = [_("This was opened too often. Wait a minute, then try again.")]
            return app_page.says(_("Loyalty Bridge"), lines, 429, ())
        seen: list[Opened] = []

        def verify(present: Endpoint, row: AppRegistration) -> Shown:
            """Against the secret of now, whatever this process has in memory."""
            opened = pages.opened([present.present] if present.present else [], query, now)
            _check(present, row, opened)
            if lasts is not None and now - opened.at > lasts:
                raise Stale("The button was pressed too long ago.")
            seen.append(opened)
            return Shown(path, opened.user_id, opened.at)

        with app.database.writing() as session:
            ticket = administrations.offer(
                session, app.workspace_id, found.token, app.keyring, verify, now
            )
        if seen:
            speak(seen[0].language.partition("-")[0])
        if ticket is None:
            return app_page.led(fallback)
        log.info("way in from an administration", store=found.installation)
        return page(
            "administration.html", store=found.installation, ticket=ticket, is_at_once=is_at_once
        )

    def _is_from_shop(self, found: Endpoint) -> bool:
        with self._app.database.reading() as session:
            facts = service.facts(session, found.workspace_id).get(found.installation_id)
        where = origin(request.headers.get("Referer", ""))
        return where in of_shop(found.allowed_urls, facts)


def _check(present: Endpoint, row: AppRegistration, opened: Opened) -> None:
    """A copy of the shop holds the same secret."""
    check_address(present, opened.shop)
    if opened.shop.shop_id != row.shop_id:
        raise WrongAddress("This is another shop than the one that is registered here.")
