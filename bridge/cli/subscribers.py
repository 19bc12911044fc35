"""`subscribers`: other systems that are told when points, tiers and vouchers change."""

from __future__ import annotations

from typing import Any

import click

from bridge.application import Application
from bridge.audit.service import Actor
from bridge.cli.frame import Group, json_option, with_application, yes_option
from bridge.cli.members import by
from bridge.cli.output import Output
from bridge.cli.points_whose import stamp
from bridge.kit.errors import BridgeError
from bridge.subscribers import service
from bridge.subscribers.event_types import EventType
from bridge.subscribers.models import Disabled, MessageState, Subscriber, SubscriberMessage
from bridge.subscribers.trying import try_out

name_argument = click.argument("name")
_NOTE = "Copy the secret now: it is kept encrypted, and never shown again."


@click.group(
    cls=Group,
    lazy={
        "messages": (
            "bridge.cli.subscribers_messages:messages_",
            "List messages to NAME, or to all, newest first, and why those were not taken "
            "that were not.",
        ),
        "resend": (
            "bridge.cli.subscribers_messages:resend_",
            "Send a message once more, whatever became of it, or all that failed.",
        ),
    },
    example=(
        "loyalty-bridge subscribers add erp https://erp.example/hooks/loyalty",
        "loyalty-bridge subscribers test erp",
        "loyalty-bridge subscribers messages erp --failed",
    ),
)
def subscribers() -> None:
    """Tell other systems when points, tiers and vouchers change, by signed webhooks.

    Requests are signed as Standard Webhooks has it, repeated for three days until they are taken,
    and may come more than once and in any order.
    """


@subscribers.command(
    example=(
        "loyalty-bridge subscribers add erp https://erp.example/hooks/loyalty",
        "loyalty-bridge subscribers add letters https://letters.example/in --with-email "
        "--type tier.changed --type voucher.issued",
    )
)
@name_argument
@click.argument("url")
@click.option(
    "--type",
    "types",
    multiple=True,
    type=click.Choice([kind.value for kind in EventType]),
    help="What it is told of; several are possible. Default: everything.",
)
@click.option("--with-email", is_flag=True, help="Tell members' addresses, too.")
@json_option
@with_application
def add(
    app: Application,
    output: Output,
    name: str,
    url: str,
    types: tuple[str, ...],
    with_email: bool,
    as_json: bool,
) -> None:
    """Tell the system NAME at URL what happens from now on, and print its signing secret."""
    wanted = [EventType(one) for one in types] or list(EventType)
    new = service.NewSubscriber(name, url, wanted, with_email, is_public_only=False)
    with app.database.writing() as session:
        made = service.add(session, app.workspace_id, new, app.keyring, _actor(), app.now())
        told = record(made.row)
    if as_json:
        output.json({**told, "secret": made.secret})
        return
    output.line(made.secret)
    output.note(_NOTE)
    if url.startswith("http:"):
        output.warn("The address is not encrypted (http): others may read what is sent.")


@subscribers.command(
    "list", example=("loyalty-bridge subscribers list", "loyalty-bridge subscribers list --json")
)
@json_option
@with_application
def list_(app: Application, output: Output, as_json: bool) -> None:
    """List subscribers by name, and how each is."""
    with app.database.reading() as session:
        found = service.subscribers(session, app.workspace_id)
    if as_json:
        output.json([record(one) for one in found])
        return
    if not found:
        output.line("There is none: see `loyalty-bridge subscribers add --help`.")
        return
    output.table(
        ("name", "url", "told of", "state", "last delivered"),
        [(one.name, one.url, _types(one), state(one), _when(one.delivered_at)) for one in found],
    )


@subscribers.command(example="loyalty-bridge subscribers show erp")
@name_argument
@json_option
@with_application
def show(app: Application, output: Output, name: str, as_json: bool) -> None:
    """Show one subscriber."""
    with app.database.reading() as session:
        row = service.named(session, app.workspace_id, name)
    if as_json:
        output.json(record(row))
        return
    rows = [
        ("url", row.url),
        ("told of", ", ".join(row.types)),
        ("addresses", "told" if row.with_email else "not told"),
        ("state", state(row)),
        ("last delivered", _when(row.delivered_at)),
        ("failing since", _when(row.failing_since)),
        ("added", f"{_when(row.made_at)} by {row.made_by}"),
        ("old secret holds until", _when(row.old_until)),
    ]
    output.table((row.name, ""), [(title, text) for title, text in rows if text])


