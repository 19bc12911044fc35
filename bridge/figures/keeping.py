"""Figures over all members or orders, kept where working them out takes long.

A figure that is worked out fast is worked out whenever it is asked for. One that took long is
kept, shown with the time it is of, and worked out anew by the step `figures` every hour; where
nothing runs, whoever asks after a day works it out. It reads and then writes: two that do so at
once do the work twice and no harm.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from pydantic import TypeAdapter, ValidationError
from sqlmodel import Session, col, select

from bridge.db import Database, upsert
from bridge.figures.models import KeptFigure
from bridge.figures.terms import Terms

T = TypeVar("T")

FAST = timedelta(milliseconds=100)
"""What takes no longer than this is not kept."""
REFRESHED_AFTER = timedelta(hours=1)
OUTDATED_AFTER = timedelta(hours=25)


@dataclass(frozen=True, slots=True)
class Figure(Generic[T]):
    """How one is worked out."""

    name: str
    form: type[T]
    """A frozen dataclass that JSON can hold."""
    work_out: Callable[[Session, int, Terms, datetime], T]


@dataclass(frozen=True, slots=True)
class Known(Generic[T]):
    as_of: datetime
    value: T


@dataclass(frozen=True, slots=True)
class _Kept:
    as_of: datetime
    took: timedelta
    told_in: Any
    value: Any


def is_served(age: timedelta, took: timedelta) -> bool:
    """Whether a kept figure answers, and is not worked out anew by who asks. Pure."""
    return took > FAST and timedelta(0) <= age < OUTDATED_AFTER


def is_refreshed(age: timedelta) -> bool:
    """Whether the step works a kept figure out anew. Pure."""
    return not timedelta(0) <= age < REFRESHED_AFTER


def known(
    database: Database,
    workspace_id: int,
    terms: Terms,
    figure: Figure[T],
    now: datetime,
    *,
    fresh: bool = False,
) -> Known[T]:
    """As kept, or worked out now; ``fresh`` means now in any case. After the programme changed
    its currency, its rate or whatever else figures depend on, it is worked out anew."""
    kept = None if fresh else _kept(database, workspace_id, figure, terms)
    if kept is not None and is_served(now - kept.as_of, kept.took):
        return Known(kept.as_of, kept.value)
    return _work_out(database, workspace_id, terms, figure, now, keep_fast=False)


def refresh(
    database: Database, workspace_id: int, terms: Terms, figure: Figure[T], now: datetime
) -> bool:
    """Works it out anew when it is an hour old; whether it did."""
    kept = _kept(database, workspace_id, figure, terms)
    if kept is not None and not is_refreshed(now - kept.as_of):
        return False
    _work_out(database, workspace_id, terms, figure, now, keep_fast=True)
    return True


def _work_out(
    database: Database,
    workspace_id: int,
    terms: Terms,
    figure: Figure[T],
    now: datetime,
    *,
    keep_fast: bool,
) -> Known[T]:
    began = time.perf_counter()
    with database.reading() as session:
        value = figure.work_out(session, workspace_id, terms, now)
    took = timedelta(seconds=time.perf_counter() - began)
    if keep_fast or took > FAST:
        envelope = {
            "told_in": _told_in(terms),
            "took_ms": round(took / timedelta(milliseconds=1)),
            "value": TypeAdapter(figure.form).dump_python(value, mode="json"),
        }
        row = {
            "workspace_id": workspace_id,
            "name": figure.name,
            "as_of": now,
            "content": json.dumps(envelope, ensure_ascii=False, separators=(",", ":")),
        }
        with database.writing() as session:
            upsert(session, KeptFigure, [row])
    return Known(now, value)


def _kept(database: Database, workspace_id: int, figure: Figure[Any], terms: Terms) -> _Kept | None:
    """``None``: there is none that says what this version of the bridge and of the programme
    would say."""
    with database.reading() as session:
        row = session.exec(
            select(KeptFigure).where(
                col(KeptFigure.workspace_id) == workspace_id, col(KeptFigure.name) == figure.name
            )
        ).first()
    if row is None:
        return None
    try:
        envelope = json.loads(row.content)
        found = _Kept(
            row.as_of,
            timedelta(milliseconds=envelope["took_ms"]),
            envelope["told_in"],
            TypeAdapter(figure.form).validate_python(envelope["value"]),
        )
    except (KeyError, TypeError, ValueError, ValidationError):
        return None
    return found if found.told_in == _told_in(terms) else None


def _told_in(terms: Terms) -> Any:
    """What the programme says that a figure depends on, as JSON gives it back."""
    rate = None if terms.rate is None else [terms.rate.points, str(terms.rate.amount)]
    tiers = [list(tier) for tier in terms.tiers]
    return [terms.currency, terms.timezone, terms.basis.value, rate, tiers]
