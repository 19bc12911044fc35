"""`figures`: what the overview and the reports of the web app show."""

from __future__ import annotations

import click

from bridge.application import Application
from bridge.cli.figures_shown import (
    amount,
    say_as_of,
    say_buyers,
    say_liability,
    say_members,
    say_movements,
    say_outstanding,
    say_recommendations,
    say_score,
    say_shops,
)
from bridge.cli.frame import Group, json_option, with_application
from bridge.cli.output import Output, plural
from bridge.figures.days import recount
from bridge.figures.overview import (
    current_terms,
    customers_known,
    liability_known,
    members_known,
    overview,
    recommendations_known,
    record,
)
from bridge.figures.points import points_over_time
from bridge.kit.errors import BridgeError

MOST_DAYS = 3_660
MOST_MONTHS = 120

fresh_option = click.option(
    "--fresh", is_flag=True, help="Work out anew what is kept for an hour, however long it takes."
)
days_option = click.option(
    "--days",
    type=click.IntRange(1, MOST_DAYS),
    default=30,
    show_default=True,
    help="Of the last so many days, today among them.",
)


@click.group(
    cls=Group,
    example=(
        "loyalty-bridge figures overview",
        "loyalty-bridge figures points --months 12",
        "loyalty-bridge figures liability --json",
    ),
)
def figures() -> None:
    """Show how the programme does: shops, points, members, referrals, what is owed in points.

    With --json each prints what the web app draws: amounts and percentages are texts, so that
    they stay exact.
    """


@figures.command(
    "overview",
    example=("loyalty-bridge figures overview", "loyalty-bridge figures overview --days 7 --json"),
)
@days_option
@fresh_option
@json_option
@with_application
def overview_command(
    app: Application, output: Output, days: int, fresh: bool, as_json: bool
) -> None:
    """Show everything at a glance: how each shop is, points, members, customers, referrals."""
    found = overview(app.database, app.workspace_id, app.now(), days=days, fresh=fresh)
    if as_json:
        output.json(record(found))
        return
    say_shops(output, found.shops)
    output.line()
    say_outstanding(output, found.outstanding)
    total = found.over_time.total
    output.line(
        f"In {plural(days, 'day')}: {total.earned:,} earned, {total.redeemed - total.restored:,} "
        f"redeemed, {total.expired:,} expired, {total.reversed:,} taken back."
    )
    output.line()
    say_buyers(output, found.customers)
    output.line(f"{plural(found.members.members, 'member')} in all.")
    output.line(
        f"Referrals: {plural(found.funnel.clicks, 'click')}, "
        f"{plural(found.funnel.sign_ups, 'sign-up')}, "
        f"{plural(found.funnel.first_orders, 'first order')}, "
        f"{plural(found.funnel.rewards, 'reward')}."
    )
    say_score(output, found.recommendations.total)
    say_as_of(output, found.customers_as_of, found.at, found.timezone)


@figures.command(
    example=(
        "loyalty-bridge figures points --days 7",
        "loyalty-bridge figures points --months 12 --json",
        "loyalty-bridge figures points --check",
    )
)
@days_option
@click.option(
    "--months",
    type=click.IntRange(1, MOST_MONTHS),
    help="By calendar month instead: the last so many, this one among them.",
)
@click.option(
    "--check",
    is_flag=True,
    help="First compare the kept sums of each day with the book, and mend them.",
)
@json_option
@with_application
def points(
    app: Application, output: Output, days: int, months: int | None, check: bool, as_json: bool
) -> None:
    """Show points earned, redeemed, expired and so on, by the day on which the book recorded it.

    A day is one of the programme's time zone. Sums of days that are over for good are kept; with
    --check every one is counted again. They differ only when something was recorded into the
    past, because the machine's clock was wrong.
    """
    now = app.now()
    told = current_terms(app.database, app.workspace_id, now)
    mended = recount(app.database, app.workspace_id, told.zone) if check else []
    found = points_over_time(
        app.database, app.workspace_id, told, now, days=days, months=months or 0
    )
    for day in mended:
        output.warn(f"The sums of {day} differed from the book, and were mended.")
    if as_json:
        output.json({**record(found), "mended": [day.isoformat() for day in mended]})
    else:
        say_movements(output, found)


@figures.command(
    example=("loyalty-bridge figures members", "loyalty-bridge figures members --fresh --json")
)
@fresh_option
@json_option
@with_application
def members(app: Application, output: Output, fresh: bool, as_json: bool) -> None:
    """Show members by tier and segment, who buys again, what a customer is worth, the best ones.

    A customer is a member with at least one counted order: neither cancelled nor returned whole.
    What he is worth is what he kept of all his orders, after discounts and refunds.
    """
    now = app.now()
    told = current_terms(app.database, app.workspace_id, now)
    counted = members_known(app.database, app.workspace_id, told)
    customers = customers_known(app.database, app.workspace_id, told, now, fresh=fresh)
    if as_json:
        output.json(
            {
                **record(counted),
                "customers": record(customers.value),
                "customers_as_of": customers.as_of.isoformat(),
            }
        )
        return
    say_members(output, counted, customers.value)
    say_as_of(output, customers.as_of, now, told.timezone)


@figures.command(
    example=("loyalty-bridge figures liability", "loyalty-bridge figures liability --fresh --json")
)
@fresh_option
@json_option
@with_application
def liability(app: Application, output: Output, fresh: bool, as_json: bool) -> None:
    """Show what is owed in points: by the store that gave them, and the month they expire in.

    The value is what `redemption` says that points are worth, in the programme's currency. Margin
    and effect of the programme are not shown: no shop tells the bridge its cost prices.
    """
    now = app.now()
    told = current_terms(app.database, app.workspace_id, now)
    if not told.programme:
        raise BridgeError("No programme was loaded yet: see `loyalty-bridge program load --help`.")
    found = liability_known(app.database, app.workspace_id, told, now, fresh=fresh)
    if as_json:
        output.json({**record(found.value), "as_of": found.as_of.isoformat()})
        return
    say_liability(output, found.value)
    if found.value.owed:
        output.line(
            f"Members owe {found.value.owed:,} points{amount(found.value.owed_value, ' (', ')')}: "
            "taken back after they were spent, not taken off here."
        )
    say_as_of(output, found.as_of, now, told.timezone)


@figures.command(
    example=(
        "loyalty-bridge figures recommendations --days 90",
        "loyalty-bridge figures recommendations --months 12 --json",
    )
)
@days_option
@click.option(
    "--months",
    type=click.IntRange(1, MOST_MONTHS),
    help="By calendar month instead: the last so many, this one among them.",
)
@json_option
@with_application
def recommendations(
    app: Application, output: Output, days: int, months: int | None, as_json: bool
) -> None:
    """Show the net promoter score, by day or month and by store.

    It is the percentage of answers of 9 and 10 to the standard question of surveys, less the
    percentage of those from 0 to 6. Each answer counts, on its day, in the store where its member
    had ordered last.
    """
    now = app.now()
    told = current_terms(app.database, app.workspace_id, now)
    found = recommendations_known(
        app.database, app.workspace_id, told, now, days=days, months=months or 0
    )
    if as_json:
        output.json(record(found))
        return
    say_recommendations(output, found)
