"""`users`: who may sign in to the web app, and links that let people in."""

from __future__ import annotations

from typing import Any

import click
from sqlmodel import Session

from bridge.api_tokens.service import open_tokens_by
from bridge.application import Application
from bridge.audit.service import Actor
from bridge.cli.frame import Group, json_option, with_application, yes_option
from bridge.cli.members import by
from bridge.cli.output import Output
from bridge.kit.errors import BridgeError
from bridge.users import administering, links
from bridge.users.administrations import administrations, name_of
from bridge.users.models import UserLink
from bridge.users.roles import Role
from bridge.users.service import Colleague, colleagues, user_of

ROLES = click.Choice([role.value for role in Role])

email_argument = click.argument("email", metavar="EMAIL")


@click.group(
    cls=Group,
    example=(
        "loyalty-bridge users list",
        "loyalty-bridge users invite ben@example.com --role support",
        "loyalty-bridge users link ada@example.com --without-factor",
    ),
)
def users() -> None:
    """Say who may sign in to the web app. Each change stands in the audit log, as by command.

    Roles: owner (everything), manager (everything but users and settings), support (sees all,
    adjusts points within a limit), sales (the members he looks after), viewer (changes nothing).
    The first owner comes by the link that `loyalty-bridge run` prints.
    """


@users.command("list", example=("loyalty-bridge users list", "loyalty-bridge users list --json"))
@json_option
@with_application
def list_(app: Application, output: Output, as_json: bool) -> None:
    """Show who sees this workspace, and who is invited to."""
    with app.database.reading() as session:
        people = colleagues(session, app.workspace_id)
        doors = administrations(session, app.workspace_id)
        waiting = links.invitations(session, app.workspace_id, app.now())
    if as_json:
        output.json(
            {
                "users": [_record(one) for one in people],
                "administrations": [{"store": one.store, "role": one.role.value} for one in doors],
                "invited": [_invited(one) for one in waiting],
            }
        )
        return
    if not people and not waiting and not doors:
        output.line("Nobody yet: `loyalty-bridge run` prints a link for the first owner.")
        return
    output.table(
        ("email", "name", "role", "adjusts up to", "second factor", "state"),
        [_row(one) for one in people],
        right=("adjusts up to",),
    )
    for door in doors:
        output.line(f"{name_of(door.store)}: {door.role.value}, whoever opens the bridge there.")
    for one in waiting:
        output.line(f"Invited: {one.email} as {one.role}, until {one.ends_at:%Y-%m-%d %H:%M} UTC.")


@users.command(example="loyalty-bridge users invite ben@example.com --role support")
@email_argument
@click.option("--role", type=ROLES, default=Role.VIEWER.value, show_default=True)
@json_option
@with_application
def invite(app: Application, output: Output, email: str, role: str, as_json: bool) -> None:
    """Print a link that makes an account, once, within a week; hand it over yourself.

    Who has an account already signs in with it, and gets the role as well.
    """
    with app.database.writing() as session:
        token = administering.invite(
            session, app.workspace_id, email, Role(role), app.workspace, _actor(), app.now()
        )
    _show_link(app, output, token, as_json)


@users.command(
    example=(
        "loyalty-bridge users link ada@example.com",
        "loyalty-bridge users link ada@example.com --without-factor",
    )
)
@email_argument
@click.option(
    "--without-factor",
    is_flag=True,
    help="The link also turns the second factor off: the telephone is lost.",
)
@json_option
@with_application
def link(app: Application, output: Output, email: str, without_factor: bool, as_json: bool) -> None:
    """Print a link to a new password, good once, for an hour. All sessions end with it."""
    with app.database.writing() as session:
        user = user_of(session, email)
        is_disabled = user.is_disabled
        token = administering.password_link(
            session, app.workspace_id, user, _actor(), app.now(), without_factor=without_factor
        )
    if is_disabled:
        output.warn(f"{email} is disabled: see `loyalty-bridge users enable --help`.")
    _show_link(app, output, token, as_json)


@users.command(
    example=(
        "loyalty-bridge users role ben@example.com manager",
        "loyalty-bridge users role ben@example.com support --adjust-limit 500",
    )
)
@email_argument
@click.argument("role", type=ROLES)
@click.option(
    "--adjust-limit",
    type=click.IntRange(0),
    help="Points a day that he adjusts alone; more waits for a second person. Default: as it was.",
)
@click.option("--no-adjust-limit", is_flag=True, help="As many as the workspace allows.")
@json_option
@with_application
def role(
    app: Application,
    output: Output,
    email: str,
    role: str,
    adjust_limit: int | None,
    no_adjust_limit: bool,
    as_json: bool,
) -> None:
    """Give somebody who has an account another role in this workspace, or a first one."""
    if no_adjust_limit and adjust_limit is not None:
        raise click.UsageError("Say --adjust-limit or --no-adjust-limit, not both.")
    with app.database.writing() as session:
        user = user_of(session, email)
        present = administering.role_here(session, app.workspace_id, user)
        if adjust_limit is None and present is not None and not no_adjust_limit:
            adjust_limit = present.adjust_limit
        administering.change_role(
            session, app.workspace_id, user, Role(role), adjust_limit, _actor(), app.now()
        )
    _show(app, output, email, f"{email} is {role} now.", as_json)


