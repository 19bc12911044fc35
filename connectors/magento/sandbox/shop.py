"""The shop's state: everything a call can read or change, behind one lock."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from connectors.magento.sandbox import order_routes, order_shown, seed
from connectors.magento.sandbox.auth import Access
from connectors.magento.sandbox.carts import Carts
from connectors.magento.sandbox.categories import Categories
from connectors.magento.sandbox.cms import Contents
from connectors.magento.sandbox.customers import Customers, shown
from connectors.magento.sandbox.documents import Documents
from connectors.magento.sandbox.groups import Groups
from connectors.magento.sandbox.module import Module
from connectors.magento.sandbox.module_events import Outbox, Target
from connectors.magento.sandbox.orders import Order, Orders
from connectors.magento.sandbox.products import Product, Products
from connectors.magento.sandbox.sales_rules import SalesRules
from connectors.magento.sandbox.stock import Stock
from connectors.magento.sandbox.stores import CURRENCY
from connectors.magento.sandbox.taxes import Taxes
from connectors.magento.sandbox.tiers import Tier, Tiers, group_code
from connectors.magento.sandbox.till import MagentoTill
from connectors.magento.sandbox.values import moment, number
from connectors.sandbox.faults import Faults

SWITCHES: dict[str, Any] = {
    "integration_as_bearer": True,
    "missing_privileges": [],
    "nonce_once": False,
    "maintenance": False,
    "html": False,
    "max_items": 0,
    "max_page_size": 0,
    "price_scope": "global",
    "global_scope_refuses_websites": False,
    "minimal_put_resets": False,
    "prices_include_tax": False,
    "consumers": False,
    "rule_update_drops_coupons": False,
    "rules_count_own_lines": False,
    "events_sped_up": 1,
    "dollars": 0,
}
"""The platform's own switches, at what the recorded shop did:

- ``integration_as_bearer``: an integration's token works as a plain bearer;
- ``missing_privileges``: resources the credentials lack, for example
  ``["Magento_Customer::manage"]``;
