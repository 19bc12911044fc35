"""The bridge's app in the shop, as it is at this moment.

Read from the list of apps, as the webhooks' owner is (:mod:`connectors.shopware.subscriptions`);
the rules that it gives gifts by, from the configuration (recorded: app_configuration.json #0, #1).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from connectors.errors import Forbidden
from connectors.plugins import Plugin
from connectors.shopware.app.manifests import APP_NAME
from connectors.shopware.app_configuration import DOMAIN, GUARDED
from connectors.shopware.client import ShopwareClient, equals
from connectors.shopware.paging import Criteria, Row

CONFIGURATION = "/api/_action/system-config"
FIRST_WITH_GIFTS = 2
"""The major version of the first app with a script; the one before only listened."""
FIRST_WITH_POINTS = (2, 1)
"""Major and minor: the one before took points off baskets of any sales channel."""
FIRST_BESIDE_PROMOTIONS = (2, 2)
"""The first that takes the shop's own promotion of a gift out of the basket."""
FIRST_WITH_OWNERS = (2, 3)
"""The first that takes a code from its owner alone."""
_APP: Criteria = {
    "filter": [equals("name", APP_NAME)],
    "includes": {"app": ["id", "name", "version", "active"]},
    "limit": 1,
}


class InstalledApp:
    """Safe to share between threads."""

    def __init__(self, client: ShopwareClient) -> None:
        self._client = client

    def seen(self) -> Plugin | None:
        """``None``: it is not installed, or may not be looked for (``app:read``)."""
        found = self._row()
        if found is None:
            return None
        version, is_active = str(found.get("version") or ""), found.get("active") is True
        number = _major_minor(version)
        can_be_told = is_active and number[0] >= FIRST_WITH_GIFTS and self._may_be_told()
        return Plugin(
            version,
            is_active,
            can_be_told,
            guards_codes=can_be_told and number >= FIRST_WITH_OWNERS,
            takes_points=is_active and number >= FIRST_WITH_POINTS,
        )

    @property
    def is_installed(self) -> bool:
        """As far as it may be looked for; whether it is switched on does not matter."""
        return self._row() is not None

    @property
    def knows_promotions(self) -> bool:
        """Whether it is installed, switched on or not, and gives no gift twice where the shop has a
        promotion for it as well."""
        found = self._row()
        version = _major_minor(str(found.get("version") or "")) if found else (0, 0)
        return version >= FIRST_BESIDE_PROMOTIONS and self._may_be_told()

    @property
    def knows_owners(self) -> bool:
        """Whether it is installed, switched on or not, and guards codes once it is told to."""
        found = self._row()
        return found is not None and _major_minor(str(found.get("version"))) >= FIRST_WITH_OWNERS

    def configuration_of_all(self) -> Mapping[str, Any]:
        """What all sales channels are told. Raises Forbidden."""
        body = self._client.http.get(CONFIGURATION, {"domain": DOMAIN})
        return body if isinstance(body, dict) else {}  # PHP writes an empty one as a list

    def configure_all(self, values: Mapping[str, object]) -> None:
        """All in one call: ``None`` takes one away. Raises Forbidden."""
        if values:
            self._client.http.request("POST", CONFIGURATION, json=values)

    def guard_no_more(self, promotion_id: str) -> None:
        """Of one that is gone nothing stays in the configuration."""
        name = f"{GUARDED}{promotion_id}"
        with suppress(Forbidden):
            if name in self.configuration_of_all():
                self.configure_all({name: None})

    def configuration(self, channel_id: str) -> Mapping[str, Any]:
        """What one sales channel itself is told, without what all are. Raises Forbidden."""
        query = {"domain": DOMAIN, "salesChannelId": channel_id}
        body = self._client.http.get(CONFIGURATION, query)
        return body if isinstance(body, dict) else {}  # PHP writes an empty one as a list

    def configure(self, channel_id: str, name: str, value: object) -> None:
        """``None`` takes it away: what all channels are told holds then."""
        self._client.http.request(
            "POST", CONFIGURATION, params={"salesChannelId": channel_id}, json={name: value}
        )

    def _row(self) -> Row | None:
        try:
            rows = self._client.search("app", _APP).rows
        except Forbidden:
            return None
        return next((row for row in rows if row.get("name") == APP_NAME), None)

    def _may_be_told(self) -> bool:
        try:
            self._client.http.get(CONFIGURATION, {"domain": DOMAIN})
        except Forbidden:
            return False
        return True


def _major_minor(version: str) -> tuple[int, int]:
    found = re.match(r"(\d{1,6})(?:\.(\d{1,6}))?", version)
    return (int(found[1]), int(found[2] or 0)) if found else (0, 0)
