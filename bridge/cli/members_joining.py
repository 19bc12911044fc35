"""`members join` and `members leave`: a person's word on who takes part in the programme."""

from __future__ import annotations

import click

from bridge.application import Application
from bridge.cli.frame import Command, json_option, with_application
from bridge.cli.members import by, who_argument
from bridge.cli.output import Output
from bridge.members.finding import member_named
from bridge.members.joining import Said, leave, take_in


@click.command(cls=Command, example=("loyalty-bridge members join ada@example.com",))
@who_argument
@json_option
@with_application
def join(app: Application, output: Output, who: str, as_json: bool) -> None:
    """Take the member EMAIL into the programme: by invitation, or again after he had left.

    Everybody takes part unless the programme says otherwise under `joining`.
    """
    with app.database.writing() as session:
        member_id = member_named(session, app.workspace_id, who)
        said = take_in(session, app.workspace_id, member_id, by(), app.now())
    _told(output, said, as_json, "takes part", "takes part already: nothing was changed")


@click.command("leave", cls=Command, example=("loyalty-bridge members leave ada@example.com",))
@who_argument
@json_option
@with_application
def leave_(app: Application, output: Output, who: str, as_json: bool) -> None:
    """Let the member EMAIL leave the programme, however he came in.

    What points and vouchers he has stay his; he gets no more, and cannot redeem points, until
    he is taken in again.
    """
    with app.database.writing() as session:
        member_id = member_named(session, app.workspace_id, who)
        said = leave(session, app.workspace_id, member_id, by(), app.now())
    _told(output, said, as_json, "takes no part", "had left already: nothing was changed")


def _told(output: Output, said: Said, as_json: bool, done: str, before: str) -> None:
    if as_json:
        output.json({"member": said.member_id, "is_new": said.is_new})
        return
    output.line(f"Member #{said.member_id} {done if said.is_new else before}.")
