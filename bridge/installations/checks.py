"""What the last check of each installation found, kept for who looks later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, delete, insert, select

from bridge.installations.checking import Report
from bridge.installations.models import StoreCheck
from bridge.installations.service import set_facts
from bridge.logging import redacted
from connectors.base import Finding, Severity
from connectors.sentences import restored, stored


@dataclass(frozen=True, slots=True)
class Checked:
    at: datetime
    findings: tuple[Finding, ...]

    def count(self, severity: Severity) -> int:
        return sum(finding.severity is severity for finding in self.findings)


def keep(session: Session, workspace_id: int, reports: Sequence[Report], now: datetime) -> None:
    """The findings, and what the shops told about themselves."""
    for report in reports:
        found = report.installation.id
        if found is None:
            continue
        session.exec(
            delete(StoreCheck).where(
                col(StoreCheck.workspace_id) == workspace_id,
                col(StoreCheck.installation_id) == found,
            )
        )
        session.exec(
            insert(StoreCheck).values(
                installation_id=found,
                workspace_id=workspace_id,
                findings=[_stored(finding) for finding in report.findings],
                checked_at=now,
            )
        )
        if report.info is not None:
            set_facts(session, workspace_id, found, report.info, now, report.plugin)


def last(session: Session, workspace_id: int) -> dict[int, Checked]:
    """By installation id."""
    rows = session.exec(select(StoreCheck).where(col(StoreCheck.workspace_id) == workspace_id))
    return {
        row.installation_id: Checked(row.checked_at, tuple(_finding(one) for one in row.findings))
        for row in rows
    }


def _stored(finding: Finding) -> dict[str, Any]:
    """A shop may repeat in its answer what was sent to it."""
    return {
        "said": [stored(one, redacted) for one in (finding.found, finding.mend)],
        "severity": finding.severity.value,
        "topic": finding.topic,
        "found": redacted(finding.found),
        "mend": redacted(finding.mend),
    }


def _finding(kept: dict[str, Any]) -> Finding:
    found, mend = kept.get("said") or (kept["found"], kept["mend"])
    return Finding(Severity(kept["severity"]), kept["topic"], restored(found), restored(mend))
