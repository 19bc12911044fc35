"""What is wrong with an installation, from what the bridge knows of it. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bridge.installations.models import AppState

LATE_SECONDS = 3_600
VERY_LATE_SECONDS = 24 * 3_600
FAILURES_OF_A_DEAD_SHOP = 3
"""Walks in a row that ended early; one or two are a hiccup."""


class Level(StrEnum):
    OK = "ok"
    WARNING = "warning"
    """It passes by itself, or little depends on it."""
    ERROR = "error"
    """It waits for a person."""


class Trouble(StrEnum):
    NEVER_READ = "never_read"
    """Nothing was asked of the shop yet."""
    CANNOT_BE_READ = "cannot_be_read"
    BEHIND = "behind"
    """What happened there lately is not known here."""
    INBOX_FAILED = "inbox_failed"
    """Something came in and could not be handled, or could not be fetched."""
    DELIVERIES_REFUSED = "deliveries_refused"
    DELIVERIES_IN_CONFLICT = "deliveries_in_conflict"
    BALANCES_REFUSED = "balances_refused"
    VOUCHERS_REFUSED = "vouchers_refused"
    """Codes that cannot be put into the shop, or taken out of it."""
    PROMOTIONS_CHANGED = "promotions_changed"
    """Somebody changed or removed promotions that vouchers hang on."""
    WEBHOOKS_OFF = "webhooks_off"
    """The app was switched off in the shop, or taken out of it: it only polls."""
    PLUGIN_GONE = "plugin_gone"
    """Gifts that a plugin gave are given by nobody since it was switched off or taken out."""
    PLUGIN_NOT_TOLD = "plugin_not_told"
    """The plugin does not know what it has to know of the bridge."""


@dataclass(frozen=True, slots=True)
class Remark:
    trouble: Trouble
    level: Level
    count: int = 0
    """How many; of what is behind: by how many seconds. 0: it is not counted."""
    detail: str = ""
    """The shop's own words."""


@dataclass(frozen=True, slots=True)
class ResourceState:
    """How far the bridge has read one kind of thing: ``orders``, ``customers``…"""

    resource: str
    polled_at: datetime | None
    """When the last walk ended, well or not."""
    complete_through: datetime | None
    """On our clock: all that happened there before is known here. ``None``: not yet."""
    lag_seconds: int | None
    """How far that lies behind now."""
    failures: int
    """Walks in a row that ended early,"""
    error: str
    """and why the last did."""


@dataclass(frozen=True, slots=True)
class PluginHealth:
    is_gone: bool
    """No gift comes into a basket by itself, and none was brought to the shop since."""
    problem: str
    """Why it could not be told what it has to know; empty: it could."""


@dataclass(frozen=True, slots=True)
class ShopCounts:
    inbox_waiting: int = 0
    inbox_failed: int = 0
    """Could not be handled, or not be fetched."""
    deliveries_waiting: int = 0
    deliveries_in_conflict: int = 0
    deliveries_refused: int = 0
    balances_refused: int = 0
    vouchers_waiting: int = 0
    """Codes that are to be put into the shop or taken out of it,"""
    vouchers_refused: int = 0
    """and those among them that it refused again and again."""
    promotions_changed: int = 0


def remarks(
    resources: tuple[ResourceState, ...],
    counts: ShopCounts,
    webhooks: AppState | None,
    plugin: PluginHealth | None = None,
) -> tuple[Remark, ...]:
    """The worst first."""
    found = [*_reading(resources), *_waiting(counts)]
    if webhooks in (AppState.INACTIVE, AppState.DELETED):
        found.append(Remark(Trouble.WEBHOOKS_OFF, Level.WARNING))
    if plugin is not None and plugin.is_gone:
        found.append(Remark(Trouble.PLUGIN_GONE, Level.ERROR))
    if plugin is not None and plugin.problem:
        found.append(Remark(Trouble.PLUGIN_NOT_TOLD, Level.WARNING, detail=plugin.problem))
    return tuple(sorted(found, key=lambda one: one.level is not Level.ERROR))


def level(found: tuple[Remark, ...]) -> Level:
    """The worst of them."""
    levels = {one.level for one in found}
    return next((one for one in (Level.ERROR, Level.WARNING) if one in levels), Level.OK)


def _reading(resources: tuple[ResourceState, ...]) -> Iterator[Remark]:
    if not resources:
        yield Remark(Trouble.NEVER_READ, Level.WARNING)
        return
    worst = max(resources, key=lambda one: one.failures)
    if worst.failures:
        is_dead = worst.failures >= FAILURES_OF_A_DEAD_SHOP
        grave = Level.ERROR if is_dead else Level.WARNING
        yield Remark(Trouble.CANNOT_BE_READ, grave, worst.failures, worst.error)
    lag = max((one.lag_seconds or 0 for one in resources), default=0)
    if lag >= LATE_SECONDS:
        grave = Level.ERROR if lag >= VERY_LATE_SECONDS else Level.WARNING
        yield Remark(Trouble.BEHIND, grave, lag)


def _waiting(counts: ShopCounts) -> Iterator[Remark]:
    for trouble, count in (
        (Trouble.INBOX_FAILED, counts.inbox_failed),
        (Trouble.DELIVERIES_REFUSED, counts.deliveries_refused),
        (Trouble.DELIVERIES_IN_CONFLICT, counts.deliveries_in_conflict),
        (Trouble.BALANCES_REFUSED, counts.balances_refused),
        (Trouble.VOUCHERS_REFUSED, counts.vouchers_refused),
        (Trouble.PROMOTIONS_CHANGED, counts.promotions_changed),
    ):
        if count:
            yield Remark(trouble, Level.ERROR, count)
