"""Patterns of SKUs and names: `*` stands for any characters, `?` for one."""

from __future__ import annotations

import pytest

from bridge.programme.catalogue import fitting


@pytest.mark.parametrize(
    ("pattern", "fits", "others"),
    [
        ("A-1", ["A-1", "a-1"], ["A-10", "XA-1", "A1"]),
        ("A-*", ["A-", "a-1", "A-1-2"], ["A", "BA-1"]),
        ("*-red", ["x-red", "-RED", "a-red-red"], ["x-red-", "red"]),
        ("A*B*C", ["ABC", "A1B2C", "ABBCBC"], ["ACB", "AB", "ABCD"]),
        ("A**C", ["AC", "ABC"], ["A"]),
        ("A?C*?", ["ABCD", "ABCDE"], ["ACD", "ABC"]),
        ("*a?*?b", ["a12b", "xaaaab"], ["a1b", "ab"]),
        ("a.b", ["a.b"], ["axb"]),
        ("*", ["", "x\ny"], []),
    ],
)
def test_a_pattern_fits_the_whole_text(pattern: str, fits: list[str], others: list[str]) -> None:
    matches = fitting((pattern,))
    assert [text for text in (*fits, *others) if matches(text)] == fits


def test_a_pattern_of_many_stars_is_answered_at_once() -> None:
    """Trying every way to share the text out would take years."""
    assert not fitting(("*a" * 30 + "b",))("a" * 200)
