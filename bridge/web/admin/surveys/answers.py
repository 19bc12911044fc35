"""What members answered: the unhappy first, with what they wrote; and done with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import abort, flash, redirect, request

from bridge.languages.catalogues import MEMBER_NAMES
from bridge.members.addressees import names_of
from bridge.points.models import Holder
from bridge.surveys.document import Kind, Questionnaire
from bridge.surveys.exporting import Told, questionnaires, said, sheet
from bridge.surveys.finding import UnknownSurvey
from bridge.surveys.looking import After, Given, UnknownAnswer, Which, all_answers, answers_page
from bridge.surveys.looking import handle as handle_answer
from bridge.surveys.scores import Standing
from bridge.surveys.wording import why
from bridge.users.roles import Permission
from bridge.web.admin.asked import number
from bridge.web.admin.csv_files import csv_file
from bridge.web.admin.routes import Pages
from bridge.web.admin.shown import page
from bridge.web.admin.surveys.pages import required
from bridge.web.admin.surveys.texts import STANDINGS, STATES, members_speech
from bridge.web.admin.visit import Visit
from bridge.web.speaking import _, lazy

pages = Pages()

EACH = 50
_STANDINGS = {one.name.lower(): one for one in Standing}
_HANDLED = {"no": False, "yes": True}
WORDS = (("yes", lazy("With words")), ("no", lazy("Without words")))
HANDLED = (("no", lazy("Not handled")), ("yes", lazy("Handled")))
WAYS = {"letter": lazy("by a letter's link"), "page": lazy("on his pages")}


@pages.get("/surveys/<int:survey_id>/answers", Permission.SEE_MEMBERS)
def survey_answers(visit: Visit, survey_id: int) -> Any:
    which = _which()
    rank, below = number("standing_below"), number("below")
    after = None if rank is None or below is None else After(rank, below)
    with visit.app.database.reading() as session:
        found = required(visit, session, survey_id)
        asked_then = questionnaires(session, found)
        answers = answers_page(
            session, visit.app.workspace_id, survey_id, which, after=after, most=EACH + 1
        )
        shown = answers[:EACH]
        holders = [(Holder.MEMBER, one) for one in sorted({one.member_id for one in shown})]
        names = names_of(session, visit.app.workspace_id, holders)
    return page(
        "survey_answers.html",
        survey=found,
        state=STATES[found.state],
        answers=[(one, _read(one, asked_then[one.answer.version])) for one in shown],
        names={member: name for (_kind, member), name in names.items()},
        standings=STANDINGS,
        choices={
            "standing": [(key, STANDINGS[one][0]) for key, one in _STANDINGS.items()],
            "words": WORDS,
            "handled": HANDLED,
        },
        chosen=_chosen(),
        after=shown[-1].after if len(answers) > EACH else None,
        is_first=after is None,
        ways=WAYS,
        languages_named=MEMBER_NAMES,
    )


@pages.post(
    "/surveys/<int:survey_id>/answers/<int:answer_id>/<how>",
    Permission.FULFIL,
)
def survey_answer_handled(visit: Visit, survey_id: int, answer_id: int, how: str) -> Any:
    if how not in ("handled", "again"):
        abort(404)
    app = visit.app
    try:
        with app.database.writing() as session:
            handle_answer(
                session,
                app.workspace_id,
                survey_id,
                answer_id,
                visit.actor,
                app.now(),
                is_handled=how == "handled",
            )
    except (UnknownSurvey, UnknownAnswer):
        abort(404)
    flash(
        _("It is handled.") if how == "handled" else _("It stands among the others again."),
        "success",
    )
    return redirect(visit.url("survey_answers", survey_id=survey_id, **_chosen()), 303)


@pages.get("/surveys/<int:survey_id>/answers.csv", Permission.SEE_MEMBERS)
def survey_answers_file(visit: Visit, survey_id: int) -> Any:
    """What is chosen on the page, every answer a row."""
    app = visit.app
    with app.database.reading() as session:
        told = sheet(session, required(visit, session, survey_id))
    rows = (
        told.row(one) for one in all_answers(app.database, app.workspace_id, survey_id, _which())
    )
    return csv_file(f"survey-{survey_id}", told.heads, rows)


def _which() -> Which:
    chosen = _chosen()
    return Which(
        _STANDINGS.get(chosen.get("standing", "")),
        _HANDLED.get(chosen.get("words", "")),
        _HANDLED.get(chosen.get("handled", "")),
    )


def _chosen() -> dict[str, str]:
    """What the address says, without what nobody can choose."""
    known: dict[str, Mapping[str, object]] = {
        "standing": _STANDINGS,
        "words": _HANDLED,
        "handled": _HANDLED,
    }
    return {
        name: value
        for name, values in known.items()
        if (value := request.args.get(name, "")) in values
    }


def _read(given: Given, then: Questionnaire) -> list[Told]:
    """What is shown below the score, in the survey's language; of several choices, together."""
    speech = members_speech(then.language)
    found: list[Told] = []
    for question in then.questions:
        mine = [said(then, one, speech) for one in given.replies if one.question == question.key]
        words = " ".join(one.words for one in mine).strip()
        if question.kind is Kind.RECOMMEND:
            # The number stands beside the name.
            found += [Told(why(speech), "", words)] if words else []
        elif mine:
            found.append(Told(mine[0].question, ", ".join(one.value for one in mine), words))
    return found
