"""`plan`: show what would change; `resolve`: decide conflicts."""

from __future__ import annotations

from datetime import datetime

import click

from bridge.application import Application
from bridge.cli.frame import Command, json_option, with_application
from bridge.cli.output import Output
from bridge.cli.plan_output import plan_record, remark_line, remark_record, show_plan
from bridge.plans import service
from bridge.plans.resolving import Choice

CHANGES = 2
"""The exit code that says that there is something to apply."""


@click.command(
    cls=Command,
    example=(
        "loyalty-bridge plan",
        "loyalty-bridge plan --pull --all",
        "loyalty-bridge plan --foreign --all",
        "loyalty-bridge plan shopware-de --json",
    ),
)
@click.argument("stores", metavar="[STORE]...", nargs=-1)
@click.option("--pull", "pull_first", is_flag=True, help="Read the shops first.")
@click.option("--all", "everything", is_flag=True, help="Show every row, not the first few.")
@click.option(
    "--foreign", is_flag=True, help="List the tier prices of others too, not their number alone."
)
@json_option
@with_application
def plan(
    app: Application,
    output: Output,
    stores: tuple[str, ...],
    pull_first: bool,
    everything: bool,
    foreign: bool,
    as_json: bool,
) -> None:
    """Show what `apply` would change in the STOREs, or in all. Nothing is sent.

    It compares the programme with what was last pulled. Exit code 0: nothing to do;
    2: there are changes.
    """
    if pull_first:
        pull_or_fail(app, output, stores)
    tell_age(app, output, stores)
    tell_pending(app, output)
    with output.progress().task("comparing"):
        summary = service.make_plan(
            app, stores, keep_all=everything or as_json, list_foreign=foreign
        )
    if as_json:
        output.json(plan_record(summary))
    else:
        show_plan(output, summary, everything=everything)
    click.get_current_context().exit(CHANGES if summary.total else 0)


@click.command(
    cls=Command,
    example=(
        "loyalty-bridge resolve --take programme",
        "loyalty-bridge resolve magento-de --matching B2B-1001 --take shop",
    ),
)
@click.argument("stores", metavar="[STORE]...", nargs=-1)
@click.option(
    "--take",
    type=click.Choice([choice.value for choice in Choice]),
    required=True,
    help="programme: the next apply writes what the programme says; shop: the shop's stays.",
)
@click.option("--matching", default="", help="Only conflicts whose name contains this text.")
@json_option
@with_application
def resolve(
    app: Application,
    output: Output,
    stores: tuple[str, ...],
    take: str,
    matching: str,
    as_json: bool,
) -> None:
    """Decide conflicts that `plan` shows. Nothing is sent: the next `apply` follows."""
    decided = service.resolve(app, Choice(take), stores, matching)
    if as_json:
        output.json([remark_record(remark) for remark in decided])
        return
    for remark in decided:
        output.line(remark_line(remark))
    output.line(f"{len(decided):,} decided for the {take}." if decided else "No conflict found.")


def pull_or_fail(app: Application, output: Output, stores: tuple[str, ...]) -> None:
    failures = service.pull_all(app, stores, output.progress()).failures
    for failure in failures:
        output.note(f"{failure.installation}: {failure.message}", "red")
    if failures:
        click.get_current_context().exit(1)


def tell_age(app: Application, output: Output, stores: tuple[str, ...]) -> None:
    now = app.now()
    for installation in service.chosen(app, stores):
        if installation.pulled_at is not None:
            output.note(f"{installation.name}: as pulled {_ago(installation.pulled_at, now)}")


def tell_pending(app: Application, output: Output) -> None:
    for name, count in service.pending(app).items():
        output.warn(
            f"{name}: {count:,} changes of an earlier run are still to be delivered; "
            "`apply` finishes them first."
        )


def _ago(then: datetime, now: datetime) -> str:
    minutes = int((now - then).total_seconds() // 60)
    if minutes < 1:
        return "just now"
    if minutes < 120:
        return f"{minutes} min ago"
    return f"{minutes // 60} h ago" if minutes < 48 * 60 else f"{minutes // 1440} days ago"
