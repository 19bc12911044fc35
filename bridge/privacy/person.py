"""Whom it is about: everybody a member was, his customers in every installation, and the words
by which he is found in texts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, String, and_, cast, or_, select, tuple_
from sqlmodel import Session, col

from bridge.inbox.erased import CustomerKey
from bridge.kit.emails import folded_email
from bridge.kit.errors import BridgeError
from bridge.members.joining import merged_into
from bridge.members.models import (
    IdentityQuestion,
    Member,
    MemberCustomer,
    MemberEmail,
    ShopCustomer,
)
from bridge.members.questions import Kind, customer_subject
from bridge.points.models import Account, Holder
from connectors.sentences import sentence

_SHORTEST = 5
"""A word that is shorter would be found in what has nothing to do with him."""


class AlreadyErased(BridgeError):
    def __init__(self, member_id: int) -> None:
        super().__init__(
            sentence(
                "Member #%(number)s was erased before: nothing is known of him.",
                number=f"{member_id}",
            )
        )


@dataclass(frozen=True, slots=True)
class Person:
    workspace_id: int
    member_id: int
    """Who he is now."""
    ids: tuple[int, ...]
    """And everybody who was merged into him."""
    customers: tuple[CustomerKey, ...]
    emails: tuple[str, ...]
    """Folded."""
    vat_ids: tuple[str, ...]
    companies: tuple[str, ...]
    """As shops tell them of him."""
    accounts: tuple[int, ...]
    """His own; points of a company that holds them are the company's."""

    @property
    def name(self) -> str:
        return f"erased member #{self.member_id}"

    @property
    def words(self) -> tuple[str, ...]:
        """What would tell in a text who he is, the longest first."""
        found = {*self.emails, *self.vat_ids, *self.companies}
        found |= {
            key.customer_id for key in self.customers if len(key.customer_id) >= 2 * _SHORTEST
        }
        return tuple(sorted((one for one in found if len(one) >= _SHORTEST), key=len, reverse=True))

    # -- conditions -------------------------------------------------------------------------

    def has_member(self, table: Any) -> ColumnElement[bool]:
        return and_(
            col(table.workspace_id) == self.workspace_id, col(table.member_id).in_(self.ids)
        )

    def has_email(self, table: Any) -> ColumnElement[bool]:
        return and_(col(table.workspace_id) == self.workspace_id, col(table.email).in_(self.emails))

    def has_customer(self, table: Any, column: Any = None) -> ColumnElement[bool]:
        """``column``: where the customer's id stands; else ``customer_id``."""
        key = col(table.customer_id) if column is None else col(column)
        return and_(
            col(table.workspace_id) == self.workspace_id,
            tuple_(col(table.installation_id), key).in_([tuple(one) for one in self.customers]),
        )

    def has_word(self, table: Any, *columns: Any) -> ColumnElement[bool]:
        """One of the columns (text or JSON) holds one of his words."""
        written = {*self.words, *(json.dumps(word)[1:-1] for word in self.words)}
        return and_(
            col(table.workspace_id) == self.workspace_id,
            or_(
                *(
                    cast(column, String).icontains(word, autoescape=True)
                    for column in columns
                    for word in sorted(written)
                ),
                *(() if written else (col(table.workspace_id) < 0,)),
            ),
        )

    def subjects(self) -> list[str]:
        """What open questions about him are about."""
        return [*map(str, self.ids), *(customer_subject(*one) for one in self.customers)]


def person(session: Session, workspace_id: int, member_id: int) -> Person:
    """``member_id``: as he is now. Raises KeyError when there is none."""
    known = session.execute(
        select(col(Member.id)).where(
            col(Member.workspace_id) == workspace_id, col(Member.id) == member_id
        )
    ).first()
    if known is None:
        raise KeyError(f"There is no member {member_id} in this workspace.")
    ids = tuple(sorted(merged_into(session, workspace_id, [member_id])))
    links = session.execute(
        select(
            col(MemberCustomer.installation_id),
            col(MemberCustomer.customer_id),
            col(MemberCustomer.email),
            col(MemberCustomer.vat_id),
        )
        .where(
            col(MemberCustomer.workspace_id) == workspace_id, col(MemberCustomer.member_id).in_(ids)
        )
        .order_by(col(MemberCustomer.installation_id), col(MemberCustomer.customer_id))
    ).all()
    customers = tuple(CustomerKey(row[0], row[1]) for row in links)
    told = _told(session, workspace_id, customers)
    vat_ids = {row.vat_id for row in (*links, *told)}
    companies = {row.company for row in told}
    emails = {
        *(row.email for row in links),
        *(row.email for row in told),
        *_addresses(session, workspace_id, ids),
        *_asked(session, workspace_id, customers),
    }
    return Person(
        workspace_id,
        member_id,
        ids,
        customers,
        tuple(sorted({folded_email(one) for one in emails if one})),
        _his_alone(session, workspace_id, ShopCustomer.vat_id, customers, vat_ids),
        _his_alone(session, workspace_id, ShopCustomer.company, customers, companies),
        _accounts(session, workspace_id, ids),
    )


def _told(session: Session, workspace_id: int, customers: Sequence[CustomerKey]) -> Sequence[Any]:
    return session.execute(
        select(col(ShopCustomer.email), col(ShopCustomer.vat_id), col(ShopCustomer.company)).where(
            col(ShopCustomer.workspace_id) == workspace_id,
            tuple_(col(ShopCustomer.installation_id), col(ShopCustomer.customer_id)).in_(
                [tuple(one) for one in customers]
            ),
        )
    ).all()


def _his_alone(
    session: Session,
    workspace_id: int,
    column: Any,
    customers: Sequence[CustomerKey],
    values: set[str],
) -> tuple[str, ...]:
    """Those that no other customer bears: what several bear says of a company, not of him."""
    mine = tuple_(col(ShopCustomer.installation_id), col(ShopCustomer.customer_id)).in_(
        [tuple(one) for one in customers]
    )
    others = session.scalars(
        select(col(column)).where(
            col(ShopCustomer.workspace_id) == workspace_id, col(column).in_(values), ~mine
        )
    )
    return tuple(sorted(values - set(others) - {""}))


def _addresses(session: Session, workspace_id: int, ids: Sequence[int]) -> Sequence[str]:
    return session.scalars(
        select(col(MemberEmail.email)).where(
            col(MemberEmail.workspace_id) == workspace_id, col(MemberEmail.member_id).in_(ids)
        )
    ).all()


def _asked(session: Session, workspace_id: int, customers: Sequence[CustomerKey]) -> Sequence[str]:
    """Addresses that he went by in a shop, and that a person had to decide on."""
    return session.scalars(
        select(col(IdentityQuestion.about)).where(
            col(IdentityQuestion.workspace_id) == workspace_id,
            col(IdentityQuestion.kind) == Kind.ADDRESS.value,
            col(IdentityQuestion.subject).in_([customer_subject(*one) for one in customers]),
        )
    ).all()


def _accounts(session: Session, workspace_id: int, ids: Sequence[int]) -> tuple[int, ...]:
    found = session.scalars(
        select(col(Account.id)).where(
            col(Account.workspace_id) == workspace_id,
            col(Account.holder) == Holder.MEMBER.value,
            col(Account.holder_id).in_(ids),
        )
    )
    return tuple(sorted(one for one in found if one is not None))
