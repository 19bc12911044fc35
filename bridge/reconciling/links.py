"""Customers and addresses, and the members they stand for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import and_, exists, func, insert, or_, select, update
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from bridge.earning.batch import versions
from bridge.inbox.models import InboxRow, InboxState
from bridge.members.addresses import claim
from bridge.members.identity import member_for_customer
from bridge.members.mirror import mirrored
from bridge.members.models import Member, MemberCustomer, MemberEmail, ShopCustomer
from bridge.members.policy import policy_of
from bridge.orders.models import HandledOrder
from bridge.points.models import Account, Holder
from bridge.reconciling.books import Books
from bridge.reconciling.correcting import RECONCILE
from bridge.reconciling.findings import Finding, Fix

UNLINKED = "customer-unlinked"
ADDRESS = "address-member"
NOBODYS = "address-missing"
_BY_ADDRESS = ("email", "new")


def find(books: Books) -> Iterator[Finding]:
    stores = books.stores()
    with books.looking() as session:
        unlinked = list(session.execute(_unlinked(books.workspace_id)))
        addresses = list(session.execute(_addresses(books.workspace_id)))
        nobodys = [
            *session.execute(_customers_nobodys(books.workspace_id)),
            *session.execute(_guests_nobodys(books.workspace_id)),
        ]
        guests = list(session.execute(_guests(books.workspace_id)))
    for row in unlinked:
        yield Finding(
            UNLINKED,
            f"customer {row.customer_id}",
            "The shop told of him, and he is no member.",
            "His link was deleted past the bridge.",
            "Link him again: to whom his orders are, else by his address.",
            _linking(books, (row.installation_id, row.customer_id)),
            store=stores.get(row.installation_id, ""),
        )
    for row in addresses:
        yield Finding(
            ADDRESS,
            f"customer {row.customer_id}",
            f"His address links him to member {row.standing}, and he is member {row.member_id}.",
            "The customer or the address was given to another member past the bridge.",
            "Link him by his address again, unless he has bought: then the address follows him.",
            _relinking(books, row),
            store=stores.get(row.installation_id, ""),
        )
    for row in guests:
        yield Finding(
            ADDRESS,
            f"member {row.member_id}",
            f"What he bought as a guest is his, and the address it was bought under is member "
            f"{row.standing}'s.",
            "The address was given to another member past the bridge.",
            "Let the address stand for him again.",
            _standing_for(books, row.email, row.standing, row.member_id),
        )
    for row in nobodys:
        yield Finding(
            NOBODYS,
            f"member {row.member_id}",
            "An address that links him stands for nobody.",
            "It was deleted past the bridge: an address never stops to stand for somebody.",
            "Let it stand for him again.",
            _claiming(books, row.email, row.member_id, is_confirmed=bool(row.is_confirmed)),
        )


# -- finding --------------------------------------------------------------------------------


def _guests(workspace_id: int) -> Any:
    """Addresses that all orders of guests under them say stand for another member. The orders'
    points are with that one."""
    members = func.count(func.distinct(col(HandledOrder.member_id)))
    bought = (
        select(
            col(HandledOrder.email).label("email"),
            func.min(col(HandledOrder.member_id)).label("member_id"),
        )
        .join(Account, col(Account.id) == col(HandledOrder.account_id))
        .join(Member, col(Member.id) == col(HandledOrder.member_id))
        .where(
            col(HandledOrder.workspace_id) == workspace_id,
            col(HandledOrder.is_guest).is_(True),
            col(HandledOrder.email) != "",
            col(Member.merged_into).is_(None),
            col(Account.holder) == Holder.MEMBER.value,
            col(Account.holder_id) == col(HandledOrder.member_id),
        )
        .group_by(col(HandledOrder.email))
        .having(members == 1)
        .subquery()
    )
    return (
        select(bought.c.email, bought.c.member_id, col(MemberEmail.member_id).label("standing"))
        .join(
            MemberEmail,
            and_(
                col(MemberEmail.workspace_id) == workspace_id,
                col(MemberEmail.email) == bought.c.email,
            ),
        )
        .where(
            col(MemberEmail.member_id) != bought.c.member_id, ~_links(workspace_id, bought.c.email)
        )
        .order_by(bought.c.email)
    )


def _links(workspace_id: int, email: Any) -> Any:
    """A customer bears it: he tells better whose it is."""
    return exists(
        select(1).where(
            col(MemberCustomer.workspace_id) == workspace_id, col(MemberCustomer.email) == email
        )
    )


def _customers_nobodys(workspace_id: int) -> Any:
    return (
        select(
            col(MemberCustomer.email),
            func.min(col(MemberCustomer.member_id)).label("member_id"),
            func.count(ShopCustomer.customer_id)  # type: ignore[arg-type]
            .filter(col(ShopCustomer.is_confirmed).is_(True))
            .label("is_confirmed"),
        )
        .join(Member, col(Member.id) == col(MemberCustomer.member_id))
        .outerjoin(
            ShopCustomer,
            and_(
                col(ShopCustomer.installation_id) == col(MemberCustomer.installation_id),
                col(ShopCustomer.customer_id) == col(MemberCustomer.customer_id),
            ),
        )
        .where(
            col(MemberCustomer.workspace_id) == workspace_id,
            col(MemberCustomer.linked_by).in_(_BY_ADDRESS),
            col(MemberCustomer.email) != "",
            col(Member.merged_into).is_(None),
            ~_stands(workspace_id, col(MemberCustomer.email)),
        )
        .group_by(col(MemberCustomer.email))
        .order_by(col(MemberCustomer.email))
    )


def _guests_nobodys(workspace_id: int) -> Any:
    return (
        select(
            col(HandledOrder.email),
            func.min(col(HandledOrder.member_id)).label("member_id"),
            func.min(0).label("is_confirmed"),
        )
        .join(Member, col(Member.id) == col(HandledOrder.member_id))
        .where(
            col(HandledOrder.workspace_id) == workspace_id,
            col(HandledOrder.is_guest).is_(True),
            col(HandledOrder.email) != "",
            col(Member.merged_into).is_(None),
            ~_stands(workspace_id, col(HandledOrder.email)),
            ~_links(workspace_id, col(HandledOrder.email)),
        )
        .group_by(col(HandledOrder.email))
        .order_by(col(HandledOrder.email))
    )


def _stands(workspace_id: int, email: Any) -> Any:
    return exists(
        select(1).where(
            col(MemberEmail.workspace_id) == workspace_id, col(MemberEmail.email) == email
        )
    )


def _unlinked(workspace_id: int) -> Any:
    """Customers that came in through the inbox: a pull alone links nobody."""
    newer = aliased(InboxRow)
    waits = exists(
        select(1).where(
            col(newer.installation_id) == col(ShopCustomer.installation_id),
            col(newer.resource) == "customer",
            col(newer.entity_id) == col(ShopCustomer.customer_id),
            col(newer.state).in_((InboxState.QUEUED.value, InboxState.FAILED.value)),
        )
    )
    came_in = exists(
        select(1).where(
            col(InboxRow.installation_id) == col(ShopCustomer.installation_id),
            col(InboxRow.resource) == "customer",
            col(InboxRow.entity_id) == col(ShopCustomer.customer_id),
            col(InboxRow.state) == InboxState.HANDLED.value,
        )
    )
    bought = exists(
        select(1).where(
            col(HandledOrder.installation_id) == col(ShopCustomer.installation_id),
            col(HandledOrder.customer_id) == col(ShopCustomer.customer_id),
            col(HandledOrder.is_guest).is_(False),
        )
    )
    return (
        select(col(ShopCustomer.installation_id), col(ShopCustomer.customer_id))
        .outerjoin(
            MemberCustomer,
            and_(
                col(MemberCustomer.installation_id) == col(ShopCustomer.installation_id),
                col(MemberCustomer.customer_id) == col(ShopCustomer.customer_id),
            ),
        )
        .where(
            col(ShopCustomer.workspace_id) == workspace_id,
            col(ShopCustomer.is_guest).is_(False),
            col(MemberCustomer.customer_id).is_(None),
            or_(came_in, bought),
            ~waits,
        )
        .order_by(col(ShopCustomer.installation_id), col(ShopCustomer.customer_id))
    )


def _addresses(workspace_id: int) -> Any:
    return (
        select(
            col(MemberCustomer.installation_id),
            col(MemberCustomer.customer_id),
            col(MemberCustomer.member_id),
            col(MemberEmail.member_id).label("standing"),
            col(MemberEmail.email),
        )
        .join(
            MemberEmail,
            and_(
                col(MemberEmail.workspace_id) == col(MemberCustomer.workspace_id),
                col(MemberEmail.email) == col(MemberCustomer.email),
            ),
        )
        .outerjoin(Member, col(Member.id) == col(MemberCustomer.member_id))
        .where(
            col(MemberCustomer.workspace_id) == workspace_id,
            col(MemberCustomer.linked_by).in_(_BY_ADDRESS),
            col(MemberEmail.member_id) != col(MemberCustomer.member_id),
            col(Member.merged_into).is_(None),
        )
        .order_by(col(MemberCustomer.installation_id), col(MemberCustomer.customer_id))
    )


def _linking(books: Books, customer: tuple[int, str]) -> Fix:
    def mend(session: Session, now: datetime) -> bool:
        told = mirrored(session, books.workspace_id, *customer)
        if told is None:
            return False
        owners = set(
            session.execute(
                select(col(HandledOrder.member_id)).where(
                    col(HandledOrder.workspace_id) == books.workspace_id,
                    col(HandledOrder.installation_id) == customer[0],
                    col(HandledOrder.customer_id) == customer[1],
                    col(HandledOrder.is_guest).is_(False),
                    col(HandledOrder.member_id).is_not(None),
                )
            ).scalars()
        )
        if len(owners) == 1:
            row = {
                "installation_id": customer[0],
                "customer_id": customer[1],
                "workspace_id": books.workspace_id,
                "member_id": owners.pop(),
                "email": "",
                "vat_id": "",
                "linked_at": now,
                "linked_by": RECONCILE,
            }
            session.connection().execute(insert(MemberCustomer), [row])
        version = versions(session, books.workspace_id).at(now)
        policy = policy_of(version.programme if version else None)
        member_for_customer(session, books.workspace_id, customer[0], told, policy, now)
        return True

    return books.fix(mend)


def _relinking(books: Books, row: Any) -> Fix:
    """Whom the customer's orders belong to is he; else whom the address stands for."""

    def mend(session: Session, now: datetime) -> bool:
        owners = set(
            session.execute(
                select(col(HandledOrder.member_id)).where(
                    col(HandledOrder.workspace_id) == books.workspace_id,
                    col(HandledOrder.installation_id) == row.installation_id,
                    col(HandledOrder.customer_id) == row.customer_id,
                    col(HandledOrder.is_guest).is_(False),
                )
            ).scalars()
        )
        if owners == {row.member_id} or (not owners and _is_all_he_is(session, books, row)):
            done: Any = session.execute(
                update(MemberEmail)
                .where(
                    col(MemberEmail.workspace_id) == books.workspace_id,
                    col(MemberEmail.email) == row.email,
                    col(MemberEmail.member_id) == row.standing,
                )
                .values(member_id=row.member_id)
            )
        else:
            done = session.execute(
                update(MemberCustomer)
                .where(
                    col(MemberCustomer.workspace_id) == books.workspace_id,
                    col(MemberCustomer.installation_id) == row.installation_id,
                    col(MemberCustomer.customer_id) == row.customer_id,
                    col(MemberCustomer.member_id) == row.member_id,
                )
                .values(member_id=row.standing)
            )
        session.execute(
            update(Account)
            .where(
                col(Account.workspace_id) == books.workspace_id,
                col(Account.holder) == Holder.MEMBER.value,
                col(Account.holder_id).in_((row.member_id, row.standing)),
            )
            .values(push_due=True)
        )
        return bool(done.rowcount)

    return books.fix(mend)


