"""Letters go out. A letter is leased before it is sent and marked afterwards: killed in between,
it is sent again, and says the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import and_, or_, select, update
from sqlmodel import Session, col

from bridge.application import Application
from bridge.kit.errors import BridgeError
from bridge.letters.mail import Mailer, NotSent, Refused, mail_server
from bridge.letters.message import Mail
from bridge.referrals.composing import composed
from bridge.referrals.models import LetterKind, Referral, ReferralLetter
from bridge.vouchers.codes import workspace_secret
from bridge.vouchers.models import Voucher

LEASE = timedelta(minutes=15)
"""Longer than :data:`AT_ONCE` letters take when each waits for its time-out."""
AT_ONCE = 10
MOST_ATTEMPTS = 10
"""Over some two days; then it is dead, and shown."""
_FIRST_PAUSE = timedelta(minutes=1)
_LONGEST_PAUSE = timedelta(hours=12)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Sent:
    sent: int = 0
    problems: tuple[str, ...] = ()


def send_letters(app: Application, owner: str) -> Sent:
    """Every letter that is due. ``owner`` names the worker, for its leases."""
    with app.database.reading() as session:
        if session.execute(_due(app.workspace_id, app.now()).limit(1)).first() is None:
            return Sent()
    try:
        server = mail_server(app.settings)
    except BridgeError as error:
        return Sent(0, (str(error),))
    sent, problems = 0, dict[str, None]()
    with Mailer(server) as mailer:
        while True:
            try:
                batch = _claim(app, owner)
            except BridgeError as error:
                return Sent(sent, (*problems, str(error)))
            if not batch:
                return Sent(sent, tuple(problems))
            for letter_id, letter in batch:
                problem = _send(app, owner, mailer, letter_id, letter)
                sent += not problem
                if problem:
                    problems[problem] = None


def _claim(app: Application, owner: str) -> list[tuple[int, Mail]]:
    """Leases some, and writes what they say. Raises BridgeError when nobody said where links
    shall lead."""
    now = app.now()
    with app.database.writing() as session:
        rows = session.execute(
            _due(app.workspace_id, now)
            .order_by(col(ReferralLetter.not_before), col(ReferralLetter.id))
            .limit(AT_ONCE)
            .with_for_update(of=ReferralLetter, skip_locked=True)
        )
        letters = list(rows.scalars())
        if not letters:
            return []
        secret = workspace_secret(session, app.workspace_id, app.keyring, now)
        found = []
        for letter in letters:
            text = composed(session, letter, secret, app.settings.public_url)
            assert letter.id is not None
            if text is None:
                letter.is_dead, letter.error = True, "nobody's address is known to send it to"
            else:
                letter.lease_owner, letter.lease_until = owner, now + LEASE
                found.append((letter.id, text))
            session.add(letter)
        return found


def _due(workspace_id: int, now: datetime) -> Any:
    """A voucher is told of once its code is in the shop."""
    voucher_id = _voucher_of()
    return (
        select(ReferralLetter)
        .join(Referral, col(Referral.id) == col(ReferralLetter.referral_id))
        .outerjoin(Voucher, voucher_id)
        .where(
            col(ReferralLetter.workspace_id) == workspace_id,
            col(ReferralLetter.sent_at).is_(None),
            col(ReferralLetter.is_dead).is_(False),
            col(ReferralLetter.not_before) <= now,
            or_(
                col(ReferralLetter.lease_until).is_(None),
                col(ReferralLetter.lease_until) <= now,
            ),
            or_(col(Voucher.id).is_(None), col(Voucher.is_there).is_(True)),
        )
        .execution_options(populate_existing=True)
    )


def _voucher_of() -> Any:
    kind = col(ReferralLetter.kind)
    return and_(kind == LetterKind.CODE.value, col(Voucher.id) == col(Referral.voucher_id))


def _send(app: Application, owner: str, mailer: Mailer, letter_id: int, mail: Mail) -> str:
    """The problem, if there is one."""
    try:
        mailer.send(mail, app.now())
    except NotSent as error:
        log.warning("letter not sent", letter=letter_id, reason=str(error))
        _settle(app, owner, letter_id, str(error), is_final=isinstance(error, Refused))
        return str(error)
    _settle(app, owner, letter_id, "")
    return ""


def _settle(
    app: Application, owner: str, letter_id: int, error: str, *, is_final: bool = False
) -> None:
    now = app.now()
    with app.database.writing() as session:
        letter = _held(session, app.workspace_id, owner, letter_id)
        if letter is None:
            return  # it took longer than the lease, and another worker has it
        letter.attempts += 1
        letter.lease_owner, letter.lease_until, letter.error = "", None, error
        if error:
            letter.is_dead = is_final or letter.attempts >= MOST_ATTEMPTS
            pause = min(_FIRST_PAUSE * 4 ** (letter.attempts - 1), _LONGEST_PAUSE)
            letter.not_before = now + pause
        else:
            letter.sent_at, letter.times_sent = now, letter.times_sent + 1
            _note(session, letter, now)
        session.add(letter)


def _held(session: Session, workspace_id: int, owner: str, letter_id: int) -> ReferralLetter | None:
    return session.execute(
        select(ReferralLetter)
        .where(
            col(ReferralLetter.workspace_id) == workspace_id,
            col(ReferralLetter.id) == letter_id,
            col(ReferralLetter.lease_owner) == owner,
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()


def _note(session: Session, letter: ReferralLetter, now: datetime) -> None:
    if letter.kind == LetterKind.CONFIRM:
        session.execute(
            update(Referral)
            .where(
                col(Referral.workspace_id) == letter.workspace_id,
                col(Referral.id) == letter.referral_id,
            )
            .values(mailed_at=now)
        )


def dead_letters(session: Session, workspace_id: int) -> Sequence[ReferralLetter]:
    """Those that were given up."""
    rows = session.execute(
        select(ReferralLetter)
        .where(
            col(ReferralLetter.workspace_id) == workspace_id,
            col(ReferralLetter.is_dead).is_(True),
        )
        .order_by(col(ReferralLetter.id))
    )
    return list(rows.scalars())
