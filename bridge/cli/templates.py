"""`templates …`: one client's programme for another, or from staging to live."""

from __future__ import annotations

from typing import Any

import click

from bridge.application import Application
from bridge.audit.service import Actor
from bridge.cli.frame import Group, json_option, with_application
from bridge.cli.members import by
from bridge.cli.output import Output
from bridge.cli.points_whose import stamp
from bridge.cli.templates_apply import (
    apply,
    found_template,
    from_option,
    name_argument,
    prepared_for,
    say_names,
    sections_option,
)
from bridge.programme.editing import present
from bridge.programme.issues import field_path
from bridge.programme.writing import dump
from bridge.programme_templates import applying, service
from bridge.programme_templates.choices import WORDS
from bridge.programme_templates.mapping import Reference
from bridge.programme_templates.sections import usual
from bridge.workspaces.service import workspace_ids


@click.group(
    cls=Group,
    example=(
        "loyalty-bridge templates save club",
        "loyalty-bridge --workspace pear templates show club --from apple",
        "loyalty-bridge --workspace pear templates apply club --from apple --map names.yaml",
    ),
)
def templates() -> None:
    """Save a programme as a template, and apply it to another workspace.

    A template belongs to the workspace it was saved from. It holds no members, addresses,
    companies or partners. In the web app it is seen by who may change that workspace's programme.
    """


@templates.command(
    example=(
        "loyalty-bridge templates save club",
        "loyalty-bridge templates save tiers --section tiers --section points",
    )
)
@name_argument
@sections_option
@click.option("--about", default="", help="What it is for.")
@json_option
@with_application
def save(
    app: Application,
    output: Output,
    name: str,
    sections: tuple[str, ...],
    about: str,
    as_json: bool,
) -> None:
    """Save the programme in force as the template NAME.

    Prices are in it only when you ask for them: `--section price_lists`.
    """
    with app.database.writing() as session:
        found = present(session, app.workspace_id).programme
        chosen = sections or (usual(found) if found else ())
        made = service.save_template(
            session, app.workspace_id, name, chosen, Actor(by()), app.now(), about=about
        )
        record = {"name": made.name, "version": made.version, "sections": made.sections}
    if as_json:
        output.json(record)
    else:
        output.line(f"Template {made.name}, of version {made.version}: {', '.join(made.sections)}.")


@templates.command("list", example="loyalty-bridge templates list --all")
@click.option("--all", "every", is_flag=True, help="Of every workspace of this database.")
@json_option
@with_application
def list_(app: Application, output: Output, every: bool, as_json: bool) -> None:
    """List templates by name."""
    with app.database.reading() as session:
        which = workspace_ids(session) if every else [app.workspace_id]
        found = service.listed(session, which)
    if as_json:
        output.json([_record(one) for one in found])
    elif not found:
        output.line("There is none: see `loyalty-bridge templates save --help`.")
    else:
        output.table(
            ("name", "workspace", "version", "sections", "made by", "made at"),
            [
                (
                    one.name,
                    one.workspace,
                    str(one.version),
                    ", ".join(one.sections),
                    one.made_by,
                    str(stamp(one.made_at)),
                )
                for one in found
            ],
            right=("version",),
        )


@templates.command(
    example=(
        "loyalty-bridge templates show club",
        "loyalty-bridge --workspace pear templates show club --from apple --json",
    )
)
@name_argument
@from_option
@json_option
@with_application
def show(app: Application, output: Output, name: str, source: str | None, as_json: bool) -> None:
    """Print what the template NAME says, and what of it stands for what in this workspace.

    A name without one has to be chosen when it is applied: in a file for `--map`.
    """
    with app.database.reading() as session:
        template = found_template(session, app, name, source)
        sections = applying.applicable(session, app.workspace_id, template)
        prepared = prepared_for(session, app, template, sections, None)
    if as_json:
        output.json(
            {
                "name": template.name,
                "sections": template.sections,
                "currency": prepared.content.currency,
                "programme": dump(prepared.content),
                "names": [_said(one) for one in prepared.references],
            }
        )
        return
    click.echo(dump(prepared.content), nl=False)
    output.line()
    say_names(output, prepared.references)


templates.add_command(apply)


@templates.command(example="loyalty-bridge templates remove club")
@name_argument
@with_application
def remove(app: Application, output: Output, name: str) -> None:
    """Remove the template NAME of this workspace. Programmes it was applied to stay."""
    with app.database.writing() as session:
        found = found_template(session, app, name, None)
        assert found.id is not None
        service.remove_template(session, app.workspace_id, found.id, Actor(by()), app.now())
    output.line(f"Template {name} is removed.")


# --- parts ---------------------------------------------------------------------------------


def _said(one: Reference) -> dict[str, Any]:
    places = [field_path(loc) for loc in one.places]
    return {
        "kind": WORDS[one.kind],
        "name": one.name,
        "suggested": one.suggested or None,
        "places": places,
    }


def _record(one: service.Listed) -> dict[str, Any]:
    return {
        "name": one.name,
        "about": one.about,
        "workspace": one.workspace,
        "version": one.version,
        "sections": list(one.sections),
        "made_by": one.made_by,
        "made_at": stamp(one.made_at),
    }
