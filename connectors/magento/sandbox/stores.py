"""Websites, store views, configuration, modules (recorded: store.json)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connectors.magento.sandbox.recorded import recorded
from connectors.magento.sandbox.routing import Call, Route
from connectors.magento.sandbox.values import number

if TYPE_CHECKING:
    from connectors.magento.sandbox.shop import Shop

WEBSITES = (
    {"id": 0, "code": "admin", "name": "Admin", "default_group_id": 0},
    {"id": 1, "code": "base", "name": "Main Website", "default_group_id": 1},
)
CURRENCY = "EUR"
_SYMBOLS = {CURRENCY: "€", "USD": "$"}
STORE_CODES = frozenset({"all", "default"})
"""What may stand before ``/V1``; the store view of the admin is none of them."""
STORE_IDS = (0, 1)
STORE_VIEW = "Default Store View"


def website_ids() -> list[Any]:
    return [one["id"] for one in WEBSITES]


def websites(shop: Shop, call: Call) -> Any:
    return [dict(one) for one in WEBSITES]


def store_groups(shop: Shop, call: Call) -> Any:
    return [
        {
            "id": 0,
            "website_id": 0,
            "root_category_id": 0,
            "default_store_id": 0,
            "name": "Default",
            "code": "default",
        },
        {
            "id": 1,
            "website_id": 1,
            "root_category_id": 2,
            "default_store_id": 1,
            "name": "Main Website Store",
            "code": "main_website_store",
        },
    ]


def store_views(shop: Shop, call: Call) -> Any:
    return [
        {
            "id": 1,
            "code": "default",
            "name": STORE_VIEW,
            "website_id": 1,
            "store_group_id": 1,
            "is_active": 1,
        },
        {
            "id": 0,
            "code": "admin",
            "name": "Admin",
            "website_id": 0,
            "store_group_id": 0,
            "is_active": 1,
        },
    ]


def store_configs(shop: Shop, call: Call) -> Any:
    """``storeCodes[]`` narrows the list to the store views named."""
    wanted = call.query.get("storeCodes")
    if isinstance(wanted, dict) and "default" not in wanted.values():
        return []
    base = call.base_url
    addresses = {
        f"{secure}base_{kind}url": base + path
        for secure in ("", "secure_")
        for kind, path in (
            ("", ""),
            ("link_", ""),
            ("static_", "static/version1795356495/"),
            ("media_", "media/"),
        )
    }
    return [
        {
            "id": 1,
            "code": "default",
            "website_id": 1,
            "locale": "en_US",
            "base_currency_code": CURRENCY,
            "default_display_currency_code": CURRENCY,
            "timezone": "UTC",
            "weight_unit": "lbs",
            **addresses,
        }
    ]


def currency(shop: Shop, call: Call) -> Any:
    code, rate = shop.shown_currency
    return {
        "base_currency_code": CURRENCY,
        "base_currency_symbol": "€",
        "default_display_currency_code": code,
        "default_display_currency_symbol": _SYMBOLS[code],
        "available_currency_codes": [code],
        "exchange_rates": [{"currency_to": code, "rate": number(rate)}],
    }


def modules(shop: Shop, call: Call) -> Any:
    """All of them: the page size is not heeded (recorded: #0)."""
    ours = ["LoyaltyBridge_Loyalty"] if shop.module.is_installed else []
    return [*recorded()["modules"], *ours]


_STORE = "Magento_Backend::store"

ROUTES = (
    Route("GET", "store/websites", _STORE, websites),
    Route("GET", "store/storeGroups", _STORE, store_groups),
    Route("GET", "store/storeViews", _STORE, store_views),
    Route("GET", "store/storeConfigs", _STORE, store_configs),
    Route("GET", "directory/currency", "anonymous", currency),
    Route("GET", "modules", "Magento_Backend::admin", modules),
)
