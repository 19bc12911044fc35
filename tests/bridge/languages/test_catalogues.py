"""Every text is said in every language, with the same parts filled in."""

from __future__ import annotations

import re

import pytest

from bridge.languages.catalogues import PSEUDO, pseudo
from bridge.languages.collecting import LANGUAGES, as_file, missing, path_of, read, renewed
from bridge.languages.speech import Speech

EACH = [(domain, language) for domain, told in LANGUAGES.items() for language in told]
_PART = re.compile(r"%\((\w+)\)s")


@pytest.mark.parametrize(("domain", "language"), EACH)
def test_nothing_is_left_untranslated_and_nothing_is_left_over(domain: str, language: str) -> None:
    """Otherwise: `make texts`, and fill in what is empty."""
    catalogue = renewed(domain, language)
    assert missing(catalogue) == []
    assert as_file(catalogue) == path_of(domain, language).read_bytes()


@pytest.mark.parametrize(("domain", "language"), EACH)
def test_a_translation_fills_in_the_same_parts(domain: str, language: str) -> None:
    for message in read(domain, language):
        if not message.id:
            continue
        ids = [message.id] if isinstance(message.id, str) else list(message.id)
        strings = [message.string] if isinstance(message.string, str) else list(message.string)
        parts = [set(_PART.findall(one)) for one in ids]
        for string in strings:
            # Of a plural, each form may name the number or say it in words, as the English ones do.
            assert set(_PART.findall(string)) in parts, message.id
            assert "%" not in _PART.sub("", string) or "%" in ids[0], message.id


def test_the_pseudo_language_changes_every_text_but_not_its_parts() -> None:
    assert pseudo("a cat") == "[á ćát]"
    told = Speech(PSEUDO, "staff").text("%(name)s is out of %(what)s", name="Ada", what="tea")
    assert told.startswith("[Ada ")
    assert told.endswith(" tea]")
    assert "out" not in told
