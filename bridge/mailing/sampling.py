"""Letters as they would look, with made-up figures: to look at while their settings are chosen.

Nothing of any member is in them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlmodel import Session

from bridge.application import Application
from bridge.kit.calendar import day_of
from bridge.languages.catalogues import MEMBER_NAMES, SOURCE
from bridge.languages.speech import Speech
from bridge.letters.message import Mail
from bridge.letters.models import LetterKind
from bridge.mailing import wording
from bridge.mailing.composing import frame
from bridge.mailing.content import Content
from bridge.mailing.own_texts import in_own_words
from bridge.mailing.rendering import as_html, as_text
from bridge.mailing.survey_letters import opinion
from bridge.mailing.wording import Code, Tongue, Worth
from bridge.preferences.letter_texts import LetterText, LetterTexts
from bridge.preferences.sections import Branding, Letters
from bridge.preferences.service import preferences
from bridge.programme.document import Programme
from bridge.programme.service import current
from bridge.surveys import wording as surveys
from bridge.surveys.document import Questionnaire
from bridge.surveys.standard import standard_question

_GAINED, _EXPIRING, _BALANCE = 120, 300, 1_250
_TAKEN_PART = timedelta(days=400)
_CODE = "SAMPLE-7KMQ-4XPD"
_NOWHERE = "https://example.com/"
"""Where the link of a letter leads that ends no letters."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a sample takes from the programme."""

    currency: str = "EUR"
    tier: str = ""
    """The name of the first one; empty: the programme has none."""
    earns: bool = True


def sample(
    session: Session,
    app: Application,
    kind: LetterKind,
    language: str,
    to: str = "",
    *,
    own: LetterText | None = None,
) -> Mail:
    """A letter of this kind as the merchant's settings make it now; ``own``: with these words in
    place of his. Reads only."""
    letters = preferences(session, app.workspace_id, Letters)
    branding = preferences(session, app.workspace_id, Branding)
    found = current(session, app.workspace_id)
    programme = found[1] if found else None
    zone = ZoneInfo(programme.timezone if programme else "UTC")
    tongue = Tongue(
        Speech(language, wording.DOMAIN, zone),
        branding.name or (programme.name if programme else app.workspace),
        branding.point,
        branding.points,
    )
    today = day_of(app.now(), zone)
    if own is None:
        own = preferences(session, app.workspace_id, LetterTexts).of(kind, language)
    content = in_own_words(
        sample_content(kind, tongue, _terms(programme), today), own, tongue, today - _TAKEN_PART
    )
    around = frame(tongue, letters, branding, app.settings.public_url or _NOWHERE)
    return Mail(
        to, content.subject, as_text(content, around), as_html(content, around), letters.reply_to
    )


def sample_content(kind: LetterKind, tongue: Tongue, terms: Terms, today: date) -> Content:
    """Pure."""
    return _SAMPLES[kind](tongue, terms, today)


def _terms(programme: Programme | None) -> Terms:
    if programme is None:
        return Terms()
    first = next(iter(programme.tiers.values()), None)
    return Terms(
        programme.currency, first.name if first else "", earns=programme.points is not None
    )


def _welcome(tongue: Tongue, terms: Terms, _today: date) -> Content:
    return wording.welcome(tongue, _GAINED if terms.earns else 0, earns=terms.earns)


def _earned(tongue: Tongue, _terms: Terms, _today: date) -> Content:
    return wording.earned(tongue, _GAINED, _BALANCE)


def _expiring(tongue: Tongue, _terms: Terms, today: date) -> Content:
    return wording.expiring(tongue, _EXPIRING, today + timedelta(days=30), _BALANCE)


def _tier(tongue: Tongue, terms: Terms, _today: date) -> Content:
    return wording.tier(tongue, terms.tier or "Gold")


def _voucher(tongue: Tongue, terms: Terms, today: date) -> Content:
    return wording.voucher(tongue, _code(terms, today))


def _referral(tongue: Tongue, terms: Terms, today: date) -> Content:
    return wording.referral(tongue, 0, _code(terms, today))


def _survey(tongue: Tongue, _terms: Terms, today: date) -> Content:
    """The standard question, as a survey asks it to which nothing was added."""
    speech = replace(tongue.speech, domain=surveys.DOMAIN)
    language = speech.language if speech.language in MEMBER_NAMES else SOURCE
    asked = Questionnaire(
        language=language,
        title={language: surveys.sample_title(speech)},
        questions=(standard_question(),),
    )
    last_day = today + timedelta(days=60)
    return wording.survey(tongue, opinion(asked, speech, lambda _score: _NOWHERE, last_day))


def _code(terms: Terms, today: date) -> Code:
    worth = Worth(terms.currency, Decimal(10))
    return Code(_CODE, worth, "", basket=Decimal(50), last_day=today + timedelta(days=90))


_SAMPLES: dict[LetterKind, Callable[[Tongue, Terms, date], Content]] = {
    LetterKind.WELCOME: _welcome,
    LetterKind.EARNED: _earned,
    LetterKind.EXPIRING: _expiring,
    LetterKind.TIER: _tier,
    LetterKind.VOUCHER: _voucher,
    LetterKind.REFERRAL: _referral,
    LetterKind.SURVEY: _survey,
}
