"""Apps in the shop: installed from a manifest, registered with their server, and heard.

>>> apps = AppSystem(running.state, running.url)  # doctest: +SKIP
>>> apps.install(manifest)  # doctest: +SKIP

The handshake, its headers and the order of events are the recorded ones (app_system.json #0 to
#2, #19 to #24). A shop from 6.6.10.15 on proves at a further registration that it is the one
that is registered (CVE-2026-31889); the recorded 6.6.7.1 does not: see ``signs_again``.
"""

from __future__ import annotations

import json
import secrets
import string
import threading
from dataclasses import dataclass, field
from typing import Any

from connectors.shopware.sandbox.database import Database, Row
from connectors.shopware.sandbox.defaults import defaults_of
from connectors.shopware.sandbox.definitions import SYSTEM_LANGUAGE, definitions
from connectors.shopware.sandbox.happenings import Happening
from connectors.shopware.sandbox.identifiers import new_id
from connectors.shopware.sandbox.manifests import FlowAction, Manifest, read_manifest
from connectors.shopware.sandbox.payloads import messages
from connectors.shopware.sandbox.shop import Shop
from connectors.shopware.sandbox.webhooks import (
    Message,
    Queue,
    Sender,
    Webhook,
    context_headers,
    exchange,
    php_json,
)
from connectors.webhooks import signature

_LETTERS = string.ascii_letters + string.digits


class RegistrationFailed(Exception):
    """The app's server did not register the shop; the app is not installed."""


@dataclass(slots=True)
class App:
    """An app in the shop; what the Admin API shows of it is the row under ``key``."""

    key: str
    manifest: Manifest
    webhooks: list[Webhook] = field(default_factory=list)
    is_active: bool = False
    shop_secret: str = field(default="", repr=False)
    access_key: str = ""

    @property
    def name(self) -> str:
        return self.manifest.name


