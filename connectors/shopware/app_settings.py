"""What the app is told of the bridge: addresses and words, the same in every sales channel.

They stand in the app's configuration without a sales channel (recorded: app_configuration.json #0,
#1) and stay there when the app is uninstalled (PLUGIN_FACTS "Custom fields, configuration"): the
bridge takes them away itself.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from connectors.errors import Forbidden, NotFound
from connectors.plugins import PluginSettings
from connectors.sentences import sentence
from connectors.shopware.app_configuration import DOMAIN, MEMBER_URL, POINTS_LABEL, REDEEM_URL
from connectors.shopware.client import ShopwareClient
from connectors.shopware.installed_app import CONFIGURATION, InstalledApp

TOLD = f"{DOMAIN}.told"
"""The state's name and a digest of the values, so that one changed by hand is noticed."""
_VALUES = (MEMBER_URL, REDEEM_URL, POINTS_LABEL)


class AppSettings:
    """Safe to share between threads."""

    def __init__(self, client: ShopwareClient, app: InstalledApp) -> None:
        self._client = client
        self._app = app

    def told(self) -> str:
        """See :class:`connectors.plugins.TellsPlugin`; empty also where a value is not as it was
        told."""
        if not self._app.is_installed:
            return ""
        held = self._held()
        name, _, digest = str(held.get(TOLD) or "").partition(" ")
        return name if digest == _digest(held) else ""

    def tell(self, settings: PluginSettings) -> None:
        """All in one call: the shop stores every value of it. Raises NotFound, Forbidden."""
        if not self._app.is_installed:
            raise NotFound(sentence("The bridge's app is not installed in the shop"))
        values: dict[str, str | None] = {
            # The storefront posts the shop's own token there, so a signed link is of no use.
            MEMBER_URL: settings.sign_in_url or None,
            REDEEM_URL: settings.redeem_url or None,
            POINTS_LABEL: settings.points_label or None,
        }
        self._store({**values, TOLD: f"{settings.told} {_digest(values)}"})

    def forget(self) -> None:
        """Also what an app left behind that is uninstalled by now."""
        try:
            there = [name for name in (*_VALUES, TOLD) if name in self._held()]
            if there:
                self._store(dict.fromkeys(there))
        except Forbidden:
            if self._app.is_installed:
                raise

    def _held(self) -> Mapping[str, Any]:
        body = self._client.http.get(CONFIGURATION, {"domain": DOMAIN})
        return body if isinstance(body, dict) else {}  # PHP writes an empty one as a list

    def _store(self, values: Mapping[str, str | None]) -> None:
        self._client.http.request("POST", CONFIGURATION, json=values)


def _digest(values: Mapping[str, Any]) -> str:
    told = json.dumps([values.get(name) or None for name in _VALUES], ensure_ascii=True)
    return hashlib.sha256(told.encode()).hexdigest()[:12]
