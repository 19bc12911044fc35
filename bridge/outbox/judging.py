"""What becomes of a delivery, from what was expected and what the shop holds. Pure.

The examples stand as a table in ``tests/bridge/outbox/test_judging.py``.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from connectors.errors import AlreadyExists, ConnectorError, Rejected, Unsafe

MOST_ATTEMPTS = 8
"""Tries of one row before it becomes a dead letter."""
_SAID_NO = (Rejected, Unsafe)
"""The shop answered, and did not do it."""


@dataclass(frozen=True, slots=True)
class Held:
    """What the shop holds under a key; ``value`` is ``None`` when there is nothing."""

    value: str | None
    native_id: str = ""


NOTHING = Held(None)


@dataclass(frozen=True, slots=True)
class Item:
    """One delivery as the sending needs it."""

    id: int
    fence: int
    kind: str
    batch: str
    key: str
    label: str
    before: str | None
    after: str | None
    native_id: str
    source: str
    hints: str
    base: str | None
    """The binding's snapshot when this was decided; ``None``: the thing was not known."""
    releases: bool
    restores: str | None
    intended: bool
    """An earlier try committed its intent: the shop may hold ``after`` because of us."""
    attempts: int

    @property
    def bound(self) -> bool:
        return self.base is not None


class Verdict(StrEnum):
    SEND = "send"
    DONE = "done"
    """The shop holds what it shall hold, and it is ours."""
    CONFLICT = "conflict"
    """The shop holds something nobody here expected."""
    RETRY = "retry"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class Judgement:
    verdict: Verdict
    reason: str = ""
    written: bool = False
    """Our value reached the shop, whatever it holds by now."""
    void: bool = False
    """The shop certainly did not do it: should the same turn up there, it is not ours."""


def before_sending(item: Item, held: Held) -> Judgement:
    """Compares what is there at the moment of sending with what the decision was based on."""
    if held.value == item.after and (item.intended or item.bound or item.after is None):
        return Judgement(Verdict.DONE, written=True)
    if held.value == item.before:
        return Judgement(Verdict.SEND)
    if held.value is None:
        return Judgement(Verdict.CONFLICT, "It is no longer in the shop.")
    if held.value == item.after:
        return Judgement(Verdict.CONFLICT, "Someone else made the same meanwhile.")
    return Judgement(Verdict.CONFLICT, "Someone else changed it meanwhile.")


def after_sending(item: Item, held: Held, refusal: ConnectorError | None) -> Judgement:
    """Compares what was read back with what was sent, and with the shop's own refusal."""
    if held.value == item.after:
        if isinstance(refusal, AlreadyExists) and not (item.intended or item.bound):
            return Judgement(Verdict.CONFLICT, "Someone else made the same meanwhile.", void=True)
        return Judgement(Verdict.DONE, written=True)
    if refusal is not None:
        if refusal.transient:
            return _again(item, str(refusal))
        void = isinstance(refusal, _SAID_NO) and not item.intended
        return Judgement(Verdict.DEAD, str(refusal), void=void)
    if held.value == item.before:
        return _again(item, "The shop took it without an error but does not hold it.")
    return Judgement(
        Verdict.CONFLICT, "The shop holds something else than was just written.", written=True
    )


def after_failure(item: Item, error: ConnectorError) -> Judgement:
    """The call as a whole failed; whether the shop did it will be read at the next try."""
    return _again(item, str(error))


def _again(item: Item, reason: str) -> Judgement:
    verdict = Verdict.DEAD if item.attempts >= MOST_ATTEMPTS else Verdict.RETRY
    return Judgement(verdict, reason)
