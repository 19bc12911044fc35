"""Every kind of letter in every language: whole, escaped, and readable from right to left."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from bridge.languages.catalogues import MEMBER_NAMES, PSEUDO
from bridge.languages.speech import Speech
from bridge.letters.models import OFFERED, LetterKind
from bridge.mailing import survey_letters, wording
from bridge.mailing.content import Content, Frame
from bridge.mailing.rendering import as_html, as_text
from bridge.mailing.wording import Code, Tongue, Worth
from bridge.surveys import wording as surveys
from bridge.surveys.document import Questionnaire
from bridge.surveys.standard import standard_question

EVIL = "<script>alert(1)</script>\r\nBcc: x"
ASKING = "https://loyalty.example"
LINK = "https://loyalty.example/letters/unsubscribe/1-2-tier-x"


def tongue(language: str, programme: str = "Acme") -> Tongue:
    return Tongue(Speech(language, wording.DOMAIN), programme)


def code(store: str = "Acme North") -> Code:
    worth = Worth("EUR", percent=Decimal("7.5"), most=Decimal(20))
    return Code("LB-AAAAA-BBBBB", worth, store, Decimal(30), date(2026, 5, 1))


def opinion(language: str) -> wording.Opinion:
    asked = Questionnaire(
        language=language,
        title={language: f"Happy? ({language})"},
        questions=(standard_question(),),
    )
    speech = Speech(language, surveys.DOMAIN)
    return survey_letters.opinion(asked, speech, lambda _: ASKING, date(2026, 5, 1))


def every(told: Tongue, name: str = "Silver", store: str = "Acme North") -> list[Content]:
    return [
        wording.welcome(told, 10, earns=True),
        wording.earned(told, 5, 1200),
        wording.expiring(told, 1, date(2026, 5, 1), 22),
        wording.tier(told, name),
        wording.voucher(told, code(store)),
        wording.referral(told, 500, None),
        wording.referral(told, 0, code(store)),
        wording.survey(told, opinion(told.speech.language)),
    ]


def frame(told: Tongue, imprint: str = "Acme Ltd\n1 Shop Street") -> Frame:
    speech = told.speech
    return Frame(
        told.programme,
        wording.greeting(speech),
        wording.why(told),
        wording.stop(speech),
        LINK,
        imprint,
        speech.language,
        speech.direction,
    )


@pytest.mark.parametrize("language", MEMBER_NAMES)
def test_a_letter_is_said_in_its_language_and_no_other(language: str) -> None:
    told, english = tongue(language), tongue("en")
    for mine, source in zip(every(told), every(english), strict=True):
        for text in (mine.subject, *mine.paragraphs):
            assert "%(" not in text
        if language != "en":
            assert not {mine.subject, *mine.paragraphs} & {source.subject, *source.paragraphs}
        whole = as_text(mine, frame(told))
        html = as_html(mine, frame(told))
        assert LINK in whole and LINK in html
        assert mine.code in whole and mine.code in html
        assert "1 Shop Street" in whole and "Acme Ltd<br>1 Shop Street" in html


def test_from_right_to_left() -> None:
    told = tongue("fa")
    html = as_html(wording.voucher(told, code()), frame(told))
    assert '<html lang="fa" dir="rtl">' in html and "text-align:right" in html
    assert 'dir="ltr"' in html, "a code reads from left to right"
    assert "\u2066LB-AAAAA-BBBBB\u2069" in as_text(wording.voucher(told, code()), frame(told))


def test_names_are_data_and_never_markup_or_lines() -> None:
    told = tongue("en", EVIL)
    for content in every(told, EVIL, EVIL):
        html = as_html(content, frame(told, EVIL))
        assert "<script" not in html
        lines = as_text(content, frame(told)).splitlines()
        assert not [line for line in lines if line.startswith("Bcc")]


def test_the_merchants_own_words_for_points() -> None:
    told = Tongue(Speech("de", wording.DOMAIN), "Acme", "Stern", "Sterne")
    assert (told.counted(1), told.counted(1200)) == ("1 Stern", "1.200 Sterne")
    assert tongue("pl").counted(22) == "22 punkty"


@pytest.mark.parametrize("kind", OFFERED)
def test_the_pages_behind_the_link_are_translated(kind: LetterKind) -> None:
    told = tongue(PSEUDO)
    pages = [
        wording.ask_page(told, kind),
        wording.refused_page(told, kind, is_all=False),
        wording.refused_page(told, kind, is_all=True),
        wording.allowed_page(told, kind),
        wording.unknown_page(told.speech),
        wording.later_page(told.speech),
    ]
    for page in pages:
        for text in (page.title, *page.lines, *(label for _, label in page.buttons)):
            assert text.startswith("["), text
