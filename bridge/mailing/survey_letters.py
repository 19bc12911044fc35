"""Asking members what they think, some days after an order: what gives cause for a letter, and
what it says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from bridge.kit.calendar import day_of
from bridge.languages.speech import Speech
from bridge.letters.models import Letter, LetterKind
from bridge.letters.queue import NewLetter
from bridge.letters.sending import Nobody
from bridge.mailing.addressee import Addressee
from bridge.mailing.content import Content, Scale
from bridge.mailing.links import survey_link
from bridge.mailing.rules import RECENT, moment_of
from bridge.mailing.walking import Look, forget, walk_times
from bridge.mailing.wording import Opinion, Tongue, survey
from bridge.orders.models import HandledOrder
from bridge.surveys import wording
from bridge.surveys.answering import NotNow, offered
from bridge.surveys.document import Questionnaire
from bridge.surveys.finding import UnknownSurvey, identity, open_surveys, survey_with_id
from bridge.surveys.links import Link, last_day_of, token_of
from bridge.surveys.models import Survey
from bridge.surveys.scores import BEST, WORST
from bridge.workspaces.models import Workspace

_WHY = {
    NotNow.CLOSED: "the survey is closed",
    NotNow.NOT_FOR_HIM: "the survey is not for the member",
    NotNow.ANSWERED: "the member has answered",
}


# -- causes ---------------------------------------------------------------------------------


def look_for_orders(look: Look) -> None:
    """A letter for each open survey that asks buyers, so many days after each order. Whether the
    member may still be asked is looked at when it is sent. With the first such survey it begins:
    of orders before, nobody is asked."""
    with look.app.database.reading() as session:
        surveys = [
            one for one in open_surveys(session, look.app.workspace_id) if one.ask_days is not None
        ]
    if not surveys:
        forget(look, LetterKind.SURVEY)
        return
    orders: Any = select(
        col(HandledOrder.fetched_at).label("at"),
        col(HandledOrder.member_id).label("id"),
        col(HandledOrder.placed_at),
        col(HandledOrder.installation_id),
        col(HandledOrder.order_id),
    ).where(
        col(HandledOrder.workspace_id) == look.app.workspace_id,
        col(HandledOrder.member_id).is_not(None),
    )

    def causes(session: Session, rows: Sequence[Any]) -> list[NewLetter]:
        found = (_of_order(look, survey, row) for row in rows for survey in surveys)
        return [one for one in found if one is not None]

    columns = (col(HandledOrder.fetched_at), col(HandledOrder.member_id))
    walk_times(look, LetterKind.SURVEY, orders, columns, causes)


def _of_order(look: Look, survey: Survey, row: Any) -> NewLetter | None:
    """Orders of one day are one cause. ``None``: it would have been due long ago."""
    day = day_of(row.placed_at, look.zone)
    due = due_at(row.placed_at, survey.ask_days or 0, look)
    if due < look.now - RECENT:
        return None
    details = {
        "survey": identity(survey),
        "installation": row.installation_id,
        "order": row.order_id,
    }
    return NewLetter(f"{survey.id}/{row.id}/{day}", row.id, details, due)


def due_at(placed_at: datetime, ask_days: int, look: Look) -> datetime:
    """At the hour of daily letters, so many days after the order, and never before it."""
    day = day_of(placed_at, look.zone) + timedelta(days=ask_days)
    return max(moment_of(day, look.letters.hour, look.zone), placed_at)


# -- what it says ---------------------------------------------------------------------------


def survey_letter(
    session: Session,
    letter: Letter,
    to: Addressee,
    tongue: Tongue,
    secret: bytes,
    public_url: str,
    now: datetime,
) -> Content | Nobody:
    """Raises BridgeError when nobody said where links shall lead."""
    workspace_id, survey_id = letter.workspace_id, int(letter.details["survey"])
    try:
        found = survey_with_id(session, workspace_id, survey_id)
    except UnknownSurvey:
        return Nobody("the survey was removed")
    why = _why_not(session, found, letter, to, now)
    if why:
        return Nobody(why)
    assert to.member.id is not None
    told = offered(session, workspace_id, survey_id, to.member.id, now)
    if isinstance(told, NotNow):
        return Nobody(_WHY[told])
    last_day = last_day_of(now)
    if found.ends_on is not None:
        last_day = min(last_day, found.ends_on)
    token = token_of(secret, Link(workspace_id, to.member.id, survey_id, last_day))
    speech = replace(tongue.speech, domain=wording.DOMAIN)
    workspace = session.get_one(Workspace, workspace_id)

    def link(score: int | None) -> str:
        return survey_link(public_url, workspace.key, token, score)

    return survey(tongue, opinion(told.asked, speech, link, last_day))


def opinion(
    asked: Questionnaire, speech: Speech, link: Callable[[int | None], str], last_day: date
) -> Opinion:
    """``speech``: of the domain ``surveys``; ``link``: to the form, with a number of the standard
    question chosen already or with none. Pure."""
    standard = asked.standard
    scale = None
    if standard is not None:
        steps = tuple((speech.number(score), link(score)) for score in range(WORST, BEST + 1))
        scale = Scale(steps, *wording.ends(speech))
    return Opinion(
        asked.said(asked.title, speech.language),
        asked.said(asked.intro, speech.language),
        "" if standard is None else wording.asked(asked, standard, speech),
        scale,
        link(None),
        last_day,
    )


def _why_not(session: Session, survey: Survey, letter: Letter, to: Addressee, now: datetime) -> str:
    """Empty: nothing speaks against it."""
    if survey.ask_days is None:
        return "nobody is written to about the survey any more"
    key = (int(letter.details["installation"]), str(letter.details["order"]))
    order = session.get(HandledOrder, key, populate_existing=True)
    if order is None or order.workspace_id != letter.workspace_id or not order.counts:
        return "the order was cancelled or returned"
    if _was_asked(session, letter, to, now - timedelta(days=survey.pause_days)):
        return "the member was asked lately"
    return ""


def _was_asked(session: Session, letter: Letter, to: Addressee, since: datetime) -> bool:
    """By another letter of any survey. Workers write letters in turns, and each sees what the
    others have begun."""
    found = session.execute(
        select(col(Letter.id))
        .where(
            col(Letter.workspace_id) == letter.workspace_id,
            col(Letter.member_id).in_(to.everyone),
            col(Letter.kind) == LetterKind.SURVEY.value,
            col(Letter.id) != letter.id,
            col(Letter.begun_at) > since,
        )
        .limit(1)
    )
    return found.first() is not None
