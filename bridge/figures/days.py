"""Points by day: closed days from their kept sums, the last ones from the book itself.

A day is *closed* when the day after it is over too. Entries carry the time at which their unit
of work began, and no unit of work lasts a day: nothing is recorded in a closed day any more, and
entries never change, so its sums hold for good. Whoever sums it comes to the same, which makes it
safe to do so in two processes at once. What is not kept yet is summed when it is asked for: the
answer is exact at any time, whether days were kept or not.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import delete, func, select
from sqlmodel import Session, col

from bridge.db import Database, upsert
from bridge.figures.models import EntryDay, KeptDays
from bridge.figures.movements import EntrySum, Movements, movements
from bridge.kit.calendar import day_end, day_of, day_start
from bridge.points.models import Entry

_DAY = timedelta(days=1)
OPEN_DAYS = 2
"""Today and yesterday."""
_TOGETHER = 31
"""Days that are summed and written together."""


def closed_through(now: datetime, zone: ZoneInfo) -> date:
    """The last closed day."""
    return day_of(now, zone) - OPEN_DAYS * _DAY


def by_day(
    session: Session, workspace_id: int, zone: ZoneInfo, first: date, last: date
) -> list[Movements]:
    """Each day from the first to the last, those without entries too. Raises ValueError when the
    last comes before the first."""
    if last < first:
        raise ValueError(f"{last} comes before {first}")
    through = kept_through(session, workspace_id, zone)
    sums: dict[date, list[EntrySum]] = {}
    begin = first
    if through is not None:
        begin = max(first, through + _DAY)
        sums = _kept(session, workspace_id, zone, first, min(last, through))
    if begin <= last:
        sums |= _recorded(session, workspace_id, zone, begin, last)
    return [movements(day, day, sums.get(day, ())) for day in _days(first, last)]


def kept_through(session: Session, workspace_id: int, zone: ZoneInfo) -> date | None:
    """The last day whose sums are kept; ``None``: no day's are."""
    return session.execute(
        select(col(KeptDays.through)).where(
            col(KeptDays.workspace_id) == workspace_id, col(KeptDays.zone) == zone.key
        )
    ).scalar_one_or_none()


def first_day(session: Session, workspace_id: int, zone: ZoneInfo) -> date | None:
    """When the book begins; ``None``: it is empty."""
    earliest = session.execute(
        select(func.min(col(Entry.posted_at))).where(col(Entry.workspace_id) == workspace_id)
    ).scalar_one_or_none()
    return None if earliest is None else day_of(earliest, zone)


def keep_days(database: Database, workspace_id: int, zone: ZoneInfo, now: datetime) -> int:
    """Keeps the sums of every closed day that is not kept yet; returns how many days. Safe beside
    itself: what two find is the same, and written twice it is still the same."""
    last, kept = closed_through(now, zone), 0
    with database.reading() as session:
        through = kept_through(session, workspace_id, zone)
        begin = first_day(session, workspace_id, zone) if through is None else through + _DAY
    if begin is None:
        return 0
    for first, until in _portions(begin, last):
        with database.reading() as session:
            sums = _recorded(session, workspace_id, zone, first, until)
        with database.writing() as session:
            _write(session, workspace_id, zone, sums)
            known = kept_through(session, workspace_id, zone)
            if known is None or known < until:
                row = {"workspace_id": workspace_id, "zone": zone.key, "through": until}
                upsert(session, KeptDays, [row])
        kept += (until - first).days + 1
    return kept


def recount(database: Database, workspace_id: int, zone: ZoneInfo) -> list[date]:
    """Compares every kept day with the book, mends those that differ, and says which they were.

    They differ when something was recorded into the past: the machine's clock was wrong.
    """
    with database.reading() as session:
        last = kept_through(session, workspace_id, zone)
        begins = [first_day(session, workspace_id, zone), _first_kept(session, workspace_id, zone)]
    begin = min((one for one in begins if one is not None), default=None)
    if begin is None or last is None:
        return []
    differing: list[date] = []
    for first, until in _portions(begin, last):
        with database.writing() as session:
            right = _recorded(session, workspace_id, zone, first, until)
            kept = _kept(session, workspace_id, zone, first, until)
            wrong = [
                day
                for day in _days(first, until)
                if set(right.get(day, ())) != set(kept.get(day, ()))
            ]
            _drop(session, workspace_id, zone, wrong)
            _write(session, workspace_id, zone, {day: right.get(day, []) for day in wrong})
        differing += wrong
    return differing


