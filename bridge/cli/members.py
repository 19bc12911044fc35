"""`members`: who is who over all shops."""

from __future__ import annotations

import getpass
from typing import Any

import click
from sqlmodel import Session

from bridge.application import Application
from bridge.cli.frame import Group, json_option, with_application, yes_option
from bridge.cli.output import Output
from bridge.installations import service as installations
from bridge.members import deciding
from bridge.members.addresses import standing_for
from bridge.members.finding import Listed, described, listed, member_named
from bridge.members.joining import takes_part
from bridge.members.merging import merge
from bridge.members.models import IdentityQuestion, Member
from bridge.members.questions import Kind, open_questions
from bridge.members.splitting import CustomerKey, split
from bridge.members.standing import locked

who_argument = click.argument("who", metavar="EMAIL")


@click.group(
    cls=Group,
    lazy={
        "company": ("bridge.cli.members_company:company", "Companies whose people are members."),
        "join": (
            "bridge.cli.members_joining:join",
            "Take the member EMAIL into the programme: by invitation, or again after he had left.",
        ),
        "leave": (
            "bridge.cli.members_joining:leave_",
            "Let the member EMAIL leave the programme, however he came in.",
        ),
    },
    example=("loyalty-bridge members list ada", "loyalty-bridge members show ada@example.com"),
)
def members() -> None:
    """Look at members and their companies, and decide who is who.

    A member is one person over all shops. Wherever an EMAIL is asked for, `#12` names the member
    of that number.
    """


# -- looking --------------------------------------------------------------------------------


@members.command(
    "list",
    example=(
        "loyalty-bridge members list",
        "loyalty-bridge members list example.com --limit 20",
        "loyalty-bridge members list ada --json",
    ),
)
@click.argument("search", default="", metavar="[PART]")
@click.option("--limit", type=click.IntRange(1), default=100, show_default=True)
@json_option
@with_application
def list_(app: Application, output: Output, search: str, limit: int, as_json: bool) -> None:
    """List members; with PART only those of whom an e-mail, a customer's id, the company or the
    tier is like it."""
    with app.database.reading() as session:
        found = listed(session, app.workspace_id, search, limit)
    if as_json:
        output.json([_record(member) for member in found])
        return
    output.table(
        ("member", "e-mail", "customers", "company", "tier", "points", "pending"),
        [
            (
                f"#{member.id}",
                member.name,
                str(len(member.customers)),
                member.company,
                member.tier,
                f"{member.available:,}",
                f"{member.pending:,}",
            )
            for member in found
        ],
        right=("customers", "points", "pending"),
    )
    if len(found) == limit:
        output.note(f"The first {limit:,} are listed: see --limit.")


@members.command(
    example=(
        "loyalty-bridge members show ada@example.com",
        "loyalty-bridge members show '#12' --json",
    )
)
@who_argument
@json_option
@with_application
def show(app: Application, output: Output, who: str, as_json: bool) -> None:
    """Show one member: customers in all shops, company, tier, segments, points."""
    with app.database.reading() as session:
        (member,) = described(
            session, app.workspace_id, [member_named(session, app.workspace_id, who)]
        )
        has_part = bool(takes_part(session, app.workspace_id, [member.id], app.now()))
    if as_json:
        output.json(_record(member) | {"takes_part": has_part})
        return
    part = "" if has_part else "; takes no part in the programme"
    output.line(f"Member #{member.id}, since {member.joined_at:%Y-%m-%d}{part}")
    for label, value in _lines(member):
        output.line(f"{label:<10}{value}")
    output.table(
        ("store", "customer", "e-mail", "linked by"),
        [
            (
                one.store,
                one.customer_id,
                one.email + ("" if one.is_confirmed or not one.email else " (not confirmed)"),
                one.linked_by,
            )
            for one in member.customers
        ],
    )


# -- deciding -------------------------------------------------------------------------------


