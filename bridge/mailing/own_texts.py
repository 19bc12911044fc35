"""A letter in the merchant's own words: around the facts, never in their place. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from bridge.letters.message import one_line
from bridge.mailing.content import Content
from bridge.mailing.wording import Tongue
from bridge.preferences.letter_texts import LetterText, fill


def in_own_words(content: Content, own: LetterText, tongue: Tongue, since: date) -> Content:
    """``since``: the day on which he began to take part. What is empty stays as it was."""
    known = {
        **content.named,
        "programme": tongue.programme,
        "member_since": tongue.speech.day(since),
    }
    values = {name: one_line(value) for name, value in known.items()}
    return replace(
        content,
        subject=one_line(fill(own.subject, values)) or content.subject,
        opening=_paragraphs(own.opening, values) or content.opening,
        closing=_paragraphs(own.closing, values) or content.closing,
    )


def _paragraphs(text: str, values: Mapping[str, str]) -> tuple[str, ...]:
    parts = (part.strip("\n") for part in text.split("\n\n"))
    return tuple(fill(part, values) for part in parts if part)