class AppSystem:
    """All apps of one shop. Listens to the shop as long as it lives."""

    def __init__(self, shop: Shop, url: str, *, signs_again: bool = False) -> None:
        self._shop = shop
        self.url = url
        """What the shop calls itself (``APP_URL``)."""
        self.signs_again = signs_again
        self.shop_id = "".join(secrets.choice(_LETTERS) for _ in range(16))
        self.apps: dict[str, App] = {}
        self.sender = Sender(lambda: shop.now().timestamp())
        self.queue = Queue(self.sender)
        shop.listeners.append(self._happened)

    def close(self) -> None:
        self._shop.listeners.remove(self._happened)

    # -- the life of an app -----------------------------------------------------------------

    def install(self, manifest: str, flow: str = "") -> App:
        """Registers, installs and activates. One of that name that is there is deleted first.
        ``flow``: its ``Resources/flow.xml``.

        Raises :class:`RegistrationFailed`, and ValueError for no manifest.
        """
        app = App(new_id(), read_manifest(manifest, flow))
        if app.name in self.apps:
            self.delete(app.name)
        self._register(app)
        self.apps[app.name] = app
        self._shop.apps = self
        self._store(app)
        self._tell(app, "app.installed")
        self.activate(app.name)
        return app

    def register_again(self, name: str) -> None:
        """Renews the secret. Raises :class:`RegistrationFailed`; then the old one stays."""
        self._register(self.apps[name])

    def update(self, manifest: str) -> None:
        """A higher version. It does not register again (recorded: #19)."""
        fresh = read_manifest(manifest)
        app = self.apps[fresh.name]
        app.manifest = fresh
        self._store(app)
        self._tell(app, "app.updated", {"appVersion": fresh.version})

    def activate(self, name: str) -> None:
        self._switch(self.apps[name], on=True)
        self._tell(self.apps[name], "app.activated")

    def deactivate(self, name: str) -> None:
        self._switch(self.apps[name], on=False)
        self._tell(self.apps[name], "app.deactivated")

    def delete(self, name: str) -> None:
        app = self.apps.pop(name)
        self._tell(app, "app.deleted")
        self._forget(app)

    # -- what the Admin API shows -----------------------------------------------------------

    def _store(self, app: App) -> None:
        """As the shop does it: a webhook of a name that was there keeps what it is, also that it
        was switched off (shopware ``WebhookPersister::updateWebhooks``)."""
        known = {hook.name: hook for hook in app.webhooks if hook.name}
        app.webhooks = []
        with self._database.lock:
            self._put_app(app)
            for name, event, url in app.manifest.webhooks:
                hook = known.pop(name, None)
                values = {"name": name, "eventName": event, "url": url}
                if hook is None:
                    hook = Webhook(self._database, new_id())
                    values |= {"id": hook.key, "appId": app.key}
                    self._put("webhook", hook.key, values)
                else:
                    hook.set(**values)
                app.webhooks.append(hook)
            for hook in known.values():
                self._database.put("webhook", hook.key, None, heard=False)

    def _put_app(self, app: App) -> None:
        manifest = app.manifest
        values = {
            "id": app.key,
            "name": manifest.name,
            "path": f"custom/apps/{manifest.name}",
            "version": manifest.version,
            "active": app.is_active,
            "integrationId": new_id(),
            "aclRoleId": new_id(),
            "allowDisable": True,
        }
        self._put("app", app.key, values, {SYSTEM_LANGUAGE: {"label": manifest.label}})

    def _switch(self, app: App, *, on: bool) -> None:
        app.is_active = on
        with self._database.lock:
            self._put_app(app)

    def _put(
        self,
        entity: str,
        key: str,
        values: dict[str, Any],
        translations: dict[str, dict[str, Any]] | None = None,
    ) -> None:
        """Whole; the time it was made stays."""
        before = self._database[entity].by_id(key)
        made = before.values["createdAt"] if before else self._database.now()
        frame = {"createdAt": made, "updatedAt": self._database.now() if before else None}
        defaults = defaults_of(definitions()[entity])
        row = Row({**defaults, **values, **frame}, translations or {})
        self._database.put(entity, key, row, heard=False)

    def _forget(self, app: App) -> None:
        with self._database.lock:
            for hook in app.webhooks:
                self._database.put("webhook", hook.key, None, heard=False)
            self._database.put("app", app.key, None, heard=False)

    # -- what people and flows do -----------------------------------------------------------

    def run(self, app: App, action: FlowAction, payload: dict[str, Any]) -> None:
        """Sends what a flow's action says, as an event is sent."""
        for webhook in app.webhooks:
            target = webhook.target(action.name)
            if app.is_active and target is not None:
                source = {**self._source(app), "action": action.name}
                content = {**payload, "source": source}
                self._send(Message(webhook, target, content, app.shop_secret, self._version))

    # -- the handshake ----------------------------------------------------------------------

    def _register(self, app: App) -> None:
        present = app.shop_secret if self.signs_again else ""
        answer = self._ask(app, present)
        message = f"{self.shop_id}{self.url}{app.name}".encode()
        if answer.get("proof") != signature(app.manifest.app_secret, message):
            raise RegistrationFailed("The app provided an invalid response")
        secret, key = str(answer["secret"]), f"SWI{secrets.token_hex(12).upper()[:23]}"
        if not self.signs_again:
            app.shop_secret = secret  # before it is confirmed, as 6.6.7.1 does
        self._confirm(str(answer["confirmation_url"]), secret, present, key)
        app.shop_secret, app.access_key = secret, key

    def _ask(self, app: App, present: str) -> dict[str, Any]:
        query = f"shop-id={self.shop_id}&shop-url={self.url}&timestamp={self._seconds()}"
        headers = {"shopware-app-signature": signature(app.manifest.app_secret, query.encode())}
        if present:
            headers["shopware-shop-signature"] = signature(present, query.encode())
        headers |= context_headers(self._version)
        address = app.manifest.registration_url
        separator = "&" if "?" in address else "?"
        return _taken(exchange("GET", f"{address}{separator}{query}", headers))

    def _confirm(self, url: str, secret: str, present: str, key: str) -> None:
        body = php_json(
            {
                "apiKey": key,
                "secretKey": secrets.token_urlsafe(36)[:48],
                "timestamp": str(self._seconds()),
                "shopUrl": self.url,
                "shopId": self.shop_id,
            }
        )
        headers = {
            "content-type": "application/json",
            "shopware-shop-signature": signature(secret, body),
        }
        if present:
            headers["shopware-shop-signature-previous"] = signature(present, body)
        _taken(exchange("POST", url, headers | context_headers(self._version), body))

    # -- events -----------------------------------------------------------------------------

    def _happened(self, happening: Happening) -> None:
        listening = [app for app in self.apps.values() if app.is_active and self._is_there(app)]
        if not listening:
            return
        for event, entity, payload in messages(self._database, happening):
            for app in listening:
                if entity in app.manifest.readable:
                    self._notify(app, event, payload)

    def _is_there(self, app: App) -> bool:
        """Not after a reset of the shop."""
        with self._database.lock:
            return app.key in self._database["app"].rows

    def _notify(self, app: App, event: str, payload: Any) -> None:
        for message in self._messages(app, event, payload):
            self._send(message)

    def _send(self, message: Message) -> None:
        if self._shop.faults.shop["admin_worker"]:
            self.sender.send(message)
        else:
            self.queue.add(message)

    def _tell(self, app: App, event: str, payload: Any = ()) -> None:
        for message in self._messages(app, event, payload):
            self.sender.send(message)

    def _messages(self, app: App, event: str, payload: Any) -> list[Message]:
        """Each subscription gets an event id of its own."""
        return [
            Message(
                webhook,
                target,
                {
                    "data": {"payload": payload, "event": event},
                    "source": self._source(app),
                },
                app.shop_secret,
                self._version,
            )
            for webhook in app.webhooks
            if (target := webhook.target(event)) is not None
        ]

    def _source(self, app: App) -> dict[str, Any]:
        return {
            "url": self.url,
            "eventId": new_id(),
            "shopId": self.shop_id,
            "appVersion": app.manifest.version,
        }

    @property
    def _database(self) -> Database:
        return self._shop.database

    @property
    def _version(self) -> str:
        return str(self._shop.faults.shop["version"])

    def _seconds(self) -> int:
        return int(self._shop.now().timestamp())


