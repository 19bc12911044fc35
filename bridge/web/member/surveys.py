"""What the merchant asks his members: on their own pages, and by the link of a letter.

The link of a letter needs no sign-in, and opens nothing else. Looking at it changes nothing, since
mail servers open links to look at them: a number that was clicked in the letter is only chosen in
the form already, and the form sends it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from flask import g, redirect, request
from sqlmodel import Session

from bridge.languages.speech import Speech
from bridge.mailing.addressee import addressee
from bridge.surveys import wording
from bridge.surveys.answering import (
    Again,
    NotNow,
    Offered,
    Sent,
    Stored,
    Way,
    answer,
    last_answer,
    offered,
    open_for,
)
from bridge.surveys.document import Questionnaire
from bridge.surveys.exporting import questionnaires
from bridge.surveys.finding import survey_with_id
from bridge.surveys.following import BadLink, Followed, follow
from bridge.web.member import cookies
from bridge.web.member.routes import Needs, Pages
from bridge.web.member.shown import counted, page
from bridge.web.member.visit import Caller, Visit
from bridge.web.speaking import speech

pages = Pages()

FINGERPRINT = "asked"
"""The form's field that says which questions were shown."""


@dataclass(frozen=True, slots=True)
class _Listed:
    survey_id: int
    title: str
    intro: str


@pages.get("/surveys", Needs.MEMBER)
def surveys(visit: Visit) -> Any:
    said = _speech()
    with visit.app.database.reading() as session:
        found = open_for(session, visit.app.workspace_id, visit.member_id, visit.app.now())
    listed = [
        _Listed(
            one.survey_id,
            one.asked.said(one.asked.title, said.language),
            one.asked.said(one.asked.intro, said.language),
        )
        for one in found
    ]
    return page("surveys.html", surveys=listed)


@pages.get("/surveys/<int:survey_id>", Needs.MEMBER)
def survey(visit: Visit, survey_id: int) -> Any:
    return _show(visit, survey_id, visit.member_id)


@pages.post("/surveys/<int:survey_id>", Needs.MEMBER)
def answer_survey(visit: Visit, survey_id: int) -> Any:
    return _take(visit, survey_id, visit.member_id, Way.PAGE)


@pages.get("/surveys/letter/<token>", Needs.NOTHING)
def survey_by_letter(caller: Caller, token: str) -> Any:
    found = _follow(caller, token)
    if isinstance(found, BadLink):
        return _bad(found)
    return _show(caller, found.survey_id, found.member_id)


@pages.post("/surveys/letter/<token>", Needs.NOTHING)
def answer_by_letter(caller: Caller, token: str) -> Any:
    found = _follow(caller, token)
    if isinstance(found, BadLink):
        return _bad(found)
    return _take(caller, found.survey_id, found.member_id, Way.LETTER)


# -- looking --------------------------------------------------------------------------------


def _show(caller: Caller, survey_id: int, member_id: int) -> Any:
    app = caller.app
    with app.database.reading() as session:
        found = offered(session, app.workspace_id, survey_id, member_id, app.now())
        if found is NotNow.ANSWERED:
            return _thanks(session, caller, survey_id, member_id)
    if isinstance(found, NotNow):
        return _not_now(found)
    return _form(found, wording.form(found.asked, _speech(), sent=_chosen(found.asked)))


def _chosen(asked: Questionnaire) -> dict[str, list[str]]:
    """The number that was clicked in a letter."""
    score, standard = request.args.get("score", ""), asked.standard
    return {} if standard is None else {standard.key: [score]}


def _form(found: Offered, form: wording.Form, status: int = 200) -> Any:
    return page("survey.html", status, form=form, fingerprint=found.fingerprint)


def _thanks(session: Session, caller: Caller, survey_id: int, member_id: int) -> Any:
    """He has answered: what the merchant says to that, and what it earned."""
    workspace_id, said = caller.app.workspace_id, _speech()
    stored = last_answer(session, workspace_id, survey_id, member_id)
    if stored is None:
        return _not_now(NotNow.ANSWERED)
    asked = questionnaires(session, survey_with_id(session, workspace_id, survey_id))
    lines = [wording.thanks(asked[stored.version], said)]
    if stored.points:
        lines.append(wording.earned(said, counted(stored.points)))
    return page("survey_said.html", title=wording.thanks_title(said), lines=lines, icon="heart")


def _not_now(why: NotNow) -> Any:
    title, line = wording.not_now(why, _speech())
    return page("survey_said.html", title=title, lines=[line], icon="info-circle")


def _bad(why: BadLink) -> Any:
    if why is BadLink.OVER:
        title, line = wording.link_over(_speech())
        return page("survey_said.html", 410, title=title, lines=[line], icon="clock")
    title, line = wording.unknown(_speech())
    return page("survey_said.html", 404, title=title, lines=[line], icon="info-circle")


# -- answering ------------------------------------------------------------------------------


def _take(caller: Caller, survey_id: int, member_id: int, way: Way) -> Any:
    app = caller.app
    sent = Sent(
        survey_id,
        member_id,
        request.form.to_dict(flat=False),
        request.form.get(FINGERPRINT, ""),
        speech().language,
        way,
    )
    with app.database.writing() as session:
        found = answer(session, app.workspace_id, sent, app.now())
    if isinstance(found, Again):
        return _again(found, sent)
    if isinstance(found, Stored) or found is NotNow.ANSWERED:
        return redirect(request.path, 303)
    return _not_now(found)


def _again(found: Again, sent: Sent) -> Any:
    said, asked = _speech(), found.offered.asked
    typed = {name: list(told) for name, told in sent.fields.items()}
    if found.reading is None:
        form = wording.form(asked, said, sent=typed, has_changed=True)
        return _form(found.offered, form, 409)
    return _form(
        found.offered,
        wording.form(asked, said, sent=typed, problems=found.reading.problems),
        422,
    )


# -- who --------------------------------------------------------------------------------------


def _follow(caller: Caller, token: str) -> Followed | BadLink:
    """From here on the page speaks the language of the letter, if he chose no other."""
    app = caller.app
    with app.database.reading() as session:
        found = follow(session, app.workspace_id, app.keyring, token, app.now())
        if isinstance(found, Followed) and not cookies.language():
            his = addressee(session, app.workspace_id, found.member_id, caller.merchant.letters)
            g.speech = replace(speech(), language=his.language)
    return found


def _speech() -> Speech:
    """Of this request, for the texts of surveys."""
    return replace(speech(), domain=wording.DOMAIN)
