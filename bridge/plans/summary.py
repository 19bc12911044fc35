"""A plan in a few lines: counts, the money it moves, and what a person has to look at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from bridge.plans.parts import Agreement, Change, Effect, Part, Remark, RemarkKind

SAMPLE = 20
"""Changes of one store and kind that are kept for showing when not all are asked for."""


class Operation(StrEnum):
    ADD = "add"
    CHANGE = "change"
    REMOVE = "remove"


def operation(change: Change) -> Operation:
    if change.after is None:
        return Operation.REMOVE
    return Operation.ADD if change.before is None else Operation.CHANGE


@dataclass
class Money:
    """Effects on unit prices in one currency."""

    lower: int = 0
    higher: int = 0
    same: int = 0
    before: Decimal = Decimal(0)
    """Sum of what one piece cost, over all changed rows."""
    after: Decimal = Decimal(0)
    moved: Decimal = Decimal(0)
    """Sum of by how much each goes up or down: what goes up makes up for nothing that goes down."""

    def add(self, effect: Effect) -> None:
        self.before += effect.before
        self.after += effect.after
        self.moved += abs(effect.after - effect.before)
        if effect.after < effect.before:
            self.lower += 1
        elif effect.after > effect.before:
            self.higher += 1
        else:
            self.same += 1

    @property
    def percent(self) -> Decimal | None:
        """How much the changed unit prices go up (or down, negative), together."""
        if not self.before:
            return None
        return (self.after - self.before) * 100 / self.before


@dataclass
class PlanSummary:
    counts: Counter[tuple[str, str, Operation]] = field(default_factory=Counter)
    """By installation, kind and operation."""
    money: dict[tuple[str, str], Money] = field(default_factory=dict)
    """By installation and currency."""
    changes: list[Change] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    agreements: int = 0
    foreign: dict[str, int] = field(default_factory=dict)
    """Tier prices of others, by installation."""
    keep_all: bool = False

    def add(self, part: Part) -> None:
        if isinstance(part, Change):
            self._change(part)
        elif isinstance(part, Agreement):
            self.agreements += 1
        else:
            self.remarks.append(part)

    def _change(self, change: Change) -> None:
        counted = (change.installation, change.kind, operation(change))
        self.counts[counted] += 1
        if self.keep_all or self.counts[counted] <= SAMPLE:
            self.changes.append(change)
        if change.effect is not None:
            place = (change.installation, change.effect.currency)
            self.money.setdefault(place, Money()).add(change.effect)

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    def of(self, kind: RemarkKind) -> list[Remark]:
        return [remark for remark in self.remarks if remark.remark is kind]


def summarise(parts: Iterable[Part], *, keep_all: bool = False) -> PlanSummary:
    summary = PlanSummary(keep_all=keep_all)
    for part in parts:
        summary.add(part)
    return summary
