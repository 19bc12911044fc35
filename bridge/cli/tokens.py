"""`tokens`: what opens the API to other programs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click

from bridge.api_tokens import service
from bridge.api_tokens.models import ApiToken
from bridge.api_tokens.scopes import Scope
from bridge.application import Application
from bridge.audit.service import Actor
from bridge.cli.days import Day
from bridge.cli.frame import Group, json_option, with_application
from bridge.cli.members import by
from bridge.cli.output import Output
from bridge.cli.points_whose import last_day, local, stamp, zone_of


@click.group(
    cls=Group,
    example=(
        "loyalty-bridge tokens make till --scope members:read --scope points:write",
        "loyalty-bridge tokens list",
        "loyalty-bridge tokens revoke 3",
    ),
)
def tokens() -> None:
    """Make and revoke the tokens by which programs use the API below `/api/v1`.

    A token opens this workspace alone, and of it what its scopes say. Each change stands in the
    audit log, and so does what programs change with a token.
    """


@tokens.command(
    example=(
        "loyalty-bridge tokens make till --scope members:read --scope points:write",
        "loyalty-bridge tokens make reports --scope figures:read --ends 2027-12-31 --json",
    )
)
@click.argument("name")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    required=True,
    type=click.Choice([scope.value for scope in Scope]),
    help="What it may do; several are possible.",
)
@click.option("--ends", "day", type=Day(), help="The last day it opens anything; default: no end.")
@json_option
@with_application
def make(
    app: Application,
    output: Output,
    name: str,
    scopes: tuple[str, ...],
    day: datetime | None,
    as_json: bool,
) -> None:
    """Make a token for the program NAME and print it: now, and never again."""
    with app.database.writing() as session:
        ends_at = service.ends_with(day.date(), zone_of(session, app)) if day else None
        made = service.make_token(
            session,
            app.workspace_id,
            name,
            map(Scope, scopes),
            _actor(),
            app.now(),
            ends_at=ends_at,
        )
        record = _record(made.row, app.now())
    if as_json:
        output.json({**record, "token": made.token})
        return
    output.line(made.token)
    output.note("Copy it now: only its hash is kept. Whoever has it can do what its scopes say.")


@tokens.command("list", example=("loyalty-bridge tokens list", "loyalty-bridge tokens list --json"))
@json_option
@with_application
def list_(app: Application, output: Output, as_json: bool) -> None:
    """List tokens, newest first: what each may do, and when it was last used."""
    with app.database.reading() as session:
        found = service.tokens(session, app.workspace_id)
        zone = zone_of(session, app)
    if as_json:
        output.json([_record(one, app.now()) for one in found])
        return
    if not found:
        output.line("There is none: see `loyalty-bridge tokens make --help`.")
        return
    output.table(
        ("id", "name", "ends with", "scopes", "made by", "last used", "last day", "state"),
        [
            (
                str(one.id),
                one.name,
                f"…{one.last_signs}",
                one.scopes,
                one.made_by,
                local(one.used_at, zone) if one.used_at else "never",
                last_day(one.ends_at, zone) if one.ends_at else "",
                _state(one, app.now()),
            )
            for one in found
        ],
        right=("id",),
    )


@tokens.command(example="loyalty-bridge tokens revoke 3")
@click.argument("token_id", metavar="ID", type=click.IntRange(1, 2**31 - 1))
@json_option
@with_application
def revoke(app: Application, output: Output, token_id: int, as_json: bool) -> None:
    """End the token ID, as `tokens list` numbers them: at once, and for good."""
    with app.database.writing() as session:
        row = service.revoke(session, app.workspace_id, token_id, _actor(), app.now())
        record = _record(row, app.now())
    if as_json:
        output.json(record)
    else:
        output.line(f"Token {token_id} ({record['name']}) opens nothing any more.")


def _actor() -> Actor:
    return Actor(by())


def _state(row: ApiToken, now: datetime) -> str:
    if row.revoked_at is not None:
        return "revoked"
    return "open" if service.is_open(row, now) else "over"


def _record(row: ApiToken, now: datetime) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "ends_with": row.last_signs,
        "scopes": row.scopes.split(),
        "state": _state(row, now),
        "made_by": row.made_by,
        "made_at": stamp(row.made_at),
        "used_at": stamp(row.used_at),
        "ends_at": stamp(row.ends_at),
        "revoked_at": stamp(row.revoked_at),
    }
