"""The merchant's own words stand around the facts, and are never markup."""

from __future__ import annotations

from datetime import date

import pytest

from bridge.languages.speech import Speech
from bridge.letters.models import OFFERED, LetterKind
from bridge.mailing import wording
from bridge.mailing.content import Content, Frame
from bridge.mailing.own_texts import in_own_words
from bridge.mailing.rendering import as_html, as_text
from bridge.mailing.sampling import Terms, sample_content
from bridge.mailing.wording import Tongue
from bridge.preferences.letter_texts import NAMES, LetterText

TODAY = date(2026, 3, 2)
SINCE = date(2025, 1, 31)
TOLD = Tongue(Speech("en", wording.DOMAIN), "Acme")
FRAME = Frame(
    "Acme", "Hello,", "Why.", "Stop", "https://acme.example/stop", "Acme Ltd", "en", "ltr"
)


def content(kind: LetterKind, tongue: Tongue = TOLD) -> Content:
    return sample_content(kind, tongue, Terms(tier="Gold"), TODAY)


@pytest.mark.parametrize("kind", OFFERED)
def test_a_letter_fills_every_name_that_its_kind_may_use(kind: LetterKind) -> None:
    own = LetterText(opening="\n".join(f"{name}={{{name}}}" for name in NAMES[kind]))
    (told,) = in_own_words(content(kind), own, TOLD, SINCE).opening
    assert all(line.partition("=")[2] for line in told.split("\n")), told
    assert "programme=Acme\nmember_since=Jan 31, 2025" in told


@pytest.mark.parametrize("kind", OFFERED)
def test_facts_stay_whatever_is_written_around_them(kind: LetterKind) -> None:
    plain = content(kind)
    own = LetterText(subject="S", opening="Before.\n\nAgain.", closing="Bye,\nAcme")
    said = in_own_words(plain, own, TOLD, SINCE)
    text, html = as_text(said, FRAME), as_html(said, FRAME)
    assert said.subject == "S"
    assert text.startswith("Hello,\n\nBefore.\n\nAgain.\n\n")
    assert "\n\nBye,\nAcme\n\nAcme\n\n-- \n" in text and "<p>Bye,<br>Acme</p>" in html
    facts = [*plain.paragraphs, plain.code, *(plain.button or ())]
    assert all(fact in text for fact in facts)
    assert in_own_words(plain, LetterText(), TOLD, SINCE) == plain


def test_own_words_and_what_they_name_are_text() -> None:
    evil = "<script>alert(1)</script>\r\nBcc: x{tier}"
    tongue = Tongue(Speech("en", wording.DOMAIN), evil)
    own = LetterText(
        subject="{programme}",
        opening='{programme} <b onclick="x">\n\njavascript:alert(1)',
        closing='<img src="https://evil.example/p.png">',
    )
    said = in_own_words(content(LetterKind.TIER, tongue), own, tongue, SINCE)
    html = as_html(said, FRAME)
    assert said.subject == "<script>alert(1)</script> Bcc: x{tier}"
    assert not [tag for tag in ("<script", "<b ", "<img") if tag in html]
    assert 'href="javascript' not in html
    assert not [line for line in as_text(said, FRAME).splitlines() if line.startswith("Bcc")]


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("See https://acme.example/club?a=1&b=2.", "https://acme.example/club?a=1&amp;b=2"),
        ("(http://acme.example/)", "http://acme.example/"),
        ('https://acme.example/"style="x', "https://acme.example/"),
    ],
)
def test_an_address_can_be_clicked_and_is_read_as_it_is(text: str, html: str) -> None:
    said = in_own_words(content(LetterKind.TIER), LetterText(opening=text), TOLD, SINCE)
    assert f'<a href="{html}" style="color:{FRAME.colour}">{html}</a>' in as_html(said, FRAME)
    assert text in as_text(said, FRAME)