@subscribers.command(example="loyalty-bridge subscribers test erp")
@name_argument
@json_option
@with_application
def test(app: Application, output: Output, name: str, as_json: bool) -> None:
    """Send an event of the type `test` to NAME at once, and show what it answers."""
    with app.database.reading() as session:
        found = service.named(session, app.workspace_id, name).id
    assert found is not None
    reply = try_out(app, found, _actor())
    is_taken = reply.status is not None and 200 <= reply.status < 300
    if as_json:
        output.json(
            {"taken": is_taken, "status": reply.status, "error": reply.error, "text": reply.text}
        )
    elif is_taken:
        output.line(f"{name} took it: {reply.status}")
    if not is_taken:
        said = f"answered {reply.status}. {reply.text}" if reply.status else reply.error
        raise BridgeError(f"{name} did not take it: {' '.join(said.split())}")


@subscribers.command(example="loyalty-bridge subscribers rotate erp")
@name_argument
@json_option
@with_application
def rotate(app: Application, output: Output, name: str, as_json: bool) -> None:
    """Give NAME a new signing secret and print it; the old one holds for 24 hours more."""
    with app.database.writing() as session:
        row = service.named(session, app.workspace_id, name)
        secret = service.rotate(session, row, app.keyring, _actor(), app.now())
        told = record(row)
    if as_json:
        output.json({**told, "secret": secret})
        return
    output.line(secret)
    output.note(_NOTE)


@subscribers.command(
    example=(
        "loyalty-bridge subscribers enable erp",
        "loyalty-bridge subscribers enable erp --skip",
    )
)
@name_argument
@click.option("--skip", is_flag=True, help="Tell only what happens from now on.")
@json_option
@with_application
def enable(app: Application, output: Output, name: str, skip: bool, as_json: bool) -> None:
    """Send to NAME again: what waits, and what happened meanwhile, 30 days back at most."""
    with app.database.writing() as session:
        row = service.named(session, app.workspace_id, name)
        service.enable(session, row, _actor(), app.now(), skip=skip)
        told = record(row)
    _done(output, told, f"{name} is sent to again.", as_json)


@subscribers.command(example="loyalty-bridge subscribers disable erp")
@name_argument
@json_option
@with_application
def disable(app: Application, output: Output, name: str, as_json: bool) -> None:
    """Send nothing to NAME until it is enabled; what is not sent waits."""
    with app.database.writing() as session:
        row = service.named(session, app.workspace_id, name)
        service.disable(session, row, _actor(), app.now(), Disabled.BY_HAND)
        told = record(row)
    _done(output, told, f"{name} is sent nothing.", as_json)


@subscribers.command(example="loyalty-bridge subscribers remove erp")
@name_argument
@yes_option
@json_option
@with_application
def remove(app: Application, output: Output, name: str, yes: bool, as_json: bool) -> None:
    """Forget NAME and its messages, sent or not."""
    with app.database.reading() as session:
        told = record(service.named(session, app.workspace_id, name))
    question = f"Forget {name}, and what it was not sent yet?"
    if not yes and not output.confirm(question, otherwise="--yes"):
        output.line("Nothing was removed.")
        return
    with app.database.writing() as session:
        row = service.named(session, app.workspace_id, name)
        service.remove(session, row, _actor(), app.now())
    _done(output, told, f"{name} is removed.", as_json)


def record(row: Subscriber) -> dict[str, Any]:
    """One subscriber for a script, without its secret."""
    return {
        "id": row.id,
        "name": row.name,
        "url": row.url,
        "types": row.types,
        "with_email": row.with_email,
        "disabled": row.disabled or None,
        "failing_since": stamp(row.failing_since),
        "delivered_at": stamp(row.delivered_at),
        "made_by": row.made_by,
        "made_at": stamp(row.made_at),
    }


def message_record(one: SubscriberMessage, name: str) -> dict[str, Any]:
    return {
        "id": one.id,
        "subscriber": name,
        "webhook_id": one.webhook_id,
        "type": one.type,
        "at": stamp(one.at),
        "state": MessageState(one.state).value,
        "attempts": one.attempts,
        "not_before": stamp(one.not_before) if one.state == MessageState.WAITING else None,
        "delivered_at": stamp(one.delivered_at),
        "status": one.status,
        "error": one.error or None,
    }


def state(row: Subscriber) -> str:
    if row.disabled:
        return {
            Disabled.BY_HAND.value: "disabled",
            Disabled.GONE.value: "disabled: it answered 410",
            Disabled.FAILING.value: "disabled: it took nothing for five days",
        }[row.disabled]
    return "takes nothing now" if row.failing_since is not None else "in order"


def _types(row: Subscriber) -> str:
    return "everything" if len(row.types) == len(EventType) else ", ".join(row.types)


def _when(moment: Any) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC" if moment is not None else ""


def _done(output: Output, told: dict[str, Any], text: str, as_json: bool) -> None:
    if as_json:
        output.json(told)
    else:
        output.line(text)


def _actor() -> Actor:
    return Actor(by())
