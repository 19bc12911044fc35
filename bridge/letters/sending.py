"""Letters go out. One is leased, and that it is begun is kept, before it is sent; afterwards it is
marked. Killed in between, it is sent again, with the same Message-ID."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import func, or_, select
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, col

from bridge.application import Application
from bridge.kit.errors import BridgeError
from bridge.letters.mail import Mailer, NotSent, Refused, ServerOut, mail_server
from bridge.letters.message import Mail
from bridge.letters.models import Letter, LetterKind, LetterState
from bridge.preferences.sections import Letters
from bridge.preferences.service import preferences
from bridge.workspaces.models import Workspace

LEASE = timedelta(minutes=15)
SLOWEST = timedelta(minutes=4)
"""How long one letter takes when the server answers each command just before the time-out: with
less of its lease left, none is begun."""
AT_ONCE = 10
MOST_ATTEMPTS = 10
"""Over some two days; then it has failed, and is shown."""
LONGEST_WAIT = timedelta(days=14)
"""How long a letter waits for what it tells of."""
_FIRST_PAUSE = timedelta(minutes=1)
_LONGEST_PAUSE = timedelta(hours=12)
_MINUTE = timedelta(minutes=1)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Later:
    """What the letter tells of is not there yet."""

    pause: timedelta
    why: str


@dataclass(frozen=True, slots=True)
class Nobody:
    """It is not to be sent."""

    why: str


Composed = Mail | Later | Nobody
Compose = Callable[[Session, Letter], Composed]
"""Reads only. Raises BridgeError for what keeps every letter from being sent."""


@dataclass(frozen=True, slots=True)
class Sent:
    sent: int = 0
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Leased:
    id: int
    mail: Mail
    until: datetime
    """The end of its lease; with the owner, what tells it from others."""


def pause_after(attempts: int) -> timedelta:
    """How long a letter rests that was tried so many times. Pure."""
    return min(_FIRST_PAUSE * int(4 ** (attempts - 1)), _LONGEST_PAUSE)


def has_due(app: Application, *, urgent: bool = False) -> bool:
    """``urgent``: of :data:`LetterKind.SIGN_IN` alone."""
    due = (_urgent if urgent else _due)(app.workspace_id, app.now())
    with app.database.reading() as session:
        return session.execute(due.limit(1)).first() is not None


def send_letters(app: Application, owner: str, compose: Compose, *, urgent: bool = False) -> Sent:
    """Every letter that is due, up to the limit of this minute, which does not hold up urgent
    ones; those go first, and with ``urgent`` no others. ``owner`` names the worker, for its
    leases."""
    try:
        server = mail_server(app.settings)
    except BridgeError as error:
        return Sent(0, (str(error),))
    sent, problems = 0, dict[str, None]()
    with Mailer(server) as mailer:
        while True:
            try:
                looked_at, batch = _claim(app, owner, compose, urgent=urgent)
            except BridgeError as error:
                return Sent(sent, (*problems, str(error)))
            try:
                for leased in batch:
                    problem = _send(app, owner, mailer, leased)
                    sent += problem is None
                    if problem:
                        problems[problem] = None
            except ServerOut as error:
                _put_back(app, owner, batch, str(error))
                return Sent(sent, (*problems, str(error)))
            if not looked_at:
                return Sent(sent, tuple(problems))


# -- taking ---------------------------------------------------------------------------------


def _claim(
    app: Application, owner: str, compose: Compose, *, urgent: bool
) -> tuple[int, list[_Leased]]:
    """How many were looked at, and those of them that are to be sent now."""
    now = app.now()
    with app.database.writing() as session:
        letters = _next(session, _urgent(app.workspace_id, now), AT_ONCE)
        if not letters and not urgent:
            most = min(AT_ONCE, _left_this_minute(session, app.workspace_id, now))
            letters = _next(session, _due(app.workspace_id, now), most)
        leased = []
        for letter in letters:
            mail = _composed(session, letter, compose, now)
            if mail is not None:
                assert letter.id is not None
                letter.lease_owner, letter.lease_until = owner, now + LEASE
                letter.begun_at, letter.attempts = now, letter.attempts + 1
                leased.append(_Leased(letter.id, mail, now + LEASE))
            session.add(letter)
        return len(letters), leased


def _next(session: Session, due: Any, most: int) -> list[Letter]:
    if most <= 0:
        return []
    rows = session.execute(
        due.order_by(col(Letter.not_before), col(Letter.id))
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    return list(rows.scalars())


def _left_this_minute(session: Session, workspace_id: int, now: datetime) -> int:
    # Workers take turns: each counts what the others have begun.
    session.execute(
        select(col(Workspace.id))
        .where(col(Workspace.id) == workspace_id)
        .with_for_update(key_share=True)
    )
    begun = session.execute(
        select(func.count())
        .select_from(Letter)
        .where(col(Letter.workspace_id) == workspace_id, col(Letter.begun_at) > now - _MINUTE)
    ).scalar_one()
    return preferences(session, workspace_id, Letters).per_minute - int(begun)


def _composed(session: Session, letter: Letter, compose: Compose, now: datetime) -> Mail | None:
    """What is to be sent; otherwise it is noted on the letter why not."""
    try:
        found = compose(session, letter)
    except (BridgeError, SQLAlchemyError):
        raise
    except Exception as error:  # a defect of one letter must not hold up the others
        log.exception("a letter could not be written", letter=letter.id)
        _end(letter, LetterState.FAILED, f"Internal error: {type(error).__name__}. See the log.")
        return None
    if isinstance(found, Mail):
        if letter.attempts < MOST_ATTEMPTS:
            return found
        _end(letter, LetterState.FAILED, letter.error or "it was begun again and again")
    elif isinstance(found, Nobody) or letter.made_at + LONGEST_WAIT <= now:
        _end(letter, LetterState.DROPPED, found.why)
    else:
        letter.not_before, letter.error = now + found.pause, found.why
    return None


def _end(letter: Letter, state: LetterState, why: str) -> None:
    letter.state, letter.error = state.value, why
    letter.lease_owner, letter.lease_until = "", None


def _due(workspace_id: int, now: datetime) -> Any:
    return (
        select(Letter)
        .where(
            col(Letter.workspace_id) == workspace_id,
            col(Letter.state) == LetterState.WAITING.value,
            col(Letter.not_before) <= now,
            or_(col(Letter.lease_until).is_(None), col(Letter.lease_until) <= now),
        )
        .execution_options(populate_existing=True)
    )


def _urgent(workspace_id: int, now: datetime) -> Any:
    return _due(workspace_id, now).where(col(Letter.kind) == LetterKind.SIGN_IN.value)


# -- sending --------------------------------------------------------------------------------


def _send(app: Application, owner: str, mailer: Mailer, leased: _Leased) -> str | None:
    """``None``: it is sent. Else the problem; empty: it is left to whoever takes it next. Raises
    ServerOut."""
    if app.now() + SLOWEST > leased.until:
        return ""
    try:
        mailer.send(leased.mail, app.now())
    except ServerOut:
        raise
    except NotSent as error:
        log.warning("letter not sent", letter=leased.id, reason=str(error))
        _settle(app, owner, leased, str(error), is_final=isinstance(error, Refused))
        return str(error)
    _settle(app, owner, leased, "")
    return None


def _settle(
    app: Application, owner: str, leased: _Leased, error: str, *, is_final: bool = False
) -> None:
    now = app.now()
    with app.database.writing() as session:
        letter = _held(session, app.workspace_id, owner, leased)
        if letter is None:
            return  # another worker has it
        if not error:
            _end(letter, LetterState.SENT, "")
            letter.sent_at = now
        elif is_final or letter.attempts >= MOST_ATTEMPTS:
            _end(letter, LetterState.FAILED, error)
        else:
            _end(letter, LetterState.WAITING, error)
            letter.not_before = now + pause_after(letter.attempts)
        session.add(letter)


def _put_back(app: Application, owner: str, batch: Sequence[_Leased], error: str) -> None:
    """Those that are still leased were not begun after all: however long the server is out, none
    is given up for it."""
    log.warning("letters not sent", reason=error)
    now = app.now()
    with app.database.writing() as session:
        for leased in batch:
            letter = _held(session, app.workspace_id, owner, leased)
            if letter is None:
                continue
            _end(letter, LetterState.WAITING, error)
            letter.attempts, letter.not_before = letter.attempts - 1, now + _FIRST_PAUSE
            if not letter.attempts:
                letter.begun_at = None
            session.add(letter)


def _held(session: Session, workspace_id: int, owner: str, leased: _Leased) -> Letter | None:
    return session.execute(
        select(Letter)
        .where(
            col(Letter.workspace_id) == workspace_id,
            col(Letter.id) == leased.id,
            col(Letter.lease_owner) == owner,
            col(Letter.lease_until) == leased.until,
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()
