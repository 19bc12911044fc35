"""What a letter says, before it has a form. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Scale:
    """Numbers to choose from, each a link."""

    steps: tuple[tuple[str, str], ...]
    """What is read, and where it leads."""
    low: str
    high: str
    """What the ends mean."""


@dataclass(frozen=True, slots=True)
class Content:
    subject: str
    paragraphs: tuple[str, ...]
    """The facts."""
    code: str = ""
    """Shown large after the first of them; empty: there is none."""
    scale: Scale | None = None
    """Below the paragraphs."""
    button: tuple[str, str] | None = None
    """What stands on it, and where it leads; below the facts."""
    opening: tuple[str, ...] = ()
    """Paragraphs before the facts; each may have several lines."""
    closing: tuple[str, ...] = ()
    """Those after everything else."""
    named: Mapping[str, str] = field(default_factory=dict)
    """What the merchant's own words may name of it (:mod:`bridge.preferences.letter_texts`)."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around it in every letter of a merchant."""

    programme: str
    greeting: str
    why: str
    """Why he gets this letter."""
    stop: str
    """The text of the link that ends letters like this one."""
    link: str
    """Empty: it is one that he asked for himself."""
    imprint: str
    language: str
    direction: str
    """``ltr`` or ``rtl``."""
    header: str = "#1d2433"
    on_header: str = "#ffffff"
    colour: str = "#066fd1"
