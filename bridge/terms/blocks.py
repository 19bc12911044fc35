"""What terms consist of, before they have a form. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Link:
    text: str
    address: str
    """``https:``, ``http:`` or ``mailto:``."""


class Break(StrEnum):
    """Between two lines of a paragraph."""

    LINE = "\n"


Piece = str | Link
"""A :class:`Break` is a piece too: it is text of its own kind."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Bullets:
    items: tuple[tuple[Piece, ...], ...]


Block = Paragraph | Bullets


@dataclass(frozen=True, slots=True)
class Section:
    key: str
    """A stable word: ``earning``, ``tiers``…"""
    title: str
    """Empty: it stands before the first heading."""
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class TermsText:
    """The terms in one language."""

    title: str
    sections: tuple[Section, ...]
    as_of: str
    """When what they say was decided; a sentence. Empty: it is not told."""
    language: str
    direction: str
    """``ltr`` or ``rtl``."""


def paragraph(*sentences: str, gap: str = " ") -> Paragraph:
    """``gap``: what stands between two sentences of the language."""
    return Paragraph((gap.join(one for one in sentences if one),))
