"""Store views and what hangs on them: website, time zone, currency, the code in an address."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from connectors.magento.client import MagentoClient, listed


@dataclass(frozen=True, slots=True)
class View:
    id: str
    code: str
    website: str
    zone: tzinfo
    currency: str
    """The website's base currency."""
    locale: str = ""
    """``de_DE``."""
    url: str = ""
    """Where customers find it, with a final slash."""


class Views:
    """Read once, and again when one is asked for that is not known. Safe to share."""

    def __init__(self, client: MagentoClient) -> None:
        self._client = client
        self._lock = threading.Lock()
        self._views: dict[str, View] = {}

    def of_website(self, website: str) -> list[View]:
        """In the order of their ids; none: there is no such website, or it has no view."""
        return self._among(website) or self._among(website, self._read())

    def all(self) -> list[View]:
        """Read anew, in the order of their ids."""
        return sorted(self._read().values(), key=lambda one: int(one.id))

    def website_of(self, view_id: str) -> str:
        """Empty for a view that was deleted."""
        view = self._views.get(view_id) or self._read().get(view_id)
        return view.website if view else ""

    def _among(self, website: str, views: Mapping[str, View] | None = None) -> list[View]:
        found = (self._views if views is None else views).values()
        return sorted((one for one in found if one.website == website), key=lambda one: int(one.id))

    def _read(self) -> dict[str, View]:
        rows = listed(self._client.get("store/storeConfigs"), "GET /rest/all/V1/store/storeConfigs")
        views = {str(row["id"]): _view(row) for row in rows if int(row["website_id"])}
        with self._lock:
            self._views = views
        return views


def _view(row: Mapping[str, Any]) -> View:
    return View(
        str(row["id"]),
        str(row["code"]),
        str(row["website_id"]),
        _zone(str(row.get("timezone") or "UTC")),
        str(row.get("base_currency_code") or ""),
        str(row.get("locale") or ""),
        str(row.get("secure_base_url") or row.get("base_url") or ""),
    )


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, LookupError):
        return UTC
