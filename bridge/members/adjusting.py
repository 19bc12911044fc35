"""A person gives or takes points of a member, with a reason, once each."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session, col

from bridge.kit.errors import BridgeError
from bridge.members.holding import account_holder
from bridge.members.standing import identity, locked, not_erased
from bridge.points.adjusting import ADJUST, give, take
from bridge.points.book import Book, Cause, HolderKey, OpenAccount
from bridge.points.models import Entry, Place
from bridge.points.ripening import expire_due
from bridge.points.statement import Standing
from connectors.sentences import sentence

ADJUSTMENT = "adjustment"


class AdjustedOtherwise(BridgeError):
    """The id stands for another adjustment."""


@dataclass(frozen=True, slots=True)
class Adjustment:
    id: str
    points: int
    """Below 0: taken."""
    reason: str
    by: str
    expires_at: datetime | None = None
    """Of points given; ``None``: never."""


@dataclass(frozen=True, slots=True)
class Adjusted:
    holder: HolderKey
    before: Standing
    after: Standing
    is_new: bool
    """False: it had been made before, and nothing was posted."""


def adjust(
    session: Session, workspace_id: int, member_id: int, adjustment: Adjustment, now: datetime
) -> Adjusted:
    """Told again, an adjustment changes nothing.

    Raises NotEnoughPoints when more is to be taken than is available,
    :class:`AdjustedOtherwise` when its id was used for another member or other points, and
    BridgeError when the points would have expired already. Nothing is posted then.
    """
    member = locked(session, workspace_id, member_id)
    not_erased(member)
    holder = account_holder(session, member)
    book = Book(session, workspace_id, now)
    account = book.open([holder])[holder]
    if was_made(session, workspace_id, identity(member), adjustment):
        standing = _standing(account)
        return Adjusted(holder, standing, standing, is_new=False)
    if not adjustment.points:
        raise BridgeError(sentence("0 points change nothing: write how many, like +100 or -50."))
    if adjustment.expires_at is not None and adjustment.expires_at <= now:
        raise BridgeError(sentence("The points would have expired already: name a later day."))
    expire_due(book, account)
    before = _standing(account)
    cause = Cause(
        ADJUSTMENT,
        adjustment.id,
        now,
        line=str(identity(member)),
        why=json.dumps({"reason": adjustment.reason, "by": adjustment.by}, ensure_ascii=False),
    )
    if adjustment.points > 0:
        give(book, account, adjustment.points, cause, expires_at=adjustment.expires_at)
    else:
        take(book, account, -adjustment.points, cause)
    book.write()
    return Adjusted(holder, before, _standing(account), is_new=True)


def was_made(session: Session, workspace_id: int, member_id: int, adjustment: Adjustment) -> bool:
    """Whether it is in the book. Raises :class:`AdjustedOtherwise` when its id stands there for
    another one."""
    rows = session.execute(
        select(col(Entry.source_line), col(Entry.credit), col(Entry.points)).where(
            col(Entry.workspace_id) == workspace_id,
            col(Entry.installation_id) == 0,
            col(Entry.source_kind) == ADJUSTMENT,
            col(Entry.source_id) == adjustment.id,
            col(Entry.effect) == ADJUST,
        )
    ).all()
    if not rows:
        return False
    told = sum(points if credit == Place.AVAILABLE.value else -points for _, credit, points in rows)
    for line in {row[0] for row in rows}:
        if identity(locked(session, workspace_id, int(line))) != member_id:
            raise AdjustedOtherwise(
                sentence(
                    "The id `%(adjustment_id)s` stands for an adjustment of member #%(member)s. "
                    "Choose another id; nothing was changed.",
                    adjustment_id=f"{adjustment.id}",
                    member=str(line),
                )
            )
    if told != adjustment.points:
        raise AdjustedOtherwise(
            sentence(
                "The id `%(adjustment_id)s` stands for an adjustment of %(told)s points. "
                "Choose another id; nothing was changed.",
                adjustment_id=f"{adjustment.id}",
                told=f"{told:+,}",
            )
        )
    return True


def _standing(account: OpenAccount) -> Standing:
    return Standing(account.id, account.available, account.pending, account.reserved, account.debt)
