"""By which condition a person's rows of a table are found."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select
from sqlmodel import col

from bridge.members.models import Company, Member
from bridge.outbox.models import Delivery
from bridge.privacy.person import Person
from bridge.referrals.models import Referral, ReferralCode
from bridge.surveys.models import SurveyAnswer, SurveyReply
from bridge.vouchers.models import Voucher, VoucherOwner, VoucherUse

Which = Callable[[Person], ColumnElement[bool]]


def member(table: Any) -> Which:
    return lambda person: person.has_member(table)


def customer(table: Any) -> Which:
    return lambda person: person.has_customer(table)


def either(*which: Which) -> Which:
    return lambda person: or_(*(one(person) for one in which))


def nobody_elses(table: Any) -> Which:
    """Under one of his addresses, and of no other member."""
    return lambda person: and_(person.has_email(table), col(table.member_id).is_(None))


def account(table: Any, column: Any) -> Which:
    return lambda person: and_(
        col(table.workspace_id) == person.workspace_id, col(column).in_(person.accounts)
    )


def moves(person: Person) -> ColumnElement[bool]:
    return and_(col(Delivery.kind) == "customer", person.has_customer(Delivery, Delivery.key))


def referrer(person: Person) -> ColumnElement[bool]:
    codes = select(col(ReferralCode.id)).where(person.has_member(ReferralCode))
    return and_(col(Referral.workspace_id) == person.workspace_id, col(Referral.code_id).in_(codes))


def replies(person: Person) -> ColumnElement[bool]:
    answers = select(col(SurveyAnswer.id)).where(person.has_member(SurveyAnswer))
    return and_(
        col(SurveyReply.workspace_id) == person.workspace_id,
        col(SurveyReply.answer_id).in_(answers),
    )


def uses(person: Person) -> ColumnElement[bool]:
    vouchers = select(col(Voucher.id)).where(person.has_member(Voucher))
    return and_(
        col(VoucherUse.workspace_id) == person.workspace_id,
        col(VoucherUse.voucher_id).in_(vouchers),
    )


def owners(person: Person) -> ColumnElement[bool]:
    vouchers = select(col(Voucher.id)).where(person.has_member(Voucher))
    return and_(
        col(VoucherOwner.workspace_id) == person.workspace_id,
        col(VoucherOwner.voucher_id).in_(vouchers),
    )


def company(person: Person) -> ColumnElement[bool]:
    his = select(col(Member.company_id)).where(
        col(Member.workspace_id) == person.workspace_id, col(Member.id).in_(person.ids)
    )
    return and_(col(Company.workspace_id) == person.workspace_id, col(Company.id).in_(his))


def subject(table: Any) -> Which:
    return lambda person: and_(
        col(table.workspace_id) == person.workspace_id,
        col(table.subject_kind) == "member",
        col(table.subject_id).in_([str(one) for one in person.ids]),
    )
