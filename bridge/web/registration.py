"""An app of the bridge's own registers from within a shop: first a request, then a confirmation."""

from __future__ import annotations

import structlog
from flask import Response, request
from werkzeug.exceptions import NotFound

from bridge.installations import app_registration, plugin_states
from bridge.installations.endpoints import Endpoint
from bridge.installations.webhook_counts import CONFIRMED, REGISTERED
from bridge.web.messages import answer, read_body, refusal
from bridge.web.shop_doors import ShopDoors
from connectors.webhooks import Confirmed, Forged, Refused, Registration, TakeOver

log = structlog.get_logger(__name__)


class RegistrationView:
    def __init__(self, doors: ShopDoors) -> None:
        self._doors = doors
        self._application = doors.application

    def register(self, platform: str, token: str) -> Response:
        """200 with proof, secret and address to confirm at; 400, 401, 403, 404, 410."""
        found, registration = self._find(platform, token)
        if found.is_removed:
            return refusal(410, "This shop is no longer connected.")
        try:
            content = self._begin(found, registration)
        except Refused as error:
            return self._refuse(found, error)
        return self._done(found, REGISTERED, content)

    def confirm(self, platform: str, token: str) -> Response:
        """200, also for the same confirmation again; 400, 401, 403, 404, 410, 411, 413."""
        found, registration = self._find(platform, token)
        if found.is_removed:
            return refusal(410, "This shop is no longer connected.")
        try:
            self._confirm(found, registration, read_body())
        except Refused as error:
            return self._refuse(found, error)
        return self._done(found, CONFIRMED, {})

    def _begin(self, found: Endpoint, registration: Registration) -> dict[str, str]:
        now = self._application.now()
        query = request.environ.get("QUERY_STRING", "").encode("latin-1")
        shop = registration.requested(found.app_secret, found.present, request.headers, query, now)
        with self._application.database.writing() as session:
            secret = app_registration.begin(session, found, shop, self._application.keyring, now)
        return registration.answer(found.app_secret, shop, secret, found.address("confirm"))

    def _confirm(self, found: Endpoint, registration: Registration, body: bytes) -> None:
        now, headers = self._application.now(), request.headers
        try:
            confirmed = registration.confirmed(found.pending, found.present, headers, body, now)
        except TakeOver:
            raise
        except Forged:
            if _was_confirmed(found, registration.confirmed(found.present, "", headers, body, now)):
                return  # the shop did not hear our answer
            raise
        with self._application.database.writing() as session:
            app_registration.confirm(session, found, confirmed, self._application.keyring, now)
            plugin_states.watch(session, found.workspace_id, found.installation_id, now)
        self._doors.wake("plugins")

    def _find(self, platform: str, token: str) -> tuple[Endpoint, Registration]:
        """Always as it is in the database: this is rare, and must be right."""
        found = self._doors.directory.read(token)
        if found is None or found.platform != platform:
            raise NotFound
        registration = self._application.platforms[platform].registration
        if registration is None:
            raise NotFound
        return found, registration

    def _done(self, found: Endpoint, outcome: str, content: dict[str, str]) -> Response:
        self._doors.directory.forget(found.token)
        self._doors.count(found, outcome)
        log.info("app registration", store=found.installation, outcome=outcome)
        return answer(200, content)

    def _refuse(self, found: Endpoint, error: Refused) -> Response:
        self._doors.count(found, error.outcome)
        log.warning("app registration refused", store=found.installation, outcome=error.outcome)
        advice = ""
        if isinstance(error, TakeOver):
            advice = (
                " If the app was installed anew there, let it register first: "
                f"loyalty-bridge shopware-app release {found.installation}"
            )
        return refusal(error.status, f"{error}{advice}")


def _was_confirmed(found: Endpoint, confirmed: Confirmed) -> bool:
    """Whether it is the confirmation that was taken last, word for word but for its time."""
    held = (found.secrets.get("api_key"), found.secrets.get("api_secret"))
    return held == (confirmed.api_key, confirmed.api_secret)
