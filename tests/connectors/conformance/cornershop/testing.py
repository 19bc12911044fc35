"""The Corner Shop as the suite wants to know it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from connectors.base import Amount, Connection, Platform
from connectors.conformance import KnownProduct, SandboxFaults, Shop, Target
from connectors.sandbox.server import RunningSandbox
from cornershop import PLATFORM
from cornershop.sandbox import API_KEY, ShopState, net_of
from cornershop.sandbox_extras import Extras

LINES = {
    Target.GROUP_READ: r"^GET /groups$",
    Target.GROUP_CREATE: r"^POST /groups$",
    Target.CUSTOMER_MOVE: r"^PATCH /customers/",
    Target.TIER_READ: r"^POST /prices/read$",
    Target.TIER_WRITE: r"^POST /prices/set$",
    Target.TIER_REMOVE: r"^POST /prices/remove$",
    Target.ORDER_WALK: r"^GET /changes/",
    Target.ORDER_READ: r"^POST /orders/read$",
    Target.ORDER_PARTS: r"^POST /refunds/read$",
    Target.BALANCE_READ: r"^POST /extras/read$",
    Target.BALANCE_WRITE: r"^POST /extras/merge$",
    Target.PROMOTION_READ: r"^(GET /offers|POST /offers/read)$",
    Target.PROMOTION_WRITE: r"^PUT /offers/",
    Target.PROMOTION_REMOVE: r"^DELETE /offers/",
    Target.CODE_READ: r"^(GET /codes|POST /codes/read)$",
    Target.CODE_ADD: r"^POST /codes/add$",
    Target.CODE_REMOVE: r"^POST /codes/remove$",
    Target.CART_READ: r"^GET /carts",
    Target.CART_CHANGE: r"^(POST|DELETE) /carts/",
}


class ErpNumber:
    """What somebody's ERP keeps in another field of the customer."""

    def __init__(self, extras: Extras) -> None:
        self._extras = extras

    def keep(self, customer_id: str, text: str) -> None:
        self._extras.declare("erp_number")
        self._extras.merge({customer_id: {"erp_number": text}})

    def kept(self, customer_id: str) -> str:
        return str(self._extras.values[customer_id].get("erp_number"))


def pages_of(state: ShopState) -> Callable[[int], None]:
    def set_rows(rows: int) -> None:
        state.sales.largest_page = state.offers.largest_page = rows

    return set_rows


def shop_on(sandbox: RunningSandbox, platform: Platform = PLATFORM) -> Shop:
    """A Corner Shop as good as new."""
    sandbox.reset()
    state = sandbox.state
    good = Connection(sandbox.url, {"api_key": API_KEY}, {}, mark="acme/corner")

    def hand_made(sku: str, group_id: str, quantity: int, price: Decimal) -> None:
        row = {"sku": sku, "store": "", "group": group_id, "from": quantity, "net": price}
        state.set_prices([row])

    till = state.till()
    return Shop(
        platform=platform,
        connection=good,
        bad_connection=replace(good, credentials={"api_key": "corner-key-of-nobody"}),
        products=tuple(KnownProduct(f"A-{n}", Amount("EUR", net=net_of(n))) for n in range(3)),
        skus=frozenset(f"A-{n}" for n in range(30)),
        base_group_id="g1",
        customer_email="c3@example.com",
        emails=frozenset(f"c{n}@example.com" for n in range(1, 6)),
        unknown_product_id="A-4711",
        unknown_customer_id="c4711",
        stores=("", "north"),
        volatile=frozenset({"updated"}),
        faults=SandboxFaults(sandbox, LINES),
        dump=sandbox.dump,
        hand_made=hand_made,
        shopper_price=lambda sku, quantity: state.pays("c3@example.com", sku, quantity),
        shopping=till,
        unknown_order_id="o4711",
        edit=till.edit,
        draft=till.draft,
        discount=till.take_off,
        small_pages=pages_of(state),
        notes=ErpNumber(state.extras),
        desk=state.offers,
        store_id="north",
        other_store_id="south",
        baskets=state.baskets,
    )
