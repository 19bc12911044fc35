"""The Corner Shop as the suite wants to know it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from connectors.base import Amount, Connection, Platform
from connectors.conformance import KnownProduct, SandboxFaults, Shop, Target
from connectors.sandbox.server import RunningSandbox
from cornershop import PLATFORM
from cornershop.sandbox import API_KEY, net_of

LINES = {
    Target.GROUP_READ: r"^GET /groups$",
    Target.GROUP_CREATE: r"^POST /groups$",
    Target.CUSTOMER_MOVE: r"^PATCH /customers/",
    Target.TIER_READ: r"^POST /prices/read$",
    Target.TIER_WRITE: r"^POST /prices/set$",
    Target.TIER_REMOVE: r"^POST /prices/remove$",
}


def shop_on(sandbox: RunningSandbox, platform: Platform = PLATFORM) -> Shop:
    """A Corner Shop as good as new."""
    sandbox.reset()
    state = sandbox.state
    good = Connection(sandbox.url, {"api_key": API_KEY}, {}, mark="acme/corner")

    def hand_made(sku: str, group_id: str, quantity: int, price: Decimal) -> None:
        row = {"sku": sku, "store": "", "group": group_id, "from": quantity, "net": price}
        state.set_prices([row])

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
    )
