"""What stands on the page of a plan, around its rows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from sqlmodel import Session

from bridge.approvals.models import WaitingChange
from bridge.approvals.service import waiting
from bridge.installations.models import Installation
from bridge.installations.service import installations
from bridge.plans.approving import ACTION, Moved, moved
from bridge.plans.keeping import CHANGE
from bridge.plans.models import KeptPlan
from bridge.plans.parts import RemarkKind
from bridge.plans.reading import Wanted
from bridge.plans.runs import open_installations
from bridge.web.admin.visit import Visit


@dataclass(frozen=True, slots=True)
class Counted:
    """A line of the table of counts."""

    store: str
    kind: str
    counts: dict[str, int]


@dataclass(frozen=True, slots=True)
class MoneyLine:
    store: str
    currency: str
    lower: int
    higher: int
    same: int
    before: Decimal
    after: Decimal

    @property
    def share(self) -> Decimal | None:
        return (self.after - self.before) / self.before if self.before else None


@dataclass(frozen=True, slots=True)
class Around:
    """What stands around the rows."""

    shops: list[Installation]
    pending: int
    waits: list[WaitingChange]
    moved: Moved | None


def around_plan(session: Session, visit: Visit, found: KeptPlan | None) -> Around:
    workspace_id = visit.app.workspace_id
    return Around(
        installations(session, workspace_id),
        sum(open_installations(session, workspace_id).values()),
        [] if found is None else waiting(session, workspace_id, action=ACTION),
        None if found is None else moved(session, visit.app, found),
    )


def with_a_default(found: KeptPlan, wanted: Wanted) -> Wanted:
    """Conflicts come first: nothing is done about them until somebody decides."""
    if wanted.what:
        return wanted
    remarks = found.summary.get("remarks", {})
    if not found.summary.get("total") and remarks:
        first = next(kind.value for kind in RemarkKind if kind.value in remarks)
        order = (RemarkKind.CONFLICT.value, RemarkKind.PROBLEM.value)
        return replace(wanted, what=next((one for one in order if one in remarks), first))
    return replace(wanted, what=CHANGE)


def counted(found: KeptPlan) -> list[Counted]:
    lines: dict[tuple[str, str], Counted] = {}
    for store, kind, how, count in found.summary.get("counts", ()):
        line = lines.setdefault((store, kind), Counted(store, kind, {}))
        line.counts[how] = count
    return list(lines.values())


def money_lines(found: KeptPlan) -> list[MoneyLine]:
    return [
        MoneyLine(
            entry["store"],
            entry["currency"],
            entry["lower"],
            entry["higher"],
            entry["same"],
            Decimal(entry["before"]),
            Decimal(entry["after"]),
        )
        for entry in found.summary.get("money", ())
    ]
