"""What a voucher costs its holder, given the orders it was used on. Pure.

Told in any order, late or twice, the same orders come to the same: the price of what is known
now is computed, and whoever posts it posts the difference.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from bridge.programme.rewards import Redemption, Returned

WHOLE = 1_000_000
_ALL = Fraction(1)
_NONE = Fraction(0)
_HALF = Fraction(1, 2)


@dataclass(frozen=True, slots=True)
class Use:
    """An order that carries the voucher's code."""

    is_cancelled: bool = False
    returned_millionths: int = 0
    """The share of its goods that was given back; :data:`WHOLE` is all of it."""
    taken_minor: int = 0
    """What was taken off; only points held for a basket cost by that."""


@dataclass(frozen=True, slots=True)
class GivingBack:
    """What becomes of points spent on an order that is undone."""

    cancelled: bool = True
    returned: Returned = Returned.SHARE

    @classmethod
    def of(cls, redemption: Redemption | None) -> GivingBack:
        if redemption is None:
            return cls()
        return cls(redemption.cancelled_gives_back, redemption.returned)


def points_kept(points: int, uses: Iterable[Use], policy: GivingBack) -> int:
    """How many of the voucher's points its uses cost in the end; no use costs nothing.

    Used on several orders it is paid once: as if used on the one that keeps most of it. What is
    given back is rounded half up; more returns never give back less.
    """
    kept = max((_ALL - _given_back(use, policy) for use in uses), default=_NONE)
    return _kept(points, _ALL - kept)


def basket_points_kept(
    points: int, face_minor: int, uses: Iterable[Use], policy: GivingBack
) -> int:
    """The same for points that were held for a basket, worth ``face_minor`` in all.

    An order costs the points that it took off, in whole ones rounded up, and never more than
    were held. Each order took money off: several are all paid for.
    """
    return sum(
        _kept(points_taken(points, face_minor, use.taken_minor), _given_back(use, policy))
        for use in uses
    )


def points_taken(points: int, face_minor: int, taken_minor: int) -> int:
    """How many of the points pay for what was taken off."""
    return min(-(-points * max(taken_minor, 0) // face_minor), points)


def _kept(points: int, given_back: Fraction) -> int:
    return points - int(points * given_back + _HALF)


def _given_back(use: Use, policy: GivingBack) -> Fraction:
    if use.is_cancelled and policy.cancelled:
        return _ALL
    if policy.returned is Returned.NEVER:
        return _NONE
    if policy.returned is Returned.WHOLE:
        return _ALL if use.returned_millionths >= WHOLE else _NONE
    return Fraction(min(use.returned_millionths, WHOLE), WHOLE)


def times_used(uses: Iterable[Use]) -> int:
    """Orders that stand. More than one: the shop let it be used again."""
    return sum(not use.is_cancelled for use in uses)
