"""`subscribers messages` and `subscribers resend`."""

from __future__ import annotations

import click

from bridge.application import Application
from bridge.cli.frame import Command, json_option, with_application
from bridge.cli.output import Output, plural
from bridge.cli.subscribers import message_record
from bridge.subscribers import messages, service
from bridge.subscribers.models import MessageState


@click.command(
    cls=Command,
    example=(
        "loyalty-bridge subscribers messages",
        "loyalty-bridge subscribers messages erp --failed --json",
    ),
)
@click.argument("name", required=False)
@click.option("--failed", is_flag=True, help="Only those that were given up.")
@click.option("--waiting", is_flag=True, help="Only those that are still to be sent.")
@click.option("--limit", type=click.IntRange(1), default=100, show_default=True)
@json_option
@with_application
def messages_(
    app: Application,
    output: Output,
    name: str | None,
    failed: bool,
    waiting: bool,
    limit: int,
    as_json: bool,
) -> None:
    """List messages to NAME, or to all, newest first, and why those were not taken that were not.

    Messages are kept for 31 days.
    """
    if failed and waiting:
        raise click.UsageError("Choose --failed or --waiting.")
    state = MessageState.FAILED if failed else MessageState.WAITING if waiting else None
    with app.database.reading() as session:
        which = service.named(session, app.workspace_id, name).id if name else None
        names = {one.id: one.name for one in service.subscribers(session, app.workspace_id)}
        found = messages.listed(
            session, app.workspace_id, subscriber_id=which, state=state, most=limit
        )
    records = [message_record(one, names[one.subscriber_id]) for one in found]
    if as_json:
        output.json(records)
        return
    if not records:
        output.line("There is none.")
        return
    columns = ("id", "subscriber", "type", "at", "state", "attempts", "status", "error")
    output.table(
        ("id", "to", "type", "at", "state", "attempts", "answer", "why"),
        [
            tuple("" if record[key] is None else str(record[key]) for key in columns)
            for record in records
        ],
        right=("id", "attempts"),
    )
    if len(records) == limit:
        output.note(f"The newest {limit:,} are listed: see --limit.")


@click.command(
    cls=Command,
    example=(
        "loyalty-bridge subscribers resend 812",
        "loyalty-bridge subscribers resend --failed --subscriber erp",
    ),
)
@click.argument("message_id", type=click.IntRange(1, 2**31 - 1), metavar="[ID]", required=False)
@click.option("--failed", is_flag=True, help="All that were given up.")
@click.option("--subscriber", "name", help="Only those to this one.")
@json_option
@with_application
def resend_(
    app: Application,
    output: Output,
    message_id: int | None,
    failed: bool,
    name: str | None,
    as_json: bool,
) -> None:
    """Send a message once more, whatever became of it, or all that failed.

    It bears the same `webhook-id`: who has it already can tell.
    """
    if (message_id is None) != failed:
        raise click.UsageError("Name a message by its ID, or choose --failed.")
    with app.database.writing() as session:
        which = service.named(session, app.workspace_id, name).id if name else None
        count = messages.resend(
            session, app.workspace_id, app.now(), message_id=message_id, subscriber_id=which
        )
    if as_json:
        output.json({"queued": count})
    elif count:
        output.line(f"{plural(count, 'message')} will be sent with the next work.")
    else:
        output.line("No message failed.")
