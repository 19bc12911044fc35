"""Which colours people can read; figures as other contrast checkers tell them."""

from __future__ import annotations

import pytest

from bridge.preferences.colours import colour, contrast, darkened, is_readable, text_on


@pytest.mark.parametrize(
    ("one", "other", "told"),
    [
        ("#000000", "#ffffff", 21.0),
        ("#ffffff", "#ffffff", 1.0),
        ("#777777", "#ffffff", 4.48),
        ("#767676", "#ffffff", 4.54),
        ("#ff0000", "#ffffff", 4.0),
        ("#0000ff", "#000000", 2.44),
    ],
)
def test_contrast(one: str, other: str, told: float) -> None:
    assert contrast(one, other) == pytest.approx(told, abs=0.005)
    assert contrast(other, one) == contrast(one, other)


@pytest.mark.parametrize(
    ("ground", "text"),
    [
        ("#000000", "#ffffff"),
        ("#ffffff", "#000000"),
        ("#ffcc00", "#000000"),
        ("#066fd1", "#ffffff"),
    ],
)
def test_text_is_black_or_white_and_can_always_be_read(ground: str, text: str) -> None:
    assert text_on(ground) == text
    assert is_readable(text, ground)


@pytest.mark.parametrize("wanted", ["#ffcc00", "#ff0000", "#00ff00", "#ffffff", "#777777"])
def test_a_colour_that_is_too_light_has_a_shade_that_is_not(wanted: str) -> None:
    shade = darkened(wanted)
    assert not is_readable(wanted, "#ffffff")
    assert is_readable(shade, "#ffffff")


def test_a_readable_colour_stays_as_it_is() -> None:
    assert darkened("#066fd1") == "#066fd1"


@pytest.mark.parametrize("text", ["", "red", "#fff", "#06f6fd1", "#066fdg", "url(x)", "#066fd1;"])
def test_what_is_no_colour(text: str) -> None:
    with pytest.raises(ValueError, match="no colour"):
        colour(text)


def test_capitals_and_spaces_are_no_matter() -> None:
    assert colour(" #066FD1 ") == "#066fd1"
