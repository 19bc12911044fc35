"""What of an account's lots is over, and what expires next. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bridge.points.statement import LotStanding


@dataclass(frozen=True, slots=True)
class Expiry:
    at: datetime
    """From then on they cannot be spent."""
    points: int


def is_over(lot: LotStanding, now: datetime) -> bool:
    return lot.expires_at is not None and lot.expires_at <= now


def expired(lots: Sequence[LotStanding], now: datetime) -> int:
    """Available points that have expired and leave the book with the next work."""
    return sum(lot.available for lot in lots if is_over(lot, now))


def next_expiry(lots: Sequence[LotStanding], now: datetime) -> Expiry | None:
    """What expires first, together; ``None``: nothing does."""
    ahead = [
        (lot.expires_at, lot.available)
        for lot in lots
        if lot.expires_at is not None and lot.available and lot.expires_at > now
    ]
    if not ahead:
        return None
    first = min(at for at, _ in ahead)
    return Expiry(first, sum(points for at, points in ahead if at == first))
