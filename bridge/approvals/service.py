"""Changes above a limit: asked for by one person, decided by another.

What a change does is not known here: who decides hands over a handler for each action, and a
change is done in the very unit of work in which it is approved, once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, update
from sqlmodel import Session, col, select

from bridge.approvals.models import WaitingChange, WaitingState
from bridge.audit.service import Subject
from bridge.kit.errors import BridgeError
from connectors.sentences import sentence

Handler = Callable[[Session, WaitingChange], None]
"""Does what was asked for, with its ``arguments``. Raises BridgeError when that cannot be done
any more: then nothing is changed, and it still waits."""


class NotWaiting(BridgeError):
    """It is not there, or was decided meanwhile."""

    def __init__(self) -> None:
        super().__init__(
            sentence("This change does not wait any more: it was decided or withdrawn.")
        )


class SecondPersonNeeded(BridgeError):
    def __init__(self) -> None:
        super().__init__(
            sentence("You asked for this change yourself: somebody else must decide it.")
        )


class NotYours(BridgeError):
    def __init__(self) -> None:
        super().__init__(sentence("Only who asked for a change can withdraw it."))


def ask(
    session: Session,
    workspace_id: int,
    action: str,
    subject: Subject,
    arguments: Mapping[str, Any],
    limit: str,
    user_id: int,
    now: datetime,
) -> int:
    """Lets a change wait; its id. ``action``: like ``points.adjust``; ``arguments``: what JSON can
    say, all that the handler needs; ``limit``: which limit it is above, in words."""
    change = WaitingChange(
        workspace_id=workspace_id,
        action=action,
        subject_kind=subject.kind,
        subject_id=subject.id,
        subject=subject.name,
        arguments=dict(arguments),
        limit=limit,
        asked_by=user_id,
        asked_at=now,
    )
    session.add(change)
    session.flush()
    assert change.id is not None
    return change.id


def decide(
    session: Session,
    workspace_id: int,
    change_id: int,
    *,
    is_approved: bool,
    user_id: int,
    now: datetime,
    handlers: Mapping[str, Handler],
    note: str = "",
) -> WaitingChange:
    """Approves a change, which does it, or refuses it.

    Raises NotWaiting, SecondPersonNeeded, and BridgeError of the handler. Of two who decide at
    once the second gets NotWaiting.
    """
    change = one(session, workspace_id, change_id)
    if change.asked_by == user_id:
        raise SecondPersonNeeded
    state = WaitingState.APPROVED if is_approved else WaitingState.REFUSED
    _close(session, change, state, user_id, now, note)
    if is_approved:
        handler = handlers.get(change.action)
        if handler is None:
            raise BridgeError(
                sentence(
                    "This release of the bridge cannot do %(action)s: refuse it.",
                    action=change.action,
                )
            )
        handler(session, change)
    return change


def withdraw(
    session: Session, workspace_id: int, change_id: int, user_id: int, now: datetime
) -> WaitingChange:
    """By who asked for it. Raises NotWaiting and NotYours."""
    change = one(session, workspace_id, change_id)
    if change.asked_by != user_id:
        raise NotYours
    _close(session, change, WaitingState.WITHDRAWN, user_id, now, "")
    return change


def one(session: Session, workspace_id: int, change_id: int) -> WaitingChange:
    """In whatever state. Raises NotWaiting when it is not there."""
    found = session.exec(
        select(WaitingChange).where(
            col(WaitingChange.workspace_id) == workspace_id, col(WaitingChange.id) == change_id
        )
    ).first()
    if found is None:
        raise NotWaiting
    return found


def waiting(
    session: Session, workspace_id: int, *, action: str = "", subject_id: str = "", limit: int = 50
) -> list[WaitingChange]:
    """What nobody has decided, oldest first."""
    statement = select(WaitingChange).where(*_waits(workspace_id))
    if action:
        statement = statement.where(col(WaitingChange.action) == action)
    if subject_id:
        statement = statement.where(col(WaitingChange.subject_id) == subject_id)
    return list(session.exec(statement.order_by(col(WaitingChange.id)).limit(limit)))


def decided(
    session: Session, workspace_id: int, *, below: int | None = None, limit: int = 50
) -> list[WaitingChange]:
    """What was decided or withdrawn, the newest first; ``below``: the last one's id on the page
    before."""
    statement = select(WaitingChange).where(
        col(WaitingChange.workspace_id) == workspace_id,
        col(WaitingChange.state) != WaitingState.WAITING.value,
    )
    if below is not None:
        statement = statement.where(col(WaitingChange.id) < below)
    return list(session.exec(statement.order_by(col(WaitingChange.id).desc()).limit(limit)))


def how_many(session: Session, workspace_id: int) -> int:
    """That nobody has decided."""
    statement = select(func.count()).select_from(WaitingChange).where(*_waits(workspace_id))
    return int(session.exec(statement).one())


def _waits(workspace_id: int) -> tuple[Any, Any]:
    return (
        col(WaitingChange.workspace_id) == workspace_id,
        col(WaitingChange.state) == WaitingState.WAITING.value,
    )


def _close(
    session: Session,
    change: WaitingChange,
    state: WaitingState,
    user_id: int,
    now: datetime,
    note: str,
) -> None:
    """Once: who comes second finds no row that waits."""
    closed = session.execute(
        update(WaitingChange)
        .where(*_waits(change.workspace_id), col(WaitingChange.id) == change.id)
        .values(state=state.value, decided_by=user_id, decided_at=now, note=note)
        .execution_options(synchronize_session=False)
    )
    if getattr(closed, "rowcount", 0) != 1:
        raise NotWaiting
    session.refresh(change)
