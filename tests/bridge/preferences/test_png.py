"""A picture is taken as nothing but a picture, or not at all."""

from __future__ import annotations

import sys
import zlib
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from pictures import SIGNATURE, chunk, header, pixels, png

from bridge.preferences.png import MOST_BYTES, NotAPicture, clean_png


def refused(data: bytes) -> str:
    with pytest.raises(NotAPicture) as caught:
        clean_png(data)
    return caught.value.reason


def test_a_picture_stays_what_it_is() -> None:
    found = clean_png(png())
    assert (found.width, found.height, found.content) == (3, 2, png())


@pytest.mark.parametrize(
    "more", [chunk(b"tEXt", b"Author\0Ada"), chunk(b"eXIf", b"52N13E"), chunk(b"acTL", bytes(8))]
)
def test_what_is_not_picture_is_left_out(more: bytes) -> None:
    assert clean_png(png(3, 2, more)).content == png()


def test_what_is_hung_on_behind_it_is_left_out() -> None:
    assert clean_png(png() + b"<script>alert(1)</script>").content == png()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", NotAPicture.NO_PNG),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", NotAPicture.NO_PNG),
        (b"GIF89a", NotAPicture.NO_PNG),
        (SIGNATURE, NotAPicture.BROKEN),
        (png()[:-1], NotAPicture.BROKEN),
        (png().replace(b"IDAT", b"IDAX"), NotAPicture.BROKEN),
        (SIGNATURE + pixels(3, 2) + chunk(b"IEND", b""), NotAPicture.BROKEN),
        (SIGNATURE + header(3, 2) + chunk(b"IEND", b""), NotAPicture.BROKEN),
        (
            SIGNATURE + header(3, 2) + pixels(3, 3) + chunk(b"IEND", b""),
            NotAPicture.BROKEN,
        ),
        (png(2_001, 1), NotAPicture.TOO_MANY_PIXELS),
        (SIGNATURE + header(0, 1) + chunk(b"IEND", b""), NotAPicture.TOO_MANY_PIXELS),
        (png() + bytes(MOST_BYTES), NotAPicture.TOO_LARGE),
    ],
)
def test_what_is_not_taken(data: bytes, reason: str) -> None:
    assert refused(data) == reason


def test_a_bomb_is_not_unpacked() -> None:
    bomb = chunk(b"IDAT", zlib.compress(bytes(50_000_000)))
    assert refused(SIGNATURE + header(10, 10) + bomb + chunk(b"IEND", b"")) == NotAPicture.BROKEN
