"""`referral`: the link a member gives to friends, and what it brought."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import click

from bridge.application import Application
from bridge.cli.frame import Group, json_option, with_application
from bridge.cli.members import who_argument
from bridge.cli.output import Output
from bridge.members.finding import described, member_named
from bridge.referrals.codes import codes_of, link
from bridge.referrals.giving import own_code
from bridge.referrals.looking import stats_of
from bridge.referrals.models import ReferralCode


@click.group(
    cls=Group,
    example=(
        "loyalty-bridge referral code ada@example.com",
        "loyalty-bridge referral stats ada@example.com",
    ),
)
def referral() -> None:
    """Give members and partners their codes, and see what they brought."""


@referral.command(
    example=(
        "loyalty-bridge referral code ada@example.com",
        "loyalty-bridge referral code club@example.com --partner club --as CLUB-10",
    )
)
@who_argument
@click.option("--partner", default="", metavar="KEY", help="The programme's partner agreement.")
@click.option(
    "--as", "wished", default="", metavar="CODE", help="What the code reads; default: by chance."
)
@json_option
@with_application
def code(
    app: Application, output: Output, who: str, partner: str, wished: str, as_json: bool
) -> None:
    """Show the code and link of the member EMAIL, made when there is none; with --partner, the
    code of an agreement that he owns."""
    with app.database.writing() as session:
        member = member_named(session, app.workspace_id, who)
        found = own_code(
            session, app.workspace_id, member, app.now(), partner=partner, wished=wished
        )
        (him,) = described(session, app.workspace_id, [member])
    record = _record(app, found) | {"member": member, "email": him.name}
    if as_json:
        output.json(record)
        return
    output.line(str(record["code"]))
    if record["link"]:
        output.line(str(record["link"]))
    else:
        output.note(
            "Set LOYALTY_BRIDGE_PUBLIC_URL to where visitors reach the bridge, to see the link."
        )


@referral.command(
    example=(
        "loyalty-bridge referral stats ada@example.com",
        "loyalty-bridge referral stats ada@example.com --json",
    )
)
@who_argument
@json_option
@with_application
def stats(app: Application, output: Output, who: str, as_json: bool) -> None:
    """Count what the member EMAIL brought: clicks, sign-ups, first orders, rewards."""
    with app.database.reading() as session:
        member = member_named(session, app.workspace_id, who)
        found = stats_of(session, app.workspace_id, member)
        codes = codes_of(session, app.workspace_id, member)
        (him,) = described(session, app.workspace_id, [member])
    if as_json:
        output.json(
            {
                "member": member,
                "email": him.name,
                "codes": [_record(app, one) for one in codes],
                **asdict(found),
            }
        )
        return
    if not codes:
        output.line(f"{him.name} has no code yet: loyalty-bridge referral code {him.name}")
        return
    rows = [
        ("clicks", found.clicks),
        ("asked, not confirmed", found.asked),
        ("sign-ups", found.sign_ups),
        ("first orders", found.first_orders),
        ("waiting for a decision", found.in_review),
        ("rewards", found.rewards),
        ("points for friends", found.points),
        ("vouchers for friends", found.vouchers),
    ]
    if any(one.partner for one in codes):
        rows += [
            ("orders credited as a partner", found.partner_orders),
            ("points as a partner", found.partner_points),
        ]
    output.line(f"{him.name}: {', '.join(one.code for one in codes)}")
    output.table(("what", "count"), [(name, f"{n:,}") for name, n in rows], right=("count",))


def _record(app: Application, code: ReferralCode) -> dict[str, Any]:
    public = app.settings.public_url
    return {
        "code": code.code,
        "link": link(public, code.code) if public else None,
        "partner": code.partner or None,
    }
