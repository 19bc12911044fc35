"""At which addresses a member can be reached: those that stand for him and that a customer of his
bears, who is active, no guest, and has confirmed it.

An address keeps standing for a member when his customer changes it in the shop, so that nobody
else takes his points over with it; reached at it he is no more.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlmodel import col

from bridge.members.models import MemberCustomer, MemberEmail, ShopCustomer


def reachable(workspace_id: int, which: Any) -> Any:
    """Rows of ``email``, ``member_id``, and the ``installation_id`` and ``store_id`` of the
    customer, who was changed last first. ``which``: a condition on :class:`MemberEmail`."""
    return (
        select(
            col(MemberEmail.email),
            col(MemberEmail.member_id),
            col(ShopCustomer.installation_id),
            col(ShopCustomer.store_id),
        )
        .join(
            MemberCustomer,
            (col(MemberCustomer.workspace_id) == col(MemberEmail.workspace_id))
            & (col(MemberCustomer.member_id) == col(MemberEmail.member_id)),
        )
        .join(
            ShopCustomer,
            (col(ShopCustomer.installation_id) == col(MemberCustomer.installation_id))
            & (col(ShopCustomer.customer_id) == col(MemberCustomer.customer_id))
            & (col(ShopCustomer.email) == col(MemberEmail.email)),
        )
        .where(
            col(MemberEmail.workspace_id) == workspace_id,
            which,
            col(MemberEmail.is_confirmed).is_(True),
            col(ShopCustomer.is_confirmed).is_(True),
            col(ShopCustomer.is_active).is_(True),
            col(ShopCustomer.is_guest).is_(False),
        )
        .order_by(col(ShopCustomer.updated_at).desc(), col(MemberEmail.email))
    )
