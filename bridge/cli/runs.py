"""`runs` and `deliveries`: what was sent, and what did not get through."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import click
from sqlmodel import Session

from bridge.application import Application
from bridge.balances.review import Refused, refused
from bridge.balances.review import retry as retry_balances
from bridge.cli.frame import Command, Group, json_option, with_application
from bridge.cli.output import Output, plural
from bridge.cli.plan_output import said, value_record
from bridge.cli.points_whose import local, zone_of
from bridge.cli.vouchers_shown import worth
from bridge.kit.errors import BridgeError
from bridge.outbox.models import DeliveryState
from bridge.outbox.review import Listed, listed, retry
from bridge.plans.runs import counts
from bridge.plans.runs import runs as all_runs
from bridge.vouchers.ending import voucher_with
from bridge.vouchers.review import Listed as ListedVoucher
from bridge.vouchers.review import dead as dead_vouchers
from bridge.vouchers.review import retry as retry_vouchers

DEAD = DeliveryState.DEAD.value
BALANCE = "balance:"
"""Begins the id of a balance, which has no row of its own among the deliveries;"""
VOUCHER = "voucher:"
"""and this that of a voucher."""
UNFINISHED = ("queued", "leased", "conflict", "dead")


@click.command(cls=Command, example=("loyalty-bridge runs", "loyalty-bridge runs --json"))
@json_option
@with_application
def runs(app: Application, output: Output, as_json: bool) -> None:
    """List runs, newest first, with what became of their changes."""
    with app.database.reading() as session:
        found = all_runs(session, app.workspace_id)
        by_run = counts(session, app.workspace_id)
        zone = zone_of(session, app)
    records: list[dict[str, Any]] = [
        {
            "run": run.number,
            "kind": run.kind,
            "undoes": run.undoes,
            "programme": run.programme_number,
            "created_at": run.created_at.isoformat(),
            "finished_at": run.finished_at.isoformat() if run.finished_at else None,
            "deliveries": by_run.get(run.id or 0, {}),
        }
        for run in found
    ]
    if as_json:
        output.json(records)
        return
    output.table(
        ("run", "what", "when", *(state.value for state in DeliveryState)),
        [
            (
                str(record["run"]),
                f"undo of {record['undoes']}" if record["undoes"] else "apply",
                local(datetime.fromisoformat(record["created_at"]), zone),
                *(f"{record['deliveries'].get(state.value, 0):,}" for state in DeliveryState),
            )
            for record in records
        ],
        right=("run", *(state.value for state in DeliveryState)),
    )


@click.group(
    cls=Group,
    invoke_without_command=True,
    example=(
        "loyalty-bridge deliveries",
        "loyalty-bridge deliveries --dead",
        "loyalty-bridge deliveries --run 3 --state done --json",
        "loyalty-bridge deliveries retry 17 balance:shop-de/42",
        "loyalty-bridge deliveries --store shop-de --dead --retry",
    ),
)
@click.option("--run", "run_number", type=int, help="Only those of this run.")
@click.option("--store", help="Only those to this store.")
@click.option(
    "--state",
    "states",
    multiple=True,
    type=click.Choice([state.value for state in DeliveryState]),
    help="Only those in this state; several are possible. Default: all that are not done.",
)
@click.option(
    "--dead", is_flag=True, help="Only the refused ones, of every kind: short for --state dead."
)
@click.option("--limit", type=click.IntRange(1), default=100, show_default=True)
@click.option(
    "--retry", "again", is_flag=True, help="Queue the refused ones among them for another try."
)
@json_option
@click.pass_context
def deliveries(
    context: click.Context,
    run_number: int | None,
    store: str | None,
    states: tuple[str, ...],
    dead: bool,
    limit: int,
    again: bool,
    as_json: bool,
) -> None:
    """List single changes: those that wait, are in conflict or were refused, and why.

    Balances that a shop refused to show, and vouchers whose code it refused, are among the
    refused ones.
    """
    if context.invoked_subcommand is not None:
        return
    if dead and states:
        raise click.UsageError("--dead is short for --state dead: give one or the other.")
    wanted = (DEAD,) if dead else states or UNFINISHED
    _deliveries(Wanted(run_number, store, wanted, limit), again, as_json)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the options say is to be listed."""

    run_number: int | None
    store: str | None
    states: tuple[str, ...]
    limit: int

    def found(self, session: Session, workspace_id: int) -> Found:
        """Deliveries of runs first; balances and vouchers belong to none."""
        rows = listed(session, workspace_id, self.run_number, self.store, self.states, self.limit)
        room = self.limit - len(rows)
        if DEAD not in self.states or self.run_number is not None or not room:
            return Found(rows)
        balances = refused(session, workspace_id, self.store, room)
        room -= len(balances)
        vouchers = dead_vouchers(session, workspace_id, self.store, room) if room else []
        return Found(rows, balances, vouchers)


@dataclass(frozen=True, slots=True)
class Found:
    of_runs: Sequence[Listed]
    balances: Sequence[Refused] = ()
    vouchers: Sequence[ListedVoucher] = ()


@with_application
def _deliveries(
    app: Application, output: Output, wanted: Wanted, again: bool, as_json: bool
) -> None:
    with app.database.reading() as session:
        found = wanted.found(session, app.workspace_id)
    if again:
        who = [(one.store, one.customer_id) for one in found.balances]
        which = [one.voucher.id for one in found.vouchers if one.voucher.id is not None]
        with app.database.writing() as session:
            count = retry(session, app.workspace_id, [row.id for row in found.of_runs])
            told = retry_balances(session, app.workspace_id, who)
            issued = retry_vouchers(session, app.workspace_id, which) if which else 0
        _say_queued(output, count, told, issued)
        return
    if as_json:
        output.json(
            [
                *map(_record, found.of_runs),
                *map(_balance_record, found.balances),
                *map(_voucher_record, found.vouchers),
            ]
        )
        return
    output.table(
        ("id", "run", "store", "state", "what", "from", "to", "tries", "why"),
        [
            *map(_row, found.of_runs),
            *map(_balance_row, found.balances),
            *map(_voucher_row, found.vouchers),
        ],
        right=("run", "tries"),
    )


