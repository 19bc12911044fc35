"""One price list: its prices as a table of quantity, price and what one saves."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from heapq import nlargest, nsmallest
from typing import Any

from flask import abort, redirect, request
from sqlmodel import Session

from bridge.audit.service import Subject
from bridge.catalogue.looking_up import KnownProduct, products_of
from bridge.installations.models import Installation
from bridge.installations.service import installations
from bridge.prices.rules import own_price
from bridge.prices.table import PriceLine, price_lines
from bridge.programme.document import PriceList, Programme
from bridge.programme.editing import present
from bridge.programme.kinds import clean_text
from bridge.programme.price_lists import plain_tiers, read_tiers, tier_fields
from bridge.programme.tiers import FIELDS, Tier
from bridge.users.roles import Permission
from bridge.web.admin.plans import values as plan_values
from bridge.web.admin.prices.changes import Wish, list_of, newest, problem_of, programme_of
from bridge.web.admin.routes import Pages
from bridge.web.admin.shown import is_fragment, page
from bridge.web.admin.visit import Visit
from bridge.web.speaking import _, said

pages = Pages()
AT_ONCE = 50
EMPTY_ROWS = 3
MOST_ROWS = 60


@dataclass(frozen=True, slots=True)
class Priced:
    """One product of the list."""

    sku: str
    name: str
    """Empty: the shop that is compared with has no such product."""
    usual: Decimal | None
    lines: list[PriceLine]


@pages.get("/price-lists/<key>", Permission.LOOK)
def price_list(visit: Visit, key: str) -> Any:
    text = request.args.get("text", "").strip()[:255]
    above, below = request.args.get("above"), request.args.get("below")
    with visit.app.database.reading() as session:
        found = present(session, visit.app.workspace_id)
        programme, entry = programme_of(found), list_of(found, key)
        shops = _shops_of(session, visit, entry)
        shop = _shop(shops)
        skus, more = some_skus(entry, text, above=above, below=below)
        rows = _priced(session, visit, programme, entry, shop, skus)
    has_newer = above is not None or (below is not None and more)
    return page(
        "price_rows.html" if is_fragment() else "price_list.html",
        key=key,
        programme=programme,
        entry=entry,
        basis=entry.prices_are or programme.prices_are,
        currency=entry.currency or programme.currency,
        rows=rows,
        shops=shops,
        shop=shop,
        text=text,
        newer=skus[0] if skus and has_newer else None,
        older=skus[-1] if skus and (below is not None or more) else None,
        values=plan_values,
        based_on=found.number,
    )


@pages.get("/price-lists/<key>/price", Permission.CHANGE_PRICES)
def price(visit: Visit, key: str) -> Any:
    """The form for one product; for a new one without its SKU."""
    sku = request.args.get("sku", "").strip()
    found = newest(visit)
    tiers = list_of(found, key).prices.get(sku, ())
    typed = [tier_fields(tier) for tier in tiers]
    return _form(visit, key, sku, typed, is_new=not tiers)


@pages.post("/price-lists/<key>/price", Permission.CHANGE_PRICES)
def change_price(visit: Visit, key: str) -> Any:
    sku = request.form.get("sku", "").strip()
    typed = typed_tiers()
    is_new = "new" in request.form
    if "more" in request.form:
        return _form(visit, key, sku, typed, is_new=is_new)
    found = newest(visit)
    programme, entry = programme_of(found), list_of(found, key)
    read = read_tiers(typed, entry.groups, entry.currency or programme.currency)
    problem = _sku_problem(sku, entry, is_new=is_new)
    if not problem and not read.tiers and not read.problems:
        problem = _(
            "Fill in at least one row: from how many pieces on, and a price or a percentage."
        )
    if not problem and not read.problems:
        problem = problem_of(visit, _wish(key, sku, entry.prices.get(sku, ()), read.tiers))
        if not problem:
            return redirect(visit.url("price_list", key=key, text=sku), 303)
    return _form(
        visit, key, sku, typed, 422, problem=problem, problems=read.problems, is_new=is_new
    )


@pages.post("/price-lists/<key>/price/remove", Permission.CHANGE_PRICES)
def remove_price(visit: Visit, key: str) -> Any:
    sku = request.form.get("sku", "")
    entry = list_of(newest(visit), key)
    if sku not in entry.prices:
        abort(404)
    problem = problem_of(visit, _wish(key, sku, entry.prices[sku], ()))
    if problem:
        typed = [tier_fields(tier) for tier in entry.prices[sku]]
        return _form(visit, key, sku, typed, 422, problem=problem)
    return redirect(visit.url("price_list", key=key), 303)


def _wish(key: str, sku: str, before: tuple[Tier, ...], after: tuple[Tier, ...]) -> Wish:
    return Wish(
        {("price_lists", key, "prices", sku): plain_tiers(after) or None},
        f"price list {key}: {sku}",
        Subject("price-list", key, key),
        {sku: plain_tiers(before)},
        {sku: plain_tiers(after)},
    )


def _sku_problem(sku: str, entry: PriceList, *, is_new: bool) -> str:
    try:
        clean_text(sku)
    except ValueError as error:
        return _("The SKU cannot be used: %(why)s.", why=said(error))
    if is_new and sku in entry.prices:
        return _("This SKU is in the list already: change it there.")
    return ""


def typed_tiers() -> list[dict[str, str]]:
    """Rows of tiers in the form that was sent."""
    columns = {name: request.form.getlist(name)[:MOST_ROWS] for name in FIELDS}
    count = max(map(len, columns.values()), default=0)
    return [
        {name: told[row] if row < len(told) else "" for name, told in columns.items()}
        for row in range(count)
    ]


def with_empty(typed: list[dict[str, str]]) -> list[dict[str, str]]:
    """Some rows to write into at the end."""
    filled = [row for row in typed if any(row[name] for name in ("from", "price", "percent"))]
    return filled + [dict.fromkeys(FIELDS, "") for _row in range(EMPTY_ROWS)]


def _form(
    visit: Visit,
    key: str,
    sku: str,
    typed: list[dict[str, str]],
    status: int = 200,
    *,
    problem: str = "",
    problems: Any = None,
    is_new: bool = False,
) -> Any:
    with visit.app.database.reading() as session:
        found = present(session, visit.app.workspace_id)
        programme, entry = programme_of(found), list_of(found, key)
        shop = _shop(_shops_of(session, visit, entry))
        (known,) = _priced(session, visit, programme, entry, shop, [sku])
    return page(
        "price.html",
        status,
        key=key,
        sku=sku,
        is_new=is_new,
        rows=typed if problems else with_empty(typed),
        entry=entry,
        programme=programme,
        basis=entry.prices_are or programme.prices_are,
        currency=entry.currency or programme.currency,
        known=known,
        shop=shop,
        problem=problem,
        problems=problems or {},
        based_on=found.number,
        values=plan_values,
    )


# --- what is shown --------------------------------------------------------------------------


def some_skus(
    entry: PriceList, text: str, *, above: str | None = None, below: str | None = None
) -> tuple[list[str], bool]:
    """SKUs of the list that hold ``text``, in the order of the alphabet, and whether there are
    more on the far side. ``above``: the last of the page before; ``below``: the first of the page
    after. Pure."""
    wanted = text.casefold()
    found = (sku for sku in entry.prices if not wanted or wanted in sku.casefold())
    if below is not None:
        skus = nlargest(AT_ONCE + 1, (sku for sku in found if sku < below))
        return skus[:AT_ONCE][::-1], len(skus) > AT_ONCE
    if above is not None:
        found = (sku for sku in found if sku > above)
    skus = nsmallest(AT_ONCE + 1, found)
    return skus[:AT_ONCE], len(skus) > AT_ONCE


def _shops_of(session: Session, visit: Visit, entry: PriceList) -> list[Installation]:
    """Where the list holds."""
    found = installations(session, visit.app.workspace_id)
    return [shop for shop in found if entry.stores_in(shop.name)] or found


def _shop(shops: list[Installation]) -> Installation | None:
    """That prices are compared with."""
    asked = request.args.get("store", "")
    return next((shop for shop in shops if shop.name == asked), shops[0] if shops else None)


def _priced(
    session: Session,
    visit: Visit,
    programme: Programme,
    entry: PriceList,
    shop: Installation | None,
    skus: list[str],
) -> list[Priced]:
    known: dict[str, KnownProduct] = {}
    if shop is not None and shop.id is not None:
        known = products_of(session, visit.app.workspace_id, shop.id, skus)
    basis = entry.prices_are or programme.prices_are
    currency = entry.currency or programme.currency
    rows = []
    for sku in skus:
        product = known.get(sku)
        usual = own_price(product.prices, currency, basis) if product else None
        lines = price_lines(entry.prices.get(sku, ()), usual)
        rows.append(Priced(sku, product.name if product else "", usual, lines))
    return rows
