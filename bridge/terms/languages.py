"""Which language the terms of a place are in. Pure."""

from __future__ import annotations

from bridge.languages.catalogues import MEMBER_NAMES
from bridge.preferences.sections import Letters


def language_of(locale: str, store: str, letters: Letters, *, is_alone: bool) -> str:
    """``locale``: ``de_DE``, ``en-GB``; ``store``: ``installation/code``; ``is_alone``: the store
    has one place only. What the merchant said of such a store goes before what it says itself."""
    if is_alone and store in letters.languages:
        return letters.languages[store]
    spoken = locale.replace("-", "_").partition("_")[0].lower()
    return spoken if spoken in MEMBER_NAMES else letters.language_of(store)
