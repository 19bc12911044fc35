"""`apply` and `undo`: send a plan, or take a run back."""

from __future__ import annotations

from typing import Any

import click

from bridge.application import Application
from bridge.cli.frame import Command, json_option, with_application, yes_option
from bridge.cli.output import Output
from bridge.cli.plan import pull_or_fail, tell_age, tell_pending
from bridge.cli.plan_output import remark_lines, remark_record, show_plan
from bridge.outbox.judging import Verdict
from bridge.plans import service
from bridge.plans.parts import RemarkKind
from bridge.plans.runs import run_numbered
from bridge.plans.service import ApplyResult

_LEFT_ALONE = (RemarkKind.PROBLEM, RemarkKind.CONFLICT)

_WORDS = {
    Verdict.DONE: "done",
    Verdict.CONFLICT: "in conflict",
    Verdict.DEAD: "refused",
}


@click.command(cls=Command, example=("loyalty-bridge apply", "loyalty-bridge apply --pull --yes"))
@click.argument("stores", metavar="[STORE]...", nargs=-1)
@click.option("--pull", "pull_first", is_flag=True, help="Read the shops first.")
@yes_option
@json_option
@with_application
def apply(
    app: Application,
    output: Output,
    stores: tuple[str, ...],
    pull_first: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Send the plan to the STOREs, or to all, as a run that `undo` can take back.

    What an earlier run left is finished first. Each row is read once more before it is
    written, so that nobody's later change is overwritten. Exit code 0: every change is in
    place; 1: some are not, `deliveries` says why.
    """
    if pull_first:
        pull_or_fail(app, output, stores)
    tell_age(app, output, stores)
    if not yes:
        tell_pending(app, output)
        summary = service.make_plan(app, stores)
        show_plan(output, summary, everything=False)
        if not summary.total and not service.pending(app):
            service.apply(app, stores)  # what was agreed without sending is remembered
            return
        if not output.confirm("Apply?", otherwise="--yes"):
            raise click.Abort
    result = service.apply(app, stores, output.progress())
    _finish(app, output, result, as_json)


@click.command(cls=Command, example=("loyalty-bridge undo 3", "loyalty-bridge undo 3 --yes"))
@click.argument("run", metavar="RUN", type=int)
@yes_option
@json_option
@with_application
def undo(app: Application, output: Output, run: int, yes: bool, as_json: bool) -> None:
    """Put back what RUN replaced (`runs` lists them), as a run of its own.

    What a later run changed is left as it is, and what someone else changed in the shop since
    becomes a conflict. Exit codes as with `apply`.
    """
    with app.database.reading() as session:
        run_numbered(session, app.workspace_id, run)  # one that is not there needs no question
    if not yes and not output.confirm(f"Take back run {run}?", otherwise="--yes"):
        raise click.Abort
    result = service.undo_run(app, run, output.progress())
    _finish(app, output, result, as_json)


def _finish(app: Application, output: Output, result: ApplyResult, as_json: bool) -> None:
    if as_json:
        output.json(result_record(result))
    else:
        _show(output, result)
    if not is_complete(result):
        click.get_current_context().exit(1)


def is_complete(result: ApplyResult) -> bool:
    """Whether every change reached its shop."""
    return not result.failures and not any(
        outcome.stopped or outcome.counts[Verdict.DEAD] or outcome.counts[Verdict.CONFLICT]
        for outcome in result.outcomes.values()
    )


def _show(output: Output, result: ApplyResult) -> None:
    for kind in _LEFT_ALONE:
        found = [remark for remark in result.remarks if remark.remark is kind]
        for line in remark_lines(found):
            output.note(f"{kind.value}: {line}")
    for name, outcome in result.outcomes.items():
        parts = [
            f"{count:,} {_WORDS[verdict]}"
            for verdict, count in outcome.counts.items()
            if verdict in _WORDS
        ]
        if parts:
            output.line(f"{name}: {', '.join(parts)}")
        if outcome.stopped:
            output.note(f"{name}: stopped, the rest waits for the next apply. {outcome.stopped}")
    for failure in result.failures:
        output.note(f"{failure.installation}: {failure.message}", "red")
    if result.written.run is not None:
        output.line(f"Run {result.written.run}.")
    elif is_complete(result) and not any(o.counts for o in result.outcomes.values()):
        left = any(remark.remark in _LEFT_ALONE for remark in result.remarks)
        output.line("Nothing to send." if left else "Nothing to do.")
    if not is_complete(result):
        output.note("`loyalty-bridge deliveries` shows what did not get through, and why.")


def result_record(result: ApplyResult) -> dict[str, Any]:
    return {
        "run": result.written.run,
        "changes": result.written.deliveries,
        "complete": is_complete(result),
        "stores": {
            name: {
                **{verdict.value: outcome.counts[verdict] for verdict in _WORDS},
                "stopped": outcome.stopped or None,
                "left": outcome.left,
            }
            for name, outcome in result.outcomes.items()
        },
        "failures": {failure.installation: failure.message for failure in result.failures},
        "remarks": [remark_record(remark) for remark in result.remarks],
    }