@members.command("link", example=("loyalty-bridge members link ada@example.com shop-at 4711",))
@who_argument
@click.argument("store")
@click.argument("customer")
@yes_option
@with_application
def link_(app: Application, output: Output, who: str, store: str, customer: str, yes: bool) -> None:
    """Make the CUSTOMER (an id) of STORE a part of the member EMAIL.

    What he bought and earned comes along.
    """
    with app.database.reading() as session:
        key = (_store_id(session, app, store), customer)
        member_id = member_named(session, app.workspace_id, who)
    if not _sure(output, f"Link customer {customer} of {store} to {who}?", yes):
        return
    with app.database.writing() as session:
        member = locked(session, app.workspace_id, member_id)
        deciding.link(session, app.workspace_id, member, key, by(), app.now())
    output.line(f"Customer {customer} of {store} is member #{member.id} now.")


@members.command(
    "merge", example=("loyalty-bridge members merge ada@example.com ada@home.example",)
)
@click.argument("keep", metavar="EMAIL")
@click.argument("other", metavar="OTHER_EMAIL")
@yes_option
@with_application
def merge_(app: Application, output: Output, keep: str, other: str, yes: bool) -> None:
    """Make one of two members: EMAIL takes up customers, orders and points of OTHER_EMAIL.

    Entries stay where they were posted; points move. `members split` takes it back, except for
    points that have been spent meanwhile.
    """
    with app.database.reading() as session:
        ids = [member_named(session, app.workspace_id, who) for who in (keep, other)]
        known = described(session, app.workspace_id, ids)
    names = " and ".join(f"#{one.id} {one.name} ({one.available:,} points)" for one in known)
    if not _sure(output, f"Make one member of {names}?", yes):
        return
    with app.database.writing() as session:
        first, second = (locked(session, app.workspace_id, one) for one in ids)
        merge(session, app.workspace_id, first, second, by(), app.now())
        (now,) = described(session, app.workspace_id, [ids[0]])
    output.line(f"Member #{now.id} {now.name}: {now.available:,} points.")


@members.command(
    "split",
    example=("loyalty-bridge members split ada@example.com --customer shop-at/4711",),
)
@who_argument
@click.option(
    "--customer",
    "customers",
    multiple=True,
    required=True,
    metavar="STORE/ID",
    help="Who becomes a member of his own; several are possible.",
)
@yes_option
@with_application
def split_(
    app: Application, output: Output, who: str, customers: tuple[str, ...], yes: bool
) -> None:
    """Make customers of the member EMAIL a member of their own.

    They take along what their orders earned, as far as it is not spent.
    """
    with app.database.reading() as session:
        keys = [_customer(session, app, text) for text in customers]
        member_id = member_named(session, app.workspace_id, who)
    if not _sure(output, f"Take {', '.join(customers)} out of {who}?", yes):
        return
    with app.database.writing() as session:
        member = locked(session, app.workspace_id, member_id)
        fresh = split(session, app.workspace_id, member, keys, by(), app.now())
        assert fresh.id is not None
        both = described(session, app.workspace_id, [member_id, fresh.id])
    for one in both:
        output.line(f"Member #{one.id} {one.name}: {one.available:,} points.")


# -- questions ------------------------------------------------------------------------------


@members.command(
    example=("loyalty-bridge members questions", "loyalty-bridge members questions --json")
)
@json_option
@with_application
def questions(app: Application, output: Output, as_json: bool) -> None:
    """List what somebody has to decide about who is who: changed addresses, shared VAT ids."""
    with app.database.reading() as session:
        asked = open_questions(session, app.workspace_id)
        others = {
            question.about: standing.member_id
            for question in asked
            if question.kind == Kind.ADDRESS
            and (standing := standing_for(session, app.workspace_id, question.about))
        }
        stores = {
            shop.id: shop.name for shop in installations.installations(session, app.workspace_id)
        }
    records: list[dict[str, Any]] = [
        {
            "id": question.id,
            "kind": question.kind,
            "about": question.about,
            "question": _words(question, stores, others.get(question.about)),
            "asked_at": question.asked_at.isoformat(timespec="seconds"),
        }
        for question in asked
    ]
    if as_json:
        output.json(records)
    elif not records:
        output.line("Nothing has to be decided.")
    else:
        output.table(
            ("id", "asked", "question"),
            [(str(one["id"]), one["asked_at"][:10], one["question"]) for one in records],
            right=("id",),
        )
        output.note("Answer with: loyalty-bridge members answer ID yes|no")


