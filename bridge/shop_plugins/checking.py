"""What `store check` says of a plugin beside what the shop says of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from bridge.application import Application
from bridge.installations.checking import PLUGIN, Report
from bridge.kit.encryption import UnreadableSecret
from bridge.kit.errors import BridgeError
from bridge.shop_plugins.checklist import Mark, Point, checklist
from bridge.shop_plugins.standing import Standing, standing
from connectors.base import Finding, Severity
from connectors.sentences import joined

_SAID_ALREADY = frozenset({"active", "gifts"})
"""By :func:`bridge.installations.checking.about_plugin`."""


def with_plugins(app: Application, reports: Sequence[Report]) -> list[Report]:
    """The same reports, with findings about what plugins were told. ``report.plugin`` is what the
    shop told just now."""
    return [_with(app, report) for report in reports]


def _with(app: Application, report: Report) -> Report:
    if report.info is None:
        return report
    try:
        one = standing(app, report.installation)
    except (BridgeError, UnreadableSecret):
        return report  # which says so already
    if one is None:
        return report
    now = replace(one, plugin=report.plugin)
    said = report.findings
    if one.state.is_forgotten:
        said = tuple(one for one in said if not _is_praise(one))
    return replace(report, findings=(*said, *_findings(now)))


def _is_praise(finding: Finding) -> bool:
    """What a plugin could do had it not been made to forget the bridge."""
    return finding.topic == PLUGIN and finding.severity is Severity.OK


def _findings(one: Standing) -> Iterator[Finding]:
    if one.plugin is None and one.state.gone_at is None:
        return  # everything works without it, too
    for point in checklist(one):
        severity = _severity(point)
        if severity is not None and point.topic not in _SAID_ALREADY:
            said = joined(point.title, point.found, separator=": ")
            yield Finding(severity, PLUGIN, said, point.to_do)


def _severity(point: Point) -> Severity | None:
    """``None``: it is not worth a line."""
    if point.mark is Mark.MEND:
        return Severity.WARNING
    if point.mark is Mark.DONE and point.topic in ("installed", "told", "events"):
        return Severity.OK
    return None
