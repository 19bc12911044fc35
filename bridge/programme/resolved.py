"""What resolving the price lists for one installation gives."""

from __future__ import annotations

from dataclasses import dataclass

from bridge.programme.document import Policy
from bridge.programme.issues import Issue, Place
from connectors.base import Basis, Step


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the merchant wrote it; shared by all ladders that come from there."""

    field: str
    place: Place | None = None
    """``None`` when only the stored version is at hand."""

    def __str__(self) -> str:
        return self.field if self.place is None else f"{self.place} {self.field}"


@dataclass(frozen=True, slots=True)
class WantedLadder:
    """What one group shall pay for one product, by quantity."""

    sku: str
    """As the shop writes it; never the parent of variants."""
    group_key: str
    store_code: str | None
    """``None``: the whole installation."""
    currency: str
    basis: Basis
    steps: tuple[Step, ...]
    """Ascending; one tuple for all products that share a rule."""
    list_key: str
    policy: Policy
    take_over: bool
    origin: Origin


@dataclass(frozen=True, slots=True)
class HeldLadder:
    """What is not decided: rows of this product and group, in every currency, are neither
    written nor removed. ``problems`` or the programme's own ``hold`` say why."""

    sku: str
    group_key: str
    store_code: str | None
    list_key: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Resolved:
    ladders: tuple[WantedLadder, ...] = ()
    held: tuple[HeldLadder, ...] = ()
    problems: tuple[Issue, ...] = ()
