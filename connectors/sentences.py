"""Sentences for people that can be said in other languages, too.

A :class:`Sentence` is its English text, as commands and logs show it. It remembers what it was
made of, so that a page can look the pattern up in its own language and fill in the same parts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any


class Sentence(str):
    """Made by :func:`sentence` and :func:`joined`."""

    __slots__ = ("parts", "pattern", "pieces", "separator")

    pattern: str
    """The English text with ``%(name)s`` for each part; empty: it is made of pieces."""
    parts: Mapping[str, Any]
    """Texts, sentences or whole numbers."""
    pieces: tuple[str, ...]
    """What stands one after another."""
    separator: str

    def said(self, translate: Callable[[str], str], number: Callable[[int], str]) -> str:
        """``translate``: a pattern in the wanted language; ``number``: as it is written there."""
        if self.pieces:
            return self.separator.join(say(one, translate, number) for one in self.pieces)
        told = translate(self.pattern)
        if not self.parts:
            return told
        return told % {name: say(one, translate, number) for name, one in self.parts.items()}


def sentence(pattern: str, /, **parts: Any) -> Sentence:
    """``sentence("%(name)s is not there.", name=…)``: the pattern is a key of the catalogues and
    must be a literal. Whole numbers get their thousands separated; of an error, its text is
    filled in."""
    known = {name: _part(one) for name, one in parts.items()}
    plain = {name: _english(one) for name, one in known.items()}
    found = Sentence(pattern % plain if plain else pattern)
    found.pattern, found.parts, found.pieces, found.separator = pattern, known, (), ""
    return found


def joined(*pieces: str, separator: str = " ") -> Sentence:
    """One after another; empty ones are left out."""
    there = tuple(_kept(one) for one in pieces if one)
    found = Sentence(separator.join(there))
    found.pattern, found.parts = "", {}
    found.pieces, found.separator = there, separator
    return found


def text_of(error: BaseException) -> str:
    """What an error says, as a sentence where it was given one."""
    told = getattr(error, "text", None)
    if isinstance(told, str):
        return told
    first = error.args[0] if error.args else None
    return first if isinstance(first, Sentence) else str(error)


def say(one: Any, translate: Callable[[str], str], number: Callable[[int], str]) -> str:
    """A text that may be a sentence, or a whole number."""
    if isinstance(one, Sentence):
        return one.said(translate, number)
    if isinstance(one, int):
        return number(one)
    return str(one)


def stored(text: str, clean: Callable[[str], str] = str) -> Any:
    """As JSON keeps it; ``clean`` is asked about every text that is filled in."""
    if not isinstance(text, Sentence):
        return clean(text)
    if text.pieces:
        return {"pieces": [stored(one, clean) for one in text.pieces], "by": text.separator}
    parts = {
        name: one if isinstance(one, int) else stored(one, clean)
        for name, one in text.parts.items()
    }
    return {"pattern": text.pattern, "parts": parts}


def restored(kept: Any) -> str:
    """What :func:`stored` made of it."""
    if not isinstance(kept, dict):
        return str(kept)
    if "pieces" in kept:
        return joined(*(restored(one) for one in kept["pieces"]), separator=kept["by"])
    parts = {
        name: one if isinstance(one, int) else restored(one) for name, one in kept["parts"].items()
    }
    made = sentence  # its pattern is no literal: it is collected where it was made
    return made(kept["pattern"], **parts)


def _part(one: Any) -> Any:
    if isinstance(one, BaseException):
        return _kept(text_of(one))
    if isinstance(one, int) and not isinstance(one, bool):
        return int(one)
    return _kept(one)


def _kept(one: Any) -> str:
    """A text; of one that is more than a text (a marked one, a member of an enumeration) only
    what it says."""
    return one if isinstance(one, Sentence) else str(one)


def _english(one: Any) -> str:
    return f"{one:,}" if isinstance(one, int) else str(one)
