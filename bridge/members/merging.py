"""Two members who are one person.

Every entry is kept where it was posted; points move by entries of their own. Nobody is ever
deleted: a merged member leads to the one he was merged into.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session, SQLModel, col, delete, select, update

from bridge.earning.models import HandledActivity
from bridge.kit.errors import BridgeError
from bridge.members.holding import (
    HELD,
    account_holder,
    cause_of,
    move_everything,
)
from bridge.members.mirror import first_registration
from bridge.members.models import (
    IdentityQuestion,
    Member,
    MemberCustomer,
    MemberEmail,
    Segment,
)
from bridge.members.questions import Kind
from bridge.members.standing import identity, locked_all, not_erased
from bridge.orders.models import HandledOrder
from bridge.points.models import Holder
from bridge.privacy.models import Erasure
from bridge.users import accounts
from connectors.sentences import sentence

PROVISIONAL = ("order", "unconfirmed")
"""``linked_by`` of customers whom no confirmed address has linked yet."""
FOLLOWING: tuple[type[SQLModel], ...] = (
    MemberCustomer,
    MemberEmail,
    HandledOrder,
    HandledActivity,
    Erasure,
    *HELD,
)
"""What goes from a merged member to the one he was merged into, by ``member_id``."""


class CannotMerge(BridgeError):
    """The two cannot become one member as things stand."""


def merge(
    session: Session, workspace_id: int, keep: Member, other: Member, by: str, now: datetime
) -> None:
    """Makes ``other`` a part of ``keep``: customers, addresses, orders, questions and points.

    Doing it twice is doing it once. Raises :class:`CannotMerge` when one of them was merged
    into somebody else, or when they belong to different companies.
    """
    kept_id, other_id = identity(keep), identity(other)
    locked_all(session, workspace_id, (kept_id, other_id))
    if kept_id != other_id and other.merged_into == kept_id:
        return
    check(keep, other)
    _join_company(session, keep, other, by, now)
    move_everything(
        session,
        workspace_id,
        (Holder.MEMBER, other_id),
        account_holder(session, keep),
        [other_id],
        cause_of("merge", f"{other_id}->{kept_id}", by, now),
    )
    _settle_provisional(session, workspace_id, (kept_id, other_id), by)
    for table in FOLLOWING:
        _follow(session, workspace_id, table, other_id, kept_id)
    accounts.follow(session, workspace_id, other_id, kept_id)
    _follow_questions(session, workspace_id, other_id, kept_id)
    session.exec(
        delete(Segment).where(
            col(Segment.workspace_id) == workspace_id, col(Segment.member_id) == other_id
        )
    )
    _add_up(session, keep, other)
    other.merged_into, other.merged_at, other.merged_by = kept_id, now, by
    session.flush()


def check(keep: Member, other: Member) -> None:
    """Raises :class:`CannotMerge` and ErasedMember."""
    kept_id, other_id = identity(keep), identity(other)
    if kept_id == other_id:
        raise CannotMerge(
            sentence(
                "Member #%(kept_id)s is one already: name two different ones.", kept_id=f"{kept_id}"
            )
        )
    not_erased(keep, other)
    for member in (keep, other):
        if member.merged_into is not None:
            raise CannotMerge(
                sentence(
                    "Member #%(member_id)s was merged into #%(merged_into)s before: name that one "
                    "instead.",
                    member_id=f"{member.id}",
                    merged_into=f"{member.merged_into}",
                )
            )
    if None not in (keep.company_id, other.company_id) and keep.company_id != other.company_id:
        raise CannotMerge(
            sentence(
                "Members #%(kept_id)s and #%(other_id)s belong to different companies. Take "
                "one of them out of his company first: loyalty-bridge members company remove",
                kept_id=f"{kept_id}",
                other_id=f"{other_id}",
            )
        )


def _join_company(session: Session, keep: Member, other: Member, by: str, now: datetime) -> None:
    if keep.company_id is not None or other.company_id is None:
        return
    before = account_holder(session, keep)
    keep.company_id = other.company_id
    session.flush()
    cause = cause_of("company", f"{keep.company_id}+{keep.id}", by, now)
    after = account_holder(session, keep)
    move_everything(session, keep.workspace_id, before, after, [identity(keep)], cause)


def _settle_provisional(
    session: Session, workspace_id: int, members: Sequence[int], by: str
) -> None:
    """Who belongs together was decided now: no address decides it anew later."""
    session.exec(
        update(MemberCustomer)
        .where(
            col(MemberCustomer.workspace_id) == workspace_id,
            col(MemberCustomer.member_id).in_(members),
            col(MemberCustomer.linked_by).in_(PROVISIONAL),
        )
        .values(linked_by=by)
    )


def _follow(session: Session, workspace_id: int, table: Any, old_id: int, new_id: int) -> None:
    session.exec(
        update(table)
        .where(col(table.workspace_id) == workspace_id, col(table.member_id) == old_id)
        .values(member_id=new_id)
    )


def _follow_questions(session: Session, workspace_id: int, old_id: int, new_id: int) -> None:
    """One question about both is asked once, and stays answered where it was for one."""
    found = session.exec(
        select(IdentityQuestion)
        .where(
            col(IdentityQuestion.workspace_id) == workspace_id,
            col(IdentityQuestion.kind) == Kind.COMPANY.value,
            col(IdentityQuestion.subject).in_((str(old_id), str(new_id))),
        )
        .order_by(col(IdentityQuestion.id))
    ).all()
    kept = {question.about: question for question in found if question.subject == str(new_id)}
    for question in found:
        if question.subject == str(new_id):
            continue
        same = kept.get(question.about)
        if same is None:
            question.subject = str(new_id)
            continue
        if not same.answer:
            same.answer, same.answered_at = question.answer, question.answered_at
            same.answered_by = question.answered_by
        session.delete(question)
    session.flush()


def _add_up(session: Session, keep: Member, other: Member) -> None:
    session.flush()
    first = first_registration(session, keep.workspace_id, identity(keep))
    keep.joined_at = first or min(keep.joined_at, other.joined_at)
    keep.birthday = keep.birthday or other.birthday
    if keep.tier_override is None:
        keep.tier_override = other.tier_override
        keep.tier_override_until = other.tier_override_until
