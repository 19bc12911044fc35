"""`campaigns`: what the programme gives on occasions, and giving it now."""

from __future__ import annotations

from contextlib import closing
from datetime import datetime
from typing import Any

import click

from bridge.application import Application
from bridge.campaigns.due import foresee, run_campaign
from bridge.campaigns.listing import ListedCampaign, listed
from bridge.cli.frame import Group, json_option, with_application
from bridge.cli.output import Output
from bridge.engine import intake
from bridge.engine.bench import open_bench
from bridge.kit.errors import BridgeError
from bridge.members.addressees import names_of
from bridge.points.models import Holder

_MOST_NAMED = 20


@click.group(
    cls=Group,
    example=("loyalty-bridge campaigns list", "loyalty-bridge campaigns run win-back --dry-run"),
)
def campaigns() -> None:
    """Look at campaigns and what orders bring for the next purchase; give a campaign now.

    `run` and `work` give everything by themselves when it is due.
    """


@campaigns.command(
    "list", example=("loyalty-bridge campaigns list", "loyalty-bridge campaigns list --json")
)
@json_option
@with_application
def list_(app: Application, output: Output, as_json: bool) -> None:
    """List campaigns and next-purchase rules with what they have given."""
    with app.database.reading() as session:
        found = listed(session, app.workspace_id, app.now())
    if as_json:
        output.json([_record(one) for one in found])
        return
    if not found:
        raise BridgeError(
            "The programme has no campaigns: write some under `campaigns` or `next_purchase`."
        )
    output.table(
        ("campaign", "when", "gives", "for", "state", "members", "vouchers", "used", "points"),
        [
            (
                one.key,
                one.occasion,
                one.gives,
                one.who,
                one.state,
                f"{one.members:,}",
                f"{one.vouchers:,}",
                f"{one.used:,}",
                f"{one.points:,}",
            )
            for one in found
        ],
        right=("members", "vouchers", "used", "points"),
    )


@campaigns.command(
    "run",
    example=(
        "loyalty-bridge campaigns run win-back --dry-run",
        "loyalty-bridge campaigns run win-back --json",
    ),
)
@click.argument("key", metavar="CAMPAIGN")
@click.option("--dry-run", is_flag=True, help="Only say how many would get what.")
@json_option
@with_application
def run_(app: Application, output: Output, key: str, dry_run: bool, as_json: bool) -> None:
    """Give CAMPAIGN to everybody for whom it has come in the last thirty days and who did not
    get it yet.

    Who got it is left out, however often it is run. Codes of vouchers go into the shops with
    `run` or `work`.
    """
    if dry_run:
        _foresee(app, output, key, as_json)
        return
    given = run_campaign(
        app.database,
        app.workspace_id,
        app.keyring,
        app.now,
        key,
        known_through=_known_through(app, output),
        progress=output.progress(),
    )
    if as_json:
        output.json(
            {
                "campaign": key,
                "dry_run": False,
                "vouchers": given.vouchers,
                "points": given.points,
                "without_store": given.without_store,
                "problems": list(given.problems),
            }
        )
        return
    for problem in given.problems:
        output.warn(problem)
    if given.without_store:
        output.warn(
            f"{given.without_store:,} members have no store for a voucher: see --dry-run --json."
        )
    output.line(f"{key}: {given.vouchers:,} vouchers, points for {given.points:,} members.")


def _foresee(app: Application, output: Output, key: str, as_json: bool) -> None:
    found = foresee(
        app.database,
        app.workspace_id,
        app.now,
        key,
        known_through=_known_through(app, output),
        progress=output.progress(),
    )
    with app.database.reading() as session:
        (gives,) = [
            one.gives for one in listed(session, app.workspace_id, app.now()) if one.key == key
        ][:1]
        some = found.without_store[:_MOST_NAMED]
        names = names_of(session, app.workspace_id, [(Holder.MEMBER, one) for one in some])
    if as_json:
        output.json(
            {
                "campaign": key,
                "dry_run": True,
                "gives": gives,
                "members": found.members,
                "by_store": found.by_store,
                "without_store": list(found.without_store),
            }
        )
        return
    output.line(f"{found.members:,} members would get {gives}.")
    for store, count in found.by_store.items():
        output.line(f"  {store}: {count:,}")
    if found.without_store:
        output.line(
            f"{len(found.without_store):,} members neither bought nor registered in a store of "
            f"the campaign: {', '.join(names[Holder.MEMBER, one] for one in some)}"
            + (" …" if len(found.without_store) > len(some) else "")
        )


def _known_through(app: Application, output: Output) -> datetime | None:
    """Who was quiet can only be said as far as every store's orders were read."""
    with closing(open_bench(app)) as bench:
        known = intake.known_through(bench)
    for problem in known.problems:
        output.warn(problem)
    return known.through


def _record(one: ListedCampaign) -> dict[str, Any]:
    return {
        "section": one.section,
        "campaign": one.key,
        "occasion": one.occasion,
        "gives": one.gives,
        "for": one.who,
        "state": one.state,
        "members": one.members,
        "vouchers": one.vouchers,
        "used": one.used,
        "points": one.points,
    }
