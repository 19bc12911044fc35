"""What a connector reads of the shop itself: version, currencies, taxes, products."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from decimal import Decimal

from connectors.base import Category, Product, ShopInfo
from connectors.errors import NotAShop
from connectors.sentences import sentence
from connectors.shopware import mapping
from connectors.shopware.client import ShopwareClient
from connectors.shopware.mapping import CatalogueFacts, Currencies
from connectors.shopware.paging import Criteria

VERSION_PATH = "/api/_info/version"
_PRODUCT: Criteria = {"includes": {"product": mapping.PRODUCT, "price": mapping.PRICE}}
_CATEGORY: Criteria = {"includes": {"category": mapping.CATEGORY}}


class Catalogue:
    def __init__(self, client: ShopwareClient) -> None:
        self._client = client
        self._lock = threading.Lock()
        self._currencies: Currencies | None = None

    def version(self) -> str:
        body = self._client.get(VERSION_PATH)
        version = body.get("version") if isinstance(body, dict) else None
        if not isinstance(version, str):
            raise NotAShop(sentence("The address answers, but tells no Shopware version"))
        return version

    def shop(self) -> ShopInfo:
        version = self.version()
        currencies = self.currencies(fresh=True)
        criteria: Criteria = {
            "associations": {"domains": {}},
            "includes": {
                "sales_channel": mapping.SALES_CHANNEL,
                "sales_channel_domain": ["url"],
            },
        }
        channels = self._client.all("sales_channel", criteria)
        stores = [
            mapping.store(row, currencies)
            for row in channels
            if row.get("typeId") != mapping.FEED_TYPE
        ]
        return ShopInfo(
            platform="shopware",
            version=version,
            stores=tuple(stores),
            currencies=currencies.all,
            clock_offset=self._client.http.clock_offset,
        )

    def currencies(self, *, fresh: bool = False) -> Currencies:
        """Read once and kept, since every price names them."""
        with self._lock:
            if self._currencies is None or fresh:
                includes = {"currency": mapping.CURRENCY, "cash_rounding_config": ["decimals"]}
                rows = self._client.all("currency", {"includes": includes})
                self._currencies = Currencies(tuple(mapping.currency(row) for row in rows))
            return self._currencies

    def tax_rates(self) -> dict[str, Decimal]:
        rows = self._client.all("tax", {"includes": {"tax": ["id", "taxRate"]}})
        rates = {str(row["id"]): mapping.number(row.get("taxRate")) for row in rows}
        return {tax_id: rate for tax_id, rate in rates.items() if rate is not None}

    def products(self) -> Iterator[Product]:
        facts = CatalogueFacts(self.currencies(fresh=True), self.tax_rates())
        yield from mapping.products(self._client.walk("product", _PRODUCT), facts)

    def categories(self) -> list[Category]:
        return [mapping.category(row) for row in self._client.walk("category", _CATEGORY)]
