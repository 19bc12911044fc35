"""`letters`: what members are written to, what did not go out, and what is sent at all."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from pydantic import ValidationError

from bridge.application import Application
from bridge.audit.service import Actor
from bridge.cli.frame import Group, json_option, with_application
from bridge.cli.members import by
from bridge.cli.output import Output, plural
from bridge.cli.points_whose import stamp
from bridge.kit.errors import BridgeError
from bridge.languages.catalogues import MEMBER_NAMES
from bridge.letters.looking import letter_with_id, listed
from bridge.letters.looking import retry as retry_failed
from bridge.letters.message import Mail
from bridge.letters.models import OFFERED, Letter, LetterKind, LetterState
from bridge.mailing.sending import send_test, written
from bridge.preferences.sections import Earned, Letters
from bridge.preferences.service import preferences, set_preferences

_KINDS = [kind.value for kind in OFFERED]
_LANGUAGES = list(MEMBER_NAMES)


@click.group(
    cls=Group,
    example=(
        "loyalty-bridge letters settings --on welcome --on expiring",
        "loyalty-bridge letters list --failed",
        "loyalty-bridge letters test me@example.com",
    ),
)
def letters() -> None:
    """Write to members: welcome, points, tiers, vouchers, thanks."""


@letters.command(
    "list", example=("loyalty-bridge letters list", "loyalty-bridge letters list --failed --json")
)
@click.option("--failed", is_flag=True, help="Only those that could not be sent.")
@click.option("--waiting", is_flag=True, help="Only those that are still to be sent.")
@click.option("--limit", type=click.IntRange(1), default=100, show_default=True)
@json_option
@with_application
def list_(
    app: Application, output: Output, failed: bool, waiting: bool, limit: int, as_json: bool
) -> None:
    """List letters, newest first, and why those were not sent that were not."""
    if failed and waiting:
        raise click.UsageError("Choose --failed or --waiting.")
    state = LetterState.FAILED if failed else LetterState.WAITING if waiting else None
    with app.database.reading() as session:
        found = listed(session, app.workspace_id, state=state, most=limit)
    if as_json:
        output.json([_record(one) for one in found])
        return
    if not found:
        output.line("There is none.")
        return
    output.table(
        ("id", "about", "member", "made", "state", "attempts", "why"),
        [
            (
                str(one.id),
                one.kind,
                f"#{one.member_id}",
                f"{one.made_at:%Y-%m-%d %H:%M}",
                one.state,
                str(one.attempts),
                one.error,
            )
            for one in found
        ],
        right=("id", "attempts"),
    )
    if len(found) == limit:
        output.note(f"The newest {limit:,} are listed: see --limit.")


@letters.command(example="loyalty-bridge letters show 12")
@click.argument("letter_id", type=int, metavar="ID")
@with_application
def show(app: Application, output: Output, letter_id: int) -> None:
    """Show a letter's text as it would go out now. Nothing is sent."""
    with app.database.reading() as session:
        letter = letter_with_id(session, app.workspace_id, letter_id)
    try:
        found = written(app, letter)
    except LookupError as error:
        raise BridgeError(f"Letter {letter_id} cannot be written: {error}.") from None
    sent = f", sent {letter.sent_at:%Y-%m-%d %H:%M} UTC" if letter.sent_at else ""
    output.line(f"Letter {letter_id}: {letter.kind}, {letter.state}{sent}")
    if not isinstance(found, Mail):
        output.line(f"It would not be sent now: {found.why}.")
        return
    output.line(f"To: {found.to}")
    output.line(f"Subject: {found.subject}")
    output.line()
    output.line(found.text.rstrip())


@letters.command(
    example=("loyalty-bridge letters retry", "loyalty-bridge letters retry 12"),
)
@click.argument("letter_id", type=int, metavar="[ID]", required=False)
@with_application
def retry(app: Application, output: Output, letter_id: int | None) -> None:
    """Send failed letters once more: one, or all of them."""
    with app.database.writing() as session:
        count = retry_failed(session, app.workspace_id, app.now(), letter_id)
    output.line(
        f"{plural(count, 'letter')} will be tried again with the next work."
        if count
        else "No letter failed."
    )


@letters.command(
    example=(
        "loyalty-bridge letters test me@example.com",
        "loyalty-bridge letters test me@example.com --language ja",
    )
)
@click.argument("address")
@click.option("--language", type=click.Choice(_LANGUAGES), help="Of the letter.")
@with_application
def test(app: Application, output: Output, address: str, language: str | None) -> None:
    """Send a letter at once to try the mail server, and say what that answers."""
    answer = send_test(app, address, language or "")
    output.line(f"The mail server took it: {answer}")


