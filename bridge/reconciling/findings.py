"""What is wrong somewhere, why, and what mends it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

Fix: TypeAlias = Callable[[], bool]
"""Mends it in transactions of its own, after a second look under the locks; says whether it
found something to mend. May raise BridgeError and ConnectorError."""


class Severity(StrEnum):
    WRONG = "wrong"
    """Books or shops say what they should not say."""
    WAITS = "waits"
    """Nothing is wrong in the books; it waits for a person."""


@dataclass(frozen=True, slots=True)
class Finding:
    check: str
    """The check's name: it stays the same from release to release."""
    where: str
    what: str
    """With the figures of both sides."""
    cause: str
    repair: str
    """What mends it, in words: the bridge, or a person."""
    fix: Fix | None = field(default=None, compare=False, repr=False)
    """``None``: only a person can."""
    severity: Severity = Severity.WRONG
    store: str = ""
    """The installation's name; empty: it is in the book itself."""


@dataclass(slots=True)
class Report:
    """What one run found. Without ``--repair`` everything is left."""

    repaired: list[Finding] = field(default_factory=list)
    left: list[Finding] = field(default_factory=list)
    failures: dict[tuple[str, str], str] = field(default_factory=dict)
    """By check and place: why a repair did not go through."""
    more: dict[str, int] = field(default_factory=dict)
    """By check: at least so many are listed, and there are more."""
    unasked: dict[str, str] = field(default_factory=dict)
    """By installation: why the shop could not be asked."""

    @property
    def is_clean(self) -> bool:
        """Nothing is wrong any more; something may still wait for a person."""
        return not self.unasked and all(one.severity is Severity.WAITS for one in self.left)
