"""Help for a name that is not known."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

_MOST_LISTED = 10


def did_you_mean(word: str, known: Iterable[str], *, nothing: str = "") -> str:
    """One sentence: the nearest known name, or all of them, or ``nothing`` when none exist."""
    names = sorted(known)
    if not names:
        return nothing
    lower = {name.lower(): name for name in names}
    near = get_close_matches(word.lower(), lower, n=1, cutoff=0.6)
    if near:
        return f"Did you mean `{lower[near[0]]}`?"
    more = ", …" if len(names) > _MOST_LISTED else ""
    return f"Known are: {', '.join(names[:_MOST_LISTED])}{more}."
