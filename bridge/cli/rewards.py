"""`rewards`: the catalogue, who took what of it, and what the staff has to provide."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from typing import Any

import click
from sqlmodel import Session

from bridge.application import Application
from bridge.cli.frame import Group, json_option, with_application
from bridge.cli.members import by, who_argument
from bridge.cli.output import Output
from bridge.cli.points_whose import local, stamp, zone_of
from bridge.kit.errors import BridgeError
from bridge.members.addressees import names_of
from bridge.members.finding import member_named
from bridge.points.models import Holder
from bridge.programme.kinds import clean_text
from bridge.rewards import fulfilling
from bridge.rewards.claiming import Claimed, Claiming
from bridge.rewards.claiming import claim as claim_reward
from bridge.rewards.listing import ListedReward, catalogue, claims
from bridge.rewards.models import RewardClaim

_number = click.argument("number", metavar="CLAIM", type=click.IntRange(1, 2**31 - 1))
_note = click.option("--note", default="", help="A ticket's number, a date, a reason.")


@click.group(
    cls=Group,
    example=(
        "loyalty-bridge rewards list",
        "loyalty-bridge rewards claim ada@example.com fair-ticket",
        'loyalty-bridge rewards fulfil 12 --note "Ticket 4711"',
    ),
)
def rewards() -> None:
    """Look at the reward catalogue, take rewards for members, and provide them.

    The points of a reward that was taken are held until it is provided or cancelled.
    """


@rewards.command(
    "list", example=("loyalty-bridge rewards list", "loyalty-bridge rewards list --json")
)
@json_option
@with_application
def list_(app: Application, output: Output, as_json: bool) -> None:
    """List the catalogue: what each costs, how many are left, how many are to be provided."""
    with app.database.reading() as session:
        found = catalogue(session, app.workspace_id, app.now())
    if as_json:
        output.json([_reward_record(one) for one in found])
        return
    if not found:
        raise BridgeError("The programme has no rewards: write some under `rewards`.")
    output.table(
        ("reward", "name", "kind", "points", "left", "to provide", "provided"),
        [
            (
                one.key,
                one.name + _unavailable(one),
                one.reward.kind if one.reward else "",
                f"{one.reward.points:,}" if one.reward else "",
                "" if one.left is None else f"{one.left:,}",
                f"{one.open_claims:,}",
                f"{one.fulfilled:,}",
            )
            for one in found
        ],
        right=("points", "left", "to provide", "provided"),
    )


@rewards.command(
    example=("loyalty-bridge rewards queue", "loyalty-bridge rewards queue --all --json")
)
@click.option("--all", "every", is_flag=True, help="What was provided or cancelled too.")
@click.option("--limit", type=click.IntRange(1), default=100, show_default=True)
@json_option
@with_application
def queue(app: Application, output: Output, every: bool, limit: int, as_json: bool) -> None:
    """List what is to be provided, oldest first."""
    with app.database.reading() as session:
        found = claims(session, app.workspace_id, every=every, limit=limit)
        records = _records(session, app, found)
        zone = zone_of(session, app)
    if as_json:
        output.json(records)
        return
    if not records:
        output.line("Nothing was taken yet." if every else "Nothing is to be provided.")
        return
    output.table(
        ("claim", "when", "reward", "member", "points", "state", "note"),
        [
            (
                str(one.id),
                local(one.claimed_at, zone),
                one.name,
                shown["who"],
                f"{one.points:,}",
                one.state,
                one.note,
            )
            for one, shown in zip(found, records, strict=True)
        ],
        right=("claim", "points"),
    )
    if len(found) == limit:
        output.note(f"The first {limit:,} are listed: see --limit.")


@rewards.command(
    example=(
        "loyalty-bridge rewards claim ada@example.com fair-ticket",
        'loyalty-bridge rewards claim ada@example.com training --note "in May" --request web-17',
    )
)
@who_argument
@click.argument("reward")
@_note
@click.option(
    "--request",
    help="Makes it happen once, however often it is told. Default: a new one each time.",
)
@json_option
@with_application
def claim(
    app: Application,
    output: Output,
    who: str,
    reward: str,
    note: str,
    request: str | None,
    as_json: bool,
) -> None:
    """Take the REWARD (its key) for the member EMAIL: its points are held for it."""
    with app.database.writing() as session:
        member_id = member_named(session, app.workspace_id, who)
        asked = Claiming(
            str(uuid.uuid4()) if request is None else _text("--request", request),
            member_id,
            reward,
            _text("--note", note) if note else "",
        )
        done = claim_reward(session, app.workspace_id, asked, app.now())
        (record,) = _records(session, app, [done.claim])
    _told(output, done, record, as_json, "{points:,} points of {who} are held for {name}.")


@rewards.command(example=('loyalty-bridge rewards fulfil 12 --note "Ticket 4711"',))
@_number
@_note
@json_option
@with_application
def fulfil(app: Application, output: Output, number: int, note: str, as_json: bool) -> None:
    """Say that the member has what CLAIM (a number of `rewards queue`) is about: its points are
    spent."""
    _decide(app, output, fulfilling.fulfil, number, note, as_json, "{who} has {name}.")


@rewards.command(example=('loyalty-bridge rewards cancel 12 --note "Sold out at the fair"',))
@_number
@_note
@json_option
@with_application
def cancel(app: Application, output: Output, number: int, note: str, as_json: bool) -> None:
    """Cancel CLAIM: its points are the member's again, its piece is back in stock."""
    words = "{who} has {points:,} points again."
    _decide(app, output, fulfilling.cancel, number, note, as_json, words)


