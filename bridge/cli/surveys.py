"""`surveys`: what members are asked, and what they answered."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from sqlmodel import Session

from bridge.application import Application
from bridge.audit.service import Actor
from bridge.cli.frame import Group, json_option, with_application
from bridge.cli.members import by
from bridge.cli.output import Output, plural
from bridge.cli.points_whose import local, stamp, zone_of
from bridge.members.addressees import names_of
from bridge.points.models import Holder
from bridge.surveys import defining
from bridge.surveys.document import Questionnaire
from bridge.surveys.exporting import questionnaires, said, sheet, speech_of
from bridge.surveys.finding import (
    Listed,
    listed,
    questionnaire,
    survey_with_id,
)
from bridge.surveys.looking import Given, Which, all_answers, answers_page
from bridge.surveys.models import Survey
from bridge.surveys.recording import results_record, survey_record
from bridge.surveys.results import results
from bridge.surveys.scores import Standing
from bridge.surveys.wording import asked, choice_text

survey_argument = click.argument("survey_id", type=click.IntRange(1), metavar="ID")
standing_option = click.option(
    "--only",
    type=click.Choice([one.name.lower() for one in Standing]),
    help="Only those whom the standard question makes that; unasked: without a score.",
)


@click.group(
    cls=Group,
    example=(
        "loyalty-bridge surveys list",
        "loyalty-bridge surveys show 3",
        "loyalty-bridge surveys answers 3 --only detractor --unhandled",
    ),
)
def surveys() -> None:
    """Ask members: what is asked, what they answered.

    A survey is written in the web app, on the page Surveys.
    """


@surveys.command(
    "list", example=("loyalty-bridge surveys list", "loyalty-bridge surveys list --json")
)
@json_option
@with_application
def list_(app: Application, output: Output, as_json: bool) -> None:
    """List surveys, the newest first."""
    with app.database.reading() as session:
        found = listed(session, app.workspace_id)
    if as_json:
        output.json([_listed(one) for one in found])
        return
    if not found:
        output.line("There is none. Write one in the web app, on the page Surveys.")
        return
    output.table(
        ("id", "name", "state", "from", "until", "answers", "unhappy, not handled"),
        [
            (
                str(one.survey.id),
                one.survey.name,
                one.survey.state,
                str(one.survey.starts_on or ""),
                str(one.survey.ends_on or ""),
                f"{one.answers:,}",
                f"{one.to_handle:,}",
            )
            for one in found
        ],
        right=("id", "answers", "unhappy, not handled"),
    )


@surveys.command(
    "show",
    example=("loyalty-bridge surveys show 3", "loyalty-bridge surveys show 3 --version 1 --json"),
)
@survey_argument
@click.option("--version", type=click.IntRange(1), help="Of its questions. Default: the newest.")
@json_option
@with_application
def show(
    app: Application, output: Output, survey_id: int, version: int | None, as_json: bool
) -> None:
    """Show what a survey asks, whom, and how many answered what."""
    with app.database.reading() as session:
        survey = survey_with_id(session, app.workspace_id, survey_id)
        number = version or survey.version
        try:
            told = questionnaire(session, survey, number)
        except LookupError:
            raise click.UsageError(
                f"--version {number}: the survey has {survey.version} of them."
            ) from None
        counted = results(session, survey, number)
    if as_json:
        output.json({**survey_record(survey), "results": results_record(told, counted)})
        return
    _say_survey(output, survey)
    output.line(f"{plural(counted.answers, 'answer')} to version {number}.")
    speech = speech_of(told)
    for one in counted.results:
        output.line()
        output.line(asked(told, one.question, speech))
        for value, count in one.counts:
            share = f"{100 * count / one.answers:.0f} %" if one.answers else ""
            output.line(
                f"  {choice_text(told, one.question, value, speech)}\t{count:,}\t{share}".rstrip()
            )
        if not one.counts:
            output.line(f"  {plural(one.answers, 'text')}: see `surveys answers {survey_id}`")


@surveys.command("open", example="loyalty-bridge surveys open 3")
@survey_argument
@with_application
def open_(app: Application, output: Output, survey_id: int) -> None:
    """Let members answer, from now on or from its first day on."""
    survey = _turn(app, survey_id, defining.open_survey)
    output.line(f"Survey {survey_id}, {survey.name}, is open.")


@surveys.command("close", example="loyalty-bridge surveys close 3")
@survey_argument
@with_application
def close(app: Application, output: Output, survey_id: int) -> None:
    """Let nobody answer any more. It can be opened again."""
    survey = _turn(app, survey_id, defining.close_survey)
    output.line(f"Survey {survey_id}, {survey.name}, is closed.")


@surveys.command(
    "answers",
    example=(
        "loyalty-bridge surveys answers 3",
        "loyalty-bridge surveys answers 3 --only detractor --unhandled --json",
    ),
)
@survey_argument
@standing_option
@click.option("--words", is_flag=True, help="Only those in which something was written.")
@click.option("--unhandled", is_flag=True, help="Only those that nobody has seen to.")
@click.option("--limit", type=click.IntRange(1), default=100, show_default=True)
@json_option
@with_application
def answers(
    app: Application,
    output: Output,
    survey_id: int,
    only: str | None,
    words: bool,
    unhandled: bool,
    limit: int,
    as_json: bool,
) -> None:
    """List answers: the unhappy first, then the newest."""
    which = Which(
        None if only is None else Standing[only.upper()],
        True if words else None,
        False if unhandled else None,
    )
    with app.database.reading() as session:
        survey = survey_with_id(session, app.workspace_id, survey_id)
        zone = zone_of(session, app)
        asked_then = questionnaires(session, survey)
        found = answers_page(session, app.workspace_id, survey_id, which, most=limit)
        names = _names(session, app, found)
    if as_json:
        output.json([_answer(one, asked_then[one.answer.version]) for one in found])
        return
    output.table(
        ("id", "when", "who", "score", "wrote", "handled"),
        [
            (
                str(one.answer.id),
                local(one.answer.answered_at, zone),
                names[one.member_id],
                "" if one.answer.score is None else str(one.answer.score),
                " / ".join(reply.words for reply in one.replies if reply.words),
                one.answer.handled_by,
            )
            for one in found
        ],
        right=("id", "score"),
    )
    if len(found) == limit:
        output.note(f"The first {limit:,} are listed: see --limit.")


@surveys.command(
    "export",
    example=(
        "loyalty-bridge surveys export 3 answers.csv",
        "loyalty-bridge surveys export 3 - > answers.csv",
    ),
)
@survey_argument
@click.argument("path", type=click.Path(path_type=Path, allow_dash=True, dir_okay=False))
@with_application
def export(app: Application, output: Output, survey_id: int, path: Path) -> None:
    """Write every answer into a CSV file, one row each; - is standard output.

    No cell can be run by a spreadsheet: what begins like a formula gets an apostrophe in front.
    """
    from bridge.web.admin.csv_files import csv_lines  # the web application takes long to load

    with app.database.reading() as session:
        told = sheet(session, survey_with_id(session, app.workspace_id, survey_id))
    rows = [told.row(one) for one in all_answers(app.database, app.workspace_id, survey_id)]
    text = "".join(csv_lines(told.heads, rows))
    if str(path) == "-":
        sys.stdout.write(text)
        return
    path.write_text(text, "utf-8", newline="")
    output.line(f"Wrote {plural(len(rows), 'answer')} to {path}.")


def _turn(app: Application, survey_id: int, do: Callable[..., Survey]) -> Survey:
    with app.database.writing() as session:
        return do(session, app.workspace_id, survey_id, Actor(by()), app.now())


def _say_survey(output: Output, survey: Survey) -> None:
    again = "once" if survey.again_days is None else f"again after {survey.again_days} days"
    letters = "nobody is written to"
    if survey.ask_days is not None:
        letters = (
            f"{plural(survey.ask_days, 'day')} after an order, at most once in "
            f"{plural(survey.pause_days, 'day')}"
        )
    whom = [
        *(f"tier {one}" for one in survey.tiers),
        *(f"segment {one}" for one in survey.segments),
    ]
    rows = [
        ("name", survey.name),
        ("state", survey.state),
        ("days", f"{survey.starts_on or 'any'} to {survey.ends_on or 'any'}"),
        ("for", ", ".join(whom) or "everybody who takes part"),
        ("each member answers", again),
        ("activity", survey.activity or "none: no points"),
        ("letters", letters),
    ]
    output.table((f"survey {survey.id}", ""), rows)


def _listed(one: Listed) -> dict[str, Any]:
    return {**survey_record(one.survey), "answers": one.answers, "to_handle": one.to_handle}


def _answer(one: Given, then: Questionnaire) -> dict[str, Any]:
    answer = one.answer
    return {
        "id": answer.id,
        "member": one.member_id,
        "at": stamp(answer.answered_at),
        "version": answer.version,
        "score": answer.score,
        "standing": Standing(answer.standing).name.lower(),
        "language": answer.language,
        "points": answer.points,
        "is_handled": answer.is_handled,
        "handled_by": answer.handled_by or None,
        "replies": [
            {
                "question": reply.question,
                "asked": said(then, reply).question,
                "value": reply.value or None,
                "told": said(then, reply).value or None,
                "words": reply.words or None,
            }
            for reply in one.replies
        ],
    }


def _names(session: Session, app: Application, found: list[Given]) -> dict[int, str]:
    holders = [(Holder.MEMBER, one) for one in sorted({one.member_id for one in found})]
    return {
        member: name
        for (_kind, member), name in names_of(session, app.workspace_id, holders).items()
    }
