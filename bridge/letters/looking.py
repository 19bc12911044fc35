"""Letters as people look at them, and sending failed ones once more."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlmodel import Session, col, select

from bridge.kit.errors import BridgeError
from bridge.letters.models import Letter, LetterState


class UnknownLetter(BridgeError):
    def __init__(self, letter_id: int) -> None:
        super().__init__(
            f"There is no letter {letter_id}. See them with: loyalty-bridge letters list"
        )


def listed(
    session: Session,
    workspace_id: int,
    *,
    state: LetterState | None = None,
    member_id: int | None = None,
    before: int = 0,
    most: int = 100,
) -> Sequence[Letter]:
    """Newest first; ``before``: only those with a lower number, to page on."""
    which = [col(Letter.workspace_id) == workspace_id]
    if state is not None:
        which.append(col(Letter.state) == state.value)
    if member_id is not None:
        which.append(col(Letter.member_id) == member_id)
    if before:
        which.append(col(Letter.id) < before)
    rows = session.exec(select(Letter).where(*which).order_by(col(Letter.id).desc()).limit(most))
    return rows.all()


def letter_with_id(session: Session, workspace_id: int, letter_id: int) -> Letter:
    """Raises :class:`UnknownLetter`."""
    found = session.exec(
        select(Letter).where(col(Letter.workspace_id) == workspace_id, col(Letter.id) == letter_id)
    ).first()
    if found is None:
        raise UnknownLetter(letter_id)
    return found


def retry(session: Session, workspace_id: int, now: datetime, letter_id: int | None = None) -> int:
    """Failed letters are tried again, as often as new ones; how many. ``None``: all of them.
    Raises :class:`UnknownLetter`."""
    which = [
        col(Letter.workspace_id) == workspace_id,
        col(Letter.state) == LetterState.FAILED.value,
    ]
    if letter_id is not None:
        which.append(col(Letter.id) == letter_with_id(session, workspace_id, letter_id).id)
    done: Any = session.execute(
        update(Letter)
        .where(*which)
        .values(state=LetterState.WAITING.value, attempts=0, not_before=now)
        .execution_options(synchronize_session=False)
    )
    return int(done.rowcount)
