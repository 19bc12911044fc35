"""Texts that name a person: in the audit log, in plans, in changes that wait. The name goes, the
rest stays."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import and_, delete, or_, select, update
from sqlmodel import Session, col

from bridge.api_tokens.models import ApiRequest
from bridge.approvals.models import WaitingChange
from bridge.audit.models import AuditEntry
from bridge.balances.models import ShownBalance
from bridge.figures.models import KeptFigure
from bridge.installations.models import Installation
from bridge.letters.models import Letter
from bridge.members.models import IdentityQuestion
from bridge.plans.models import PlanRow
from bridge.privacy.person import Person
from bridge.referrals.models import Referral, ReferralCode, ReferralLetter, ReferralState
from bridge.subscribers.models import SubscriberMessage
from bridge.vouchers.models import Voucher

_NOT_BOUGHT = (
    ReferralState.ASKED.value,
    ReferralState.KNOWN.value,
    ReferralState.CONFIRMED.value,
)
_TOLD = frozenset({"customers", "customer", "customer_id", "email", "emails"})
"""Parts of a message to a subscriber, or of what was changed about him, that say who he is."""
SPLIT = "member.split"
MERGED = "member.merged"
"""Changes of two people: what the log says of one names the other."""


def scrub_texts(session: Session, him: Person) -> None:
    _scrub_audit(session, him)
    _scrub_waiting(session, him)
    _scrub_plans(session, him)
    _scrub_messages(session, him)
    for table, column in ((ApiRequest, ApiRequest.body), (KeptFigure, KeptFigure.content)):
        # Kept answers and figures: they are worked out anew.
        session.execute(
            delete(table)
            .where(him.has_word(table, column))
            .execution_options(synchronize_session=False)
        )
    for row in session.scalars(
        select(Voucher).where(him.has_word(Voucher, Voucher.why, Voucher.error))
    ).all():
        row.why, row.error = said(him, row.why), said(him, row.error)
    for asked in session.scalars(
        select(IdentityQuestion).where(him.has_word(IdentityQuestion, IdentityQuestion.about))
    ).all():
        session.delete(asked)  # also of others: an address of his is no answer any more
    session.flush()


def _scrub_audit(session: Session, him: Person) -> None:
    about = and_(
        col(AuditEntry.workspace_id) == him.workspace_id,
        col(AuditEntry.subject_kind) == "member",
        col(AuditEntry.subject_id).in_([str(one) for one in him.ids]),
    )
    named = him.has_word(AuditEntry, AuditEntry.subject, AuditEntry.before, AuditEntry.after)
    for row in session.scalars(select(AuditEntry).where(or_(about, named))).all():
        is_his = row.subject_kind == "member" and row.subject_id in map(str, him.ids)
        row.subject = f"member #{row.subject_id}" if is_his else said(him, row.subject)
        row.before, row.after = without(him, row.before), without(him, row.after)
        if is_his:
            row.before, row.after = _untold(row.before), _untold(row.after)
    _scrub_parted(session, him)
    session.flush()


def _scrub_parted(session: Session, him: Person) -> None:
    """Of members that he was parted from: which customers became his."""
    parted = select(AuditEntry).where(
        col(AuditEntry.workspace_id) == him.workspace_id, col(AuditEntry.action) == SPLIT
    )
    for row in session.scalars(parted).all():
        if isinstance(row.after, dict) and row.after.get("member") in him.ids:
            row.after = _untold(row.after)


def _scrub_waiting(session: Session, him: Person) -> None:
    about = and_(
        col(WaitingChange.workspace_id) == him.workspace_id,
        col(WaitingChange.subject_kind) == "member",
        col(WaitingChange.subject_id).in_([str(one) for one in him.ids]),
    )
    named = him.has_word(WaitingChange, WaitingChange.subject, WaitingChange.arguments)
    for row in session.scalars(select(WaitingChange).where(or_(about, named))).all():
        is_his = row.subject_kind == "member" and row.subject_id in map(str, him.ids)
        row.subject = f"member #{row.subject_id}" if is_his else said(him, row.subject)
        row.arguments = without(him, row.arguments)
    session.flush()


def _scrub_plans(session: Session, him: Person) -> None:
    stores: dict[int, str] = {
        row[0]: row[1]
        for row in session.execute(
            select(col(Installation.id), col(Installation.name)).where(
                col(Installation.workspace_id) == him.workspace_id
            )
        )
    }
    for key in him.customers:
        session.execute(
            update(PlanRow)
            .where(
                col(PlanRow.workspace_id) == him.workspace_id,
                col(PlanRow.kind) == "customer",
                col(PlanRow.store) == stores.get(key.installation_id, ""),
                col(PlanRow.key) == key.customer_id,
            )
            .values(key="", label=him.name)
            .execution_options(synchronize_session=False)
        )
    for row in session.scalars(
        select(PlanRow).where(him.has_word(PlanRow, PlanRow.label, PlanRow.message))
    ).all():
        row.label, row.message = said(him, row.label), said(him, row.message)
    session.flush()


def _scrub_messages(session: Session, him: Person) -> None:
    for row in session.scalars(
        select(SubscriberMessage).where(him.has_member(SubscriberMessage))
    ).all():
        row.data = _untold(row.data)
    session.flush()


def _untold(value: Any) -> Any:
    """Without the parts that say who he is, however deep: lists become empty, texts go."""
    if isinstance(value, list):
        return [_untold(one) for one in value]
    if not isinstance(value, dict):
        return value
    return {
        name: [] if name in _TOLD else _untold(one)
        for name, one in value.items()
        if name not in _TOLD or isinstance(one, list)
    }


# -- letters and recommendations ------------------------------------------------------------


def scrub_letters(session: Session, him: Person) -> None:
    """That they were sent stays, so that none is sent again."""
    session.execute(
        update(Letter)
        .where(him.has_member(Letter))
        .values(details={}, error="")
        .execution_options(synchronize_session=False)
    )


def scrub_referrals(session: Session, him: Person) -> None:
    for code in session.scalars(select(ReferralCode).where(him.has_member(ReferralCode))).all():
        code.code = f"erased/{code.id}"  # which nobody can type
    his = session.scalars(
        select(Referral).where(
            col(Referral.workspace_id) == him.workspace_id,
            or_(col(Referral.email).in_(him.emails), col(Referral.mailbox).in_(him.emails)),
        )
    ).all()
    for one in his:
        if one.state in _NOT_BOUGHT:
            one.state, one.decided_by = ReferralState.REFUSED.value, "erasure"
        one.email, one.mailbox = f"erased-{one.id}", ""
        one.token_hash, one.nonce, one.reasons = "", "", "[]"
    for other in session.scalars(
        select(Referral).where(him.has_word(Referral, Referral.reasons))
    ).all():
        other.reasons = said(him, other.reasons)  # who bought with a code given to another
    session.execute(
        delete(ReferralLetter)
        .where(
            col(ReferralLetter.workspace_id) == him.workspace_id,
            col(ReferralLetter.referral_id).in_([one.id for one in his]),
        )
        .execution_options(synchronize_session=False)
    )
    session.flush()


# -- what shops show ------------------------------------------------------------------------


def tell_shops(session: Session, him: Person) -> None:
    """Shops that show his points are told once more; then the row goes."""
    session.execute(
        update(ShownBalance)
        .where(him.has_customer(ShownBalance))
        .values(
            member_id=him.member_id,
            version=col(ShownBalance.version) + 1,
            is_due=True,
            is_dead=False,
            attempts=0,
            not_before=None,
        )
        .execution_options(synchronize_session=False)
    )


# -- words ----------------------------------------------------------------------------------


def said(him: Person, text: str) -> str:
    """The text without his words, whatever their case."""
    for word in him.words:
        text = re.sub(re.escape(word), him.name, text, flags=re.IGNORECASE)
    return text


def without(him: Person, value: Any) -> Any:
    """The same for all texts of what JSON can say."""
    if isinstance(value, str):
        return said(him, value)
    if isinstance(value, list):
        return [without(him, one) for one in value]
    if isinstance(value, dict):
        return {said(him, str(name)): without(him, one) for name, one in value.items()}
    return value
