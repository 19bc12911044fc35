"""Promotions of the programme and gifts in baskets, as a shop has them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlmodel import Session, col

from bridge.db import upsert
from bridge.gifts.models import CartGift, GiftState
from bridge.outbox.models import Binding, Delivery, DeliveryState
from bridge.promotions.models import ShopPromotion
from bridge.reconciling.books import Books
from bridge.reconciling.findings import Finding, Fix
from bridge.reconciling.shops import Shop
from connectors.rewards import HeldPromotion

PROMOTION = "shop-promotion"
GIFT = "shop-gift-left"
_KIND = "promotion"
_MOST_BASKETS = 200


def find_promotions(shop: Shop) -> Iterator[Finding]:
    """Those that the bridge delivered: what it believes of them, and what the shop holds. Raises
    ConnectorError."""
    promotions = shop.connector.promotions
    if promotions is None:
        return
    before = _believed(shop)
    if not before:
        return
    held = {one.key: one for one in promotions.all() if one.key in before}
    for key, native in _believed(shop).items():
        theirs = held.get(key)
        if before.get(key) != native or (theirs.native if theirs else "") == native:
            continue
        yield Finding(
            PROMOTION,
            f"promotion {key}",
            "The shop does not hold it, and the bridge believes it does."
            if theirs is None
            else "The shop holds another one than the bridge believes.",
            "Somebody changed it in the shop since it was last read, or what is noted of it was "
            "changed past the bridge.",
            "Take it from the shop; what the programme makes of it the next plan says.",
            _noting(shop, key, theirs),
            store=shop.name,
        )


def _believed(shop: Shop) -> dict[str, str]:
    """Native texts by key, empty where it should not be there; without what is being delivered."""
    here = (shop.books.workspace_id, shop.id)
    under_way = select(col(Delivery.key)).where(
        col(Delivery.workspace_id) == here[0],
        col(Delivery.installation_id) == here[1],
        col(Delivery.kind) == _KIND,
        col(Delivery.state).in_([DeliveryState.QUEUED.value, DeliveryState.LEASED.value]),
    )
    with shop.books.looking() as session:
        rows = session.execute(
            select(col(Binding.key), col(ShopPromotion.native))
            .outerjoin(
                ShopPromotion,
                (col(ShopPromotion.installation_id) == col(Binding.installation_id))
                & (col(ShopPromotion.key) == col(Binding.key)),
            )
            .where(
                col(Binding.workspace_id) == here[0],
                col(Binding.installation_id) == here[1],
                col(Binding.kind) == _KIND,
                col(Binding.key).not_in(under_way),
            )
        )
        return {key: native or "" for key, native in rows}


def _noting(shop: Shop, key: str, held: HeldPromotion | None) -> Fix:
    def mend(session: Session, now: datetime) -> bool:
        which = (
            col(ShopPromotion.workspace_id) == shop.books.workspace_id,
            col(ShopPromotion.installation_id) == shop.id,
            col(ShopPromotion.key) == key,
        )
        if held is None:
            session.execute(
                delete(ShopPromotion).where(*which).execution_options(synchronize_session=False)
            )
            return True
        pull = session.scalars(select(col(ShopPromotion.pull)).where(*which)).first()
        row = {
            "installation_id": shop.id,
            "key": key,
            "workspace_id": shop.books.workspace_id,
            "native_id": held.native_id,
            "native": held.native,
            "name": held.name,
            "is_active": held.is_active,
            "pull": pull or 0,
        }
        upsert(session, ShopPromotion, [row])
        return True

    return shop.books.fix(mend)


# -- gifts in baskets -----------------------------------------------------------------------


def find_gifts(shop: Shop) -> Iterator[Finding]:
    """Lines that the bridge put into a basket and believes to be gone. What a shopper put in
    himself is his, and is not looked at. Raises ConnectorError."""
    carts = shop.connector.carts
    if carts is None:
        return
    with shop.books.looking() as session:
        gifts = session.scalars(
            select(CartGift)
            .where(
                col(CartGift.workspace_id) == shop.books.workspace_id,
                col(CartGift.installation_id) == shop.id,
                col(CartGift.state) == GiftState.REMOVED.value,
                col(CartGift.item_id) != "",
                col(CartGift.changed_at) >= shop.since,
            )
            .order_by(col(CartGift.changed_at).desc())
            .limit(_MOST_BASKETS)
        ).all()
    for gift in gifts:
        cart = carts.cart(gift.cart_id)
        if cart is None or not cart.is_open or cart.in_checkout:
            continue
        if all(item.id != gift.item_id for item in cart.items):
            continue
        yield Finding(
            GIFT,
            f"basket {gift.cart_id}",
            f"The line {gift.item_id} with the gift {gift.sku} is in it, and is said to be taken "
            "out.",
            "What is noted of the basket was changed past the bridge.",
            "Remember it; the next look at the basket decides whether it stays.",
            _remembering(shop.books, gift),
            store=shop.name,
        )


def _remembering(books: Books, gift: CartGift) -> Fix:
    def mend(session: Session, now: datetime) -> bool:
        row: Any = session.scalars(
            select(CartGift)
            .where(
                col(CartGift.workspace_id) == books.workspace_id,
                col(CartGift.installation_id) == gift.installation_id,
                col(CartGift.cart_id) == gift.cart_id,
                col(CartGift.rule) == gift.rule,
                col(CartGift.state) == GiftState.REMOVED.value,
            )
            .with_for_update()
        ).first()
        if row is None:
            return False
        row.state, row.not_before, row.changed_at = GiftState.ADDED.value, now, now
        session.flush()
        return True

    return books.fix(mend)
