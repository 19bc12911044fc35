"""From a programme to its terms in one language. Pure and deterministic."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from bridge.languages.speech import Speech
from bridge.programme.document import Programme
from bridge.terms import earning, extras, levels, taking_part, using
from bridge.terms.blocks import Section, TermsText
from bridge.terms.own_words import blocks
from bridge.terms.voice import DOMAIN, Voice


@dataclass(frozen=True, slots=True)
class Words:
    """What the merchant says himself in one language, as he typed it; empty: nothing."""

    intro: str = ""
    clauses: str = ""
    contact: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """What terms say beside the programme."""

    today: date
    """In the programme's time zone: what is over is not told."""
    as_of: date | None = None
    """The day of the version."""
    name: str = ""
    """Of the programme; empty: as its document calls it."""
    point: str = ""
    """What one point is called, in every language; empty: the language's own word,"""
    points: str = ""
    """and several."""
    products: Mapping[str, str] = field(default_factory=dict)
    """Names of gifts by SKU, as far as they are known."""
    catalogue: str = ""
    """The address of the members' page of rewards; empty: there is none."""


def compose(programme: Programme, language: str, facts: Facts, words: Words) -> TermsText:
    speech = Speech(language, DOMAIN)
    _ = speech.text
    v = Voice(speech, programme.currency, facts.point, facts.points)
    told = (
        _own("intro", "", words.intro),
        taking_part.section(v, programme),
        earning.section(v, programme, facts.today),
        using.validity(v, programme),
        using.redeeming(v, programme),
        using.returns(v, programme),
        levels.section(v, programme),
        extras.offers(v, programme, facts.today, facts.products),
        extras.friends(v, programme),
        extras.rewards(v, programme, facts.today, facts.catalogue),
        _own("clauses", _("What else holds"), words.clauses),
        _own("contact", _("Contact"), words.contact),
    )
    return TermsText(
        title=_("Terms of %(programme)s", programme=facts.name or programme.name),
        sections=tuple(one for one in told if one is not None),
        as_of="" if facts.as_of is None else _("As of %(day)s.", day=v.day(facts.as_of)),
        language=language,
        direction=speech.direction,
    )


def _own(key: str, title: str, text: str) -> Section | None:
    found = blocks(text)
    return Section(key, title, found) if found else None