def _decide(
    app: Application,
    output: Output,
    do: Callable[..., Claimed],
    number: int,
    note: str,
    as_json: bool,
    words: str,
) -> None:
    text = _text("--note", note) if note else ""
    with app.database.writing() as session:
        done = do(session, app.workspace_id, number, by(), text, app.now())
        (record,) = _records(session, app, [done.claim])
    _told(output, done, record, as_json, words)


def _told(output: Output, done: Claimed, record: dict[str, Any], as_json: bool, words: str) -> None:
    if as_json:
        output.json({**record, "is_new": done.is_new})
        return
    if not done.is_new:
        output.line(f"Claim {done.claim.id} was told before: nothing was changed.")
    output.line(f"Claim {done.claim.id}: {words.format(**record)}")


def _text(option: str, text: str) -> str:
    try:
        return clean_text(text)
    except ValueError as error:
        raise click.UsageError(f"{option} {error}.") from None


def _records(
    session: Session, app: Application, found: Iterable[RewardClaim]
) -> list[dict[str, Any]]:
    found = list(found)
    members = [(Holder.MEMBER, one) for one in sorted({one.member_id for one in found})]
    names = names_of(session, app.workspace_id, members)
    return [
        {
            "claim": one.id,
            "request": one.request_id,
            "reward": one.reward,
            "name": one.name,
            "member": one.member_id,
            "who": names[Holder.MEMBER, one.member_id],
            "points": one.points,
            "state": one.state,
            "claimed_at": stamp(one.claimed_at),
            "decided_at": stamp(one.decided_at),
            "decided_by": one.decided_by or None,
            "note": one.note or None,
        }
        for one in found
    ]


def _unavailable(one: ListedReward) -> str:
    if one.is_offered:
        return ""
    return " (sold out)" if one.left == 0 else " (not offered now)"


def _reward_record(one: ListedReward) -> dict[str, Any]:
    reward = one.reward
    return {
        "reward": one.key,
        "name": one.name,
        "kind": reward.kind if reward else None,
        "points": reward.points if reward else None,
        "about": reward.about if reward else None,
        "stock": reward.stock if reward else None,
        "left": one.left,
        "is_offered": one.is_offered,
        "to_provide": one.open_claims,
        "provided": one.fulfilled,
    }