@deliveries.command(
    "retry",
    cls=Command,
    example=("loyalty-bridge deliveries retry 17 18 balance:shop-de/42",),
)
@click.argument("ids", metavar="ID...", nargs=-1, required=True)
@with_application
def retry_command(app: Application, output: Output, ids: tuple[str, ...]) -> None:
    """Queue refused changes, balances and vouchers for another try, after the cause was mended.

    The ids are those that `deliveries` lists.
    """
    of_runs = {_number(one) for one in ids if not one.startswith((BALANCE, VOUCHER))}
    of_balances = {_customer(one) for one in ids if one.startswith(BALANCE)}
    codes = {one.removeprefix(VOUCHER) for one in ids if one.startswith(VOUCHER)}
    with app.database.writing() as session:
        which = {voucher_with(session, app.workspace_id, code).id or 0 for code in codes}
        count = retry(session, app.workspace_id, sorted(of_runs))
        told = retry_balances(session, app.workspace_id, sorted(of_balances))
        issued = retry_vouchers(session, app.workspace_id, sorted(which)) if which else 0
        asked = len(of_runs) + len(of_balances) + len(which)
        found = count + told + issued
        if found < asked:
            raise BridgeError(
                f"Only {found} of these {asked} are refused ones of this workspace; "
                "nothing was changed. See `loyalty-bridge deliveries --dead`."
            )
    _say_queued(output, count, told, issued)


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal()):
        raise click.UsageError(
            f"{text!r} is no id: name them as `loyalty-bridge deliveries` lists them, "
            f"17, {BALANCE}STORE/CUSTOMER or {VOUCHER}CODE."
        )
    return int(text)


def _customer(text: str) -> tuple[str, str]:
    store, _, customer_id = text.removeprefix(BALANCE).partition("/")
    if not store or not customer_id:
        raise click.UsageError(f"{text!r} is no id: a balance's is {BALANCE}STORE/CUSTOMER.")
    return store, customer_id


def _say_queued(output: Output, count: int, balances: int, vouchers: int) -> None:
    if count or not (balances or vouchers):
        output.line(f"{count:,} queued again; `loyalty-bridge apply` sends them.")
    for many, what in ((balances, "balance"), (vouchers, "voucher")):
        if many:
            said = plural(many, what)
            output.line(f"{said} queued again; `loyalty-bridge work --once` sends them.")


def _row(row: Listed) -> tuple[str, ...]:
    return (
        str(row.id),
        str(row.run),
        row.store,
        row.state,
        f"{row.kind} {row.label}",
        _value(row, row.before),
        _value(row, row.after),
        str(row.attempts),
        row.error,
    )


def _balance_row(one: Refused) -> tuple[str, ...]:
    shown = _shown(one)
    before = "nothing" if shown is None else plural(int(shown["available"]), "point")
    who = one.email or one.customer_id
    tries = str(one.attempts)
    return (_balance_id(one), "", one.store, DEAD, f"balance {who}", before, "", tries, one.error)


def _balance_id(one: Refused) -> str:
    return f"{BALANCE}{one.store}/{one.customer_id}"


def _shown(one: Refused) -> dict[str, Any] | None:
    found: dict[str, Any] | None = json.loads(one.shown) if one.shown else None
    return found


def _balance_record(one: Refused) -> dict[str, Any]:
    return {
        "id": _balance_id(one),
        "run": None,
        "store": one.store,
        "state": DEAD,
        "kind": "balance",
        "label": one.email or one.customer_id,
        "source": "",
        "before": _shown(one),
        "after": None,
        "attempts": one.attempts,
        "error": one.error or None,
    }


def _voucher_row(one: ListedVoucher) -> tuple[str, ...]:
    before, after = _voucher_change(one)
    what = f"voucher {worth(one.voucher)}"
    tries = str(one.voucher.attempts)
    id_ = f"{VOUCHER}{one.voucher.code}"
    return (id_, "", one.installation, DEAD, what, before, after, tries, one.problem)


def _voucher_change(one: ListedVoucher) -> tuple[str, str]:
    return ("nothing", "the code") if one.voucher.is_wanted else ("the code", "nothing")


def _voucher_record(one: ListedVoucher) -> dict[str, Any]:
    voucher = one.voucher
    return {
        "id": f"{VOUCHER}{voucher.code}",
        "run": None,
        "store": one.installation,
        "state": DEAD,
        "kind": "voucher",
        "label": worth(voucher),
        "source": voucher.rule,
        "before": None if voucher.is_wanted else voucher.code,
        "after": voucher.code if voucher.is_wanted else None,
        "attempts": voucher.attempts,
        "error": one.problem or None,
    }


def _value(row: Listed, value: str | None) -> str:
    if row.kind == "promotion":  # its text is the shop's own, and long; --json has it
        return "nothing" if value is None else "as written"
    return said(value) if row.kind == "price" else (value or "nothing")


def _record(row: Listed) -> dict[str, Any]:
    return {
        "id": row.id,
        "run": row.run,
        "store": row.store,
        "state": row.state,
        "kind": row.kind,
        "label": row.label,
        "source": row.source,
        "before": value_record(row.kind, row.before),
        "after": value_record(row.kind, row.after),
        "attempts": row.attempts,
        "error": row.error or None,
    }
