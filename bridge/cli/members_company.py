"""`members company`: businesses, their people, and points they hold together."""

from __future__ import annotations

import click

from bridge.application import Application
from bridge.cli.frame import Group, json_option, with_application, yes_option
from bridge.cli.members import by, found_member
from bridge.cli.output import Output, plural
from bridge.members import companies

_company = click.argument("company", metavar="COMPANY")
_who = click.argument("who", metavar="EMAIL")


@click.group(
    cls=Group,
    example=(
        "loyalty-bridge members company make 'Muster GmbH' --vat-id DE123456789",
        "loyalty-bridge members company add 'Muster GmbH' ada@example.com",
    ),
)
def company() -> None:
    """Companies whose people are members. COMPANY is a name or a VAT id."""


@company.command("list", example=("loyalty-bridge members company list --json",))
@json_option
@with_application
def list_(app: Application, output: Output, as_json: bool) -> None:
    """List companies, how many people they have, and whether they hold their points."""
    with app.database.reading() as session:
        found = companies.companies(session, app.workspace_id)
        heads = companies.head_counts(session, app.workspace_id)
    if as_json:
        output.json(
            [
                {
                    "company": one.name,
                    "vat_id": one.vat_id,
                    "people": heads.get(one.id or 0, 0),
                    "holds_points": one.holds_points,
                }
                for one in found
            ]
        )
        return
    output.table(
        ("company", "VAT id", "people", "points"),
        [
            (
                one.name,
                one.vat_id or "",
                f"{heads.get(one.id or 0, 0):,}",
                "of the company" if one.holds_points else "of each",
            )
            for one in found
        ],
        right=("people",),
    )


@company.command(
    example=("loyalty-bridge members company make 'Muster GmbH' --vat-id DE123456789",)
)
@click.argument("name")
@click.option("--vat-id", default="", help="Members who bear it are asked about.")
@with_application
def make(app: Application, output: Output, name: str, vat_id: str) -> None:
    """Make the company NAME, without people."""
    with app.database.writing() as session:
        made = companies.make(session, app.workspace_id, name, vat_id, app.now())
    output.line(f"{made.name}: made. Next: loyalty-bridge members company add")


@company.command(example=("loyalty-bridge members company add 'Muster GmbH' ada@example.com",))
@_company
@_who
@with_application
def add(app: Application, output: Output, company: str, who: str) -> None:
    """Make the member EMAIL one of the COMPANY's people.

    Where the company holds the points, his go there.
    """
    with app.database.writing() as session:
        firm = companies.company(session, app.workspace_id, company)
        companies.add(session, firm, found_member(session, app, who), by(), app.now())
    output.line(f"{who} is one of {firm.name} now.")


@company.command(
    example=("loyalty-bridge members company remove 'Muster GmbH' ada@example.com --with-points",)
)
@_company
@_who
@click.option(
    "--with-points", is_flag=True, help="Give him what he earned and nobody has spent yet."
)
@with_application
def remove(app: Application, output: Output, company: str, who: str, with_points: bool) -> None:
    """Take the member EMAIL out of the COMPANY.

    Points that the company holds stay with it, unless --with-points.
    """
    with app.database.writing() as session:
        firm = companies.company(session, app.workspace_id, company)
        member = found_member(session, app, who)
        companies.remove(session, firm, member, by(), app.now(), with_points=with_points)
    output.line(f"{who} is none of {firm.name} any more.")


@company.command(example=("loyalty-bridge members company hold 'Muster GmbH'",))
@_company
@yes_option
@with_application
def hold(app: Application, output: Output, company: str, yes: bool) -> None:
    """Let the COMPANY hold its people's points, those they have and those to come.

    Any of them can spend them then. `release` gives back what is not spent.
    """
    with app.database.reading() as session:
        firm = companies.company(session, app.workspace_id, company)
        count = companies.head_counts(session, app.workspace_id).get(firm.id or 0, 0)
    question = f"Put the points of {plural(count, 'member')} into one account of {firm.name}?"
    if not yes and not output.confirm(question, otherwise="--yes"):
        output.line("Nothing was changed.")
        return
    with app.database.writing() as session:
        firm = companies.company(session, app.workspace_id, company)
        companies.hold_points(session, firm, by(), app.now())
    output.line(f"{firm.name} holds the points of its people now.")


@company.command(
    example=("loyalty-bridge members company release 'Muster GmbH' --rest-to ada@example.com",)
)
@_company
@click.option(
    "--rest-to",
    metavar="EMAIL",
    help="Which of its people takes what none of them earned, and what is owed.",
)
@with_application
def release(app: Application, output: Output, company: str, rest_to: str | None) -> None:
    """Give the points that the COMPANY holds back to whoever of its people earned them."""
    with app.database.writing() as session:
        firm = companies.company(session, app.workspace_id, company)
        taker = found_member(session, app, rest_to) if rest_to else None
        companies.release_points(session, firm, by(), app.now(), rest_to=taker)
    output.line(f"The people of {firm.name} hold their own points now.")
