"""`program …`: the merchant's groups and price lists, as versions."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import closing, suppress
from pathlib import Path

import click
from sqlmodel import Session

from bridge.application import Application, NotInitialised
from bridge.cli.frame import Group, Invocation, json_option, with_application, with_invocation
from bridge.cli.output import STYLES, Output, plural
from bridge.kit.errors import BridgeError
from bridge.programme import service
from bridge.programme.against_shops import faults_against_shops
from bridge.programme.document import Programme
from bridge.programme.issues import Fault, Issue, Place, ProgrammeError, field_path
from bridge.programme.leaving import left_out
from bridge.programme.loading import LoadedProgramme, load
from bridge.programme.source import read_text, read_yaml
from bridge.programme.writing import dump
from bridge.workspaces.service import UnknownWorkspace
from connectors.base import Severity

_file = click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))


@click.group(cls=Group, example=("loyalty-bridge program load programme.yaml",))
def program() -> None:
    """Load, look at and check the programme: groups and price lists."""


@program.command("load", example=("loyalty-bridge program load programme.yaml",))
@_file
@with_application
def load_(application: Application, output: Output, file: Path) -> None:
    """Read the programme in FILE and make it the version in force.

    A file that cannot be understood changes nothing. A bad row is listed and left out; what it
    is about stays in the shops as it is. A file that says the same as before makes no version.
    """
    loaded = _loaded(output, file)
    problems = (*loaded.problems, *_unknown_in_shops(application, file, loaded))
    with application.database.writing() as session:
        before = _before(session, application.workspace_id)
        stored = service.store(
            session, application.workspace_id, loaded, problems, application.now()
        )
    _show(output, problems)
    ending = "loaded" if stored.is_new else "unchanged"
    output.line(f"Version {stored.number}, {ending}: {_contents(loaded)}.")
    gone = left_out(before[1], loaded.document) if before and stored.is_new else []
    if before and gone:
        output.warn(f"Version {before[0]} also had {'; '.join(gone)}. If that shall stay, add it.")
    if stored.is_new:
        output.line("Next: loyalty-bridge pull, then loyalty-bridge plan")


def _before(session: Session, workspace_id: int) -> tuple[int, Programme] | None:
    """``None`` too for a version of an older release that cannot be read: it must be possible to
    load one that can."""
    with suppress(BridgeError):
        return service.current(session, workspace_id)
    return None


@program.command(
    example=(
        "loyalty-bridge program validate programme.yaml",
        "loyalty-bridge program validate programme.yaml --json",
    )
)
@_file
@json_option
@click.pass_context
@with_invocation
def validate(invocation: Invocation, context: click.Context, file: Path, as_json: bool) -> None:
    """Check the programme in FILE and store nothing.

    Where shops are connected, also whether the stores it names are among them. Exit code 1
    when anything is wrong.
    """
    output = invocation.output
    problems: tuple[Issue, ...]
    try:
        loaded = load(file)
    except ProgrammeError as error:
        usable, problems = False, error.problems
    else:
        usable, problems = True, (*loaded.problems, *_against_shops(invocation, file, loaded))
    if as_json:
        records = [service.issue_record(problem) for problem in problems]
        output.json({"file": str(file), "usable": usable, "problems": records})
    else:
        _show(output, problems)
        ending = "can be loaded" if usable else "cannot be loaded"
        counted = plural(len(problems), "problem") if problems else "no problem"
        output.line(f"{file}: {counted}, {ending}.")
    if not usable or any(problem.severity is not Severity.NOTE for problem in problems):
        context.exit(1)


@program.command(
    "dump",
    example=(
        "loyalty-bridge program dump > programme.yaml",
        "loyalty-bridge program dump --version 3",
    ),
)
@click.option("--version", "number", type=click.IntRange(min=1), help="Default: the newest.")
@with_application
def dump_(application: Application, output: Output, number: int | None) -> None:
    """Print the programme as YAML, complete in one file."""
    with application.database.reading() as session:
        if number is not None:
            document = service.version(session, application.workspace_id, number)
        else:
            found = service.current(session, application.workspace_id)
            if found is None:
                raise BridgeError(
                    "No programme was loaded yet: see `loyalty-bridge program load --help`."
                )
            document = found[1]
    click.echo(dump(document), nl=False)


@program.command(example=("loyalty-bridge program versions",))
@json_option
@with_application
def versions(application: Application, output: Output, as_json: bool) -> None:
    """List the versions of the programme, newest first."""
    with application.database.reading() as session:
        found = service.versions(session, application.workspace_id)
    entries = [
        {
            "number": version.number,
            "loaded_at": version.loaded_at.isoformat(timespec="seconds"),
            "digest": version.digest,
            "problems": len(json.loads(version.problems)),
        }
        for version in found
    ]
    if as_json:
        output.json({"versions": entries})
    elif not entries:
        output.line("No programme was loaded yet: see `loyalty-bridge program load --help`.")
    else:
        output.table(
            ("version", "loaded at", "problems", "digest"),
            [
                (
                    str(entry["number"]),
                    str(entry["loaded_at"]),
                    str(entry["problems"]),
                    str(entry["digest"])[:12],
                )
                for entry in entries
            ],
            right=("version", "problems"),
        )


def _loaded(output: Output, file: Path) -> LoadedProgramme:
    try:
        return load(file)
    except ProgrammeError as error:
        _show(output, error.problems)
        counted = plural(len(error.problems), "problem")
        raise BridgeError(f"{file} cannot be used: {counted}. Nothing was stored.") from None


def _against_shops(
    invocation: Invocation, file: Path, loaded: LoadedProgramme
) -> tuple[Issue, ...]:
    try:
        application = Application.open(invocation.settings)
    except (NotInitialised, UnknownWorkspace):
        return ()
    with closing(application):
        return _unknown_in_shops(application, file, loaded)


def _unknown_in_shops(
    application: Application, file: Path, loaded: LoadedProgramme
) -> tuple[Issue, ...]:
    """What the programme names and the shops do not have."""
    with application.database.reading() as session:
        faults = faults_against_shops(session, application.workspace_id, loaded.document)
    return tuple(_located(file, faults))


def _located(file: Path, faults: Sequence[Fault]) -> list[Issue]:
    source = read_yaml(read_text(file, file.name, Place(file.name)), file.name)
    return [
        Issue(fault.severity, *source.place(fault.loc), field_path(fault.loc), fault.message)
        for fault in faults
    ]


def _show(output: Output, problems: Sequence[Issue]) -> None:
    for problem in problems:
        output.note(f"{problem.severity.value}: {problem}", STYLES[problem.severity.value])


def _contents(loaded: LoadedProgramme) -> str:
    document = loaded.document
    groups = plural(len(document.groups), "group")
    return f"{groups}, {plural(len(document.price_lists), 'price list')}"
