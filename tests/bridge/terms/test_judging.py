"""When a page is written to, and when it is left as a person made it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bridge.preferences.sections import Letters
from bridge.terms.judging import Remembered, Seen, Verdict, Wanted, is_due, judge
from bridge.terms.languages import language_of
from bridge.terms.models import PageState

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
NEW = Wanted("new text", "new terms")
OURS = Remembered("7", written="old text", told="old terms")
SAME = Remembered("7", written="old text", told="new terms")


@pytest.mark.parametrize(
    ("known", "seen", "verdict"),
    [
        (Remembered(), None, Verdict.WRITE),
        (OURS, Seen("old text", True), Verdict.WRITE),
        (OURS, Seen("new text", True), Verdict.KEEP),
        (SAME, Seen("old text", True), Verdict.KEEP),
        (OURS, Seen("by hand", True), Verdict.EDITED),
        (SAME, Seen("by hand", True), Verdict.EDITED),
        (OURS, Seen("old text", False), Verdict.EDITED),
        (OURS, None, Verdict.REMOVED),
        (replace(OURS, intent="half way"), Seen("half way", True), Verdict.WRITE),
        (replace(OURS, is_hidden=True), Seen("old text", False), Verdict.WRITE),
        (replace(OURS, is_hidden=True), Seen("by hand", False), Verdict.EDITED),
        (Remembered(), Seen("ours, and nobody knows which", True), Verdict.EDITED),
        (Remembered(), Seen("new text", True), Verdict.KEEP),
        (replace(OURS, is_handed_over=True), Seen("by hand", True), Verdict.WRITE),
        (replace(OURS, is_handed_over=True), None, Verdict.WRITE),
    ],
)
def test_what_is_done_about_a_page(known: Remembered, seen: Seen | None, verdict: Verdict) -> None:
    assert judge(known, seen, NEW) is verdict


@pytest.mark.parametrize(
    ("state", "hours", "is_wanted", "is_current", "due"),
    [
        (PageState.PUBLISHED, 1, True, True, False),
        (PageState.PUBLISHED, 25, True, True, True),
        (PageState.PUBLISHED, 0, True, False, True),
        (PageState.EDITED, 0, True, False, False),
        (PageState.EDITED, 2, True, False, True),
        (PageState.HIDDEN, 0, True, True, True),
        (PageState.HIDDEN, 99, False, False, False),
        (PageState.PUBLISHED, 2, False, False, True),
    ],
)
def test_when_the_shop_is_asked(
    state: PageState, hours: int, is_wanted: bool, is_current: bool, due: bool
) -> None:
    at = NOW - timedelta(hours=hours)
    assert is_due(state, at, is_wanted=is_wanted, is_current=is_current, now=NOW) is due
    assert is_due(state, None, is_wanted=is_wanted, is_current=is_current, now=NOW)


@pytest.mark.parametrize(
    ("locale", "is_alone", "language"),
    [
        ("de_DE", False, "de"),
        ("fa-IR", False, "fa"),
        ("fr_FR", False, "it"),
        ("de_DE", True, "it"),
    ],
)
def test_the_language_of_a_place(locale: str, is_alone: bool, language: str) -> None:
    """Its own; where the merchant named one for a store with one place, that one."""
    letters = Letters(languages={"shop/main": "it"})
    assert language_of(locale, "shop/main", letters, is_alone=is_alone) == language
