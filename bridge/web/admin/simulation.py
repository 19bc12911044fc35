"""What somebody would pay and earn for some goods in each store, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import request

from bridge.kit.errors import BridgeError
from bridge.simulating.records import Item, Request, Simulation
from bridge.simulating.service import simulate
from bridge.users.roles import Permission
from bridge.vouchers.stores import stores_of
from bridge.web.admin.routes import Pages
from bridge.web.admin.shown import page
from bridge.web.admin.visit import Visit
from bridge.web.speaking import _, lazy, said
from connectors.quotes import Outcome

pages = Pages()

OUTCOMES = {
    Outcome.APPLIES: lazy("applies"),
    Outcome.IS_OFF: lazy("switched off in the shop"),
    Outcome.NOT_YET: lazy("still to come"),
    Outcome.IS_OVER: lazy("over"),
    Outcome.OTHER_STORE: lazy("holds in another store"),
    Outcome.OTHER_GROUP: lazy("for another customer group"),
    Outcome.BELOW_BASKET: lazy("the basket is too small"),
    Outcome.NEEDS_PRODUCTS: lazy("products are missing"),
    Outcome.NOT_IN_BASKET: lazy("once it is in the basket"),
    Outcome.PUT_IN: lazy("comes by itself"),
    Outcome.NOT_FIRST_ORDER: lazy("only for the first order"),
    Outcome.NOTHING_LEFT: lazy("nothing is left to take off"),
    Outcome.UNREADABLE: lazy("changed in the shop by hand"),
}
MOST_ITEMS = 50
MOST_PIECES = 1_000_000


@dataclass(frozen=True, slots=True)
class Asked:
    """As it was typed; it stands in the address."""

    goods: str = ""
    email: str = ""
    store: str = ""
    code: str = ""

    @property
    def is_empty(self) -> bool:
        return not self.goods.strip()


@pages.get("/simulate", Permission.LOOK)
def simulation(visit: Visit) -> Any:
    told = Asked(
        *(request.args.get(name, "")[:5_000] for name in ("goods", "email", "store", "code"))
    )
    with visit.app.database.reading() as session:
        places = stores_of(session, visit.app.workspace_id)
    found: Simulation | None = None
    problem = ""
    if not told.is_empty:
        try:
            store = next((one for one in places if one.name == told.store), None)
            items = goods(told.goods)
            wanted = Request(items, store, told.email.strip(), told.code.strip())
            found = simulate(visit.app, wanted)
        except BridgeError as error:
            problem = said(error)
    return page(
        "simulation.html",
        422 if problem else 200,
        asked=told,
        found=found,
        problem=problem,
        stores=[one.name for one in places],
        outcomes=OUTCOMES,
        said=explained,
    )


class BadGoods(BridgeError):
    """A line that cannot be read."""


def goods(text: str) -> tuple[Item, ...]:
    """``A-1 10``, one a line: an SKU and how many; without a number it is one. The same SKU twice
    is added up. Raises :class:`BadGoods`."""
    pieces: dict[str, int] = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        sku, quantity = _goods(line)
        pieces[sku] = pieces.get(sku, 0) + quantity
    if len(pieces) > MOST_ITEMS:
        raise BadGoods(_("At most %(most)s products at a time.", most=MOST_ITEMS))
    if any(not 0 < quantity <= MOST_PIECES for quantity in pieces.values()):
        raise BadGoods(_("Of each product at least one piece, and at most a million."))
    return tuple(Item(sku, quantity) for sku, quantity in pieces.items())


def _goods(line: str) -> tuple[str, int]:
    sku, _space, quantity = line.rpartition(" ")
    # An SKU may have spaces, and may end in digits: only a number behind a space is one.
    if sku and quantity.isascii() and quantity.isdigit() and len(quantity) <= 9:
        return sku.strip(), int(quantity)
    return line, 1


def explained(why: Mapping[str, Any]) -> str:
    """A calculation, as `simulate` tells it."""
    shown = {**why, "kind": str(why["kind"]).replace("_", " ")} if "kind" in why else why
    return "; ".join(f"{name.replace('_', ' ')}: {value}" for name, value in shown.items())
