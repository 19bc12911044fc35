"""`templates apply`: what would be different is shown first."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from sqlmodel import Session

from bridge.application import Application
from bridge.audit.service import Actor
from bridge.cli.frame import Command, json_option, with_application, yes_option
from bridge.cli.members import by
from bridge.cli.output import STYLES, Output, plural
from bridge.kit.errors import BridgeError
from bridge.programme.amounts import parse_decimal
from bridge.programme.differing import MOST, Difference
from bridge.programme.issues import Place, ProgrammeError, field_path
from bridge.programme.service import issue_record
from bridge.programme.source import read_text
from bridge.programme_templates import applying, service
from bridge.programme_templates.applying import Beginning, NotChosen, Prepared, Proposal
from bridge.programme_templates.choices import WORDS, read_choices
from bridge.programme_templates.mapping import Chosen, Reference
from bridge.programme_templates.models import ProgrammeTemplate
from bridge.programme_templates.sections import SECTIONS
from bridge.workspaces.service import workspace_id

name_argument = click.argument("name")
from_option = click.option(
    "--from", "source", metavar="WORKSPACE", help="Whose template it is. Default: this one's."
)
sections_option = click.option(
    "--section",
    "sections",
    multiple=True,
    type=click.Choice(SECTIONS),
    help="Which part; several are possible. Default: all but prices.",
)


@click.command(
    "apply",
    cls=Command,
    example=(
        "loyalty-bridge templates apply club --from staging --replace",
        "loyalty-bridge --workspace pear templates apply club --from apple --map names.yaml",
        "loyalty-bridge --workspace pear templates apply club --from apple --section gifts "
        "--dry-run --json",
    ),
)
@name_argument
@from_option
@sections_option
@click.option(
    "--map",
    "file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A YAML file that says what stands for which name of the template.",
)
@click.option(
    "--replace", "replaces", is_flag=True, help="What a section has here and not there goes."
)
@click.option(
    "--times", metavar="FACTOR", help="By what amounts are multiplied, between two currencies."
)
@click.option("--programme", help="The name of the programme, where there is none yet.")
@click.option("--dry-run", is_flag=True, help="Show what would be different, and store nothing.")
@yes_option
@json_option
@with_application
def apply(
    app: Application,
    output: Output,
    name: str,
    source: str | None,
    sections: tuple[str, ...],
    file: Path | None,
    replaces: bool,
    times: str | None,
    programme: str | None,
    dry_run: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Make the template NAME part of this workspace's programme, as a new version of it.

    Names that are the same here are taken; for the others the file for --map says what stands for
    them, or ~ to leave out what names them. What is different is shown before anything is stored.
    `program versions` knows the way back.
    """
    chosen = _chosen(output, file, times)
    with app.database.reading() as session:
        template = found_template(session, app, name, source)
        taken = sections or tuple(one for one in template.sections if one != "price_lists")
        prepared = prepared_for(session, app, template, taken, programme)
        proposal = _proposal(session, app, output, prepared, chosen, replaces=replaces)
    _stop_unless_wanted(output, proposal, dry_run=dry_run, yes=yes, as_json=as_json)
    number = prepared.present.number
    if not dry_run and proposal.differences.told:
        with app.database.writing() as session:
            why = f"Template {template.name}"
            number = applying.store(
                session, app.workspace_id, proposal, Actor(by()), why, app.now()
            ).stored.number
    if as_json:
        output.json(_outcome(proposal, number))
    elif number != prepared.present.number:
        output.line(f"Version {number} holds from now on.")


# --- parts ---------------------------------------------------------------------------------


def found_template(
    session: Session, app: Application, name: str, source: str | None
) -> ProgrammeTemplate:
    where = workspace_id(session, source) if source else app.workspace_id
    found = service.template_named(session, where, name)
    if found is None:
        known = [one.name for one in service.listed(session, [where])]
        raise BridgeError(
            f"There is no template {name} in {source or app.workspace}. "
            f"There are {', '.join(known) or 'none'}."
        )
    return found


def prepared_for(
    session: Session,
    app: Application,
    template: ProgrammeTemplate,
    sections: Sequence[str],
    programme: str | None,
) -> Prepared:
    beginning = Beginning(programme or app.workspace)
    return applying.prepare(session, app.workspace_id, template, sections, beginning=beginning)


def _proposal(
    session: Session,
    app: Application,
    output: Output,
    prepared: Prepared,
    chosen: Chosen,
    *,
    replaces: bool,
) -> Proposal:
    try:
        return applying.propose(session, app.workspace_id, prepared, chosen, replaces=replaces)
    except NotChosen as error:
        say_names(output, error.missing)
        raise BridgeError(f"{error} Write a file for --map.") from None
    except ProgrammeError as error:
        for problem in error.problems:
            output.note(f"{problem.severity.value}: {problem}", STYLES[problem.severity.value])
        raise BridgeError("What would come of it cannot be used. Nothing was stored.") from None


def _chosen(output: Output, file: Path | None, times: str | None) -> Chosen:
    try:
        factor = parse_decimal(times) if times else None
    except ValueError as error:
        raise click.UsageError(f"--times: {error}") from None
    if factor is not None and factor <= 0:
        raise click.UsageError("--times: write a number above 0.")
    if file is None:
        return Chosen(factor=factor)
    try:
        text = read_text(file, file.name, Place(file.name))
        return read_choices(text, file.name, factor)
    except ProgrammeError as error:
        for problem in error.problems:
            output.note(str(problem))
        raise BridgeError(f"{file} cannot be used. Nothing was stored.") from None


def _stop_unless_wanted(
    output: Output, proposal: Proposal, *, dry_run: bool, yes: bool, as_json: bool
) -> None:
    found = proposal.differences
    if not as_json:
        for one in found.told:
            output.line(_line(one))
        if not found.is_all:
            output.line(f"And more: only {MOST} are shown.")
        output.line(f"{plural(len(found.told), 'difference')}.")
    for loc in proposal.gone:
        output.warn(f"{field_path(loc)} is left out, or says less: it names what is not here.")
    if proposal.prices_left_out:
        count = plural(proposal.prices_left_out, "product")
        output.warn(f"Prices of {count} are left out: no shop here has them.")
    if found.told and not (dry_run or yes):
        question = "Store this as a new version of the programme?"
        if not output.confirm(question, otherwise="--yes, or --dry-run to look only"):
            raise BridgeError("Nothing was stored.")


def _line(one: Difference) -> str:
    return f"{'.'.join(one.path)}: {one.before or '(nothing)'} -> {one.after or '(nothing)'}"


def say_names(output: Output, found: Sequence[Reference]) -> None:
    if found:
        output.table(
            ("kind", "name there", "stands for here"),
            [(WORDS[one.kind], one.name, one.suggested or "(to be chosen)") for one in found],
        )


def _outcome(proposal: Proposal, number: int) -> dict[str, Any]:
    return {
        "version": number,
        "differences": [
            {"path": list(one.path), "before": one.before, "after": one.after}
            for one in proposal.differences.told
        ],
        "all": proposal.differences.is_all,
        "left_out": [field_path(loc) for loc in proposal.gone],
        "prices_left_out": proposal.prices_left_out,
        "problems": [issue_record(one) for one in proposal.draft.problems],
    }