@users.command(example="loyalty-bridge users remove ben@example.com --yes")
@email_argument
@yes_option
@json_option
@with_application
def remove(app: Application, output: Output, email: str, yes: bool, as_json: bool) -> None:
    """Take somebody's role in this workspace away. His account and other workspaces stay."""
    question = f"{email} will see nothing of the workspace {app.workspace} any more. Go on?"
    if not yes and not output.confirm(question, otherwise="--yes"):
        output.line("Nothing was changed.")
        return
    with app.database.writing() as session:
        user = user_of(session, email)
        administering.remove(session, app.workspace_id, user, _actor(), app.now())
        left = open_tokens_by(session, app.workspace_id, user.email, app.now())
    if left:
        output.note(
            f"API tokens that {email} made go on working: {', '.join(left)}. If somebody who left "
            "may know one, revoke it: loyalty-bridge tokens revoke NUMBER"
        )
    _done(output, f"{email} sees nothing of this workspace any more.", {"removed": email}, as_json)


@users.command(example="loyalty-bridge users disable ben@example.com")
@email_argument
@json_option
@with_application
def disable(app: Application, output: Output, email: str, as_json: bool) -> None:
    """Sign somebody out everywhere and let him in nowhere, whatever the workspace."""
    with app.database.writing() as session:
        user = user_of(session, email)
        administering.disable(session, app.workspace_id, user, _actor(), app.now())
    _done(output, f"{email} is signed out and cannot sign in.", {"disabled": email}, as_json)


@users.command(example="loyalty-bridge users enable ben@example.com")
@email_argument
@json_option
@with_application
def enable(app: Application, output: Output, email: str, as_json: bool) -> None:
    """Let somebody who was disabled sign in again."""
    with app.database.writing() as session:
        user = user_of(session, email)
        administering.enable(session, app.workspace_id, user, _actor(), app.now())
    _done(output, f"{email} can sign in again.", {"enabled": email}, as_json)


# -- parts ----------------------------------------------------------------------------------


def _actor() -> Actor:
    return Actor(by())


def _show_link(app: Application, output: Output, token: str, as_json: bool) -> None:
    """As visitors reach the bridge; without a public address, as this machine does."""
    settings = app.settings
    base = settings.public_url.rstrip("/") or f"http://{settings.host}:{settings.port}"
    address = f"{base}/welcome/{token}"
    if as_json:
        output.json({"link": address})
        return
    output.line(address)
    output.note("Hand it over yourself: whoever opens it first is let in. It works once.")
    if not settings.public_url:
        output.note("LOYALTY_BRIDGE_PUBLIC_URL says how visitors reach the bridge from outside.")


def _show(app: Application, output: Output, email: str, said: str, as_json: bool) -> None:
    with app.database.reading() as session:
        found = _colleague(session, app, email)
    _done(output, said, _record(found), as_json)


def _colleague(session: Session, app: Application, email: str) -> Colleague:
    user = user_of(session, email)
    for one in colleagues(session, app.workspace_id):
        if one.user.id == user.id:
            return one
    raise BridgeError(f"{email} was removed meanwhile.")


def _done(output: Output, said: str, record: dict[str, Any], as_json: bool) -> None:
    if as_json:
        output.json(record)
    else:
        output.line(said)


def _record(one: Colleague) -> dict[str, Any]:
    return {
        "email": one.user.email,
        "name": one.user.name,
        "role": one.role.value,
        "adjust_limit": one.adjust_limit,
        "second_factor": bool(one.user.totp_secret),
        "disabled": one.user.is_disabled,
        "accounts": one.accounts,
    }


def _invited(one: UserLink) -> dict[str, Any]:
    return {"email": one.email, "role": one.role, "ends_at": one.ends_at.isoformat()}


def _row(one: Colleague) -> tuple[str, ...]:
    return (
        one.user.email,
        one.user.name,
        one.role.value,
        "" if one.adjust_limit is None else f"{one.adjust_limit:,}",
        "on" if one.user.totp_secret else "off",
        "disabled" if one.user.is_disabled else "",
    )
