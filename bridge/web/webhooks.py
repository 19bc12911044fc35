"""What a shop sends: verified, stored as a hint under its event's id, answered. Nothing more.

No order is fetched and no ledger touched while the shop waits. The same event again, however
often and at once, is answered in the same way and changes nothing.
"""

from __future__ import annotations

import structlog
from flask import Response, request
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException, NotFound, RequestEntityTooLarge

from bridge.inbox.signals import store_signal
from bridge.installations import app_registration, plugin_states
from bridge.installations.endpoints import Endpoint
from bridge.installations.webhook_counts import ACCEPTED, REPLAYED
from bridge.web.messages import answer, read_body, refusal
from bridge.web.shop_doors import ShopDoors
from connectors.sales import Signal
from connectors.webhooks import Refused, Webhooks

log = structlog.get_logger(__name__)


class WebhookView:
    def __init__(self, doors: ShopDoors) -> None:
        self._doors = doors
        self._application = doors.application

    def receive(self, token: str, platform: str = "") -> Response:
        """202 stored or known already, 400, 401, 404, 410, 411, 413, 503."""
        found = self._doors.directory.find(token)
        if found is None or platform not in ("", found.platform):
            raise NotFound
        webhooks = self._application.platforms[found.platform].webhooks
        if webhooks is None:
            raise NotFound
        if found.is_removed:
            return self._refuse(found, 410, "removed", "This shop is no longer connected.")
        try:
            outcome = self._take(found, webhooks, read_body())
        except RequestEntityTooLarge:
            return self._refuse(found, 413, "oversized", "The message is too long.")
        except HTTPException as error:
            return self._refuse(found, error.code or 400, "unreadable", error.name)
        except Refused as error:
            return self._refuse(found, error.status, error.outcome, str(error))
        except SQLAlchemyError as error:
            log.error("webhook not stored", store=found.installation, reason=type(error).__name__)
            return self._refuse(found, 503, "failed", "It cannot be stored now. Send it again.")
        self._doors.count(found, outcome)
        return answer(202, {})

    def _take(self, found: Endpoint, webhooks: Webhooks, body: bytes) -> str:
        now = self._application.now()
        found, signal = self._doors.verified(
            found, lambda one: webhooks.verify(one.accepted(now), request.headers, body, now)
        )
        if not self._store(found, webhooks, signal, body):
            return REPLAYED
        self._doors.on_signal(found.installation_id)
        return ACCEPTED

    def _store(self, found: Endpoint, webhooks: Webhooks, signal: Signal, body: bytes) -> bool:
        now = self._application.now()
        with self._application.database.writing() as session:
            is_new = store_signal(session, found.workspace_id, found.installation_id, signal, now)
            registration = self._application.platforms[found.platform].registration
            life = None
            if is_new and signal.entity is None and registration is not None:
                life = registration.life_cycle(body)
            if life is not None and self._is_present(found, webhooks, body):
                keys = self._application.keyring
                app_registration.live(session, found, life, keys, now)
                plugin_states.watch(session, found.workspace_id, found.installation_id, now)
            if is_new and signal.event_id.startswith(plugin_states.HELLO):
                plugin_states.heard(
                    session, found.workspace_id, found.installation_id, signal.event_id, now
                )
        if life is not None:
            self._doors.directory.forget(found.token)
            self._doors.wake("plugins")
        return is_new

    def _is_present(self, found: Endpoint, webhooks: Webhooks, body: bytes) -> bool:
        """Whether it was signed with the present secret. What a former registration still says
        of its end must not end the one that followed it."""
        try:
            webhooks.verify([found.present], request.headers, body, self._application.now())
        except Refused:
            return False
        return True

    def _refuse(self, found: Endpoint, status: int, outcome: str, error: str) -> Response:
        self._doors.count(found, outcome)
        log.info("webhook refused", store=found.installation, outcome=outcome)
        return refusal(status, error)
