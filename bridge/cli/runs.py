"""`runs` and `deliveries`: what was sent, and what did not get through."""

from __future__ import annotations

from typing import Any

import click

from bridge.application import Application
from bridge.cli.frame import Command, json_option, with_application
from bridge.cli.output import Output
from bridge.cli.plan_output import said, value_record
from bridge.outbox.models import DeliveryState
from bridge.outbox.review import Listed, listed, retry
from bridge.plans.runs import counts
from bridge.plans.runs import runs as all_runs

UNFINISHED = ("queued", "leased", "conflict", "dead")


@click.command(cls=Command, example=("loyalty-bridge runs", "loyalty-bridge runs --json"))
@json_option
@with_application
def runs(app: Application, output: Output, as_json: bool) -> None:
    """List runs, newest first, with what became of their changes."""
    with app.database.reading() as session:
        found = all_runs(session, app.workspace_id)
        by_run = counts(session, app.workspace_id)
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
                record["created_at"][:19],
                *(f"{record['deliveries'].get(state.value, 0):,}" for state in DeliveryState),
            )
            for record in records
        ],
        right=("run", *(state.value for state in DeliveryState)),
    )


@click.command(
    cls=Command,
    example=(
        "loyalty-bridge deliveries",
        "loyalty-bridge deliveries --run 3 --state done --json",
        "loyalty-bridge deliveries --retry",
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
@click.option("--limit", type=click.IntRange(1), default=100, show_default=True)
@click.option(
    "--retry", "again", is_flag=True, help="Queue the refused ones among them for another try."
)
@json_option
@with_application
def deliveries(
    app: Application,
    output: Output,
    run_number: int | None,
    store: str | None,
    states: tuple[str, ...],
    limit: int,
    again: bool,
    as_json: bool,
) -> None:
    """List single changes: those that wait, are in conflict or were refused, and why."""
    wanted = states or UNFINISHED
    with app.database.reading() as session:
        found = listed(session, app.workspace_id, run_number, store, wanted, limit)
    if again:
        with app.database.writing() as session:
            count = retry(session, app.workspace_id, [row.id for row in found])
        output.line(f"{count:,} queued again; `loyalty-bridge apply` sends them.")
        return
    if as_json:
        output.json([_record(row) for row in found])
        return
    output.table(
        ("run", "store", "state", "what", "from", "to", "tries", "why"),
        [
            (
                str(row.run),
                row.store,
                row.state,
                f"{row.kind} {row.label}",
                _value(row, row.before),
                _value(row, row.after),
                str(row.attempts),
                row.error,
            )
            for row in found
        ],
        right=("run", "tries"),
    )


def _value(row: Listed, value: str | None) -> str:
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
