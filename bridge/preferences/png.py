"""Pictures that people send: read as strictly as PNG is defined, and kept without what is not
picture. Pure.

Only PNG is taken. An SVG can hold scripts and fetch from other hosts; to prove that one does
neither takes a parser as careful as a browser's, so none is.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

MOST_BYTES = 200 * 1024
MOST_PIXELS = 2_000
"""In each direction."""

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_KEPT = frozenset({b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"sRGB", b"cHRM"})
"""The picture and its colours. Dropped are texts, times, places and what makes it move."""
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
"""By colour type."""


class NotAPicture(ValueError):
    """Why a file is not taken; ``reason`` is one of this class's constants."""

    TOO_LARGE = "too large"
    NO_PNG = "no png"
    BROKEN = "broken"
    TOO_MANY_PIXELS = "too many pixels"

    def __init__(self, reason: str) -> None:
        super().__init__(f"the file is {reason}")
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Png:
    width: int
    height: int
    content: bytes = field(repr=False)


def clean_png(data: bytes) -> Png:
    """The same picture, put together anew from the chunks that make it. Raises
    :class:`NotAPicture`."""
    if len(data) > MOST_BYTES:
        raise NotAPicture(NotAPicture.TOO_LARGE)
    if not data.startswith(_SIGNATURE):
        raise NotAPicture(NotAPicture.NO_PNG)
    chunks = list(_chunks(data))
    names = [name for name, _content in chunks]
    if names[:1] != [b"IHDR"] or names[-1:] != [b"IEND"] or names.count(b"IHDR") != 1:
        raise NotAPicture(NotAPicture.BROKEN)
    width, height = _measured(chunks[0][1], b"".join(c for name, c in chunks if name == b"IDAT"))
    kept = (_written(name, content) for name, content in chunks if name in _KEPT)
    return Png(width, height, _SIGNATURE + b"".join(kept))


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """To the end of the picture; what is hung on behind it is not read."""
    at = len(_SIGNATURE)
    while True:
        head = data[at : at + 8]
        length, name = int.from_bytes(head[:4]), head[4:]
        content = data[at + 8 : at + 8 + length]
        check = data[at + 8 + length : at + 12 + length]
        if len(head) < 8 or len(check) < 4 or zlib.crc32(name + content) != int.from_bytes(check):
            raise NotAPicture(NotAPicture.BROKEN)
        yield name, content
        if name == b"IEND":
            return
        at += 12 + length


def _measured(header: bytes, packed: bytes) -> tuple[int, int]:
    """Width and height, when there are as many pixels as they promise."""
    if len(header) != 13 or header[9] not in _CHANNELS or header[8] not in (1, 2, 4, 8, 16):
        raise NotAPicture(NotAPicture.BROKEN)
    width, height = int.from_bytes(header[:4]), int.from_bytes(header[4:8])
    if not (0 < width <= MOST_PIXELS and 0 < height <= MOST_PIXELS):
        raise NotAPicture(NotAPicture.TOO_MANY_PIXELS)
    row = (width * _CHANNELS[header[9]] * header[8] + 7) // 8 + 1
    # An interlaced picture has more, shorter rows: a filter byte for each, at most seven times.
    most = row * height + (8 * height + 8 if header[12] else 0)
    try:
        opened = zlib.decompressobj().decompress(packed, most + 1)
    except zlib.error:
        raise NotAPicture(NotAPicture.BROKEN) from None
    if len(opened) > most or (not header[12] and len(opened) != most):
        raise NotAPicture(NotAPicture.BROKEN)
    return width, height


def _written(name: bytes, content: bytes) -> bytes:
    check = zlib.crc32(name + content)
    return len(content).to_bytes(4) + name + content + check.to_bytes(4)