- ``nonce_once``: an OAuth nonce works once, as on a real shop;
- ``maintenance``: every call gets the 503 page in HTML; ``html``: a 200 page in HTML;
- ``max_items``: objects a list in a call may have (Magento's default, switched on: 20);
- ``max_page_size``: the largest page (Magento's default, switched on: 300);
- ``price_scope``: ``global`` or ``website``, which decides what shoppers see;
- ``global_scope_refuses_websites``: rows for one website are refused, as on other versions;
- ``minimal_put_resets``: a partial PUT of a customer resets the rest, as on other versions;
- ``prices_include_tax``: catalogue prices hold the tax, and discounts come off such prices;
- ``consumers``: those of the message queue run, so that uses of coupons are counted; what came
  while they did not is counted once they do;
- ``rule_update_drops_coupons``: changing a cart price rule deletes its coupons, as in some
  versions;
- ``rules_count_own_lines``: conditions on a basket's worth count only the lines that the rule's
  actions choose, as in later versions;
- ``events_sped_up``: the waits between an event's tries are so many times shorter than the bridge's
  module makes them;
- ``dollars``: shoppers see prices and order in USD, so many for one EUR, which stays the base
  currency; 0: in EUR.
"""


class Shop:
    """``size`` and ``people`` say how much to begin with; see :mod:`.seed`."""

    def __init__(self, faults: Faults, *, size: int, people: int) -> None:
        self.faults = faults
        self.lock = threading.RLock()
        self._size = size
        self._people = people
        self._clock: Callable[[], datetime] = _utc
        self._outbox = Outbox(self.lock, self._events_target, self._events_speed)
        self.reset()

    def reset(self) -> None:
        with self.lock:
            self.access = Access()
            self._outbox.clear()
            self.module = Module(self._outbox)
            hears = self.module.hears
            self.groups = Groups()
            self.customers = Customers(hears("customer_save_after_data_object", "customer"))
            self.products = Products()
            self.categories = Categories()
            self.tiers = Tiers()
            self.carts = Carts(now=self.now)
            self.taxes = Taxes()
            self.sales_rules = SalesRules()
            self.pages = Contents("page", next_id=7)
            self.blocks = Contents("block", next_id=18)
            self.stock = Stock()
            self.orders = Orders(hears("sales_order_save_after", "order"))
            self.invoices = Documents(hears("sales_order_invoice_save_after", "order"))
            self.shipments = Documents(hears("sales_order_shipment_save_after", "order"))
            self.creditmemos = Documents(hears("sales_order_creditmemo_save_after", "order"))
            self._clock = _utc
            self.began = seed.BEGAN
            seed.fill(self, size=self._size, customers=self._people)

    @property
    def shown_currency(self) -> tuple[str, Decimal]:
        """Shoppers' own, and how much of it one unit of the base currency costs."""
        rate = Decimal(str(self.faults.shop["dollars"]))
        return ("USD", rate) if rate else (CURRENCY, Decimal(1))

    def close(self) -> None:
        """Nothing is sent any more."""
        self._outbox.clear()

    def _events_target(self) -> Target:
        url = self.module.setting("events_url") if self.module.tells else ""
        return Target(url, self.module.setting("events_secret"))

    def _events_speed(self) -> float:
        return float(self.faults.shop["events_sped_up"])

    @property
    def most_items(self) -> int:
        return int(self.faults.shop["max_items"])

    @property
    def largest_page(self) -> int:
        return int(self.faults.shop["max_page_size"])

    # -- the clock --------------------------------------------------------------------------

    def now(self) -> str:
        """UTC, whole seconds, as the shop writes times."""
        return moment(self._clock())

    @property
    def clock(self) -> Callable[[], datetime]:
        """Says what time the shop thinks it is: an aware moment."""
        return self._clock

    def set_clock(self, clock: Callable[[], datetime] | None) -> None:
        """Another clock, so that orders can be placed last month; ``None``: the true one."""
        self._clock = clock or _utc

    # -- sales ------------------------------------------------------------------------------

    def till(self) -> MagentoTill:
        """Where :func:`connectors.sandbox.shopper.shop_around` shops."""
        return MagentoTill(self)

    def edit_order(self, order_id: int, changes: Mapping[str, Decimal | int]) -> Order:
        """What "Edit" in Magento's admin does, for which there is no REST service: the order is
        cancelled, and another one takes its place as ``000000004-1``.

        ``changes``: SKU as sold to its new quantity; 0 takes it out, others stay. Raises Refused.
        """
        with self.lock:
            return order_routes.edit(self, self.orders.get(order_id), changes)

    # -- the whole of it --------------------------------------------------------------------

    def dump(self) -> dict[str, Any]:
        """What a merchant would miss: groups, customers, products, tier prices, cart price rules,
        coupons, orders and what belongs to them. Sorted; of tier prices without ids that only
        the shop knows."""
        with self.lock:
            return {
                "groups": [dict(row) for _, row in sorted(self.groups.rows.items())],
                "customers": [shown(row) for _, row in sorted(self.customers.rows.items())],
                "products": [_product(row) for _, row in sorted(self.products.rows.items())],
                "tier_prices": self._tiers(),
                "sales_rules": [dict(row) for _, row in sorted(self.sales_rules.rows.items())],
                "coupons": [dict(row) for _, row in sorted(self.sales_rules.coupons.items())],
                "orders": [order_shown.shown(one) for one in self.orders.entries.rows.values()],
                "invoices": _shown(self.invoices),
                "shipments": _shown(self.shipments),
                "creditmemos": _shown(self.creditmemos),
                "module": [told] if (told := self.module.as_json()) else [],
            }

    def _tiers(self) -> list[dict[str, Any]]:
        rows = [row for rows in self.tiers.by_product.values() for row in rows.values()]
        rows.sort(key=lambda row: row.order)
        return [self._tier(row) for row in rows]

    def _tier(self, row: Tier) -> dict[str, Any]:
        return {
            "sku": self.products.rows[row.product_id].sku,
            "website_id": row.website_id,
            "group_id": row.group_id,
            "group": group_code(self, row.group_id),
            "quantity": number(row.quantity),
            "price_type": "discount" if row.is_discount else "fixed",
            "price": number(row.value),
        }


def _utc() -> datetime:
    return datetime.now(UTC)


def _shown(documents: Documents) -> list[dict[str, Any]]:
    return [one.shown() for one in documents.entries.rows.values()]


def _product(product: Product) -> dict[str, Any]:
    return {
        "id": product.id,
        "sku": product.sku,
        "name": product.name,
        "type_id": product.type_id,
        "status": product.status,
        "price": None if product.price is None else number(product.price),
        "special_price": product.attributes.get("special_price"),
        "category_ids": list(product.category_ids),
        "updated_at": product.updated_at,
    }
