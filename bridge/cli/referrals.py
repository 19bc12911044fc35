"""`referrals`: every friend that was brought, and what waits for a decision."""

from __future__ import annotations

from typing import Any

import click

from bridge.application import Application
from bridge.cli.frame import Group, json_option, with_application
from bridge.cli.members import by
from bridge.cli.output import Output
from bridge.cli.points_whose import stamp
from bridge.referrals.looking import ListedReferral, listed
from bridge.referrals.models import ReferralState
from bridge.referrals.reviewing import accept as accept_one
from bridge.referrals.reviewing import refuse as refuse_one
from bridge.referrals.sending import dead_letters

_STATES = [state.value for state in ReferralState]


@click.group(
    cls=Group,
    example=(
        "loyalty-bridge referrals list",
        "loyalty-bridge referrals review",
        'loyalty-bridge referrals review --refuse 12 --why "one household"',
    ),
)
def referrals() -> None:
    """Look at who was brought, and decide what is odd."""


@referrals.command(
    "list",
    example=(
        "loyalty-bridge referrals list",
        "loyalty-bridge referrals list --state rewarded --json",
    ),
)
@click.option("--state", "states", multiple=True, type=click.Choice(_STATES), help="Only these.")
@click.option("--limit", type=click.IntRange(1), default=100, show_default=True)
@json_option
@with_application
def list_(
    app: Application, output: Output, states: tuple[str, ...], limit: int, as_json: bool
) -> None:
    """List friends, newest first: who brought them, what they bought, what it earned."""
    with app.database.reading() as session:
        found = listed(session, app.workspace_id, states, limit)
        dead = dead_letters(session, app.workspace_id)
    if as_json:
        output.json([_record(one) for one in found])
        return
    if not found:
        output.line("There is none.")
    else:
        output.table(
            ("id", "friend", "brought by", "state", "store", "order", "due", "reward"),
            [
                (
                    str(one.id),
                    one.email,
                    one.referrer,
                    one.state,
                    one.store,
                    one.order,
                    f"{one.due_at:%Y-%m-%d}" if one.due_at else "",
                    one.reward_voucher
                    or (f"{one.reward_points:,} points" * bool(one.reward_points)),
                )
                for one in found
            ],
            right=("id",),
        )
    if len(found) == limit:
        output.note(f"The first {limit:,} are listed: see --limit.")
    for letter in dead:
        output.warn(
            f"The letter `{letter.kind}` of referral {letter.referral_id} was given up: "
            f"{letter.error}."
        )


@referrals.command(
    example=(
        "loyalty-bridge referrals review",
        "loyalty-bridge referrals review --accept 12",
        'loyalty-bridge referrals review --refuse 12 --why "one household"',
    )
)
@click.option("--accept", type=int, metavar="ID", help="Reward the referrer all the same.")
@click.option("--refuse", type=int, metavar="ID", help="No reward, for good.")
@click.option("--why", default="", help="Your reason; needed to refuse.")
@json_option
@with_application
def review(
    app: Application,
    output: Output,
    accept: int | None,
    refuse: int | None,
    why: str,
    as_json: bool,
) -> None:
    """Show what waits for a decision and what is odd about it; decide one."""
    if accept is not None and refuse is not None:
        raise click.UsageError("Choose --accept or --refuse.")
    if refuse is not None and not why.strip():
        raise click.UsageError("Say --why: it is kept with the decision.")
    words = f"{by()}: {why.strip()}" if why.strip() else by()
    if accept is not None:
        with app.database.writing() as session:
            accept_one(session, app.workspace_id, accept, app.keyring, words, app.now())
        output.line(f"Referral {accept} is rewarded.")
    elif refuse is not None:
        with app.database.writing() as session:
            refuse_one(session, app.workspace_id, refuse, words, app.now())
        output.line(f"Referral {refuse} is refused.")
    else:
        _show(app, output, as_json)


def _show(app: Application, output: Output, as_json: bool) -> None:
    with app.database.reading() as session:
        found = listed(session, app.workspace_id, [ReferralState.REVIEW.value], 1_000)
    if as_json:
        output.json([_record(one) for one in found])
        return
    if not found:
        output.line("Nothing waits for a decision.")
    for one in found:
        output.line(
            f"{one.id}: {one.email}, brought by {one.referrer}, bought {one.order} in {one.store}"
        )
        for reason in one.reasons:
            output.line(f"    {reason}")


def _record(one: ListedReferral) -> dict[str, Any]:
    return {
        "id": one.id,
        "email": one.email,
        "state": one.state,
        "code": one.code,
        "partner": one.partner or None,
        "referrer": one.referrer,
        "store": one.store or None,
        "voucher": one.voucher or None,
        "order": one.order or None,
        "reasons": list(one.reasons),
        "reward_points": one.reward_points,
        "reward_voucher": one.reward_voucher or None,
        "asked_at": stamp(one.asked_at),
        "confirmed_at": stamp(one.confirmed_at),
        "ordered_at": stamp(one.ordered_at),
        "due_at": stamp(one.due_at),
        "decided_at": stamp(one.decided_at),
        "decided_by": one.decided_by or None,
    }
