"""What a person has to decide about who is who: asked once, each."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlmodel import Session, col, delete, func, select

from bridge.db import insert_or_ignore
from bridge.members.models import Company, IdentityQuestion, Member, MemberCustomer


class Kind(StrEnum):
    ADDRESS = "address"
    """A linked customer goes by another address now: does it stand for his member too?"""
    COMPANY = "company"
    """A VAT id suggests that a member belongs to a company."""


def ask(
    session: Session, workspace_id: int, kind: Kind, subject: str, about: str, now: datetime
) -> None:
    """Nothing happens when it was asked before, answered or not."""
    insert_or_ignore(
        session,
        IdentityQuestion,
        [
            {
                "workspace_id": workspace_id,
                "kind": kind.value,
                "subject": subject,
                "about": about,
                "asked_at": now,
                "answer": "",
                "answered_at": None,
                "answered_by": "",
            }
        ],
        ("workspace_id", "kind", "subject", "about"),
    )


def ask_about_company(session: Session, workspace_id: int, vat_id: str, now: datetime) -> None:
    """Of everybody who bears this VAT id and is in no company, when there is a company of it
    or several members bear it. ``vat_id`` is normalised."""
    bearers = session.exec(
        select(Member.id, Member.company_id)
        .join(MemberCustomer, col(MemberCustomer.member_id) == col(Member.id))
        .where(
            col(MemberCustomer.workspace_id) == workspace_id,
            col(MemberCustomer.vat_id) == vat_id,
        )
        .distinct()
        .order_by(col(Member.id))
    ).all()
    company = session.exec(
        select(Company.id).where(
            col(Company.workspace_id) == workspace_id, col(Company.vat_id) == vat_id
        )
    ).first()
    if company is None and len(bearers) < 2:
        return
    for member_id, company_id in bearers:
        if company_id is None:
            ask(session, workspace_id, Kind.COMPANY, str(member_id), vat_id, now)


def customer_subject(installation_id: int, customer_id: str) -> str:
    return f"{installation_id}/{customer_id}"


def withdraw(
    session: Session,
    workspace_id: int,
    kind: Kind,
    subject: str,
    *,
    except_about: str | None = None,
) -> None:
    """Open questions that things have settled; ``except_about``: all but the one about this."""
    which = [
        col(IdentityQuestion.workspace_id) == workspace_id,
        col(IdentityQuestion.kind) == kind.value,
        col(IdentityQuestion.subject) == subject,
        col(IdentityQuestion.answer) == "",
    ]
    if except_about is not None:
        which.append(col(IdentityQuestion.about) != except_about)
    session.exec(delete(IdentityQuestion).where(*which))


def open_questions(session: Session, workspace_id: int) -> list[IdentityQuestion]:
    """Oldest first."""
    return list(
        session.exec(
            select(IdentityQuestion)
            .where(
                col(IdentityQuestion.workspace_id) == workspace_id,
                col(IdentityQuestion.answer) == "",
            )
            .order_by(col(IdentityQuestion.asked_at), col(IdentityQuestion.id))
        )
    )


def questions_about(session: Session, workspace_id: int, member_id: int) -> list[IdentityQuestion]:
    """Open ones about this member or one of his customers."""
    customers = session.exec(
        select(MemberCustomer.installation_id, MemberCustomer.customer_id).where(
            col(MemberCustomer.workspace_id) == workspace_id,
            col(MemberCustomer.member_id) == member_id,
        )
    )
    subjects = [str(member_id), *(customer_subject(*one) for one in customers)]
    found = session.exec(
        select(IdentityQuestion)
        .where(
            col(IdentityQuestion.workspace_id) == workspace_id,
            col(IdentityQuestion.kind).in_([kind.value for kind in Kind]),
            col(IdentityQuestion.subject).in_(subjects),
            col(IdentityQuestion.answer) == "",
        )
        .order_by(col(IdentityQuestion.id))
    )
    return [one for one in found if (one.kind == Kind.COMPANY) == ("/" not in one.subject)]


def questions_page(
    session: Session, workspace_id: int, *, after: int = 0, limit: int = 50
) -> list[IdentityQuestion]:
    """Open ones by number; ``after``: the last one's on the page before."""
    return list(
        session.exec(
            select(IdentityQuestion)
            .where(
                col(IdentityQuestion.workspace_id) == workspace_id,
                col(IdentityQuestion.answer) == "",
                col(IdentityQuestion.id) > after,
            )
            .order_by(col(IdentityQuestion.id))
            .limit(limit)
        )
    )


def how_many(session: Session, workspace_id: int) -> int:
    """That nobody has answered."""
    statement = (
        select(func.count())
        .select_from(IdentityQuestion)
        .where(
            col(IdentityQuestion.workspace_id) == workspace_id,
            col(IdentityQuestion.answer) == "",
        )
    )
    return session.exec(statement).one()
