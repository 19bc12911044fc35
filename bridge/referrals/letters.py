"""Letters that are still to be sent, as rows: told again, one is not sent twice."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlmodel import Session, col

from bridge.db import insert_or_ignore
from bridge.referrals.models import LetterKind, ReferralLetter

AGAIN_AFTER = timedelta(minutes=10)
"""Who asks again sooner gets no second copy: nobody fills a stranger's mailbox."""
MOST_COPIES = 5


def want(
    session: Session,
    workspace_id: int,
    referral_id: int,
    kind: LetterKind,
    now: datetime,
    *,
    again: bool = False,
    anew: bool = False,
) -> bool:
    """Has the letter sent, unless it was or is about to be; whether it will be.

    ``again``: also a copy of one that was sent, within bounds. ``anew``: it says something else
    than before, and what was sent is worth nothing any more.
    """
    row = {
        "workspace_id": workspace_id,
        "referral_id": referral_id,
        "kind": kind.value,
        "made_at": now,
        "not_before": now,
        "times_sent": 0,
        "attempts": 0,
        "lease_owner": "",
        "error": "",
        "is_dead": False,
    }
    insert_or_ignore(session, ReferralLetter, [row], ("referral_id", "kind"))
    letter = session.execute(
        select(ReferralLetter)
        .where(
            col(ReferralLetter.workspace_id) == workspace_id,
            col(ReferralLetter.referral_id) == referral_id,
            col(ReferralLetter.kind) == kind.value,
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    ).scalar_one()
    if letter.sent_at is None and not letter.is_dead:
        return True
    if not (again or anew) or not _may_be_repeated(letter, now, anew):
        return False
    letter.sent_at, letter.is_dead, letter.error = None, False, ""
    letter.attempts, letter.not_before = 0, now
    letter.lease_owner, letter.lease_until = "", None
    session.add(letter)
    session.flush()
    return True


def _may_be_repeated(letter: ReferralLetter, now: datetime, anew: bool) -> bool:
    if letter.times_sent >= MOST_COPIES:
        return False
    return anew or letter.sent_at is None or letter.sent_at + AGAIN_AFTER <= now
