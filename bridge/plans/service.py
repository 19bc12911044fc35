"""What can happen to plans: pull, plan, apply, undo, resolve. Each commits at its own edges;
no transaction holds a call to a shop."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta

from sqlmodel import Session

from bridge.application import Application
from bridge.catalogue.pulling import PullReport, Source, pull
from bridge.groups.delivery import AudienceHandler, GroupHandler
from bridge.installations import plugin_states
from bridge.installations.models import Installation
from bridge.installations.service import selected
from bridge.kit.errors import BridgeError
from bridge.kit.progress import NoProgress, Progress
from bridge.members.delivery import CustomerHandler
from bridge.outbox.delivering import Desk, Drain, Outcome
from bridge.outbox.handler import Handler
from bridge.outbox.workers import Worker
from bridge.plans.digesting import PlanDigest
from bridge.plans.foreign import count_foreign, foreign_rows
from bridge.plans.parts import Agreement, Change, Part, Remark, RemarkKind
from bridge.plans.planning import Extent, plan
from bridge.plans.promotion_texts import Compiled, compile_promotions
from bridge.plans.resolving import Choice, resolution
from bridge.plans.runs import (
    RunWriter,
    Written,
    finish_runs,
    one_at_a_time,
    open_installations,
    run_numbered,
    store_agreements,
)
from bridge.plans.summary import PlanSummary, summarise
from bridge.plans.undoing import cancel_unsent, touched, undo
from bridge.prices.delivery import PriceHandler
from bridge.programme.service import current
from bridge.promotions.delivery import PromotionHandler
from bridge.promotions.texts import remember
from connectors.errors import ConnectorError
from connectors.sentences import sentence

Pause = Callable[[float], None]
"""Waits for seconds."""


class PlanChanged(BridgeError):
    """What is to be done is no longer what somebody approved. Nothing was sent."""

    def __init__(self) -> None:
        super().__init__(
            sentence(
                "Something changed since this plan was made: nothing of it was sent. Make the "
                "plan anew, and look at it once more."
            )
        )


HANDLERS: tuple[Handler, ...] = (
    GroupHandler(),
    AudienceHandler(),
    PriceHandler(),
    PromotionHandler(),
    CustomerHandler(),
)


@dataclass(frozen=True, slots=True)
class Failure:
    """A store that could not be asked; the others went on."""

    installation: str
    message: str


@dataclass
class PullResult:
    reports: list[PullReport] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)


@dataclass
class ApplyResult:
    written: Written = field(default_factory=Written)
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    """By installation."""
    failures: list[Failure] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)


# -- reading --------------------------------------------------------------------------------


def chosen(app: Application, names: Sequence[str]) -> list[Installation]:
    """Raises UnknownInstallation, and BridgeError when the workspace has no store at all."""
    with app.database.reading() as session:
        found = selected(session, app.workspace_id, names)
    if not found:
        raise BridgeError(
            sentence("There is no store yet. Add one with `loyalty-bridge store add`.")
        )
    return found


def pull_all(
    app: Application, names: Sequence[str] = (), progress: Progress | None = None
) -> PullResult:
    """Reads stores side by side; one that fails does not hold up the others."""
    result = PullResult()
    installations = chosen(app, names)

    def one(installation: Installation) -> PullReport:
        with closing(app.connect(installation)) as connector:
            return pull(
                Source(app.database, installation, connector, app.now, progress or NoProgress())
            )

    with ThreadPoolExecutor(len(installations)) as pool:
        futures = [(installation, pool.submit(one, installation)) for installation in installations]
        for installation, future in futures:
            try:
                result.reports.append(future.result())
            except (ConnectorError, BridgeError) as error:
                result.failures.append(Failure(installation.name, str(error)))
    return result


# -- planning -------------------------------------------------------------------------------


def parts(
    app: Application,
    session: Session,
    installations: Sequence[Installation],
    compiled: Compiled,
    extent: Extent = Extent.ALL,
) -> Iterator[Part]:
    found = current(session, app.workspace_id)
    if found is None:
        raise BridgeError(
            sentence("There is no programme yet. Run `loyalty-bridge program load FILE`.")
        )
    _, programme = found
    names = frozenset(one.name for one in selected(session, app.workspace_id, ()))
    return plan(
        session,
        installations,
        app.platforms,
        app.workspace,
        programme,
        names,
        compiled,
        extent,
    )


def make_plan(
    app: Application,
    names: Sequence[str] = (),
    *,
    keep_all: bool = False,
    list_foreign: bool = False,
) -> PlanSummary:
    """Compares with what was last pulled. ``keep_all``: every change, not a sample of them;
    ``list_foreign``: each tier price of others among the remarks, not their count alone."""
    installations = chosen(app, names)
    compiled = compile_promotions(app, installations)
    with app.database.reading() as session:
        summary = summarise(parts(app, session, installations, compiled), keep_all=keep_all)
        summary.foreign = count_foreign(session, app.workspace_id, installations)
        if list_foreign:
            known = {(remark.installation, remark.key) for remark in summary.remarks}
            summary.remarks += (
                remark
                for remark in foreign_rows(session, app.workspace_id, installations)
                if (remark.installation, remark.key) not in known
            )
    return summary


def pending(app: Application) -> dict[str, int]:
    """How many deliveries of earlier runs are still open, by installation."""
    installations = {installation.id: installation.name for installation in chosen(app, ())}
    with app.database.reading() as session:
        found = open_installations(session, app.workspace_id)
    return {installations[id_]: count for id_, count in found.items() if id_ in installations}


# -- applying -------------------------------------------------------------------------------


def apply(
    app: Application,
    names: Sequence[str] = (),
    progress: Progress | None = None,
    pause: Pause = time.sleep,
) -> ApplyResult:
    """Finishes what earlier runs left, plans anew, stores the run and delivers it.

    A store whose queue cannot be emptied is not planned for: what it holds is not known.
    """
    installations = chosen(app, names)
    waiting_for = [one for one in installations if one.name in pending(app)]
    result = deliver(app, waiting_for, progress, pause)
    planned = store_plan(app, installations)
    result.written, result.remarks = planned.written, planned.remarks
    going_on = [one for one in installations if one.name not in _broken_off(result)]
    waiting = pending(app)  # of this run, or of one that another process stored meanwhile
    if result.written.run is not None or any(one.name in waiting for one in going_on):
        _merge(result, deliver(app, going_on, progress, pause))
    return result


def _broken_off(result: ApplyResult) -> set[str]:
    """Stores that were tried in vain just now: not tried again at once."""
    stopped = {name for name, outcome in result.outcomes.items() if outcome.stopped}
    return stopped | {failure.installation for failure in result.failures}


def move_members(
    app: Application, progress: Progress | None = None, pause: Pause = time.sleep
) -> ApplyResult:
    """Moves customers to the groups they belong in by now, and changes nothing else.

    What else the programme wants waits for a person who looks at the plan. A store that has
    deliveries left is not planned for: they go out first, here or in the next :func:`apply`.
    """
    installations = chosen(app, ())
    result = store_plan(app, installations, Extent.MEMBERS)
    if result.written.run is not None:
        _merge(result, deliver(app, installations, progress, pause))
    return result


def end_promotions(app: Application, installations: Sequence[Installation]) -> ApplyResult:
    """Plans the removal of promotions whose time is over, and changes nothing else. Sends
    nothing: :func:`deliver` does, as after any plan. Safe to ask again: what waits already is
    not planned for."""
    return store_plan(app, installations, Extent.ENDED)


def store_plan(
    app: Application,
    installations: Sequence[Installation],
    extent: Extent = Extent.ALL,
    *,
    approved: str | None = None,
    and_then: Callable[[Session, Written], None] = lambda _session, _written: None,
) -> ApplyResult:
    """Plans for the stores that have nothing left to deliver, and stores the run. Sends
    nothing.

    ``approved``: the digest of the plan that a person approved (see
    :mod:`bridge.plans.digesting`); PlanChanged when this one changes anything else.
    ``and_then`` notes, in the same unit of work, what became of it.
    """
    result = ApplyResult()
    compiled = (
        compile_promotions(app, installations) if extent is Extent.ALL else Compiled(app.now())
    )
    with app.database.writing() as session:
        one_at_a_time(session, app.workspace_id)
        waiting = open_installations(session, app.workspace_id)
        ready = [one for one in installations if one.id not in waiting]
        writer = RunWriter(
            session, app.workspace_id, app.now(), programme_number=_number(session, app)
        )
        digest = PlanDigest()
        for part in parts(app, session, ready, compiled, extent):
            _take(writer, part, result)
            if isinstance(part, Change):
                digest.add(part)
        if approved not in (None, digest.text):
            raise PlanChanged
        result.written = writer.finish()
        and_then(session, result.written)
        for installation_id, texts in compiled.texts.items():
            remember(session, app.workspace_id, installation_id, texts.made.values())
    return result


def _number(session: Session, app: Application) -> int | None:
    found = current(session, app.workspace_id)
    return None if found is None else found[0]


def _take(writer: RunWriter, part: Part, result: ApplyResult) -> None:
    if isinstance(part, Change):
        writer.change(part)
    elif isinstance(part, Agreement):
        writer.agree(part)
    else:
        result.remarks.append(part)


def _merge(result: ApplyResult, later: ApplyResult) -> None:
    for name, outcome in later.outcomes.items():
        earlier = result.outcomes.setdefault(name, Outcome())
        earlier.counts.update(outcome.counts)
        earlier.stopped = outcome.stopped
        earlier.left = outcome.left
    result.failures += later.failures


def deliver(
    app: Application,
    installations: Sequence[Installation],
    progress: Progress | None = None,
    pause: Pause = time.sleep,
    stopping: Callable[[], bool] = lambda: False,
) -> ApplyResult:
    """Empties the outbox of these stores, side by side; ``stopping``: whether to leave the rest
    for later."""
    result = ApplyResult()
    if not installations:
        return result
    with (
        closing(Worker(app.settings.home)) as worker,
        ThreadPoolExecutor(len(installations)) as pool,
    ):
        futures = [
            (one, pool.submit(_drain, app, one, worker, progress or NoProgress(), pause, stopping))
            for one in installations
        ]
        for installation, future in futures:
            try:
                result.outcomes[installation.name] = future.result()
            except (ConnectorError, BridgeError) as error:
                result.failures.append(Failure(installation.name, str(error)))
    with app.database.writing() as session:
        finish_runs(session, app.workspace_id, app.now())
    return result


def _drain(
    app: Application,
    installation: Installation,
    worker: Worker,
    progress: Progress,
    pause: Pause,
    stopping: Callable[[], bool],
) -> Outcome:
    assert installation.id is not None
    with app.database.reading() as session:
        total = open_installations(session, app.workspace_id).get(installation.id, 0)
        state = plugin_states.state_of(session, app.workspace_id, installation.id)
    if not total:
        return Outcome()
    label = f"{installation.name}: delivering"
    with (
        closing(app.connect(installation)) as connector,
        progress.task(label, total, "changes") as task,
    ):
        desk = Desk(
            database=app.database,
            home=app.settings.home,
            worker=worker,
            handlers=_handlers(tells_plugin=not state.is_forgotten),
            clock=app.now,
            lease=timedelta(seconds=app.settings.lease_seconds),
            threads=app.settings.delivery_threads,
            pause=pause,
            progress=task.advance,
            stopping=stopping,
        )
        return Drain(desk, app.workspace_id, installation.id, connector).run()


def _handlers(*, tells_plugin: bool) -> dict[str, Handler]:
    """By kind."""
    found = {handler.kind: handler for handler in HANDLERS}
    if not tells_plugin:
        found[PromotionHandler.kind] = PromotionHandler(tells_plugin=False)
    return found


# -- undoing and resolving ------------------------------------------------------------------


def undo_run(
    app: Application,
    number: int,
    progress: Progress | None = None,
    pause: Pause = time.sleep,
) -> ApplyResult:
    """Takes back what a run did. Deliveries it never sent are cancelled; those whose outcome is
    unknown are settled first, and what else its stores wait for is delivered: while that fails
    nothing is taken back. Raises BridgeError for a run that is not there."""
    result = store_undo(app, number, progress, pause)
    if result.written.run is not None:
        with app.database.reading() as session:
            run = run_numbered(session, app.workspace_id, number)
            concerned = touched(session, app.workspace_id, run)
        installations = [one for one in chosen(app, ()) if one.id in concerned]
        _merge(result, deliver(app, installations, progress, pause))
    return result


def store_undo(
    app: Application,
    number: int,
    progress: Progress | None = None,
    pause: Pause = time.sleep,
    *,
    approved: str | None = None,
    and_then: Callable[[Session, Written], None] = lambda _session, _written: None,
) -> ApplyResult:
    """As :func:`undo_run`, and does not send the reversal. ``approved`` and ``and_then``: as for
    :func:`store_plan`."""
    installations = chosen(app, ())
    with app.database.writing() as session:
        run = run_numbered(session, app.workspace_id, number)
        cancel_unsent(session, app.workspace_id, run)
        concerned = touched(session, app.workspace_id, run)
    installations = [one for one in installations if one.id in concerned]
    result = deliver(app, installations, progress, pause)
    with app.database.writing() as session:
        one_at_a_time(session, app.workspace_id)
        if open_installations(session, app.workspace_id).keys() & concerned:
            return result
        digest = PlanDigest()
        written, remarks = undo(session, app.workspace_id, run, app.now(), digest)
        if approved not in (None, digest.text):
            raise PlanChanged
        and_then(session, written)
    result.written = written
    result.remarks += remarks
    return result


def resolve(
    app: Application,
    choice: Choice,
    names: Sequence[str] = (),
    matching: str = "",
    only: Collection[tuple[str, str, str]] | None = None,
) -> list[Remark]:
    """Decides conflicts: the next plan follows the choice. Returns those that were decided.

    ``only``: these, by store, kind and key."""
    installations = chosen(app, names)
    ids = {one.name: one.id for one in installations}
    compiled = compile_promotions(app, installations)
    with app.database.writing() as session:
        summary = summarise(parts(app, session, installations, compiled))
        decided = [
            remark
            for remark in summary.of(RemarkKind.CONFLICT)
            if matching.casefold() in remark.label.casefold()
            and (only is None or (remark.installation, remark.kind, remark.key) in only)
        ]
        agreements = [
            resolution(session, app.workspace_id, ids[remark.installation], remark, choice)
            for remark in decided
        ]
        store_agreements(session, app.workspace_id, agreements)
    return decided
