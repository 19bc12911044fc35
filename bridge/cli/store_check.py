"""`store check`: is each shop ready, and if not, what to do."""

from __future__ import annotations

from typing import Any

import click

from bridge.application import Application
from bridge.cli.frame import Command, json_option, with_application
from bridge.cli.output import STYLES, Output, plural
from bridge.installations import checks, endpoints, service
from bridge.installations.checking import Report, check_all
from bridge.shop_plugins.checking import with_plugins
from connectors.base import Severity


@click.command(
    cls=Command,
    example=("loyalty-bridge store check", "loyalty-bridge store check shop-de --json"),
)
@click.argument("names", nargs=-1, metavar="[NAME]...")
@json_option
@click.pass_context
@with_application
def check(
    application: Application,
    output: Output,
    context: click.Context,
    names: tuple[str, ...],
    as_json: bool,
) -> None:
    """Probe shops and say in plain words what is missing and how to mend it.

    All shops unless some are named. Exit code 1 when a shop has an error.
    """
    with application.database.reading() as session:
        shops = service.selected(session, application.workspace_id, names)
        registered = endpoints.registrations(session, application.workspace_id)
    if not shops and not as_json:
        output.line("No shop is connected yet: see `loyalty-bridge store add --help`.")
        return
    with output.progress().task("checking", len(shops), "stores") as task:
        reports = check_all(
            shops,
            application.connect,
            lambda shop: application.platforms[shop.platform],
            registered,
            task,
        )
    reports = with_plugins(application, reports)
    with application.database.writing() as session:
        checks.keep(session, application.workspace_id, reports, application.now())
    if as_json:
        output.json({"stores": [_entry(report) for report in reports]})
    else:
        for report in reports:
            _show(output, report)
    if any(report.worst is Severity.ERROR for report in reports):
        context.exit(1)


def _entry(report: Report) -> dict[str, Any]:
    return {
        "name": report.installation.name,
        "platform": report.installation.platform,
        "url": report.installation.url,
        "version": report.info.version if report.info else None,
        "worst": report.worst.value,
        "findings": [
            {
                "severity": finding.severity.value,
                "topic": finding.topic,
                "found": finding.found,
                "mend": finding.mend,
            }
            for finding in report.findings
        ],
    }


def _show(output: Output, report: Report) -> None:
    shop = report.installation
    output.line(f"{shop.name} ({shop.platform}, {shop.url})", "bold")
    for finding in report.findings:
        word = finding.severity.value
        output.line(f"  {word:8}{finding.topic}: {finding.found}", STYLES[word])
        if finding.mend:
            output.line(f"          {finding.mend}")
    counts = {
        severity: sum(finding.severity is severity for finding in report.findings)
        for severity in (Severity.ERROR, Severity.WARNING)
    }
    said = [plural(count, severity.value) for severity, count in counts.items() if count]
    output.line(f"  => {', '.join(said) if said else 'ready'}")
