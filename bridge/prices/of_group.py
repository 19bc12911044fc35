"""What a customer group's people pay in one shop: of the prices that were delivered there and are
there still."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlmodel import Session, col

from bridge.catalogue.models import ShopProduct
from bridge.installations.models import Installation
from bridge.kit.money import exponent
from bridge.outbox.models import Binding
from bridge.prices.codec import amounts_from, key_from_text, value_from_text
from bridge.prices.models import ShopPrice
from bridge.prices.rules import own_price, side
from bridge.prices.table import PriceLine, price_lines
from bridge.programme.document import Programme
from bridge.programme.tiers import Tier
from connectors.base import ALL_STORES, Amount, Basis, TierKey, TierValue

_FEW = 5_000


@dataclass(frozen=True, slots=True)
class Group:
    """Whose prices are meant, and where."""

    workspace_id: int
    installation_id: int
    audience_id: str
    """What its prices hang on."""
    store_id: str
    currency: str
    """Of the store; empty: it is not known."""


@dataclass(frozen=True, slots=True)
class Held:
    """A tier price that the bridge delivered, as the shop has it."""

    key: TierKey
    value: TierValue
    price_list: str
    """The programme's key of the list it is from."""


@dataclass(frozen=True, slots=True)
class Found:
    """A product that has prices for the group."""

    id: str
    sku: str
    name: str
    prices: tuple[Amount, ...]
    """Its own, for everybody."""


@dataclass(frozen=True, slots=True)
class Ladder:
    """What more pieces cost each."""

    currency: str
    basis: Basis
    """Whether all of these prices are without tax or with it."""
    usual: Decimal | None
    """``None``: it is not known."""
    lines: tuple[PriceLine, ...]


def products(
    session: Session,
    group: Group,
    most: int,
    *,
    text: str = "",
    after: str = "",
    before: str = "",
) -> list[Found]:
    """In the order of their SKUs, those that hold ``text`` in SKU or name. ``after``, ``before``:
    the product that the page follows, or comes before; one that is not there is as none."""
    which = [
        col(ShopProduct.workspace_id) == group.workspace_id,
        col(ShopProduct.installation_id) == group.installation_id,
        col(ShopProduct.is_active).is_(True),
        _has_prices(session, group),
    ]
    if text:
        which.append(
            or_(
                col(ShopProduct.sku).icontains(text, autoescape=True),
                col(ShopProduct.name).icontains(text, autoescape=True),
            )
        )
    turn = _place(session, group, after or before)
    is_backwards = bool(before and not after) and turn is not None
    if turn is not None:
        which.append(_beyond(turn, is_backwards=is_backwards))
    order = [col(ShopProduct.sku), col(ShopProduct.product_id)]
    statement = (
        select(
            col(ShopProduct.product_id),
            col(ShopProduct.sku),
            col(ShopProduct.name),
            col(ShopProduct.prices),
        )
        .where(*which)
        .order_by(*(one.desc() if is_backwards else one for one in order))
        .limit(most)
    )
    return [
        Found(row[0], row[1], row[2], amounts_from(json.loads(row[3])))
        for row in session.execute(statement)
    ]


def held(session: Session, group: Group, product_ids: Collection[str]) -> dict[str, list[Held]]:
    """By product."""
    rows = session.execute(
        select(
            col(ShopPrice.product_id),
            col(ShopPrice.key),
            col(ShopPrice.value),
            col(Binding.source),
        )
        .where(*_delivered(group), col(Binding.batch).in_(product_ids))
        .order_by(col(ShopPrice.key))
    )
    found: dict[str, list[Held]] = {}
    for product_id, key, value, source in rows:
        one = Held(key_from_text(key), value_from_text(value), source)
        found.setdefault(product_id, []).append(one)
    return found


def _has_prices(session: Session, group: Group) -> ColumnElement[bool]:
    """Of a group with few prices they are named: else all products were looked at for them."""
    shop = select(col(Installation.id)).where(
        col(Installation.id) == group.installation_id,
        col(Installation.workspace_id) == group.workspace_id,
    )
    keys = session.execute(  # by columns of the primary key alone: its index is all that is read
        select(col(Binding.key))
        .where(
            col(Binding.installation_id) == shop.scalar_subquery(),
            col(Binding.kind) == "price",
            _is_meant(group),
        )
        .limit(_FEW + 1)
    ).scalars()
    few = [key_from_text(key).product_id for key in keys]
    is_there = exists().where(*_delivered(group), col(Binding.batch) == col(ShopProduct.product_id))
    if len(few) > _FEW:
        return is_there
    return and_(col(ShopProduct.product_id).in_(sorted(set(few))), is_there)