class AppDesk:
    """Installs apps for who has only HTTP: ``POST /_sandbox/app`` with ``{"manifest": XML}``,
    and ``"flow"`` for one that has actions for flows.

    The shop has no app system before the first: nobody has to listen to what happens in it.
    """

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._lock = threading.Lock()
        self.system: AppSystem | None = None

    def install(self, body: dict[str, Any]) -> dict[str, Any]:
        """Raises ValueError for no manifest, and when the app's server does not register it."""
        manifest, flow = body.get("manifest"), body.get("flow", "")
        if not isinstance(manifest, str) or not isinstance(flow, str):
            raise ValueError('"manifest" must be the text of a manifest.xml, "flow" of a flow.xml')
        with self._lock:
            if self.system is None:
                self.system = AppSystem(self._shop, self._shop.url)
            try:
                app = self.system.install(manifest, flow)
            except RegistrationFailed as error:
                raise ValueError(f"the app cannot register: {error}") from error
        return {"app": app.name, "version": app.manifest.version, "webhooks": len(app.webhooks)}


def _taken(answer: tuple[int, bytes]) -> dict[str, Any]:
    status, body = answer
    try:
        found = json.loads(body or b"{}")
    except ValueError:
        found = {}
    content: dict[str, Any] = found if isinstance(found, dict) else {}
    if isinstance(content.get("error"), str):
        raise RegistrationFailed(content["error"])
    if not 200 <= status < 300:
        raise RegistrationFailed(f"The app's server answered {status or 'nothing'}.")
    return content
