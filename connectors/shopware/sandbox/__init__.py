"""A small Shopware 6.6 to try things on: answers like the recorded shop, keeps what it is told.

>>> from connectors.shopware.sandbox import SANDBOX
>>> with SANDBOX.serve(products=60) as shop:  # doctest: +SKIP
...     print(shop.url, SANDBOX.credentials)
"""

from __future__ import annotations

from connectors.sandbox.faults import Faults
from connectors.sandbox.latency import Cost, Latency
from connectors.sandbox.people import PASSWORD, SHOPPERS
from connectors.sandbox.sandbox import Sandbox
from connectors.sandbox.server import RunningSandbox, start
from connectors.shopware.sandbox import admin_routes, order_routes, store_routes
from connectors.shopware.sandbox.application import Application, refusal
from connectors.shopware.sandbox.apps import AppDesk
from connectors.shopware.sandbox.seed import (
    CLIENT_ID,
    CLIENT_SECRET,
    LIMITED_CLIENT_ID,
    STOREFRONT_KEY,
)
from connectors.shopware.sandbox.shop import SWITCHES, Shop
from connectors.shopware.sandbox.shopper_basket import ShopwareBasket
from connectors.shopware.sandbox.shopping import shopper_points, shopper_price, shopper_token

_ROUTES = (*order_routes.ROUTES, *admin_routes.ROUTES, *store_routes.ROUTES)

RECORDED = Latency(
    costs={
        "": Cost(per_call_ms=13),
        "token": Cost(per_call_ms=69),
        "search": Cost(per_call_ms=11, per_row_ms=0.03),
        "write": Cost(per_call_ms=19),
        "create customer": Cost(per_call_ms=118),
        "sync": Cost(per_call_ms=37, per_row_ms=0.32, minimum_ms=70),
        "store": Cost(per_call_ms=30),
        "cart": Cost(per_call_ms=48),
        "order": Cost(per_call_ms=120),
        "transition": Cost(per_call_ms=95),
    },
    speedup=(1.0, 1.43, 1.4, 1.4),
)
"""Recorded: sync_bulk.json, orders.json, and what contracts/README.md says of batches and
threads."""


def serve(
    port: int = 0,
    *,
    products: int = 2000,
    customers: int = 300,
    seed: int = 1,
    latency: str = "none",
) -> RunningSandbox:
    """Starts the shop; see :class:`connectors.sandbox.sandbox.Serve`."""
    faults = Faults(seed=seed, recorded=RECORDED, shop=SWITCHES)
    faults.set(latency=latency)
    shop = Shop(faults, products=products, customers=customers)
    application = Application(shop, faults, _ROUTES)
    control = {"POST app": AppDesk(shop).install}
    running = start(application, shop, faults, port=port, refusal=refusal, control=control)
    shop.open_at(running.url)
    return running


SANDBOX = Sandbox(
    name="shopware",
    label="Shopware 6.6.7.1",
    serve=serve,
    credentials={"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET},
    settings={"price_indexing": "queue"},
    shopper_price=shopper_price,
    shoppers=SHOPPERS,
    open_basket=ShopwareBasket,
    shopper_points=shopper_points,
    shopper_token=shopper_token,
    also={
        "storefront_access_key": STOREFRONT_KEY,
        "shopper_email": SHOPPERS[0],
        "shopper_password": PASSWORD,
        "read_only_client_id": LIMITED_CLIENT_ID,
        "read_only_client_secret": CLIENT_SECRET,
    },
)

__all__ = ["RECORDED", "SANDBOX", "serve"]
