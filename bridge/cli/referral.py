"""`referral`: the link a member gives to friends, and what it brought."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import click
from sqlmodel import Session

from bridge.application import Application
from bridge.cli.frame import Group, json_option, with_application
from bridge.cli.members import who_argument
from bridge.cli.output import Output
from bridge.kit.errors import BridgeError
from bridge.kit.suggestions import did_you_mean
from bridge.members.finding import ManyMembers, UnknownMember, described, member_named
from bridge.members.joining import takes_part
from bridge.programme import service as programmes
from bridge.programme.document import Programme
from bridge.referrals.codes import codes_of, link, make_code
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
        programme = _programme(session, app)
        member = member_named(session, app.workspace_id, who)
        _require(session, app, programme, member, partner)
        found = make_code(
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


def _programme(session: Session, app: Application) -> Programme:
    found = programmes.current(session, app.workspace_id)
    if found is None:
        raise BridgeError("No programme was loaded yet: loyalty-bridge program load FILE")
    return found[1]


def _require(
    session: Session, app: Application, programme: Programme, member: int, partner: str
) -> None:
    """Raises BridgeError when the code would be good for nothing."""
    if not partner:
        if programme.referrals is None:
            raise BridgeError(
                "The programme has no referrals. Write them under `referrals:` and load it with "
                "`loyalty-bridge program load FILE`."
            )
        if not takes_part(session, app.workspace_id, [member], app.now()):
            raise BridgeError(f"Member #{member} does not take part in the programme.")
        return
    agreement = programme.partners.get(partner)
    if agreement is None:
        hint = did_you_mean(partner, programme.partners, nothing="It has none.")
        raise BridgeError(f"The programme has no partner `{partner}`. {hint}")
    try:
        owner = member_named(session, app.workspace_id, agreement.owner)
    except (UnknownMember, ManyMembers) as error:
        raise BridgeError(f"The owner of `{partner}` cannot be found. {error}") from error
    if owner != member:
        raise BridgeError(f"The agreement `{partner}` belongs to {agreement.owner}.")
