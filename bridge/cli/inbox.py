"""`inbox`: what came in and is not handled yet, and why."""

from __future__ import annotations

from typing import Any

import click

from bridge.application import Application
from bridge.cli.frame import Command, Group, json_option, with_application
from bridge.cli.output import Output, plural
from bridge.cli.points_whose import local, zone_of
from bridge.inbox.review import FAILED, OPEN, Listed, drop, listed, retry
from bridge.kit.errors import BridgeError


@click.group(
    cls=Group,
    invoke_without_command=True,
    example=(
        "loyalty-bridge inbox",
        "loyalty-bridge inbox --failed --json",
        "loyalty-bridge inbox retry --all",
    ),
)
@click.option("--failed", is_flag=True, help="Only what could not be fetched or handled.")
@click.option("--store", help="Only what came from this store.")
@click.option("--limit", type=click.IntRange(1), default=100, show_default=True)
@json_option
@click.pass_context
def inbox(
    context: click.Context, failed: bool, store: str | None, limit: int, as_json: bool
) -> None:
    """List orders, customers and activities that came in and are not handled yet.

    `queued` waits for its turn. `failed` could not be handled and `unread` could not be fetched:
    both are tried again by themselves, after growing pauses.
    """
    if context.invoked_subcommand is None:
        _show(failed, store, limit, as_json)


@with_application
def _show(
    app: Application, output: Output, failed: bool, store: str | None, limit: int, as_json: bool
) -> None:
    with app.database.reading() as session:
        found = listed(
            session, app.workspace_id, FAILED if failed else OPEN, store=store, limit=limit
        )
        zone = zone_of(session, app)
    if as_json:
        output.json([_record(row) for row in found])
        return
    output.table(
        ("id", "store", "what", "which", "state", "tries", "again at", "why"),
        [
            (
                str(row.id),
                row.store,
                row.resource,
                row.label,
                row.state,
                str(row.attempts),
                local(row.not_before, zone) if row.not_before else "",
                row.error,
            )
            for row in found
        ],
        right=("id", "tries"),
    )


@inbox.command(
    "retry",
    cls=Command,
    example=("loyalty-bridge inbox retry 17 18", "loyalty-bridge inbox retry --all"),
)
@click.argument("ids", metavar="[ID]...", type=int, nargs=-1)
@click.option("--all", "every", is_flag=True, help="Everything that failed.")
@with_application
def retry_command(app: Application, output: Output, ids: tuple[int, ...], every: bool) -> None:
    """Queue what failed for another try, after its cause was mended."""
    if every == bool(ids):
        raise click.UsageError("Name the ids that `loyalty-bridge inbox` lists, or add --all.")
    with app.database.writing() as session:
        count = retry(session, app.workspace_id, None if every else ids)
        if count < len(set(ids)):
            raise BridgeError(
                f"Only {count} of these {len(set(ids))} are failed rows of this workspace; "
                "nothing was changed. See `loyalty-bridge inbox --failed`."
            )
    output.line(f"{plural(count, 'row')} queued again; `loyalty-bridge work --once` handles them.")


@inbox.command("drop", cls=Command, example=("loyalty-bridge inbox drop 17",))
@click.argument("ids", metavar="ID...", type=int, nargs=-1, required=True)
@with_application
def drop_command(app: Application, output: Output, ids: tuple[int, ...]) -> None:
    """Let go of awards of a shop's flows that could not be booked: nobody gets those points."""
    with app.database.writing() as session:
        count = drop(session, app.workspace_id, ids, app.now())
        if count < len(set(ids)):
            raise BridgeError(
                f"Only {count} of these {len(set(ids))} are awards that failed; nothing was "
                "changed. See `loyalty-bridge inbox --failed`."
            )
    output.line(f"{plural(count, 'award')} dropped.")


def _record(row: Listed) -> dict[str, Any]:
    return {
        "id": row.id,
        "store": row.store,
        "resource": row.resource,
        "entity_id": row.entity_id,
        "label": row.label,
        "state": row.state,
        "attempts": row.attempts,
        "changed_at": row.changed_at.isoformat(),
        "not_before": row.not_before.isoformat() if row.not_before else None,
        "error": row.error or None,
    }
