"""Gifts that the bridge's module puts into a basket, judged as the module does. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from connectors.magento.module_gifts import is_whole, read_said
from connectors.quotes import Basket, Offer, Outcome, Refused, below
from connectors.sales import Money


def without_gifts(offers: Sequence[Offer]) -> tuple[list[Offer], dict[str, Mapping[str, Any]]]:
    """Cart price rules; and what is said of gifts by the module, by key."""
    gifts: dict[str, Mapping[str, Any]] = {}
    for one in offers:
        said = read_said(one.native)
        if said is not None:
            gifts[one.key] = said
    return [one for one in offers if one.key not in gifts], gifts


def told(
    gifts: Mapping[str, Mapping[str, Any]],
    basket: Basket,
    group_id: str,
    goods: Money,
    discount: Money,
) -> dict[str, Refused]:
    """What becomes of each: it takes nothing off what is there. ``goods``: before ``discount``."""
    return {
        key: _told(said, basket, group_id, goods, discount)
        if is_whole(said)
        else Refused(Outcome.UNREADABLE)
        for key, said in gifts.items()
    }


def _told(
    said: Mapping[str, Any], basket: Basket, group_id: str, goods: Money, discount: Money
) -> Refused:
    if not basket.has_plugin:
        return Refused(Outcome.IS_OFF, "the module in the shop gives it, and is not at work")
    now = int(basket.at.timestamp())
    if str(said["website"]) != basket.store.id:
        return Refused(Outcome.OTHER_STORE)
    if said["from"] is not None and now < said["from"]:
        return Refused(Outcome.NOT_YET, f"from {_moment(said['from'])} on")
    if said["until"] is not None and now >= said["until"]:
        return Refused(Outcome.IS_OVER, f"until {_moment(said['until'])}")
    if said["groups"] and group_id not in said["groups"]:
        return Refused(Outcome.OTHER_GROUP)
    counted = goods - discount if said["after_discounts"] else goods
    there, side = (counted.gross, "with tax") if said["gross"] else (counted.net, "without tax")
    needed = Decimal(said["amount"])
    if there < needed:
        when = ", after discounts" if said["after_discounts"] else ""
        return below(there, needed, said["currency"], side + when)
    return Refused(Outcome.PUT_IN)


def _moment(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M} UTC"
