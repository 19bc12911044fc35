"""Orders as news, and what the programme says of one: its version, its rate. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from bridge.earning.batch import CustomerKey, Version, Versions
from bridge.earning.judging import asks_the_past
from bridge.kit.errors import BridgeError
from bridge.programme.loyalty import rate_on
from bridge.programme.points import PointsSettings
from connectors.sales import Order

ORDER = "order"
_ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class News:
    """An order as it was fetched."""

    installation_id: int
    order: Order
    changed_at: datetime
    fetched_at: datetime

    @property
    def key(self) -> CustomerKey:
        return self.installation_id, self.order.id


class MissingRate(BridgeError):
    def __init__(self, order: Order, currency: str, day: object) -> None:
        super().__init__(
            f"Order {order.number} is in {order.currency}, and the programme knows no rate to "
            f"{currency} for {day}. Add one under `rates`, load the programme, and run "
            "`loyalty-bridge inbox retry --all`."
        )


def settings_of(version: Version | None) -> PointsSettings | None:
    return None if version is None else version.programme.points


def asks(version: Version | None) -> bool:
    settings = settings_of(version)
    return settings is not None and asks_the_past(settings)


def currency_of(version: Version | None, order: Order) -> str:
    return order.currency if version is None else version.programme.currency


def rate_of(order: Order, versions: Versions) -> Decimal:
    """As the version in force has it; where that has none, the first one after it that has:
    that is how a missing rate is mended. Raises :class:`MissingRate`."""
    version = versions.at(order.placed_at) or versions.newest
    if version is None or order.currency == version.programme.currency:
        return _ONE
    programme = version.programme
    day = order.placed_at.astimezone(ZoneInfo(programme.timezone)).date()
    for one in (version, *(later for later in versions.known if later.number > version.number)):
        rate = rate_on(one.programme.rates, order.currency, day)
        if rate is not None and one.programme.currency == programme.currency:
            return rate
    raise MissingRate(order, programme.currency, day)


def is_newer(one: News, known: Any) -> bool:
    return (one.changed_at, one.fetched_at) > (known.changed_at, known.fetched_at)


def source_of(one: News) -> tuple[int, str, str, str]:
    return one.installation_id, ORDER, one.order.id, ""


def by_installation(keys: Iterable[CustomerKey]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for installation_id, thing_id in keys:
        found.setdefault(installation_id, []).append(thing_id)
    return found
