"""Help for a name that is not known."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from connectors.sentences import sentence

_MOST_LISTED = 10


def nearest(word: str, known: Iterable[str], *, likeness: float = 0.6) -> str:
    """The known name that is most like this one, whatever their case; empty: none is.
    ``likeness``: 0 to 1, how alike they must be."""
    lower = {name.lower(): name for name in known}
    found = get_close_matches(word.lower(), lower, n=1, cutoff=likeness)
    return lower[found[0]] if found else ""


def did_you_mean(word: str, known: Iterable[str], *, nothing: str = "") -> str:
    """One sentence: the nearest known name, or all of them, or ``nothing`` when none exist."""
    names = sorted(known)
    if not names:
        return nothing
    near = nearest(word, names)
    if near:
        return sentence("Did you mean `%(name)s`?", name=near)
    more = ", …" if len(names) > _MOST_LISTED else ""
    listed = ", ".join(names[:_MOST_LISTED]) + more
    return sentence("Known are: %(names)s.", names=listed)
