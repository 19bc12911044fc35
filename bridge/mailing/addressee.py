"""Who a letter goes to: an address that stands for the member, and his language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlmodel import Session, col

from bridge.installations.models import Installation, ShopFacts
from bridge.members.joining import merged_into
from bridge.members.models import Member, MemberEmail
from bridge.members.reachable import reachable
from bridge.orders.models import HandledOrder
from bridge.preferences.sections import Letters
from bridge.referrals.addresses import invited_address


@dataclass(frozen=True, slots=True)
class Addressee:
    member: Member
    everyone: tuple[int, ...]
    """The member, and whom he was before he was merged."""
    email: str
    """Empty: no shop says that an address is his."""
    language: str


def addressee(session: Session, workspace_id: int, member_id: int, letters: Letters) -> Addressee:
    """The member as he is now. Raises LookupError where there is none."""
    member = _standing(session, workspace_id, member_id)
    assert member.id is not None
    everyone = tuple(merged_into(session, workspace_id, [member.id]))
    email, store = _address(session, workspace_id, member.id)
    bought = last_store(session, workspace_id, member.id) or store
    language = letters.language
    if bought is not None:
        language = letters.language_of(_name_of(session, workspace_id, *bought))
    return Addressee(member, everyone, email, language)


def _standing(session: Session, workspace_id: int, member_id: int) -> Member:
    wanted: int | None = member_id
    while wanted is not None:
        member = session.get(Member, wanted, populate_existing=True)
        if member is None or member.workspace_id != workspace_id:
            break
        if member.merged_into is None:
            return member
        wanted = member.merged_into
    raise LookupError(f"there is no member {member_id}")


def whose(session: Session, workspace_id: int, email: str) -> int | None:
    """The member that this address stands for, where a letter to him may go to it; ``email``: as
    :func:`bridge.programme.emails.normal_email` writes it."""
    found = session.execute(reachable(workspace_id, col(MemberEmail.email) == email))
    return next((row.member_id for row in found), None)


def addresses(session: Session, workspace_id: int, member_id: int) -> list[str]:
    """Every address that stands for the member and that a letter to him may go to."""
    found = session.execute(reachable(workspace_id, col(MemberEmail.member_id) == member_id))
    return list(dict.fromkeys(row.email for row in found))


def _address(
    session: Session, workspace_id: int, member_id: int
) -> tuple[str, tuple[int, str] | None]:
    """That of the customer who was changed last; and the store that knows him."""
    rows = session.execute(reachable(workspace_id, col(MemberEmail.member_id) == member_id))
    for row in rows:
        try:
            return invited_address(row.email), (row.installation_id, row.store_id)
        except ValueError:
            continue
    return "", None


def last_store(session: Session, workspace_id: int, member_id: int) -> tuple[int, str] | None:
    """Where he ordered last."""
    found = session.execute(
        select(col(HandledOrder.installation_id), col(HandledOrder.store_id))
        .where(
            col(HandledOrder.workspace_id) == workspace_id,
            col(HandledOrder.member_id) == member_id,
        )
        .order_by(col(HandledOrder.placed_at).desc())
        .limit(1)
    ).first()
    return None if found is None else (found[0], found[1])


def _name_of(session: Session, workspace_id: int, installation_id: int, store_id: str) -> str:
    """``installation/code``, as :attr:`Letters.languages` names stores; empty: unknown."""
    found = session.execute(
        select(col(Installation.name), col(ShopFacts.stores))
        .join(ShopFacts, col(ShopFacts.installation_id) == col(Installation.id))
        .where(
            col(Installation.workspace_id) == workspace_id, col(Installation.id) == installation_id
        )
    ).first()
    if found is None:
        return ""
    stores: Sequence[dict[str, str]] = found[1]
    code = next((one["code"] for one in stores if one["id"] == store_id), "")
    return f"{found[0]}/{code}"
