"""What of a workspace needs a person, and which workspace first. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bridge.figures.health_rules import Level
from bridge.figures.money import Money

_FIRST = (Level.ERROR, Level.WARNING, Level.OK)


@dataclass(frozen=True, slots=True)
class Standing:
    """A workspace at a glance. Counts are those of its own overview."""

    workspace_id: int
    workspace: str
    level: Level
    """The worst of its stores; a warning where only something waits to be decided."""
    name: str
    """The programme's; empty: none was loaded yet."""
    currency: str
    stores: int
    in_trouble: tuple[str, ...]
    """Stores that are not in order, the worst first."""
    polled_at: datetime | None
    """Of the store that was asked longest ago; ``None``: one was never asked, or there is none."""
    lag_seconds: int | None
    """Of the store that is furthest behind."""
    webhooks_off: int
    """Stores whose webhooks were switched off there."""
    failed: int
    """What came in and could not be handled, and what stores refused: dead letters of all kinds."""
    conflicts: int
    """What somebody else changed in a store: rows and promotions."""
    approvals: int
    """Changes that wait for a second person."""
    planned: int
    """Changes of a plan that nobody approved yet."""
    points: int
    value: Money | None

    @property
    def lag(self) -> timedelta:
        return timedelta(seconds=self.lag_seconds or 0)

    @property
    def waits(self) -> int:
        """Everything that somebody has to decide or mend."""
        return self.failed + self.conflicts + self.approvals + self.planned


def level(stores: Iterable[Level], waiting: int) -> Level:
    found = set(stores)
    if Level.ERROR in found:
        return Level.ERROR
    return Level.WARNING if Level.WARNING in found or waiting else Level.OK


def in_order(found: Iterable[Standing]) -> list[Standing]:
    """What needs attention first: by level, then by how much has to be mended, then by name."""
    return sorted(
        found,
        key=lambda one: (
            _FIRST.index(one.level),
            -(one.failed + one.conflicts),
            -(one.approvals + one.planned),
            one.workspace,
        ),
    )
