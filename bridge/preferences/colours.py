"""Whether people can read one colour on another. Pure, after WCAG 2.2.

The contrast of two colours is a number from 1 (the same) to 21 (black on white); text needs 4.5.
"""

from __future__ import annotations

import re
from typing import Final

READABLE: Final = 4.5
WHITE: Final = "#ffffff"
BLACK: Final = "#000000"

_HEX = re.compile(r"#[0-9a-f]{6}")


def colour(text: str) -> str:
    """``#066fd1``, in small letters. Raises ValueError for anything else."""
    told = text.strip().lower()
    if not _HEX.fullmatch(told):
        raise ValueError(f"{text!r} is no colour: write it like #066fd1")
    return told


def contrast(one: str, other: str) -> float:
    """Of two colours as :func:`colour` writes them."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def is_readable(text: str, ground: str) -> bool:
    return contrast(text, ground) >= READABLE


def text_on(ground: str) -> str:
    """Black or white, whichever reads better; on every colour one of them does."""
    return max((WHITE, BLACK), key=lambda one: contrast(one, ground))


def darkened(wanted: str, ground: str = WHITE) -> str:
    """The nearest shade that can be read on a light ground: itself where it can. On a ground too
    dark for that, black."""
    for step in range(100, 0, -1):
        shade = "#" + "".join(f"{part * step // 100:02x}" for part in _parts(wanted))
        if is_readable(shade, ground):
            return shade
    return BLACK


def lightened(wanted: str, ground: str) -> str:
    """The nearest tint that can be read on a dark ground: itself where it can. On a ground too
    light for that, white."""
    for step in range(100, -1, -1):
        tint = "#" + "".join(f"{255 - (255 - part) * step // 100:02x}" for part in _parts(wanted))
        if is_readable(tint, ground):
            return tint
    return WHITE


def _parts(told: str) -> tuple[int, int, int]:
    return int(told[1:3], 16), int(told[3:5], 16), int(told[5:7], 16)


def _luminance(told: str) -> float:
    red, green, blue = (_linear(part / 255) for part in _parts(told))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)
