"""`store remove`: the bridge forgets a shop; the history of its runs stays."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, SQLModel, col, delete, func, select, update

from bridge.balances.models import BalancePlace
from bridge.catalogue.models import Pull, ShopCategory, ShopProduct
from bridge.groups.models import ShopAudience, ShopGroup
from bridge.installations import administration, app_registration
from bridge.installations.models import Installation, PluginState, ShopFacts, StoreCheck
from bridge.kit.errors import BridgeError
from bridge.member_sign_in.models import MemberLinkKey
from bridge.members.models import ShopCustomer
from bridge.outbox.models import OPEN_STATES, Binding, Delivery, DeliveryState
from bridge.prices.models import ShopPrice

_MIRRORS: tuple[type[SQLModel], ...] = (
    ShopPrice,
    ShopCustomer,
    ShopAudience,
    ShopGroup,
    ShopCategory,
    ShopProduct,
    ShopFacts,
    StoreCheck,
    PluginState,
    BalancePlace,
    Pull,
    Binding,
    MemberLinkKey,
)
"""What is only known of the shop as long as it is connected."""

_NOUNS = {
    "group": ("customer group", "customer groups"),
    "audience": ("price rule", "price rules"),
    "price": ("price", "prices"),
    "promotion": ("promotion", "promotions"),
    "delivery": ("delivery", "deliveries"),
    "customer": ("customer's group", "customers' groups"),
}


@dataclass(frozen=True, slots=True)
class Holdings:
    """What still ties the bridge to a shop."""

    owned: dict[str, int]
    """Bindings that the bridge owns there, by kind."""
    open_deliveries: int
    leased: int
    """Of these, the ones a worker is sending at this moment."""

    def __bool__(self) -> bool:
        return bool(self.owned or self.open_deliveries)

    def __str__(self) -> str:
        parts = [f"{count:,} {_noun(kind, count)}" for kind, count in sorted(self.owned.items())]
        if self.open_deliveries:
            noun = _noun("delivery", self.open_deliveries)
            parts.append(f"{self.open_deliveries:,} open {noun}")
        return ", ".join(parts)


def holdings(session: Session, workspace_id: int, installation_id: int, now: datetime) -> Holdings:
    bindings = session.exec(
        select(Binding.kind, func.count())
        .where(
            col(Binding.workspace_id) == workspace_id,
            col(Binding.installation_id) == installation_id,
            col(Binding.owned).is_(True),
        )
        .group_by(col(Binding.kind))
    )
    deliveries = session.exec(
        select(Delivery.state, Delivery.lease_until).where(
            col(Delivery.workspace_id) == workspace_id,
            col(Delivery.installation_id) == installation_id,
            col(Delivery.state).in_(OPEN_STATES),
        )
    ).all()
    leased = sum(
        state == DeliveryState.LEASED and until is not None and until > now
        for state, until in deliveries
    )
    return Holdings(dict(bindings.all()), len(deliveries), leased)


def require_removable(
    session: Session,
    workspace_id: int,
    installation: Installation,
    *,
    keep_in_shop: bool,
    now: datetime,
) -> None:
    """Raises BridgeError as :func:`remove` would."""
    assert installation.id is not None
    held = holdings(session, workspace_id, installation.id, now)
    if held.leased:
        raise BridgeError(
            f"A run is sending to `{installation.name}` at this moment. Wait until it has ended."
        )
    if held and not keep_in_shop:
        raise BridgeError(
            f"`{installation.name}` still holds what the bridge made: {held}. Take it back "
            "with `loyalty-bridge undo`, or leave it in the shop for good with --keep-in-shop."
        )


def remove(
    session: Session,
    workspace_id: int,
    installation: Installation,
    *,
    keep_in_shop: bool,
    now: datetime,
) -> None:
    """Drops the credentials, the mirrors and the bindings, and cancels open deliveries.

    Sends nothing to the shop. The name can be used again; runs and deliveries stay, under the
    old name with the time of the removal behind it. Raises BridgeError while a worker sends
    rows to the shop, and, unless ``keep_in_shop``, while the bridge owns anything there.
    """
    require_removable(session, workspace_id, installation, keep_in_shop=keep_in_shop, now=now)
    assert installation.id is not None
    _cancel_deliveries(session, workspace_id, installation.id, now)
    app_registration.drop(session, workspace_id, installation.id)
    administration.shut(session, workspace_id, installation.id)
    for table in _MIRRORS:
        session.exec(
            delete(table).where(
                col(table.workspace_id) == workspace_id,  # type: ignore[attr-defined]
                col(table.installation_id) == installation.id,  # type: ignore[attr-defined]
            )
        )
    session.exec(
        update(Installation)
        .where(
            col(Installation.workspace_id) == workspace_id,
            col(Installation.id) == installation.id,
        )
        .values(
            name=f"{installation.name} (removed {now:%Y-%m-%d %H:%M:%S}, {installation.id})",
            credentials="",
            pulled_at=None,
            removed_at=now,
        )
    )


def _cancel_deliveries(
    session: Session, workspace_id: int, installation_id: int, now: datetime
) -> None:
    session.exec(
        update(Delivery)
        .where(
            col(Delivery.workspace_id) == workspace_id,
            col(Delivery.installation_id) == installation_id,
            col(Delivery.state).in_(OPEN_STATES),
        )
        .values(
            state=DeliveryState.CANCELLED.value,
            error="The store was removed.",
            finished_at=now,
            # A worker whose lease has run out may still come back: it holds the old fence.
            fence=col(Delivery.fence) + 1,
        )
    )


def _noun(kind: str, count: int) -> str:
    one, many = _NOUNS.get(kind, (kind, kind))
    return one if count == 1 else many
