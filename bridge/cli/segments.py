"""`segments`: who is in which, computed now."""

from __future__ import annotations

from typing import Any

import click

from bridge.application import Application
from bridge.cli.frame import Command, json_option, with_application
from bridge.cli.output import Output
from bridge.kit.errors import BridgeError
from bridge.kit.suggestions import did_you_mean
from bridge.members.finding import described
from bridge.members.segmenting import SegmentChange, members_of, recompute, sizes
from bridge.programme import service
from connectors.sentences import sentence


@click.command(
    cls=Command,
    example=(
        "loyalty-bridge segments",
        "loyalty-bridge segments --who lapsed --limit 20",
        "loyalty-bridge segments --json",
    ),
)
@click.option("--who", metavar="SEGMENT", help="List the members of this one.")
@click.option("--limit", type=click.IntRange(1), default=100, show_default=True)
@json_option
@with_application
def segments(app: Application, output: Output, who: str | None, limit: int, as_json: bool) -> None:
    """Compute the programme's segments and show how many members are in each."""
    with app.database.writing() as session:
        found = service.current(session, app.workspace_id)
        if found is None:
            raise BridgeError(
                "No programme was loaded yet: see `loyalty-bridge program load --help`."
            )
        programme = found[1]
        if who is not None and who not in programme.segments:
            hint = did_you_mean(
                who,
                programme.segments,
                nothing=sentence("The programme has none yet: write `segments:`."),
            )
            raise BridgeError(f"There is no segment `{who}`. {hint}")
        changes = recompute(session, app.workspace_id, programme, app.now())
        counted = sizes(session, app.workspace_id)
    if who is not None:
        _show_members(app, output, who, limit, as_json)
    else:
        _show_sizes(output, list(programme.segments), counted, changes, as_json)


def _show_sizes(
    output: Output,
    keys: list[str],
    counted: dict[str, int],
    changes: list[SegmentChange],
    as_json: bool,
) -> None:
    records: list[dict[str, Any]] = [
        {
            "segment": key,
            "members": counted.get(key, 0),
            "entered": sum(one.segment == key and one.entered for one in changes),
            "left": sum(one.segment == key and not one.entered for one in changes),
        }
        for key in keys
    ]
    if as_json:
        output.json(records)
        return
    numbers = ("members", "entered", "left")
    output.table(
        ("segment", *numbers),
        [(one["segment"], *(f"{one[name]:,}" for name in numbers)) for one in records],
        right=numbers,
    )


def _show_members(
    app: Application, output: Output, segment: str, limit: int, as_json: bool
) -> None:
    with app.database.reading() as session:
        ids = members_of(session, app.workspace_id, segment, limit)
        found = described(session, app.workspace_id, ids)
    if as_json:
        output.json([{"member": one.id, "emails": list(one.emails)} for one in found])
        return
    output.table(
        ("member", "e-mail", "company", "tier"),
        [(f"#{one.id}", one.name, one.company, one.tier) for one in found],
    )
    if len(found) == limit:
        output.note(f"The first {limit:,} are listed: see --limit.")
