"""The shop itself: websites, currencies, version."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from connectors.base import Currency, ShopInfo, Store
from connectors.errors import ConnectorError, Forbidden, NotAShop
from connectors.http import HttpClient
from connectors.magento.client import MagentoClient
from connectors.sentences import sentence

_VERSION = re.compile(r"^Magento/([\d.]+(?:-p\d+)?)\s*\(([^)]{1,40})\)", re.ASCII)
UNTOLD = "2.x"
_DECIMALS = {"JPY": 0, "KRW": 0, "CLP": 0, "ISK": 0, "VND": 0, "KWD": 3, "BHD": 3, "JOD": 3}


def read_shop(client: MagentoClient) -> ShopInfo:
    websites = [row for row in _websites(client) if int(row["id"]) != 0]
    configs = client.get("store/storeConfigs")
    stores = tuple(
        _store(website, configs, _default_group(client, website, configs, alone=len(websites) == 1))
        for website in websites
    )
    return ShopInfo(
        platform="magento",
        version=version(client.http),
        stores=stores,
        currencies=_currencies(client, stores),
        clock_offset=client.http.clock_offset,
    )


def _websites(client: MagentoClient) -> list[dict[str, Any]]:
    """Raises NotAShop when what answers is some other service that speaks JSON."""
    rows = client.get("store/websites")
    if not isinstance(rows, list) or not all(isinstance(row, dict) and "id" in row for row in rows):
        raise NotAShop(
            sentence("The address does not answer like Magento"), where="GET /store/websites"
        )
    return rows


def version(http: HttpClient) -> str:
    """What the shop's public version page says ("2.4 Community"), :data:`UNTOLD` where it says
    nothing: REST does not tell, and the page gives no more than two places."""
    try:
        answer = http.request("GET", "magento_version", any_body=True)
    except ConnectorError:
        return UNTOLD
    said = _VERSION.match((answer.text or "").strip())
    return f"{said.group(1)} {said.group(2)}" if said else UNTOLD


def base_currency(info: ShopInfo) -> str:
    """The currency of prices that hold for all websites."""
    return next((one.code for one in info.currencies if one.is_default), "")


def _store(
    website: Mapping[str, Any], configs: Sequence[Mapping[str, Any]], default_group: str
) -> Store:
    own = _config(website, configs) or {}
    return Store(
        id=str(website["id"]),
        code=str(website["code"]),
        name=str(website["name"]),
        currency=str(own.get("base_currency_code", "")),
        url=str(own.get("secure_base_url") or own.get("base_url") or ""),
        default_group_id=default_group,
    )


def _config(
    website: Mapping[str, Any], configs: Sequence[Mapping[str, Any]]
) -> Mapping[str, Any] | None:
    """A store view's configuration; the base currency is the website's."""
    return next(
        (row for row in configs if str(row["website_id"]) == str(website["id"])),
        None,
    )


def _default_group(
    client: MagentoClient,
    website: Mapping[str, Any],
    configs: Sequence[Mapping[str, Any]],
    *,
    alone: bool,
) -> str:
    config = _config(website, configs)
    if config is None:
        return ""
    path = "customerGroups/default" if alone else f"customerGroups/default/{config['id']}"
    try:
        return str(client.get(path)["id"])
    except Forbidden:
        return ""


def _currencies(client: MagentoClient, stores: Sequence[Store]) -> tuple[Currency, ...]:
    """The base currencies; the default one is that of all-websites prices. Where websites
    differ, only the shop's own answer for all of them tells which it is."""
    codes = list(dict.fromkeys(store.currency for store in stores if store.currency))
    default = codes[0] if codes else ""
    if len(codes) > 1:
        default = str(client.get("directory/currency").get("base_currency_code", default))
    return tuple(
        Currency(code=code, id=code, is_default=code == default, decimals=_DECIMALS.get(code, 2))
        for code in dict.fromkeys([default, *codes])
        if code
    )