@members.command(example=("loyalty-bridge members answer 3 yes",))
@click.argument("number", metavar="ID", type=click.IntRange(1, 2**31 - 1))
@click.argument("reply", metavar="yes|no", type=click.Choice(["yes", "no"]))
@with_application
def answer(app: Application, output: Output, number: int, reply: str) -> None:
    """Answer question ID: yes does what it asks, no changes nothing and ends it."""
    with app.database.writing() as session:
        done = deciding.answer(
            session, app.workspace_id, number, yes=reply == "yes", by=by(), now=app.now()
        )
    output.line(done)


# -- parts ----------------------------------------------------------------------------------


def by() -> str:
    """Who decides, for the records: the account that runs the command."""
    try:
        return f"{getpass.getuser()}, by command"
    except (KeyError, OSError):  # an account without a name
        return "by command"


def found_member(session: Session, app: Application, who: str) -> Member:
    """The member, locked. Raises UnknownMember and ManyMembers."""
    return locked(session, app.workspace_id, member_named(session, app.workspace_id, who))


def _sure(output: Output, question: str, yes: bool) -> bool:
    if yes or output.confirm(question, otherwise="--yes"):
        return True
    output.line("Nothing was changed.")
    return False


def _store_id(session: Session, app: Application, name: str) -> int:
    found = installations.installation(session, app.workspace_id, name).id
    assert found is not None
    return found


def _customer(session: Session, app: Application, text: str) -> CustomerKey:
    store, slash, customer = text.partition("/")
    if not slash or not customer:
        raise click.UsageError(f"`{text}` is no customer: write STORE/ID, like shop-at/4711.")
    return _store_id(session, app, store), customer


def _words(question: IdentityQuestion, stores: dict[int | None, str], other: int | None) -> str:
    if question.kind == Kind.COMPANY:
        return (
            f"Member #{question.subject} bears the VAT id {question.about}, like others: does he "
            "belong to that company?"
        )
    installation_id, customer_id = deciding.customer_of(question)
    store = stores.get(installation_id, "a removed store")
    words = (
        f"Customer {customer_id} of {store} goes by {question.about} now: is it still the same "
        "person, for whom this address shall stand too?"
    )
    if other is not None:
        words += f" It stands for member #{other} already: yes makes one of both."
    return words


def _lines(member: Listed) -> list[tuple[str, str]]:
    points = f"{member.available:,} available, {member.pending:,} pending"
    if member.company_holds_points:
        points += f" (of {member.company})"
    lines = [
        ("e-mail", ", ".join(member.emails) or "none is confirmed"),
        ("points", points),
        ("company", member.company),
        ("tier", member.tier),
        ("segments", ", ".join(member.segments)),
    ]
    return [(label, value) for label, value in lines if value]


def _record(member: Listed) -> dict[str, Any]:
    return {
        "member": member.id,
        "joined_at": member.joined_at.isoformat(timespec="seconds"),
        "emails": list(member.emails),
        "customers": [
            {
                "store": one.store,
                "customer": one.customer_id,
                "email": one.email or None,
                "confirmed": one.is_confirmed,
                "linked_by": one.linked_by,
            }
            for one in member.customers
        ],
        "company": member.company or None,
        "company_holds_points": member.company_holds_points,
        "tier": member.tier or None,
        "segments": list(member.segments),
        "points": {"available": member.available, "pending": member.pending},
    }
