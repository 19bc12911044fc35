"""`reconcile`: what is wrong in the books, and between the books and the shops, and why."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import click

from bridge.application import Application
from bridge.cli.frame import Command, json_option, with_application
from bridge.cli.output import Output, plural
from bridge.reconciling.findings import Finding, Report, Severity
from bridge.reconciling.service import reconcile as run


@click.command(
    cls=Command,
    example=(
        "loyalty-bridge reconcile",
        "loyalty-bridge reconcile --repair",
        "loyalty-bridge reconcile --books-only --json",
        "loyalty-bridge reconcile shop-de --days 365",
    ),
)
@click.argument("stores", metavar="[STORE]...", nargs=-1)
@click.option("--repair", is_flag=True, help="Mend what can be mended, then look again.")
@click.option("--books-only", is_flag=True, help="Ask no shop.")
@click.option(
    "--days",
    type=click.IntRange(1, 36_500),
    default=30,
    show_default=True,
    help="How far back the shops' orders are looked through.",
)
@json_option
@with_application
def reconcile(
    app: Application,
    output: Output,
    stores: tuple[str, ...],
    repair: bool,
    books_only: bool,
    days: int,
    as_json: bool,
) -> None:
    """Compare the books with themselves and with the shops, and tell each difference.

    Each finding says where it is, what is wrong with figures, why, and what mends it. Work that
    is only under way is none. Without STORE every shop is asked. It may run beside `run`.

    The exit code is 1 while anything is wrong, 0 when nothing is or all of it was repaired; what
    only waits for a person is listed and counts as nothing wrong.
    """
    if stores and books_only:
        raise click.UsageError("--books-only asks no shop: name no STORE with it.")
    report = run(
        app,
        stores,
        repair=repair,
        ask_shops=not books_only,
        window=timedelta(days=days),
        progress=output.progress(),
    )
    if as_json:
        output.json(_record(report))
    else:
        _show(output, report, repair=repair)
    for store, reason in sorted(report.unasked.items()):
        output.warn(f"{store} could not be asked: {reason}")
    if not report.is_clean:
        click.get_current_context().exit(1)


def _show(output: Output, report: Report, *, repair: bool) -> None:
    for finding in report.repaired:
        _tell(output, finding, "repaired", "green")
    for finding in report.left:
        waits = finding.severity is Severity.WAITS
        _tell(output, finding, *(("waits", "cyan") if waits else ("wrong", "bold red")))
        reason = report.failures.get((finding.check, finding.where))
        if reason:
            output.line(f"  not repaired: {reason}")
    for check, count in sorted(report.more.items()):
        output.line(f"Of {check} only the first {count:,} are listed.")
    _sum_up(output, report, repair=repair)


def _tell(output: Output, finding: Finding, word: str, style: str) -> None:
    place = f"{finding.store}, {finding.where}" if finding.store else finding.where
    output.line(f"{word}: {finding.check}: {place}", style)
    output.line(f"  what:   {finding.what}")
    output.line(f"  cause:  {finding.cause}")
    output.line(f"  repair: {finding.repair}")


def _sum_up(output: Output, report: Report, *, repair: bool) -> None:
    wrong = [one for one in report.left if one.severity is Severity.WRONG]
    waits = len(report.left) - len(wrong)
    if repair and report.repaired:
        output.line(f"{plural(len(report.repaired), 'finding')} repaired.")
    if not wrong:
        output.line(_nothing_wrong(report))
    else:
        can = sum(one.fix is not None for one in wrong)
        hint = f" {can:,} can be repaired: add --repair." if can and not repair else ""
        output.line(f"{plural(len(wrong), 'thing')} wrong.{hint}")
    if waits:
        output.line(f"{plural(waits, 'thing')} waiting for a person.")


def _nothing_wrong(report: Report) -> str:
    if report.unasked:
        return f"Nothing was found, but {_joined(sorted(report.unasked))} could not be asked."
    return "Nothing is wrong any more." if report.repaired else "Nothing is wrong."


def _joined(names: list[str]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def _record(report: Report) -> dict[str, Any]:
    return {
        "clean": report.is_clean,
        "findings": [
            *(_finding(one, report, repaired=True) for one in report.repaired),
            *(_finding(one, report, repaired=False) for one in report.left),
        ],
        "more": report.more,
        "not_asked": report.unasked,
    }


def _finding(finding: Finding, report: Report, *, repaired: bool) -> dict[str, Any]:
    return {
        "check": finding.check,
        "severity": finding.severity.value,
        "store": finding.store or None,
        "where": finding.where,
        "what": finding.what,
        "cause": finding.cause,
        "repair": finding.repair,
        "repairable": finding.fix is not None,
        "repaired": repaired,
        "failure": report.failures.get((finding.check, finding.where)),
    }
