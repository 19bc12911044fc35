"""Who takes part in the programme, and since when. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from zoneinfo import ZoneInfo

from bridge.kit.calendar import day_end, day_of, months_later
from bridge.programme.rewards import Joining
from connectors.sales import Order


@dataclass(frozen=True, slots=True)
class Word:
    """What a person said last, as of a moment."""

    takes_part: bool
    at: datetime


@dataclass(frozen=True, slots=True, order=True)
class Bought:
    """A membership product, paid and kept."""

    at: datetime
    """When it was paid."""
    pieces: int


@dataclass(frozen=True, slots=True)
class Term:
    """A time without a gap for which somebody bought the membership."""

    begins: datetime
    ends: datetime
    """The first moment that is not in it any more."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What decides whether one member takes part."""

    joined_at: datetime
    """When he registered."""
    word: Word | None = None
    is_meant: bool = False
    """Whether the conditions of ``when`` hold for him."""
    bought: Sequence[Bought] = ()


class Part(StrEnum):
    """What can be said of a moment without asking what he bought."""

    IN = "in"
    OUT = "out"
    OPEN = "open"
    """Only a membership that he bought brings him in."""


def part_of(joining: Joining | None, word: Word | None, is_meant: bool) -> Part:
    """``word``: the last one until then. The same as :func:`takes_part_since` says."""
    if word is not None and not word.takes_part:
        return Part.OUT
    if joining is None or (joining.invited and word is not None):
        return Part.IN
    if joining.when is not None and is_meant:
        return Part.IN
    return Part.OUT if joining.product is None else Part.OPEN


def has_membership(
    joining: Joining | None, bought: Iterable[Bought], at: datetime, zone: ZoneInfo
) -> bool:
    """Whether he had bought it for this moment."""
    if joining is None or joining.product is None:
        return False
    return any(
        term.begins <= at < term.ends for term in terms(bought, joining.product.months, zone)
    )


def takes_part_since(
    joining: Joining | None, standing: Standing, at: datetime, zone: ZoneInfo
) -> datetime | None:
    """Since when he takes part without having left; ``None``: at this moment he does not.

    Who left takes no part, however he came in, until a person takes him in again. Else any way
    in that the section offers will do. Since when conditions held is not kept: who is in by
    them is in since he registered.
    """
    word = standing.word
    if word is not None and not word.takes_part:
        return None
    ways = list(_ways(joining, standing, at, zone))
    if not ways:
        return None
    # Taken in again after he had left: not since before.
    return max(min(ways), word.at) if word is not None else min(ways)


def _ways(
    joining: Joining | None, standing: Standing, at: datetime, zone: ZoneInfo
) -> Iterable[datetime]:
    if joining is None:
        yield standing.joined_at
        return
    if joining.invited and standing.word is not None:
        yield standing.word.at
    if joining.when is not None and standing.is_meant:
        yield standing.joined_at
    if joining.product is not None:
        for term in terms(standing.bought, joining.product.months, zone):
            if term.begins <= at < term.ends:
                yield term.begins


def terms(bought: Iterable[Bought], months: int, zone: ZoneInfo) -> list[Term]:
    """How long purchases last together, oldest first: to the end of a day in the programme's
    time zone. What is bought before the end goes on from there, to the day: three pieces of a
    year bought on 29 February last to the end of 28 February, three years later."""
    found: list[Term] = []
    first: date | None = None
    count = 0
    for one in sorted(bought):
        if first is None or one.at >= found[-1].ends:
            first, count = day_of(one.at, zone), 0
            found.append(Term(one.at, one.at))
        count += one.pieces
        ends = day_end(months_later(first, months * count), zone)
        found[-1] = Term(found[-1].begins, ends)
    return found


def last_day(term: Term, zone: ZoneInfo) -> date:
    """The last day of it."""
    return day_of(term.ends - timedelta(microseconds=1), zone)


def bought_in(order: Order, sku: str) -> Bought | None:
    """What an order holds of the membership: whole pieces, paid, and neither cancelled nor
    given back; ``None``: nothing."""
    if order.paid_at is None or order.cancelled_at is not None:
        return None
    if any(refund.is_whole for refund in order.refunds):
        return None
    lines = {line.id: line.quantity for line in order.lines if _is(line.sku, sku)}
    returned = sum(
        (one.quantity for refund in order.refunds for one in refund.lines if one.line_id in lines),
        Decimal(0),
    )
    pieces = int(sum(lines.values(), Decimal(0)) - returned)
    return Bought(order.paid_at, pieces) if pieces > 0 else None


def _is(one: str, other: str) -> bool:
    return one.strip().casefold() == other.strip().casefold()
