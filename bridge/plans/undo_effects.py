"""The money that taking a run back moves: a delivery says what a row was, not what it cost."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice

from sqlalchemy import select, tuple_
from sqlmodel import Session, col

from bridge.catalogue.models import ShopProduct
from bridge.plans.parts import Change, Effect, Remark
from bridge.prices.codec import amounts_from, value_from_text
from bridge.prices.rules import own_price, unit_price
from bridge.programme.document import Programme
from bridge.programme.service import current
from connectors.base import Amount

AT_ONCE = 500
Prices = dict[tuple[int, str], tuple[Amount, ...]]
"""A product's own, by installation and product id."""


def with_effects(
    session: Session, workspace_id: int, parts: Iterable[Change | Remark]
) -> Iterator[Change | Remark]:
    """Price changes with what one piece costs before and after, by the products as last pulled;
    without where that is not known."""
    found = current(session, workspace_id)
    if found is None:
        yield from parts
        return
    waiting = iter(parts)
    while some := list(islice(waiting, AT_ONCE)):
        prices = _prices(session, workspace_id, some)
        for part in some:
            yield _valued(part, prices, found[1]) if isinstance(part, Change) else part


def _prices(session: Session, workspace_id: int, parts: Sequence[Change | Remark]) -> Prices:
    wanted = {
        (part.installation_id, part.batch)
        for part in parts
        if isinstance(part, Change) and part.kind == "price"
    }
    if not wanted:
        return {}
    place = tuple_(col(ShopProduct.installation_id), col(ShopProduct.product_id))
    rows = session.execute(
        select(
            col(ShopProduct.installation_id), col(ShopProduct.product_id), col(ShopProduct.prices)
        ).where(col(ShopProduct.workspace_id) == workspace_id, place.in_(wanted))
    )
    return {(shop, product): amounts_from(json.loads(prices)) for shop, product, prices in rows}


def _valued(change: Change, prices: Prices, programme: Programme) -> Change:
    own = prices.get((change.installation_id, change.batch))
    if change.kind != "price" or own is None:
        return change
    price_list = programme.price_lists.get(change.source)
    currency = (price_list and price_list.currency) or programme.currency
    basis = (price_list and price_list.prices_are) or programme.prices_are
    before, after = (
        own_price(own, currency, basis)
        if text is None
        else unit_price(value_from_text(text), own, currency, basis)
        for text in (change.before, change.after)
    )
    if before is None or after is None:
        return change
    return replace(change, effect=Effect(currency, before, after))