def _delivered(group: Group) -> tuple[ColumnElement[bool], ...]:
    return (
        col(Binding.workspace_id) == group.workspace_id,
        col(Binding.installation_id) == group.installation_id,
        col(Binding.kind) == "price",
        _is_meant(group),
        col(ShopPrice.installation_id) == col(Binding.installation_id),
        col(ShopPrice.key) == col(Binding.key),
        col(ShopPrice.native_id) == col(Binding.native_id),
    )


def _is_meant(group: Group) -> ColumnElement[bool]:
    """A key holds product, store, audience and quantity between tabs: a part of it with three of
    them says which store and audience are meant."""
    return or_(
        *(
            col(Binding.key).contains(f"\t{place}\t{group.audience_id}\t", autoescape=True)
            for place in sorted({ALL_STORES, group.store_id})
        )
    )


def _place(session: Session, group: Group, product_id: str) -> tuple[str, str] | None:
    if not product_id:
        return None
    row = session.execute(
        select(col(ShopProduct.sku), col(ShopProduct.product_id)).where(
            col(ShopProduct.workspace_id) == group.workspace_id,
            col(ShopProduct.installation_id) == group.installation_id,
            col(ShopProduct.product_id) == product_id,
        )
    ).one_or_none()
    return None if row is None else (row[0], row[1])


def _beyond(turn: tuple[str, str], *, is_backwards: bool) -> ColumnElement[bool]:
    sku, product_id = col(ShopProduct.sku), col(ShopProduct.product_id)
    if is_backwards:
        return and_(sku <= turn[0], or_(sku < turn[0], product_id < turn[1]))
    return and_(sku >= turn[0], or_(sku > turn[0], product_id > turn[1]))


# -- as a table -----------------------------------------------------------------------------


def ladders(
    product: Found, rows: Iterable[Held], programme: Programme, group: Group
) -> list[Ladder]:
    """One for each currency and side that its prices are in; mostly it is one. A price for this
    store alone goes before one for all. Pure."""
    chosen: dict[Decimal, Held] = {}
    for row in sorted(rows, key=lambda row: row.key.store != ALL_STORES):
        chosen[row.key.quantity] = row
    found: dict[tuple[str, Basis], list[Tier]] = {}
    for quantity, row in chosen.items():
        told = _told(product, row, programme, group)
        if told is not None:
            place, price = told
            tier = Tier(int(quantity), price=price, percent=row.value.percent)
            found.setdefault(place, []).append(tier)
    return [
        Ladder(
            currency,
            basis,
            usual,
            tuple(_rounded(line, usual, currency) for line in price_lines(tiers, usual)),
        )
        for (currency, basis), tiers in found.items()
        for usual in (own_price(product.prices, currency, basis),)
    ]


def _told(
    product: Found, row: Held, programme: Programme, group: Group
) -> tuple[tuple[str, Basis], Decimal | None] | None:
    """The currency, and whether without tax or with it, and what one piece costs; ``None``: a
    percentage of what is not known here. A shop that keeps one side of prices says that one."""
    entry = programme.price_lists.get(row.price_list)
    wanted = (entry.prices_are if entry else None) or programme.prices_are
    currencies = (group.currency, (entry.currency if entry else None) or programme.currency)
    amounts = product.prices if row.value.percent is not None else row.value.amounts
    amount = next(
        (one for name in currencies for one in amounts if one.currency == name),
        amounts[0] if amounts else None,
    )
    if amount is None:
        return None if row.value.percent is None else ((currencies[1], wanted), None)
    basis = _kept(amount, wanted)
    price = None if row.value.percent is not None else side(amount, basis)
    return (amount.currency, basis), price


def _rounded(line: PriceLine, usual: Decimal | None, currency: str) -> PriceLine:
    """A percentage of a price has no more decimals than that price, or its currency."""
    if line.percent is None or line.price is None or usual is None:
        return line
    own = usual.normalize().as_tuple().exponent
    places = max(exponent(currency), -own if isinstance(own, int) else 0)
    price = line.price.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    return replace(line, price=price, saved=usual - price)


def _kept(amount: Amount, wanted: Basis) -> Basis:
    kept = amount.net if wanted is Basis.NET else amount.gross
    if kept is not None:
        return wanted
    return Basis.GROSS if wanted is Basis.NET else Basis.NET
