"""A kept plan on its way: approved by one person, or by a second one above a limit, and made into
a run. What is sent is what was approved, or nothing."""

from __future__ import annotations

import time
from dataclasses import dataclass
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlalchemy import update
from sqlmodel import Session, col

from bridge.application import Application
from bridge.approvals.models import WaitingChange
from bridge.approvals.service import ask
from bridge.audit.service import Actor, Subject, record
from bridge.kit.errors import BridgeError
from bridge.kit.progress import Progress
from bridge.plans.keeping import kept_plan, moved_by_currency
from bridge.plans.limits import money_moved, needs_second_person
from bridge.plans.models import KeptPlan, PlanState
from bridge.plans.runs import Written, open_installations
from bridge.plans.service import Pause, PlanChanged, chosen, store_plan, store_undo
from bridge.preferences.sections import Limits
from bridge.preferences.service import preferences
from bridge.programme.service import in_force
from connectors.sentences import sentence

ACTION = "plan.apply"
"""What waits for a second person."""


class PlanTaken(BridgeError):
    def __init__(self, state: str) -> None:
        super().__init__(
            {
                PlanState.WAITING.value: "This plan waits for a second person already.",
                PlanState.OUTDATED.value: "This plan is outdated: make it anew.",
            }.get(state, "This plan was approved already.")
        )


@dataclass(frozen=True, slots=True)
class Moved:
    """The money of a plan, against the workspace's limit."""

    amount: Decimal | None
    """In the programme's currency; ``None``: a rate is missing."""
    currency: str
    limit: Decimal | None

    @property
    def needs_second_person(self) -> bool:
        return needs_second_person(self.amount, self.limit)


def moved(session: Session, app: Application, plan: KeptPlan) -> Moved:
    limit = preferences(session, app.workspace_id, Limits).plan_money
    programme = in_force(session, app.workspace_id, app.now())
    if programme is None:
        return Moved(None, "", limit)
    day = app.now().astimezone(ZoneInfo(programme.timezone)).date()
    amount = money_moved(moved_by_currency(plan.summary), programme, day)
    return Moved(amount, programme.currency, limit)


def approve(
    session: Session, app: Application, plan_id: int, digest: str, actor: Actor
) -> PlanState:
    """What a person who looked at a plan decides: STARTED (then :func:`carry_out` does it), or
    WAITING where it moves more money than one person may.

    ``digest``: of the plan that was on his screen. Raises :class:`PlanTaken`, PlanChanged, and
    BridgeError when the plan is not kept any more or something is still on its way.
    """
    assert actor.user_id is not None
    plan = kept_plan(session, app.workspace_id, plan_id)
    if plan.digest != digest:
        raise PlanChanged
    _nothing_on_its_way(session, app, plan)
    money = moved(session, app, plan)
    is_waiting = money.needs_second_person
    state = PlanState.WAITING if is_waiting else PlanState.STARTED
    _move(session, plan, PlanState.READY, state)
    if is_waiting:
        ask(
            session,
            app.workspace_id,
            ACTION,
            _subject(plan),
            {"plan": plan_id, "digest": digest, "changes": plan.summary["total"]},
            _limit_text(money),
            actor.user_id,
            app.now(),
        )
    _record(session, app, plan, actor, "plan.asked" if is_waiting else "plan.approved", money)
    return state


def approve_second(session: Session, app: Application, change: WaitingChange, actor: Actor) -> None:
    """The handler of :data:`ACTION`; :func:`carry_out` follows once it is committed."""
    plan = kept_plan(session, app.workspace_id, change.arguments["plan"])
    if plan.digest != change.arguments["digest"]:
        raise PlanChanged
    _nothing_on_its_way(session, app, plan)
    _move(session, plan, PlanState.WAITING, PlanState.STARTED)
    _record(session, app, plan, actor, "plan.approved", moved(session, app, plan))


def let_go(session: Session, app: Application, change: WaitingChange) -> None:
    """A plan that was refused or withdrawn is not done."""
    plan_id = change.arguments["plan"]
    session.execute(
        update(KeptPlan)
        .where(
            col(KeptPlan.workspace_id) == app.workspace_id,
            col(KeptPlan.id) == plan_id,
            col(KeptPlan.state) == PlanState.WAITING.value,
        )
        .values(state=PlanState.OUTDATED.value)
        .execution_options(synchronize_session=False)
    )


def carry_out(
    app: Application,
    plan_id: int,
    progress: Progress | None = None,
    pause: Pause = time.sleep,
) -> int | None:
    """Makes the approved plan into a run; its number, ``None`` when there was nothing to send.
    Sends nothing of it: :func:`bridge.plans.service.deliver` does.

    Raises PlanChanged when what is to be done is no longer what was approved.
    """
    with app.database.reading() as session:
        plan = kept_plan(session, app.workspace_id, plan_id)

    def note(session: Session, written: Written) -> None:
        _move(session, plan, PlanState.STARTED, PlanState.APPLIED, written.run)

    try:
        if plan.undoes is not None:
            result = store_undo(
                app, plan.undoes, progress, pause, approved=plan.digest, and_then=note
            )
            problem = next((one.message for one in result.failures), "")
            if problem or any(one.left for one in result.outcomes.values()):
                raise BridgeError(problem or "Its stores have changes left to be delivered first.")
        else:
            result = store_plan(app, chosen(app, plan.stores), approved=plan.digest, and_then=note)
    except BaseException as error:
        state = PlanState.OUTDATED if isinstance(error, PlanChanged) else PlanState.READY
        with app.database.writing() as session:
            _move(session, plan, PlanState.STARTED, state)
        raise
    return result.written.run


def _nothing_on_its_way(session: Session, app: Application, plan: KeptPlan) -> None:
    if plan.undoes is not None:
        return  # taking back settles what is on its way by itself
    if open_installations(session, app.workspace_id):
        raise BridgeError(
            sentence(
                "Changes of an earlier run are still to be delivered. Finish them first, then "
                "make the plan anew."
            )
        )


def _move(
    session: Session,
    plan: KeptPlan,
    before: PlanState,
    after: PlanState,
    run_number: int | None = None,
) -> None:
    """Once: of two who approve at the same moment, the second is told."""
    moved_ = session.execute(
        update(KeptPlan)
        .where(
            col(KeptPlan.workspace_id) == plan.workspace_id,
            col(KeptPlan.id) == plan.id,
            col(KeptPlan.state) == before.value,
        )
        .values(state=after.value, run_number=run_number)
        .execution_options(synchronize_session=False)
    )
    if getattr(moved_, "rowcount", 0) != 1:
        raise PlanTaken(kept_plan(session, plan.workspace_id, plan.id or 0).state)


def _subject(plan: KeptPlan) -> Subject:
    name = f"plan {plan.id}" if plan.undoes is None else f"undo of run {plan.undoes}"
    return Subject("plan", str(plan.id), name)


def _limit_text(money: Moved) -> str:
    if money.amount is None:
        return "Nobody can say how much money it moves: an exchange rate is missing."
    return (
        f"It moves {money.amount:,.2f} {money.currency}; "
        f"above {money.limit or 0:,.2f} {money.currency} two people decide."
    )


def _record(
    session: Session, app: Application, plan: KeptPlan, actor: Actor, action: str, money: Moved
) -> None:
    after = {
        "changes": plan.summary.get("total", 0),
        "money": None if money.amount is None else f"{money.amount:.2f} {money.currency}",
        "programme version": plan.programme_number,
        "stores": plan.stores or None,
    }
    record(session, app.workspace_id, actor, action, _subject(plan), app.now(), after=after)
