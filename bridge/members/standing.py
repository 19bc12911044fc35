"""Finding a member as he stands now: merged ones lead to the one they were merged into.

A member's row is the lock for who he is and where his points go. Whoever adds to a member (a
customer, an order) holds it until the commit, and so does whoever merges, splits or gives his
points to a company; so neither misses what the other does.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlmodel import Session, col, select

from bridge.kit.errors import BridgeError
from bridge.members.models import Member, MemberCustomer
from connectors.sentences import sentence


class Circle(BridgeError):
    """Members point at each other; nobody could say who they are."""


class ErasedMember(BridgeError):
    """Of a pseudonym: nobody can be given anything, or be joined with him."""

    def __init__(self, member_id: int) -> None:
        super().__init__(
            sentence(
                "Member #%(number)s was erased: nothing is known of him.", number=f"{member_id}"
            )
        )


def not_erased(*members: Member) -> None:
    """Raises :class:`ErasedMember`."""
    for member in members:
        if member.erased_at is not None:
            raise ErasedMember(identity(member))


def locked(session: Session, workspace_id: int, member_id: int) -> Member:
    """The member, or the one he was merged into, locked until the commit.

    Raises KeyError when there is none of this id in the workspace.
    """
    seen: list[int] = []
    wanted = member_id
    while wanted not in seen:
        seen.append(wanted)
        member = _lock(session, workspace_id, [wanted]).get(wanted)
        if member is None:
            raise KeyError(f"There is no member {wanted} in this workspace.")
        if member.merged_into is None:
            return member
        wanted = member.merged_into
    raise Circle(
        sentence(
            "Members %(seen)s were merged in a circle. Tell the makers of the bridge.", seen=seen
        )
    )


def locked_of_customer(
    session: Session, workspace_id: int, installation_id: int, customer_id: str
) -> tuple[MemberCustomer, Member] | None:
    """The customer's binding and his member, locked; ``None``: he was linked to none yet."""
    found = binding(session, workspace_id, installation_id, customer_id)
    while found is not None:
        member = locked(session, workspace_id, found.member_id)
        # Whoever held the lock until now may have linked the customer to another member.
        found = binding(session, workspace_id, installation_id, customer_id)
        if found is not None and found.member_id == identity(member):
            return found, member
    return None


def locked_all(session: Session, workspace_id: int, ids: Iterable[int]) -> dict[int, Member]:
    """These members themselves, merged or not, locked in the order of their ids."""
    return _lock(session, workspace_id, sorted(set(ids)))


def _lock(session: Session, workspace_id: int, ids: list[int]) -> dict[int, Member]:
    # Not a full lock: rows that refer to the member can still be added by others.
    rows = session.exec(
        select(Member)
        .where(col(Member.workspace_id) == workspace_id, col(Member.id).in_(ids))
        .order_by(col(Member.id))
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return {identity(member): member for member in rows}


def make_member(session: Session, workspace_id: int, joined_at: datetime) -> Member:
    """A new member, written, so that he has an id."""
    member = Member(workspace_id=workspace_id, joined_at=joined_at)
    session.add(member)
    session.flush()
    return member


def discard(session: Session, member: Member) -> None:
    """Takes back a member made in this very unit of work that nothing refers to."""
    session.delete(member)
    session.flush()


def identity(member: Member) -> int:
    """The id of a member that was written."""
    assert member.id is not None
    return member.id


def binding(
    session: Session, workspace_id: int, installation_id: int, customer_id: str
) -> MemberCustomer | None:
    """Who this customer is; ``None``: he was linked to no member yet."""
    return session.exec(
        select(MemberCustomer)
        .where(
            col(MemberCustomer.workspace_id) == workspace_id,
            col(MemberCustomer.installation_id) == installation_id,
            col(MemberCustomer.customer_id) == customer_id,
        )
        .execution_options(populate_existing=True)
    ).first()


def bindings(session: Session, workspace_id: int, member_id: int) -> list[MemberCustomer]:
    """The member's customers, by installation and id."""
    return list(
        session.exec(
            select(MemberCustomer)
            .where(
                col(MemberCustomer.workspace_id) == workspace_id,
                col(MemberCustomer.member_id) == member_id,
            )
            .order_by(col(MemberCustomer.installation_id), col(MemberCustomer.customer_id))
            .execution_options(populate_existing=True)
        )
    )
