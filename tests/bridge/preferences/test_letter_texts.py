"""What a merchant may write in letters himself, and what is refused."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from bridge.languages.catalogues import MEMBER_NAMES
from bridge.letters.models import OFFERED, LetterKind
from bridge.preferences.letter_texts import (
    NAMES,
    LetterText,
    LetterTexts,
    Mistake,
    Why,
    fill,
    mistake_in,
    tidy,
)

SIGN, BRACE = Mistake(Why.SIGN), Mistake(Why.BRACE)


@pytest.mark.parametrize(
    ("text", "tidied"),
    [
        (None, ""),
        ("  Hello \r\n\r\n you\t\r\n", "Hello\n\n you"),
        ("a\rb", "a\nb"),
        ("a\n \t\nb", "a\n\nb"),
        ("\u200cمی\u200cروم", "\u200cمی\u200cروم"),
    ],
)
def test_line_ends_become_one_kind(text: str | None, tidied: str) -> None:
    assert tidy(text) == tidied


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("", None),
        ("Dear friend of {programme},\n\nsince {member_since}: {balance}", None),
        ("می\u200cروم 🎁 100 % / 50 €", None),
        ("{}", Mistake(Why.NAME, "")),
        ("{points}", Mistake(Why.NAME, "points")),
        ("{Programme}", Mistake(Why.NAME, "Programme")),
        ("{ programme }", Mistake(Why.NAME, " programme ")),
        ("{programme.__class__}", Mistake(Why.NAME, "programme.__class__")),
        ("{programme!r}{0}", Mistake(Why.NAME, "programme!r")),
        ("{{programme}}", BRACE),
        ("{programme", BRACE),
        ("programme}", BRACE),
        ("}{", BRACE),
        ("a\x00b", SIGN),
        ("a\x0bBcc: x", SIGN),
        ("a\x85b", SIGN),
        ("a\u2028b", SIGN),
        ("a\tb", SIGN),
        ("a\ud800b", SIGN),
        ("a\u202eb", SIGN),
    ],
)
def test_only_names_that_a_kind_knows_and_signs_that_are_seen(
    text: str, mistake: Mistake | None
) -> None:
    assert mistake_in(LetterKind.WELCOME, text) == mistake


def test_a_subject_is_one_line() -> None:
    assert mistake_in(LetterKind.TIER, "Well done\nBcc: x@evil.example", is_subject=True) == SIGN
    assert mistake_in(LetterKind.TIER, "Well done\nagain") is None


def test_what_a_value_holds_is_not_looked_into_again() -> None:
    assert fill("{tier} of {programme}", {"tier": "{programme}", "programme": "%s"}) == (
        "{programme} of %s"
    )


def test_every_offered_kind_has_names_and_no_other() -> None:
    assert set(NAMES) == set(OFFERED)


@pytest.mark.parametrize(
    ("kind", "language", "text", "why"),
    [
        ("tier", "en", {"subject": "a\r\nBcc: x"}, "the subject holds a sign"),
        ("tier", "en", {"closing": "{worth}"}, "{programme}, {member_since}, {tier}"),
        ("tier", "en", {"opening": "{tier"}, "a brace too many or too few"),
        ("tier", "tlh", {"opening": "a"}, "there is no tlh"),
        ("sign-in", "en", {"opening": "a"}, "no own words"),
        ("tier", "en", {"subject": "a" * 151}, "150 characters"),
        ("tier", "en", {"opening": "a" * 4_001}, "4000 characters"),
        ("tier", "en", {"closing": "a" * 2_001}, "2000 characters"),
    ],
)
def test_what_cannot_be_sent_is_not_kept(
    kind: str, language: str, text: dict[str, str], why: str
) -> None:
    with pytest.raises(ValidationError) as caught:
        LetterTexts.model_validate({"texts": {kind: {language: text}}})
    assert why in str(caught.value)


def test_each_language_has_its_own_and_an_empty_one_leaves_none() -> None:
    text = LetterText(opening="Hallo")
    both = LetterTexts().with_text(LetterKind.TIER, "de", text)
    both = both.with_text(LetterKind.TIER, "it", LetterText(opening="Ciao"))
    assert both.of(LetterKind.TIER, "de") == text
    assert {one for one in MEMBER_NAMES if both.of(LetterKind.TIER, one) != LetterText()} == {
        "de",
        "it",
    }
    left = both.with_text(LetterKind.TIER, "it", LetterText(subject="  \r\n"))
    assert left == LetterTexts(texts={LetterKind.TIER: {"de": text}})
    assert left.with_text(LetterKind.TIER, "de", LetterText()) == LetterTexts()
    assert LetterTexts.model_validate(both.model_dump(mode="json")) == both
