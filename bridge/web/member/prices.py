"""What a member pays: the table of quantity and price of his own customer group, for each shop he
is a customer of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import request
from sqlmodel import Session, col, select

from bridge.installations.connecting import mark
from bridge.installations.models import Installation, ShopFacts
from bridge.members.models import MemberCustomer, ShopCustomer
from bridge.prices.of_group import Group, Ladder, held, ladders, products
from bridge.web.admin.asked import words
from bridge.web.admin.shown import is_fragment
from bridge.web.member.places import titles
from bridge.web.member.routes import Needs, Pages
from bridge.web.member.shown import page
from bridge.web.member.visit import Visit
from bridge.web.speaking import lazy, speech
from connectors.base import Basis

pages = Pages()

EACH = 25
BASES = {Basis.NET: lazy("without tax"), Basis.GROSS: lazy("with tax")}


@dataclass(frozen=True, slots=True)
class Shop:
    """Where he is a customer."""

    key: str
    """In addresses of this page."""
    title: str
    group: Group


@dataclass(frozen=True, slots=True)
class Priced:
    id: str
    sku: str
    name: str
    ladders: list[Ladder]


@pages.get("/prices", Needs.MEMBER)
def prices(visit: Visit) -> Any:
    text, after, before = words("text"), words("after"), words("before")
    with visit.app.database.reading() as session:
        shops = _shops(session, visit)
        asked = request.args.get("shop", "")
        shop = next((one for one in shops if one.key == asked), shops[0] if shops else None)
        rows, has_earlier, has_later = _rows(session, visit, shop, text, after, before)
    return page(
        "price_rows.html" if is_fragment() else "prices.html",
        shops=shops,
        shop=shop,
        text=text,
        rows=rows,
        same=_same(rows),
        earlier=rows[0].id if rows and has_earlier else None,
        later=rows[-1].id if rows and has_later else None,
        bases=BASES,
        each=lambda amount, currency: speech().unit_price(amount, currency),
    )


def _same(rows: list[Priced]) -> Ladder | None:
    """One that tells the currency and the tax of all; ``None``: they differ."""
    found = {(one.currency, one.basis): one for row in rows for one in row.ladders}
    return next(iter(found.values())) if len(found) == 1 else None


def _shops(session: Session, visit: Visit) -> list[Shop]:
    """His own customers alone say which group's prices are his."""
    app = visit.app
    known, currencies = titles(session, app.workspace_id), _currencies(session, visit)
    rows = session.exec(
        select(Installation, ShopCustomer.group_id, ShopCustomer.store_id)
        .join(ShopCustomer, col(ShopCustomer.installation_id) == col(Installation.id))
        .join(
            MemberCustomer,
            (col(MemberCustomer.installation_id) == col(ShopCustomer.installation_id))
            & (col(MemberCustomer.customer_id) == col(ShopCustomer.customer_id)),
        )
        .where(
            col(MemberCustomer.workspace_id) == app.workspace_id,
            col(MemberCustomer.member_id) == visit.member_id,
            col(ShopCustomer.is_active).is_(True),
            col(ShopCustomer.is_guest).is_(False),
        )
        .order_by(col(Installation.id), col(ShopCustomer.customer_id))
    )
    found: dict[str, Shop] = {}
    for shop, group_id, store_id in rows:
        platform = app.platforms.get(shop.platform)
        if platform is None or shop.id is None:
            continue
        audience = platform.audience_id(mark(app.workspace, shop.name), group_id)
        place = (shop.id, store_id)
        group = Group(app.workspace_id, shop.id, audience, store_id, currencies.get(place, ""))
        key = f"{shop.id}.{store_id}.{group_id}"
        found[key] = Shop(key, known.get(place, shop.name), group)
    return list(found.values())


def _currencies(session: Session, visit: Visit) -> dict[tuple[int, str], str]:
    rows = session.exec(
        select(ShopFacts.installation_id, ShopFacts.stores).where(
            col(ShopFacts.workspace_id) == visit.app.workspace_id
        )
    )
    return {
        (installation_id, store["id"]): store.get("currency", "")
        for installation_id, stores in rows
        for store in stores
    }


def _rows(
    session: Session, visit: Visit, shop: Shop | None, text: str, after: str, before: str
) -> tuple[list[Priced], bool, bool]:
    """And whether there are more before them and after them."""
    programme = visit.merchant.programme
    if shop is None or programme is None:
        return [], False, False
    found = products(session, shop.group, EACH + 1, text=text, after=after, before=before)
    more, found = len(found) > EACH, found[:EACH]
    is_backwards = bool(before and not after)
    if is_backwards:
        found.reverse()
    rows = held(session, shop.group, [one.id for one in found])
    priced = [
        Priced(one.id, one.sku, one.name, ladders(one, rows.get(one.id, ()), programme, shop.group))
        for one in found
    ]
    return priced, more if is_backwards else bool(after), is_backwards or more
