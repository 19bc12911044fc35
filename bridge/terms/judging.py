"""What to do about a page in a shop, from what was written and what is there. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bridge.terms.models import PageState

LOOK_AGAIN = timedelta(days=1)
"""Somebody may have changed the page meanwhile."""
TRY_AGAIN = timedelta(hours=1)
_SETTLED = frozenset({PageState.PUBLISHED, PageState.WAITING, PageState.HIDDEN})


class Verdict(StrEnum):
    WRITE = "write"
    """Make it, or bring it up to date."""
    KEEP = "keep"
    """It is as it should be."""
    EDITED = "edited"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Remembered:
    """What the bridge knows of the page. Texts are digests."""

    native_id: str = ""
    written: str = ""
    intent: str = ""
    told: str = ""
    is_hidden: bool = False
    """The bridge switched it off."""
    is_handed_over: bool = False


@dataclass(frozen=True, slots=True)
class Seen:
    """What the shop holds."""

    text: str
    is_active: bool


@dataclass(frozen=True, slots=True)
class Wanted:
    text: str
    told: str


def judge(known: Remembered, seen: Seen | None, wanted: Wanted) -> Verdict:
    """A page that is neither as it was written nor as it was about to be was changed by a person,
    and stays as he left it until he hands it over. So does one of ours of which nothing is known:
    the database was lost."""
    if seen is None:
        is_gone = bool(known.native_id) and not known.is_handed_over
        return Verdict.REMOVED if is_gone else Verdict.WRITE
    if seen.text == wanted.text and seen.is_active:
        return Verdict.KEEP
    if known.is_handed_over:
        return Verdict.WRITE
    if not is_untouched(known, seen):
        return Verdict.EDITED
    is_current = known.told == wanted.told and seen.text == known.written and seen.is_active
    return Verdict.KEEP if is_current else Verdict.WRITE


def is_untouched(known: Remembered, seen: Seen) -> bool:
    """Whether nobody but the bridge changed the text, or switched the page off."""
    is_ours = bool(seen.text) and seen.text in (known.written, known.intent)
    return is_ours and (seen.is_active or known.is_hidden)


def is_due(
    state: PageState,
    looked_at: datetime | None,
    *,
    is_wanted: bool,
    is_current: bool,
    now: datetime,
) -> bool:
    """Whether to ask the shop about a page. ``is_current``: it has the terms that hold now."""
    if looked_at is None:
        return True
    if not is_wanted:
        return state is not PageState.HIDDEN and now - looked_at >= TRY_AGAIN
    if state is PageState.HIDDEN or (state in _SETTLED and not is_current):
        return True
    return now - looked_at >= (LOOK_AGAIN if state in _SETTLED else TRY_AGAIN)
