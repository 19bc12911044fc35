"""Walks over long lists, without a word of HTTP.

By page number Magento repeats rows when unsorted, repeats the last page past the end in old
versions, and misses rows when earlier ones vanish meanwhile (PLATFORM_FACTS Magento 11, 12).
So lists are walked by key; every walk ends on the count **and** when nothing new comes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Page:
    items: Sequence[Row]
    total: int
    """How many rows match the page's own filters, those before it included."""


def by_id(fetch: Callable[[int], Page]) -> Iterator[Row]:
    """``fetch(after)`` gives the rows with an id above ``after``, lowest id first."""
    after = -1
    while True:
        page = fetch(after)
        fresh = [row for row in page.items if int(row["id"]) > after]
        yield from fresh
        if not fresh or len(page.items) >= page.total:
            return
        after = max(int(row["id"]) for row in fresh)


def by_page(fetch: Callable[[int], Page]) -> Iterator[Row]:
    """For short lists that cannot be filtered by id. ``fetch(number)`` counts from 1."""
    seen: set[str] = set()
    number = 1
    while True:
        page = fetch(number)
        fresh = [row for row in page.items if str(row["id"]) not in seen]
        yield from fresh
        seen.update(str(row["id"]) for row in fresh)
        if not fresh or len(seen) >= page.total:
            return
        number += 1


@dataclass(frozen=True, slots=True)
class TimeStep:
    """What to ask for next in a walk by change time (whole seconds, the shop's own text)."""

    time: str
    condition: str
    """``gteq``, ``gt``, or ``eq`` with ``after``: the rest of one crowded second."""
    after: int = -1


def by_change(
    fetch: Callable[[TimeStep], Page], since: str, changed: str = "updated_at"
) -> Iterator[Row]:
    """Walks rows by (change time, id). A page that ends in mid-second is asked for again from
    that second on; a second that fills a whole page is walked by id."""
    step = TimeStep(since, "gteq")
    while True:
        page = fetch(step)
        rows = list(page.items)
        if step.condition == "eq":
            rows = [row for row in rows if int(row["id"]) > step.after]
        complete = len(page.items) >= page.total
        following = _following(step, rows, complete=complete, changed=changed)
        held_back = following.time if following and following.condition == "gteq" else None
        yield from (row for row in rows if row[changed] != held_back)
        if following is None:
            return
        step = following


def _following(
    step: TimeStep, rows: Sequence[Row], *, complete: bool, changed: str
) -> TimeStep | None:
    if step.condition == "eq":
        if complete or not rows:
            return TimeStep(step.time, "gt")
        return TimeStep(step.time, "eq", max(int(row["id"]) for row in rows))
    if complete or not rows:
        return None
    first, last = str(rows[0][changed]), str(rows[-1][changed])
    if last > first:
        return TimeStep(last, "gteq")
    return TimeStep(last, "eq", max(int(row["id"]) for row in rows))
