"""Gifts that the module puts into carts and takes out, whenever totals are collected.

A gift is an item of its own with a custom price of 0. Custom prices are the shop's own means: when
the module is taken out, such an item stays, and costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from connectors.magento.sandbox.calculating import ZERO
from connectors.magento.sandbox.cart_totals import CartLine, Totals, totals
from connectors.magento.sandbox.carts import Cart, Item, group_of, is_virtual, put_gift
from connectors.magento.sandbox.module_gifts import (
    MOST_RULES,
    Basket,
    GiftRule,
    Line,
    decide,
    declined,
    read_rule,
)
from connectors.magento.sandbox.stores import CURRENCY

if TYPE_CHECKING:
    from connectors.magento.sandbox.shop import Shop

WEBSITE = 1
_GIVEN = ("simple", "virtual")
"""Others cannot be put in without a choice of the shopper."""


# -- gifts ----------------------------------------------------------------------------------


def collect(shop: Shop, cart: Cart, removed: str = "") -> None:
    """To be called where the shop collects the totals of a cart that somebody changed.

    ``removed``: the rule whose gift was taken out by hand.
    """
    if not shop.module.is_installed:
        return
    rules = _rules(shop) if shop.module.works else []
    if not rules:
        _drop(cart, lambda item: True)
        return
    basket = _basket(shop, cart, totals(shop, cart))
    cart.declined = declined(rules, basket, [removed] if removed else [])
    changes = decide(rules, replace(basket, declined=tuple(cart.declined)))
    _drop(cart, lambda item: str(item.id) in changes.remove)
    for line_id, quantity in changes.fix.items():
        cart.items[int(line_id)].qty = Decimal(quantity)
    for rule in changes.add:
        _add(shop, cart, rule)
    _drop(cart, lambda item: not _can_be_had(shop, cart, item))


def _drop(cart: Cart, is_meant: Callable[[Item], bool]) -> None:
    """Gifts."""
    for item in [one for one in cart.items.values() if one.gift]:
        if is_meant(item):
            del cart.items[item.id]


def _rules(shop: Shop) -> list[GiftRule]:
    found = (read_rule(text, key) for key, text in shop.module.rules(WEBSITE).items())
    return [rule for rule in found if rule is not None][:MOST_RULES]


def _basket(shop: Shop, cart: Cart, found: Totals) -> Basket:
    goods = [line for line in found.lines if not line.item.gift]
    net, gross = _sum(goods, "row_total"), _sum(goods, "row_total_incl_tax")
    paid_net = net + _sum(goods, "compensation") - sum((one.discount for one in goods), ZERO)
    balance = shop.module.balances.get(cart.customer_id, {})
    return Basket(
        net=net,
        gross=gross,
        net_discount=net - paid_net,
        gross_discount=gross - paid_net - _sum(goods, "tax"),
        currency=CURRENCY,
        group=str(group_of(shop, cart)),
        tier=str(balance.get("tier_key", "")),
        now=int(datetime.fromisoformat(shop.now()).replace(tzinfo=UTC).timestamp()),
        lines=[
            Line(str(one.item.id), one.product.sku, one.item.qty, one.item.gift)
            for one in found.lines
        ],
        declined=tuple(cart.declined),
    )


def _sum(lines: list[CartLine], name: str) -> Decimal:
    return sum((getattr(line.money, name) for line in lines), ZERO)


def _add(shop: Shop, cart: Cart, rule: GiftRule) -> None:
    """What cannot be put into a basket is not given, and nobody is told."""
    product = shop.products.by_sku(rule.sku)
    if product is not None and product.type_id in _GIVEN:
        put_gift(shop, cart, product, rule.quantity, rule.key)


def _can_be_had(shop: Shop, cart: Cart, gift: Item) -> bool:
    """Beside what is paid for; and nothing is sent to who buys nothing that is sent."""
    product = shop.products.rows[gift.product_id]
    pieces = [item.qty for item in cart.items.values() if item.product_id == product.id]
    if not shop.stock.is_salable(product) or sum(pieces, ZERO) > shop.stock.salable(product):
        return False
    goods = [item.product_id for item in cart.items.values() if not item.gift]
    return is_virtual(product) or not all(is_virtual(shop.products.rows[one]) for one in goods)
