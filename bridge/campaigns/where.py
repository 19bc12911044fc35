"""In which store a member gets his voucher: where he bought last, else where he registered."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlmodel import Session, col

from bridge.members.models import MemberCustomer, ShopCustomer
from bridge.members.qualities import chunks
from bridge.orders.models import HandledOrder
from bridge.vouchers.stores import StorePlace


def stores_for(
    session: Session,
    workspace_id: int,
    member_ids: Sequence[int],
    allowed: Collection[StorePlace],
) -> dict[int, StorePlace]:
    """By member, one of the ``allowed`` stores; who neither bought nor registered in one of them
    is left out. Guests' accounts are no registration."""
    by_id = {(place.installation_id, place.store_id): place for place in allowed}
    found: dict[int, StorePlace] = {}
    for some in chunks(member_ids):
        found |= _bought(session, workspace_id, some, by_id)
        left = [member_id for member_id in some if member_id not in found]
        found |= _registered(session, workspace_id, left, by_id)
    return found


def _bought(
    session: Session,
    workspace_id: int,
    member_ids: Sequence[int],
    allowed: dict[tuple[int, str], StorePlace],
) -> dict[int, StorePlace]:
    rows = session.execute(
        select(
            col(HandledOrder.member_id),
            col(HandledOrder.installation_id),
            col(HandledOrder.store_id),
            func.max(col(HandledOrder.placed_at)),
        )
        .where(
            col(HandledOrder.workspace_id) == workspace_id,
            col(HandledOrder.member_id).in_(member_ids),
            col(HandledOrder.counts).is_(True),
        )
        .group_by(
            col(HandledOrder.member_id),
            col(HandledOrder.installation_id),
            col(HandledOrder.store_id),
        )
    )
    places: defaultdict[int, list[tuple[datetime, StorePlace]]] = defaultdict(list)
    for member_id, installation_id, store_id, last in rows:
        place = allowed.get((installation_id, store_id))
        if place is not None:
            places[member_id].append((last, place))
    return {member_id: max(some)[1] for member_id, some in places.items()}


def _registered(
    session: Session,
    workspace_id: int,
    member_ids: Sequence[int],
    allowed: dict[tuple[int, str], StorePlace],
) -> dict[int, StorePlace]:
    """Where he registered last."""
    only = _only_stores(allowed)
    rows = session.execute(
        select(
            col(MemberCustomer.member_id),
            col(ShopCustomer.installation_id),
            col(ShopCustomer.store_id),
        )
        .join(
            ShopCustomer,
            (col(ShopCustomer.installation_id) == col(MemberCustomer.installation_id))
            & (col(ShopCustomer.customer_id) == col(MemberCustomer.customer_id)),
        )
        .where(
            col(MemberCustomer.workspace_id) == workspace_id,
            col(MemberCustomer.member_id).in_(member_ids),
            col(ShopCustomer.is_guest).is_(False),
            col(ShopCustomer.is_active).is_(True),
        )
        .order_by(col(ShopCustomer.created_at), col(ShopCustomer.customer_id))
    )
    found: dict[int, StorePlace] = {}
    for member_id, installation_id, store_id in rows:
        # A shop may keep customers for all its stores at once: with one store it is that one.
        place = allowed.get((installation_id, store_id)) or only.get(installation_id)
        if place is not None:
            found[member_id] = place
    return found


def _only_stores(allowed: dict[tuple[int, str], StorePlace]) -> dict[int, StorePlace]:
    by_shop: defaultdict[int, list[StorePlace]] = defaultdict(list)
    for place in allowed.values():
        by_shop[place.installation_id].append(place)
    return {shop: some[0] for shop, some in by_shop.items() if len(some) == 1}
