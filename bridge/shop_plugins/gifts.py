"""Who gives the gifts of a shop, as it was last read: its plugin, or its own promotions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from bridge.installations.models import Installation
from bridge.kit.calendar import day_of
from bridge.programme.service import current
from bridge.promotions.models import ShopPromotion
from bridge.promotions.wanted import GIFT_PREFIX
from connectors.plugins import PluginPackage


@dataclass(frozen=True, slots=True)
class GiftRules:
    """Of one shop."""

    is_wanted: bool = False
    """The programme has one for it, today or later."""
    by_plugin: int = 0
    by_shop: int = 0


def gift_rules(
    session: Session, shop: Installation, package: PluginPackage, now: datetime
) -> GiftRules:
    """Raises BridgeError when this release cannot read the programme."""
    natives = session.exec(
        select(ShopPromotion.native).where(
            col(ShopPromotion.workspace_id) == shop.workspace_id,
            col(ShopPromotion.installation_id) == shop.id,
            col(ShopPromotion.key).startswith(GIFT_PREFIX, autoescape=True),
        )
    ).all()
    by_plugin = sum(map(package.gives, natives))
    return GiftRules(_is_wanted(session, shop, now), by_plugin, len(natives) - by_plugin)


def _is_wanted(session: Session, shop: Installation, now: datetime) -> bool:
    found = current(session, shop.workspace_id)
    if found is None:
        return False
    today = day_of(now, ZoneInfo(found[1].timezone))
    return any(
        gift.is_for(shop.name) and (gift.until is None or today <= gift.until)
        for gift in found[1].gifts.values()
    )
