"""What an order brings for the next purchase, and when that is taken back. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from bridge.kit.calendar import day_end, day_of
from bridge.programme.rewards import NextPurchase
from bridge.vouchers.models import Ending, VoucherState

MOST = 5
"""Vouchers that one order can bring one after the other, each after the one before was taken
back: more is an order that comes and goes."""


@dataclass(frozen=True, slots=True)
class OrderFacts:
    installation: str
    store: str
    """The store's code."""
    placed_at: datetime
    completed_at: datetime | None
    counts: bool
    """Neither cancelled nor returned whole."""
    total: Decimal
    """Goods after all discounts, also those of vouchers, less what was given back; in the
    programme's currency, on the side (net, gross) that points count."""


@dataclass(frozen=True, slots=True)
class Worth:
    """What a voucher takes off, in the programme's currency; one of the two."""

    amount: Decimal | None = None
    percent: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """A voucher that the order brought before."""

    number: int
    """Counts the vouchers of one order and rule, from 1."""
    state: VoucherState
    ending: str
    """:class:`bridge.vouchers.models.Ending`; empty: it has not ended."""
    amount_minor: int | None
    """In minor units of the store's currency; ``None``: a percentage."""


@dataclass(frozen=True, slots=True)
class Face:
    """:class:`Worth` as the store says it."""

    amount_minor: int | None = None
    percent: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Issue:
    number: int


@dataclass(frozen=True, slots=True)
class End:
    number: int


def brings(rule: NextPurchase, order: OrderFacts, zone: ZoneInfo) -> Worth | None:
    """What the order is good for as it stands; ``None``: nothing.

    What a voucher took off was not paid: it counts neither towards ``order`` nor for a share,
    so that no voucher feeds the next one.
    """
    if not order.counts or order.completed_at is None or order.total <= 0:
        return None
    if not rule.holds_on(day_of(order.placed_at, zone)):
        return None
    if not rule.holds_in(order.installation, order.store):
        return None
    if rule.order is not None and order.total < rule.order:
        return None
    return worth_of(rule, order.total)


def worth_of(rule: NextPurchase, total: Decimal) -> Worth:
    give = rule.give
    if give.percent is not None:
        return Worth(percent=give.percent)
    if give.share is None:
        return Worth(amount=give.amount)
    amount = total * give.share / 100
    return Worth(amount=amount if give.maximum is None else min(amount, give.maximum))


def due_at(rule: NextPurchase, completed_at: datetime, zone: ZoneInfo) -> datetime:
    """At once, or after so many whole days after the one on which the order was complete."""
    if rule.after_days == 0:
        return completed_at
    return day_end(day_of(completed_at, zone) + timedelta(days=rule.after_days), zone)


def decide(face: Face | None, held: Sequence[Held]) -> Issue | End | None:
    """What is to be done for one order and rule, given what it brings now (``None``:
    nothing).

    An order has one voucher at a time. The next one is made only once it is proven that the one
    before was taken back unused. What was used, ran out or was withdrawn by a person was had.
    """
    newest = max(held, key=lambda one: one.number, default=None)
    if newest is None:
        return None if face is None else Issue(1)
    if any(one.state is VoucherState.USED for one in held):
        return None
    if newest.state is VoucherState.OPEN:
        return End(newest.number) if _is_too_much(face, newest) else None
    gone = newest.state is VoucherState.ENDED and newest.ending == Ending.CAUSE_GONE.value
    if not gone or face is None or newest.number >= MOST:
        return None
    return Issue(newest.number + 1)


def _is_too_much(face: Face | None, held: Held) -> bool:
    if face is None:
        return True
    if face.amount_minor is None or held.amount_minor is None:
        return False
    return face.amount_minor < held.amount_minor