def _is_all_he_is(session: Session, books: Books, row: Any) -> bool:
    """Whether his member has no other customer, and whom the address stands for has some: then
    it was not the customer who was given away."""
    others: dict[int, int] = {
        member_id: session.execute(
            select(func.count()).where(
                col(MemberCustomer.workspace_id) == books.workspace_id,
                col(MemberCustomer.member_id) == member_id,
            )
        ).scalar_one()
        for member_id in (row.member_id, row.standing)
    }
    return others[row.member_id] == 1 and others[row.standing] > 0


def _standing_for(books: Books, email: str, wrong: int, right: int) -> Fix:
    def mend(session: Session, now: datetime) -> bool:
        done: Any = session.execute(
            update(MemberEmail)
            .where(
                col(MemberEmail.workspace_id) == books.workspace_id,
                col(MemberEmail.email) == email,
                col(MemberEmail.member_id) == wrong,
            )
            .values(member_id=right)
        )
        return bool(done.rowcount)

    return books.fix(mend)


def _claiming(books: Books, email: str, member_id: int, *, is_confirmed: bool) -> Fix:
    def mend(session: Session, now: datetime) -> bool:
        found = claim(session, books.workspace_id, email, member_id, is_confirmed=is_confirmed)
        return found.member_id == member_id

    return books.fix(mend)