@letters.command(
    example=(
        "loyalty-bridge letters settings",
        "loyalty-bridge letters settings --on welcome --on expiring --expiry-days 14",
        "loyalty-bridge letters settings --store-language north/main=de --imprint imprint.txt",
    )
)
@click.option("--on", multiple=True, type=click.Choice(_KINDS), help="Send these from now on.")
@click.option("--off", multiple=True, type=click.Choice(_KINDS), help="Send these no more.")
@click.option(
    "--earned",
    type=click.Choice([one.value for one in Earned]),
    help="Tell of points once a day, or of each cause by itself.",
)
@click.option("--hour", type=int, help="When daily letters go out, in the programme's time zone.")
@click.option("--expiry-days", type=int, help="How long before points expire.")
@click.option("--language", type=click.Choice(_LANGUAGES), help="Where a store has none.")
@click.option(
    "--store-language",
    "stores",
    multiple=True,
    metavar="STORE=LANGUAGE",
    help="Of one store's members, like north/main=de; north/main= takes it back.",
)
@click.option("--reply-to", metavar="ADDRESS", help="Where answers go; empty: to the sender.")
@click.option(
    "--imprint",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A text file for the foot of each letter: who sends it, and where he can be reached.",
)
@click.option("--per-minute", type=int, help="Letters a minute, at most.")
@json_option
@with_application
def settings(
    app: Application,
    output: Output,
    /,
    on: tuple[str, ...],
    off: tuple[str, ...],
    stores: tuple[str, ...],
    imprint: Path | None,
    as_json: bool,
    **values: Any,
) -> None:
    """Show what is sent and how, or change it."""
    given = {name: value for name, value in values.items() if value is not None}
    if imprint is not None:
        given["imprint"] = _text_in(imprint)
    with app.database.writing() as session:
        before = preferences(session, app.workspace_id, Letters)
        wanted = _wanted(before, on, off, stores, given)
        set_preferences(session, app.workspace_id, wanted, Actor(by()), app.now())
    if as_json:
        output.json(wanted.model_dump(mode="json"))
        return
    _show(output, wanted)


def _text_in(path: Path) -> str:
    try:
        return path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise click.UsageError(f"{path} is no text in UTF-8 that can be read.") from None


def _wanted(
    before: Letters,
    on: Sequence[str],
    off: Sequence[str],
    stores: Sequence[str],
    given: dict[str, Any],
) -> Letters:
    """Raises UsageError."""
    both = set(on) & set(off)
    if both:
        raise click.UsageError(f"--on and --off both name {', '.join(sorted(both))}.")
    languages = dict(before.languages)
    for one in stores:
        store, is_given, language = one.partition("=")
        if not is_given or "/" not in store:
            raise click.UsageError("Write --store-language like north/main=de.")
        languages.pop(store, None)
        if language:
            languages[store] = language
    kinds = (set(before.kinds) | {LetterKind(one) for one in on}) - {LetterKind(one) for one in off}
    changed = {"kinds": frozenset(kinds), "languages": languages, **given}
    try:
        return Letters.model_validate(before.model_dump() | changed)
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0]).replace("_", "-")
        raise click.UsageError(f"{name}: {first['msg'].removeprefix('Value error, ')}.") from None


def _show(output: Output, wanted: Letters) -> None:
    on = [kind.value for kind in OFFERED if kind in wanted.kinds]
    languages = [f"{store}: {language}" for store, language in sorted(wanted.languages.items())]
    rows = [
        ("sent", ", ".join(on) or "nothing"),
        ("points earned are told", wanted.earned.value),
        ("daily letters at", f"{wanted.hour}:00"),
        ("points that expire", f"{plural(wanted.expiry_days, 'day')} before"),
        ("language", "; ".join([wanted.language, *languages])),
        ("answers go to", wanted.reply_to or "the sender"),
        ("letters a minute", f"{wanted.per_minute:,} at most"),
        ("foot", wanted.imprint.replace("\n", " / ") or "none"),
    ]
    output.table(("letters", ""), rows)
    if on and not wanted.imprint:
        output.warn(
            "Letters have no foot that says who sends them: many countries' law asks for one. "
            "See --imprint."
        )


def _record(one: Letter) -> dict[str, Any]:
    return {
        "id": one.id,
        "kind": one.kind,
        "cause": one.cause,
        "member": one.member_id,
        "state": one.state,
        "attempts": one.attempts,
        "made_at": stamp(one.made_at),
        "not_before": stamp(one.not_before),
        "sent_at": stamp(one.sent_at),
        "error": one.error or None,
    }
