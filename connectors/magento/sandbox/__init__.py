"""A small Magento to try things on: answers like the recorded 2.4.4, keeps state in memory."""

from __future__ import annotations

from connectors.magento.sandbox import auth
from connectors.magento.sandbox.app import create_app
from connectors.magento.sandbox.module_desk import ModuleDesk
from connectors.magento.sandbox.seed import SIZE
from connectors.magento.sandbox.shop import SWITCHES, Shop
from connectors.magento.sandbox.shopper import shopper_points, shopper_price
from connectors.magento.sandbox.shopper_basket import MagentoBasket, MagentoGuestBasket
from connectors.sandbox import server
from connectors.sandbox.faults import Faults
from connectors.sandbox.latency import Cost, Latency
from connectors.sandbox.people import PASSWORD, SHOPPERS
from connectors.sandbox.sandbox import Sandbox
from connectors.sandbox.server import RunningSandbox

RECORDED = Latency(
    costs={
        "": Cost(per_call_ms=50),
        "write": Cost(per_call_ms=90),
        "place_order": Cost(per_call_ms=760),
        "ship": Cost(per_call_ms=630),
        "refund": Cost(per_call_ms=300),
        "orders": Cost(per_call_ms=40, per_row_ms=8),
        "products": Cost(per_call_ms=45, per_row_ms=5.2),
        "read_tier_prices": Cost(per_call_ms=50, per_row_ms=0.164),
        "write_tier_prices": Cost(per_call_ms=160, per_row_ms=0.1, per_sku_ms=3.5, minimum_ms=300),
    },
    speedup=(1.0, 1.97, 2.55, 3.09),
)
"""Fitted to tier_prices_bulk.json, paging.json and the measurements in the recordings' README:
1,800 rows over 1,800 SKUs in batches of 450 take 7.1 s with one thread, 2.3 s with four."""


def serve(
    port: int = 0,
    *,
    products: int = SIZE,
    customers: int = 300,
    seed: int = 1,
    latency: str = "none",
) -> RunningSandbox:
    """Starts the shop in background threads on loopback; port 0: the system chooses.

    ``products``: articles of the shared catalogue, beside 116 of Magento's sample data;
    ``customers``: beside the sample data's one. Raises OSError when the port is taken.
    """
    faults = Faults(seed=seed, recorded=RECORDED, latency=latency, shop=SWITCHES)
    shop = Shop(faults, size=products, people=customers)
    control = {"POST module": ModuleDesk(shop).told}
    return server.start(
        create_app(shop), shop, faults, port=port, control=control, on_stop=shop.close
    )


SANDBOX = Sandbox(
    name="magento",
    label="Magento 2",
    serve=serve,
    credentials={
        "consumer_key": auth.CONSUMER_KEY,
        "consumer_secret": auth.CONSUMER_SECRET,
        "access_token": auth.ACCESS_TOKEN,
        "access_token_secret": auth.ACCESS_TOKEN_SECRET,
    },
    settings={"price_scope": "global", "prices_include_tax": "no", "tax_rates": "2=19"},
    shopper_price=shopper_price,
    shoppers=SHOPPERS,
    open_basket=MagentoBasket,
    open_guest_basket=MagentoGuestBasket,
    shopper_points=shopper_points,
    also={
        "bearer_token": auth.ACCESS_TOKEN,
        "username": auth.ADMIN_USER,
        "password": auth.ADMIN_PASSWORDS[0],
        "shopper_email": SHOPPERS[0],
        "shopper_password": PASSWORD,
    },
)
