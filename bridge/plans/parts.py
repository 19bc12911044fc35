"""What a plan is made of. A plan is a stream of these, so that its size does not matter."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum, StrEnum

from bridge.outbox.snapshots import Snapshot


class Stage(IntEnum):
    """The order in which an installation's deliveries go out."""

    MAKE_GROUPS = 10
    MAKE_AUDIENCES = 20
    RETURN_CUSTOMERS = 30
    WRITE_PRICES = 40
    WRITE_PROMOTIONS = 45
    MOVE_CUSTOMERS = 50
    REMOVE_AUDIENCES = 60
    REMOVE_GROUPS = 70


@dataclass(frozen=True, slots=True)
class Effect:
    """What one piece costs the group at this quantity, before and after."""

    currency: str
    before: Decimal
    after: Decimal


@dataclass(frozen=True, slots=True)
class Change:
    """One thing to send; becomes a delivery."""

    installation_id: int
    installation: str
    stage: Stage
    kind: str
    key: str
    batch: str
    label: str
    before: str | None
    after: str | None
    native_id: str
    source: str
    base: Snapshot | None
    hints: str = ""
    releases: bool = False
    effect: Effect | None = None


@dataclass(frozen=True, slots=True)
class Agreement:
    """Nothing to send: only the bridge's own memory moves. ``snapshot`` ``None``: forgotten."""

    installation_id: int
    installation: str
    kind: str
    key: str
    batch: str
    snapshot: Snapshot | None


class RemarkKind(StrEnum):
    PROBLEM = "problem"
    """It cannot be done as it is written; everything else is."""
    CONFLICT = "conflict"
    """The shop and the programme both changed it, or the policy asks: a person decides."""
    FOREIGN = "foreign"
    """Someone else's: shown, never touched."""
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Remark:
    remark: RemarkKind
    installation: str
    kind: str
    label: str
    message: str
    source: str = ""
    key: str = ""
    ours: str | None = None
    theirs: str | None = None


Part = Change | Agreement | Remark
