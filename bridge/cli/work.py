"""`work`: everything that is due, once."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import click

from bridge.application import Application
from bridge.cli.days import Day
from bridge.cli.frame import Command, json_option, with_application
from bridge.cli.output import Output
from bridge.engine.bench import open_bench
from bridge.engine.once import WorkResult, work_once
from bridge.programme.service import current


@click.command(
    cls=Command,
    example=(
        "loyalty-bridge work --once",
        "loyalty-bridge work --once --json",
        "loyalty-bridge work --once --since 2026-01-01",
    ),
)
@click.option("--once", is_flag=True, help="Required: to go on working, use `run`.")
@click.option(
    "--since",
    metavar="DATE",
    type=Day(),
    help="Read what changed in the stores from this day on, though it was before they were "
    "connected; in the programme's time zone.",
)
@json_option
@with_application
def work(
    app: Application, output: Output, once: bool, since: datetime | None, as_json: bool
) -> None:
    """Read every store, handle what came in, let time pass, deliver what is due; then end.

    What `run` does all the time, for cron. A store that fails does not hold up the others; the
    exit code is then 1, also when something that came in could not be handled. What came in
    twice is handled once, so that it does no harm to call it again, or beside `run`.
    """
    if not once:
        raise click.UsageError("Add --once, or use `loyalty-bridge run` to go on working.")
    bench = open_bench(app, progress=output.progress(), since=_moment(app, since))
    try:
        result = work_once(app, bench)
    finally:
        bench.close()
    if as_json:
        output.json(_record(result))
    else:
        _show(output, result)
    for shop, problems in sorted(result.problems.items()):
        for problem in problems:
            output.note(f"{shop}: {problem}" if shop else problem, "red")
    for remark in result.remarks:
        output.warn(remark)
    if not result.is_good:
        click.get_current_context().exit(1)


def _moment(app: Application, day: datetime | None) -> datetime | None:
    if day is None:
        return None
    with app.database.reading() as session:
        found = current(session, app.workspace_id)
    zone = ZoneInfo(found[1].timezone) if found else UTC
    moment = day.replace(tzinfo=zone)
    if moment > app.now():
        raise click.UsageError(f"--since {day:%Y-%m-%d} is still to come.")
    return moment


def _record(result: WorkResult) -> dict[str, object]:
    return {
        "counts": dict(result.counts),
        "stores": {name: dict(counts) for name, counts in sorted(result.shops.items())},
        "problems": [
            {"store": shop or None, "problem": problem}
            for shop, problems in sorted(result.problems.items())
            for problem in problems
        ],
        "remarks": result.remarks,
    }


def _show(output: Output, result: WorkResult) -> None:
    if not result.counts:
        output.line("Nothing was due.")
        return
    output.table(
        ("what", "how many"),
        [(name, f"{count:,}") for name, count in result.counts.items()],
        right=("how many",),
    )
