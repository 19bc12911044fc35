"""What the shop signs for an app besides its events: pages opened in the administration, buttons,
actions of flows, and tokens for shoppers.

Source: shopware ``QuerySigner``, ``Executor`` and ``AuthMiddleware`` (buttons),
``AppFlowActionProvider`` and ``WebhookManager`` (flows), ``AppJWTGenerateRoute``; tried on a live
shop as PLUGIN_FACTS "Signed calls" says.
"""

from __future__ import annotations

import hmac
import html
import json
import re
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from connectors.sandbox import sending
from connectors.shopware.sandbox import errors
from connectors.shopware.sandbox.apps import App, AppSystem
from connectors.shopware.sandbox.definitions import SYSTEM_LANGUAGE
from connectors.shopware.sandbox.identifiers import new_id
from connectors.shopware.sandbox.shop import Shop
from connectors.shopware.sandbox.storefront import Storefront
from connectors.shopware.sandbox.webhooks import (
    CONNECT_SECONDS,
    TOTAL_SECONDS,
    context_headers,
    php_json,
)
from connectors.webhooks import signature

TOKEN_LASTS = timedelta(minutes=10)
_CLAIMS = (
    ("sales_channel", "salesChannelId"),
    ("customer", "customerId"),
    ("currency", "currencyId"),
    ("language", "languageId"),
)
"""What the app may read, and what the token then says."""
_VARIABLE = re.compile(r"\{\{\s*([a-z]+(?:\.[a-z]+)?)\s*\}\}")


class NotAnswered(Exception):
    """The app's server did not answer, or not with what the shop takes."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What the administration does after a button."""

    action: str
    """``openNewTab``, ``notification``, ``openModal`` or ``reload``."""
    payload: dict[str, Any]


class AppCalls:
    """For one app of a shop, by its name."""

    def __init__(self, shop: Shop, system: AppSystem, name: str) -> None:
        self._shop = shop
        self._system = system
        self._name = name

    @property
    def app(self) -> App:
        return self._system.apps[self._name]

    def page(self, module: str) -> str:
        """The address that the administration opens in a frame. It asks for it once, when it is
        loaded."""
        return self._signed(dict(self.app.manifest.modules)[module])

    def press(self, action: str, *ids: str, language: str = "en-GB") -> Shown:
        """Raises :class:`NotAnswered` as the administration shows an error."""
        entity, url = next(
            (entity, url) for name, entity, url in self.app.manifest.buttons if name == action
        )
        seconds = int(self._shop.now().timestamp())
        body = php_json(
            {
                "source": {
                    "url": self._system.url,
                    "appVersion": self.app.manifest.version,
                    "shopId": self._system.shop_id,
                },
                "data": {"ids": list(ids), "entity": entity, "action": action},
                "meta": {"timestamp": seconds, "reference": new_id(), "language": SYSTEM_LANGUAGE},
            }
        )
        headers = {
            "content-type": "application/json",
            **context_headers(self._version),
            "sw-user-language": language,
            "shopware-shop-signature": signature(self.app.shop_secret, body),
        }
        got = sending.answer(
            "POST",
            url,
            headers,
            body,
            agent="GuzzleHttp/7",
            connect_seconds=CONNECT_SECONDS,
            total_seconds=TOTAL_SECONDS,
        )
        return self._shown(got)

    def run_flow(self, action: str, customer_id: str, **config: str) -> None:
        """The action of a flow that the merchant filled in, for an event about this customer."""
        (found,) = (one for one in self.app.manifest.flow_actions if one.name == action)
        known = {"customer.id": customer_id}
        # What the merchant wrote is a template itself, and each is escaped when it is rendered.
        values = known | {name: _rendered(text, known) for name, text in config.items()}
        payload = {name: _rendered(text, values) for name, text in found.parameters}
        self._system.run(self.app, found, payload)

    def token(self, store: Storefront) -> dict[str, Any]:
        """For whoever is signed in there. Raises ShopError 403 for nobody, and 404 for an app that
        is switched off."""
        if store.customer is None:
            raise errors.coded(
                403,
                "FRAMEWORK__APP_JWT_GENERATION_REQUIRES_CUSTOMER_LOGGED_IN",
                "JWT generation requires customer to be logged in",
            )
        app = self._system.apps.get(self._name)
        if app is None or not app.is_active:
            raise errors.coded(
                404, "FRAMEWORK__APP_NOT_FOUND", f'Could not find app "{self._name}"'
            )
        now = self._shop.now()
        ends = now + TOKEN_LASTS
        says = {
            "salesChannelId": str(store.channel.values["id"]),
            "customerId": str(store.customer.values["id"]),
            "currencyId": store.currency_id,
            "languageId": str(store.channel.values["languageId"]),
        }
        readable = app.manifest.readable
        claims = {
            "iss": self._system.shop_id,
            "iat": now.timestamp(),
            "nbf": now.timestamp(),
            "exp": ends.timestamp(),
            "inAppPurchases": "",
            **{claim: says[claim] for entity, claim in _CLAIMS if entity in readable},
        }
        return {
            "token": _jwt(app.shop_secret, claims),
            "expires": ends.isoformat(timespec="seconds"),
            "shopId": self._system.shop_id,
        }

    def _signed(self, address: str) -> str:
        """Raw: neither ``:`` nor ``/`` of the shop's own address is quoted."""
        told = {
            "shop-id": self._system.shop_id,
            "shop-url": self._system.url,
            "timestamp": str(int(self._shop.now().timestamp())),
            "sw-version": self._version,
            "in-app-purchases": "",
            "sw-context-language": SYSTEM_LANGUAGE,
            "sw-user-language": "en-GB",
        }
        base, _, before = address.partition("?")
        query = "&".join(
            [*([before] if before else []), *(f"{name}={value}" for name, value in told.items())]
        )
        mark = signature(self.app.shop_secret, query.encode())
        return f"{base}?{query}&shopware-shop-signature={mark}"

    def _shown(self, got: sending.Answer) -> Shown:
        given = got.headers.get("shopware-app-signature", "")
        if got.status != 401 and given != signature(self.app.shop_secret, got.body):
            raise NotAnswered("Could not verify the authenticity of the response")
        if got.status >= 400:
            raise NotAnswered(f"The app's server answered {got.status}.")
        content = json.loads(got.body)
        payload = dict(content["payload"])
        if content["actionType"] == "openNewTab":
            payload["redirectUrl"] = self._signed(payload["redirectUrl"])
        return Shown(content["actionType"], payload)

    @property
    def _version(self) -> str:
        return str(self._shop.faults.shop["version"])


def _rendered(template: str, values: dict[str, str]) -> str:
    return _VARIABLE.sub(lambda found: html.escape(values[found[1]]), template)


def _jwt(secret: str, claims: dict[str, Any]) -> str:
    parts = [_encoded(php_json(one)) for one in ({"typ": "JWT", "alg": "HS256"}, claims)]
    mark = hmac.new(secret.encode(), ".".join(parts).encode(), "sha256").digest()
    return ".".join([*parts, _encoded(mark)])


def _encoded(content: bytes) -> str:
    return urlsafe_b64encode(content).decode().rstrip("=")