def _kept(
    session: Session, workspace_id: int, zone: ZoneInfo, first: date, last: date
) -> dict[date, list[EntrySum]]:
    rows = session.execute(
        select(
            col(EntryDay.day),
            col(EntryDay.debit),
            col(EntryDay.credit),
            col(EntryDay.effect),
            col(EntryDay.points),
            col(EntryDay.entries),
        ).where(
            col(EntryDay.workspace_id) == workspace_id,
            col(EntryDay.zone) == zone.key,
            col(EntryDay.day).between(first, last),
        )
    )
    found: defaultdict[date, list[EntrySum]] = defaultdict(list)
    for day, *rest in rows:
        found[day].append(EntrySum(*rest))
    return dict(found)


def _first_kept(session: Session, workspace_id: int, zone: ZoneInfo) -> date | None:
    return session.execute(
        select(func.min(col(EntryDay.day))).where(
            col(EntryDay.workspace_id) == workspace_id, col(EntryDay.zone) == zone.key
        )
    ).scalar_one_or_none()


def _recorded(
    session: Session, workspace_id: int, zone: ZoneInfo, first: date, last: date
) -> dict[date, list[EntrySum]]:
    """From the entries themselves: one walk over the index a day."""
    begin = _first_recorded(session, workspace_id, day_start(first, zone))
    if begin is None:
        return {}
    found = {
        day: _sums(session, workspace_id, day_start(day, zone), day_end(day, zone))
        for day in _days(max(first, day_of(begin, zone)), last)
    }
    return {day: sums for day, sums in found.items() if sums}


def _first_recorded(session: Session, workspace_id: int, since: datetime) -> datetime | None:
    return session.execute(
        select(func.min(col(Entry.posted_at))).where(
            col(Entry.workspace_id) == workspace_id, col(Entry.posted_at) >= since
        )
    ).scalar_one_or_none()


def _sums(session: Session, workspace_id: int, since: datetime, until: datetime) -> list[EntrySum]:
    rows = session.execute(
        select(
            col(Entry.debit),
            col(Entry.credit),
            col(Entry.effect),
            func.sum(col(Entry.points)),
            func.count(),
        )
        .where(
            col(Entry.workspace_id) == workspace_id,
            col(Entry.posted_at) >= since,
            col(Entry.posted_at) < until,
        )
        .group_by(col(Entry.debit), col(Entry.credit), col(Entry.effect))
    )
    return [
        EntrySum(debit, credit, effect, int(points), int(entries))
        for debit, credit, effect, points, entries in rows
    ]


def _write(
    session: Session, workspace_id: int, zone: ZoneInfo, sums: Mapping[date, Sequence[EntrySum]]
) -> None:
    rows = [
        {
            "workspace_id": workspace_id,
            "zone": zone.key,
            "day": day,
            "debit": one.debit,
            "credit": one.credit,
            "effect": one.effect,
            "points": one.points,
            "entries": one.entries,
        }
        for day, found in sorted(sums.items())
        # Always in the same order: two that write the same must not wait for each other.
        for one in sorted(found, key=lambda one: (one.debit, one.credit, one.effect))
    ]
    upsert(session, EntryDay, rows)


def _drop(session: Session, workspace_id: int, zone: ZoneInfo, days: Sequence[date]) -> None:
    if days:
        session.execute(
            delete(EntryDay).where(
                col(EntryDay.workspace_id) == workspace_id,
                col(EntryDay.zone) == zone.key,
                col(EntryDay.day).in_(days),
            )
        )


def _days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=count) for count in range((last - first).days + 1))


def _portions(first: date, last: date) -> Iterator[tuple[date, date]]:
    while first <= last:
        until = min(last, first + timedelta(days=_TOGETHER - 1))
        yield first, until
        first = until + _DAY
