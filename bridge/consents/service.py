"""Writing consents down and reading them. Written in the unit of work that acts on them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlmodel import Session, col, select

from bridge.consents.models import Consent

MEMBERSHIP = "membership"
LETTERS = "letters"
TERMS = "terms"


def letters_of(kind: str) -> str:
    """The purpose of letters of one kind; ``all``: of all of them."""
    return LETTERS if kind == "all" else f"{LETTERS}/{kind}"


def note(
    session: Session,
    workspace_id: int,
    member_id: int,
    purpose: str,
    now: datetime,
    *,
    is_given: bool,
    way: str,
    text: str = "",
    by: str = "",
) -> bool:
    """Whether it is news: what was said before of this purpose, in this way and to this text, is
    not written again."""
    last = session.exec(
        select(Consent)
        .where(
            col(Consent.workspace_id) == workspace_id,
            col(Consent.member_id) == member_id,
            col(Consent.purpose) == purpose,
        )
        .order_by(col(Consent.id).desc())
        .limit(1)
    ).first()
    if last is not None and (last.is_given, last.text) == (is_given, text):
        return False
    session.add(
        Consent(
            workspace_id=workspace_id,
            member_id=member_id,
            purpose=purpose,
            is_given=is_given,
            at=now,
            way=way,
            text=text,
            by=by,
        )
    )
    session.flush()
    return True


def consents(session: Session, workspace_id: int, member_ids: Iterable[int]) -> list[Consent]:
    """Of a member and everybody who was merged into him, oldest first."""
    return list(
        session.exec(
            select(Consent)
            .where(
                col(Consent.workspace_id) == workspace_id,
                col(Consent.member_id).in_(sorted(set(member_ids))),
            )
            .order_by(col(Consent.at), col(Consent.id))
        )
    )
