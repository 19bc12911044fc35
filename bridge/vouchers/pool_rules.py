"""What to do with a pool's promotion, from what was agreed and what the shop holds. Pure.

The examples stand as a table in ``tests/bridge/vouchers/test_delivery_rules.py``.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    WRITE = "write"
    AGREED = "agreed"
    CHANGED = "changed"
    """A person changed it in the shop: a person decides."""
    GONE = "gone"
    """A person took it away there, with its codes."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Texts are native ones (see :mod:`connectors.rewards`); empty: there is none."""

    native: str
    """What was last agreed."""
    intended: str
    """What was last sent."""
    is_there: bool
    """It was made, as far as the bridge knows."""
    theirs: str | None
    """What the shop holds now; ``None``: nothing."""


def before_writing(standing: Standing, ours: str) -> Verdict:
    """For a pool that is to be made. ``ours``: what the shop shall hold.

    What is there already and was never heard of carries the bridge's own mark: it was made
    before the database was restored from a backup, and is taken over.
    """
    if standing.theirs is None:
        return Verdict.GONE if standing.is_there else Verdict.WRITE
    if standing.theirs == ours:
        return Verdict.AGREED
    unheard_of = not standing.native and not standing.intended
    if unheard_of or standing.theirs in (standing.native, standing.intended):
        return Verdict.WRITE
    return Verdict.CHANGED


def before_adding(standing: Standing) -> Verdict:
    """For a pool that was made: whether it is still what its codes were promised to be worth."""
    if standing.theirs is None:
        return Verdict.GONE
    return Verdict.AGREED if standing.theirs == standing.native else Verdict.CHANGED
