"""Making a plan to be looked at: its rows go into the database, however many there are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sqlalchemy import delete, insert, update
from sqlmodel import Session, col, select

from bridge.application import Application
from bridge.kit.errors import BridgeError
from bridge.kit.money import to_millionths
from bridge.kit.progress import NoProgress, Progress
from bridge.plans.digesting import PlanDigest
from bridge.plans.foreign import count_foreign
from bridge.plans.models import KeptPlan, PlanRow, PlanState
from bridge.plans.parts import Agreement, Change, Part, Remark
from bridge.plans.promotion_texts import compile_promotions
from bridge.plans.runs import run_numbered
from bridge.plans.service import chosen, parts
from bridge.plans.summary import PlanSummary, operation
from bridge.plans.undo_effects import with_effects
from bridge.plans.undoing import reversal
from bridge.programme.service import current
from connectors.sentences import sentence

CHANGE = "change"
PER_STATEMENT = 1000
_STAYS = PlanState.WAITING
"""A plan in any other state makes room for a new one: what was started and never became a run was
broken off with its process."""


def keep_plan(
    app: Application, stores: Sequence[str], made_by: str, progress: Progress | None = None
) -> int:
    """Compares the programme with what was last pulled; answers with the plan's id. Asks no
    shop."""
    installations = chosen(app, stores)
    compiled = compile_promotions(app, installations)

    def read(session: Session) -> Iterator[Part]:
        return parts(app, session, installations, compiled)

    plan_id = _begin(app, KeptPlan(stores=list(stores), **_by(app, made_by)))
    with app.database.reading() as session:
        foreign = count_foreign(session, app.workspace_id, installations)
    return _keep(app, plan_id, read, foreign, progress or NoProgress())


def keep_undo(app: Application, number: int, made_by: str, progress: Progress | None = None) -> int:
    """The plan that takes a run back. Raises BridgeError when there is no such run."""

    def read(session: Session) -> Iterator[Part]:
        run = run_numbered(session, app.workspace_id, number)
        found = (part for part, _ in reversal(session, app.workspace_id, run))
        return with_effects(session, app.workspace_id, found)

    with app.database.reading() as session:
        run_numbered(session, app.workspace_id, number)
    plan_id = _begin(app, KeptPlan(undoes=number, **_by(app, made_by)))
    return _keep(app, plan_id, read, {}, progress or NoProgress())


def _by(app: Application, made_by: str) -> dict[str, Any]:
    return {"workspace_id": app.workspace_id, "made_at": app.now(), "made_by": made_by}


def _begin(app: Application, plan: KeptPlan) -> int:
    with app.database.writing() as session:
        found = current(session, app.workspace_id)
        plan.programme_number = None if found is None else found[0]
        session.add(plan)
        session.flush()
        assert plan.id is not None
        forget_plans(session, app.workspace_id, plan.id)
        return plan.id


def forget_plans(session: Session, workspace_id: int, below: int) -> None:
    """Those before ``below``, which must be there already: SQLite gives the number of a row that
    is gone to the next one. A plan that waits for a second person stays."""
    gone = select(col(KeptPlan.id)).where(
        col(KeptPlan.workspace_id) == workspace_id,
        col(KeptPlan.id) < below,
        col(KeptPlan.state) != _STAYS.value,
    )
    session.execute(delete(PlanRow).where(col(PlanRow.plan_id).in_(gone)))
    session.execute(delete(KeptPlan).where(col(KeptPlan.id).in_(gone)))


def _keep(
    app: Application,
    plan_id: int,
    read: Callable[[Session], Iterable[Part]],
    foreign: dict[str, int],
    progress: Progress,
) -> int:
    """Reads in one view of the database, and writes in units of work of its own: nothing waits
    for it, however long it takes."""
    keeper = _Keeper(app, plan_id)
    with app.database.reading() as session, progress.task("comparing", None, "rows") as task:
        for part in read(session):
            if keeper.take(part):
                task.advance(PER_STATEMENT)
    keeper.summary.foreign = foreign
    keeper.finish()
    return plan_id


@dataclass
class _Keeper:
    app: Application
    plan_id: int
    summary: PlanSummary = field(default_factory=PlanSummary)
    digest: PlanDigest = field(default_factory=PlanDigest)
    remarks: dict[str, int] = field(default_factory=dict)
    unvalued: int = 0
    """Prices of which nobody knows what they change."""
    _rows: list[dict[str, Any]] = field(default_factory=list)
    _position: int = 0

    def take(self, part: Part) -> bool:
        """Whether a batch was written."""
        if isinstance(part, Agreement):
            return False
        if isinstance(part, Change):
            self.summary.add(part)
            self.digest.add(part)
            self.unvalued += part.kind == "price" and part.effect is None
            self._row(change_row(part))
        else:
            self.remarks[part.remark.value] = self.remarks.get(part.remark.value, 0) + 1
            self._row(remark_row(part))
        if len(self._rows) < PER_STATEMENT:
            return False
        self._write()
        return True

    def finish(self) -> None:
        self._write()
        with self.app.database.writing() as session:
            session.execute(
                update(KeptPlan)
                .where(
                    col(KeptPlan.workspace_id) == self.app.workspace_id,
                    col(KeptPlan.id) == self.plan_id,
                )
                .values(
                    state=PlanState.READY.value,
                    digest=self.digest.text,
                    summary=summary_record(self.summary, self.remarks, self.unvalued),
                )
            )

    def _row(self, fields: dict[str, Any]) -> None:
        self._position += 1
        place = {"plan_id": self.plan_id, "position": self._position}
        self._rows.append({**place, "workspace_id": self.app.workspace_id, **fields})

    def _write(self) -> None:
        if self._rows:
            with self.app.database.writing() as session:
                session.connection().execute(insert(PlanRow), self._rows)
        self._rows = []


def change_row(change: Change) -> dict[str, Any]:
    effect = change.effect
    return {
        "what": CHANGE,
        "store": change.installation,
        "kind": change.kind,
        "operation": operation(change).value,
        "label": change.label,
        "source": change.source,
        "message": "",
        "key": change.key,
        "before": change.before,
        "after": change.after,
        "currency": effect.currency if effect else "",
        "cost_before": _cost(effect.before) if effect else None,
        "cost_after": _cost(effect.after) if effect else None,
    }


def remark_row(remark: Remark) -> dict[str, Any]:
    return {
        "what": remark.remark.value,
        "store": remark.installation,
        "kind": remark.kind,
        "operation": "",
        "label": remark.label,
        "source": remark.source,
        "message": remark.message,
        "key": remark.key,
        "before": remark.theirs,
        "after": remark.ours,
        "currency": "",
        "cost_before": None,
        "cost_after": None,
    }


def summary_record(summary: PlanSummary, remarks: dict[str, int], unvalued: int) -> dict[str, Any]:
    """As JSON; money as decimal text."""
    return {
        "total": summary.total,
        "counts": [
            [store, kind, how.value, count] for (store, kind, how), count in summary.counts.items()
        ],
        "money": [
            {
                "store": store,
                "currency": currency,
                "lower": money.lower,
                "higher": money.higher,
                "same": money.same,
                "before": str(money.before),
                "after": str(money.after),
                "moved": str(money.moved),
            }
            for (store, currency), money in summary.money.items()
        ],
        "remarks": remarks,
        "foreign": summary.foreign,
        "unvalued": unvalued,
    }


def _cost(amount: Decimal) -> int:
    """A percentage of a price may have more decimals than are kept."""
    return to_millionths(amount.quantize(Decimal("0.000001")))


def moved_by_currency(summary: dict[str, Any]) -> dict[str, Decimal]:
    """What a kept plan moves: one piece of each row, up or down."""
    found: dict[str, Decimal] = {}
    for entry in summary.get("money", ()):
        found.setdefault(entry["currency"], Decimal(0))
        found[entry["currency"]] += Decimal(entry["moved"])
    return found


def kept_plan(session: Session, workspace_id: int, plan_id: int) -> KeptPlan:
    """Raises BridgeError when it is not there any more."""
    found = session.exec(
        select(KeptPlan).where(
            col(KeptPlan.workspace_id) == workspace_id, col(KeptPlan.id) == plan_id
        )
    ).first()
    if found is None:
        raise BridgeError(sentence("This plan is not kept any more: a newer one was made."))
    return found


def newest_plan(session: Session, workspace_id: int) -> KeptPlan | None:
    """That is complete."""
    return session.exec(
        select(KeptPlan)
        .where(
            col(KeptPlan.workspace_id) == workspace_id,
            col(KeptPlan.state) != PlanState.MAKING.value,
        )
        .order_by(col(KeptPlan.id).desc())
        .limit(1)
    ).first()
