"""`privacy`: what is known of a member, told or taken away over all shops."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
from pydantic import ValidationError
from sqlmodel import Session

from bridge.application import Application
from bridge.audit.service import Actor, Subject, record
from bridge.cli.frame import Group, json_option, with_application, yes_option
from bridge.cli.members import by, who_argument
from bridge.cli.output import Output, plural
from bridge.cli.points_whose import stamp
from bridge.consents.service import consents as consents_of
from bridge.kit.errors import BridgeError
from bridge.members.finding import member_named
from bridge.members.joining import merged_into
from bridge.preferences.sections import Retention
from bridge.preferences.service import preferences, set_preferences
from bridge.privacy import erasing, inactive
from bridge.privacy.models import Erasure, ErasureState
from bridge.privacy.person import AlreadyErased
from bridge.privacy.preview import Preview, preview
from bridge.privacy.telling import as_zip, tell


@click.group(
    cls=Group,
    example=(
        "loyalty-bridge privacy export ada@example.com --to ada.zip",
        "loyalty-bridge privacy erase ada@example.com",
    ),
)
def privacy() -> None:
    """Tell a member all that is known of him, erase him, and say what is forgotten by itself."""


@privacy.command(example="loyalty-bridge privacy export ada@example.com --to ada.zip")
@who_argument
@click.option(
    "--to",
    "path",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help="The file to write: a ZIP with data.json and a table (CSV) for each part.",
)
@with_application
def export(app: Application, output: Output, who: str, path: Path) -> None:
    """Write everything known of the member EMAIL, over all shops, into one file."""
    if path.exists():
        raise BridgeError(f"There is a file {path} already: name another one, or remove it.")
    member_id = _member(app, who)
    with app.database.reading() as session:
        told = tell(session, app.workspace_id, app.workspace, member_id, app.now())
    path.touch(mode=0o600)
    path.write_bytes(as_zip(told))
    with app.database.writing() as session:
        subject = Subject("member", str(member_id), f"member #{member_id}")
        record(session, app.workspace_id, _actor(), "privacy.exported", subject, app.now())
    rows = sum(len(one) for one in told.sections.values())
    output.line(f"{plural(rows, 'row')} of member #{member_id} in {path}.")
    output.note("It is all that is known of him: hand it to nobody else, and delete it then.")


@privacy.command(
    example=(
        "loyalty-bridge privacy erase ada@example.com",
        "loyalty-bridge privacy erase '#12' --dry-run",
    )
)
@who_argument
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
@yes_option
@with_application
def erase(app: Application, output: Output, who: str, dry_run: bool, yes: bool) -> None:
    """Erase the member EMAIL over all shops, for good.

    His points are written off, his open vouchers withdrawn, his data is taken away; the books
    stay under a number. Erase him in the shops themselves as well.
    """
    member_id = _member(app, who)
    with app.database.reading() as session:
        found = preview(session, app.workspace_id, member_id)
    if found.erased_at is None or _is_begun(app, member_id):
        for line in _told(found):
            output.line(line)
    elif not dry_run:
        raise AlreadyErased(member_id)
    if dry_run:
        return
    if not yes:
        typed = click.prompt(f"There is no way back. Type #{member_id} to erase him", default="")
        if typed.strip() != f"#{member_id}":
            raise BridgeError("Nothing was erased.")
    erasure = erasing.erase(app.database, app.workspace_id, member_id, _actor(), app.now)
    output.line(f"Member #{member_id} is erased (erasure {erasure.id}).")
    if erasure.state == ErasureState.FINISHING:
        output.note("Shops that show his points are told by the next work; then it is finished.")


@privacy.command(
    example=("loyalty-bridge privacy requests", "loyalty-bridge privacy requests --refuse 3")
)
@click.option("--refuse", "refused", type=int, metavar="ID", help="Refuse this request.")
@click.option("--why", default="", help="What stands against it, for the list.")
@json_option
@with_application
def requests(
    app: Application, output: Output, refused: int | None, why: str, as_json: bool
) -> None:
    """List who was erased or asked for it, newest first; members ask on their own pages."""
    if refused is not None:
        with app.database.writing() as session:
            erasing.refuse(session, app.workspace_id, refused, _actor(), why, app.now())
    with app.database.reading() as session:
        found = erasing.erasures(session, app.workspace_id, limit=500)
    if as_json:
        output.json([_record(one) for one in found])
        return
    if not found:
        output.line("There is none.")
        return
    output.table(
        ("id", "member", "state", "asked", "by", "finished"),
        [
            (
                str(one.id),
                f"#{one.member_id}",
                one.state,
                f"{one.asked_at:%Y-%m-%d}",
                one.asked_by,
                f"{one.finished_at:%Y-%m-%d}" if one.finished_at else "",
            )
            for one in found
        ],
        right=("id",),
    )


@privacy.command(example="loyalty-bridge privacy consents ada@example.com")
@who_argument
@json_option
@with_application
def consents(app: Application, output: Output, who: str, as_json: bool) -> None:
    """List what the member EMAIL agreed to and took back: when, how, and to which text."""
    member_id = _member(app, who)
    with app.database.reading() as session:
        everyone = merged_into(session, app.workspace_id, [member_id])
        found = consents_of(session, app.workspace_id, everyone)
    if as_json:
        output.json(
            [
                {
                    "purpose": one.purpose,
                    "is_given": one.is_given,
                    "at": stamp(one.at),
                    "way": one.way,
                    "text": one.text,
                    "by": one.by,
                }
                for one in found
            ]
        )
        return
    if not found:
        output.line("He was asked for nothing yet.")
        return
    output.table(
        ("when", "what", "said", "how", "text"),
        [
            (
                f"{one.at:%Y-%m-%d %H:%M}",
                one.purpose,
                "yes" if one.is_given else "no",
                one.way,
                one.text,
            )
            for one in found
        ],
    )


_MONTHS = click.IntRange(0)


@privacy.command(
    example=(
        "loyalty-bridge privacy retention",
        "loyalty-bridge privacy retention --letters 12 --inactive 36",
    )
)
@click.option("--inbox", type=_MONTHS, metavar="DAYS", help="What shops told. 0: as the server is.")
@click.option("--letters", type=_MONTHS, metavar="MONTHS", help="What letters said. 0: for ever.")
@click.option(
    "--addresses",
    type=_MONTHS,
    metavar="MONTHS",
    help="Network addresses in the audit log. 0: for ever.",
)
@click.option(
    "--inactive",
    "silent",
    type=_MONTHS,
    metavar="MONTHS",
    help="Members who did nothing for so long and have nothing left are listed. 0: none are.",
)
@click.option(
    "--erase-inactive/--list-inactive",
    "erases",
    default=None,
    help="Whether those are erased by themselves.",
)
@json_option
@with_application
def retention(
    app: Application,
    output: Output,
    inbox: int | None,
    letters: int | None,
    addresses: int | None,
    silent: int | None,
    erases: bool | None,
    as_json: bool,
) -> None:
    """Say what is forgotten by itself once it is old, or show it; and who was silent for long."""
    given = {
        "inbox_days": inbox,
        "letters_months": letters,
        "addresses_months": addresses,
        "inactive_months": silent,
        "erases_inactive": erases,
    }
    changes = {name: value for name, value in given.items() if value is not None}
    rules = _set(app, changes) if changes else _rules(app)
    with app.database.reading() as session:
        found = inactive.kept(session, app.workspace_id)
    members = list(found.member_ids) if found is not None else []
    if as_json:
        output.json({**rules.model_dump(mode="json"), "inactive": members})
        return
    for line in _rules_told(rules):
        output.line(line)
    if rules.inactive_months is not None and found is not None:
        names = ", ".join(f"#{one}" for one in members[:20])
        output.line(
            f"{plural(len(members), 'member')} at the last look{': ' if names else '.'}{names}"
        )


# -- settings -------------------------------------------------------------------------------


def _rules(app: Application) -> Retention:
    with app.database.reading() as session:
        return preferences(session, app.workspace_id, Retention)


def _set(app: Application, changes: dict[str, Any]) -> Retention:
    with app.database.writing() as session:
        before = preferences(session, app.workspace_id, Retention)
        told = {
            name: (value or None) if name != "erases_inactive" else value
            for name, value in changes.items()
        }
        try:
            wanted = Retention.model_validate({**before.model_dump(), **told})
        except ValidationError as error:
            first = error.errors()[0]
            raise BridgeError(f"{first['loc'][0]}: {first['msg']}.") from None
        set_preferences(session, app.workspace_id, wanted, _actor(), app.now())
    return wanted


def _rules_told(rules: Retention) -> Iterator[str]:
    def after(value: int | None, unit: str, never: str) -> str:
        return f"after {plural(value, unit)}" if value is not None else never

    yield f"What shops told: {after(rules.inbox_days, 'day', 'as the server is set up')}"
    yield f"What letters said: {after(rules.letters_months, 'month', 'never')}"
    yield f"Network addresses: {after(rules.addresses_months, 'month', 'never')}"
    what = "erased" if rules.erases_inactive else "listed"
    yield f"Silent members are {what}: {after(rules.inactive_months, 'month', 'never')}"


# -- words ----------------------------------------------------------------------------------


def _told(found: Preview) -> Iterator[str]:
    yield f"Member #{found.member_id} will be erased over all shops:"
    parts: list[tuple[int, Callable[[int], str]]] = [
        (found.customers, lambda n: f"{plural(n, 'customer')} of the shops forgotten"),
        (found.orders, lambda n: f"{plural(n, 'order')} kept without his name"),
        (found.points, lambda n: f"{plural(n, 'point')} written off"),
        (found.debt, lambda n: f"{plural(n, 'point')} that he owes let go"),
        (found.vouchers, lambda n: f"{plural(n, 'open voucher')} withdrawn"),
        (found.rewards, lambda n: f"{plural(n, 'open reward')} cancelled"),
    ]
    for count, words in parts:
        if count:
            yield f"  {words(count)}"
    if found.company:
        yield f"  he leaves {found.company}; points that it holds stay there"
    if found.others:
        names = ", ".join(f"#{one}" for one in found.others)
        yield f"Not erased with him: {names}, with the same address in a shop."
    if found.is_in_programme:
        yield "The programme names his address: take it out there."


def _record(one: Erasure) -> dict[str, Any]:
    return {
        "id": one.id,
        "member": one.member_id,
        "state": one.state,
        "asked_at": stamp(one.asked_at),
        "asked_by": one.asked_by,
        "decided_at": stamp(one.decided_at),
        "note": one.note,
        "finished_at": stamp(one.finished_at),
        "counts": one.counts,
    }


def _member(app: Application, who: str) -> int:
    def found(session: Session) -> int:
        return member_named(session, app.workspace_id, who)

    with app.database.reading() as session:
        return found(session)


def _is_begun(app: Application, member_id: int) -> bool:
    with app.database.reading() as session:
        return erasing.open_of(session, app.workspace_id, member_id) is not None


def _actor() -> Actor:
    return Actor(f"{by()} (command line)")
