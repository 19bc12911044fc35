"""How many more vouchers come by themselves after a person withdrew one: pure rules."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """A voucher that had come by itself and that a person withdrew."""

    removed_at: datetime | None
    """When its code was seen to be gone from its shop; ``None``: it is there, or never was."""
    ended_at: datetime | None
    """When its points came back; ``None``: not yet."""

    def since(self, now: datetime) -> datetime:
        """From when on its withdrawal counts. It is not kept when the person asked, and the
        code is gone soon after: until it is, nothing counts as earned since."""
        return min((at for at in (self.removed_at, self.ended_at) if at), default=now)


def counts_since(withdrawn: Iterable[Withdrawn], now: datetime) -> datetime | None:
    """The last withdrawal; ``None``: there was none."""
    return max((one.since(now) for one in withdrawn), default=None)


def more_due(points: int, earned: int, made: int) -> int:
    """How many more vouchers of ``points`` become of what was earned since the last withdrawal.

    ``earned``: points that became available since, less what was taken back, so that it may be
    below zero; ``made``: points of the vouchers that came by themselves since, whatever became
    of them.
    """
    return max(0, earned - made) // points
