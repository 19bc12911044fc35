"""Whose an order is: its customer's member, and its points in that member's account."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, or_, select, update
from sqlmodel import Session, col

from bridge.earning.handling import rehandle_orders
from bridge.members.holding import account_holder, cause_of, ensure_account, move_earned
from bridge.members.models import Member, MemberCustomer, MemberEmail
from bridge.members.standing import locked
from bridge.orders.models import HandledOrder
from bridge.points.models import Account, Holder
from bridge.reconciling.books import Books
from bridge.reconciling.correcting import RECONCILE
from bridge.reconciling.findings import Finding, Fix
from bridge.reconciling.judging import OrderKey

MEMBER = "order-member"
ACCOUNT = "order-account"
BINDING = "customer-member"


def find(books: Books) -> Iterator[Finding]:
    stores = books.stores()
    with books.looking() as session:
        foreign = list(session.execute(_foreign(books.workspace_id)))
        wrong_binding = {
            (row.installation_id, row.customer_id)
            for row in foreign
            if _is_binding_wrong(session, books.workspace_id, row)
        }
        nobodys = list(session.execute(_nobodys(books.workspace_id)))
        astray = list(session.execute(_astray(books.workspace_id)))
    told: set[tuple[int, str]] = set()
    for row in foreign:
        customer = (row.installation_id, row.customer_id)
        store = stores.get(row.installation_id, "")
        if customer not in wrong_binding:
            yield Finding(
                MEMBER,
                f"order {row.number}",
                f"It counts as member {row.member_id}'s, and its customer {row.customer_id} is "
                f"member {row.bound}.",
                "The order's member was changed past the bridge: orders stay with whom their "
                "customer is, and follow him.",
                f"Give it, and what it earned, to member {row.bound}.",
                giving(books, (row.installation_id, row.order_id), row.bound),
                store=store,
            )
        elif customer not in told:
            told.add(customer)
            yield Finding(
                BINDING,
                f"customer {row.customer_id}",
                f"He is member {row.bound}, and what he bought is member {row.member_id}'s.",
                "The customer was given to another member past the bridge: his orders and points "
                "would have followed him.",
                f"Link him to member {row.member_id} again.",
                _rebinding(books, customer, row.bound, row.member_id),
                store=store,
            )
    for row in nobodys:
        yield Finding(
            MEMBER,
            f"order {row.number}",
            f"It counts as nobody's, and was bought by customer {row.customer_id}.",
            "The order's member was removed past the bridge.",
            "Give it to whom its customer is.",
            _finding_owner(books, (row.installation_id, row.order_id)),
            store=stores.get(row.installation_id, ""),
        )
    for row in astray:
        yield Finding(
            ACCOUNT,
            f"order {row.number}",
            f"It is member {row.member_id}'s, and its points go to {_holder_in_words(row)}.",
            "The order's account or member was changed past the bridge.",
            "Let its points go to its member's account.",
            giving(books, (row.installation_id, row.order_id), row.member_id),
            store=stores.get(row.installation_id, ""),
        )


def _holder_in_words(row: Any) -> str:
    if row.account_id is None:
        return "no account"
    return f"account {row.account_id} of {row.holder} {row.holder_id}"


def _foreign(workspace_id: int) -> Any:
    """Orders of customers who are another member."""
    return (
        select(
            col(HandledOrder.installation_id),
            col(HandledOrder.order_id),
            col(HandledOrder.number),
            col(HandledOrder.customer_id),
            col(HandledOrder.member_id),
            col(HandledOrder.account_id),
            col(MemberCustomer.member_id).label("bound"),
            col(MemberCustomer.email).label("linking"),
        )
        .join(
            MemberCustomer,
            and_(
                col(MemberCustomer.installation_id) == col(HandledOrder.installation_id),
                col(MemberCustomer.customer_id) == col(HandledOrder.customer_id),
            ),
        )
        .join(Member, col(Member.id) == col(HandledOrder.member_id))
        .where(
            col(HandledOrder.workspace_id) == workspace_id,
            col(HandledOrder.is_guest).is_(False),
            col(HandledOrder.customer_id) != "",
            col(HandledOrder.member_id) != col(MemberCustomer.member_id),
            # Of one who was merged everything follows; see bridge.reconciling.people.
            col(Member.merged_into).is_(None),
        )
        .order_by(col(HandledOrder.installation_id), col(HandledOrder.order_id))
    )


def _is_binding_wrong(session: Session, workspace_id: int, row: Any) -> bool:
    """Points and all other orders of the customer say so, and no address contradicts."""
    address = session.execute(
        select(col(MemberEmail.member_id)).where(
            col(MemberEmail.workspace_id) == workspace_id, col(MemberEmail.email) == row.linking
        )
    ).scalar_one_or_none()
    if address in (row.bound, row.member_id):
        return bool(address == row.member_id)
    members = session.execute(
        select(func.count(func.distinct(col(HandledOrder.member_id)))).where(
            col(HandledOrder.workspace_id) == workspace_id,
            col(HandledOrder.installation_id) == row.installation_id,
            col(HandledOrder.customer_id) == row.customer_id,
        )
    ).scalar_one()
    holder = session.execute(
        select(col(Account.holder), col(Account.holder_id)).where(col(Account.id) == row.account_id)
    ).first()
    is_his = holder is not None and tuple(holder) == (Holder.MEMBER.value, row.member_id)
    return is_his and members == 1


def _nobodys(workspace_id: int) -> Any:
    """Only guests nobody collects for belong to nobody, and earn into no account."""
    return (
        select(
            col(HandledOrder.installation_id),
            col(HandledOrder.order_id),
            col(HandledOrder.number),
            col(HandledOrder.customer_id),
        )
        .where(
            col(HandledOrder.workspace_id) == workspace_id,
            col(HandledOrder.member_id).is_(None),
            or_(
                and_(col(HandledOrder.is_guest).is_(False), col(HandledOrder.customer_id) != ""),
                col(HandledOrder.account_id).is_not(None),
            ),
        )
        .order_by(col(HandledOrder.installation_id), col(HandledOrder.order_id))
    )


def _astray(workspace_id: int) -> Any:
    """Orders that earn into another member's account, or into none."""
    return (
        select(
            col(HandledOrder.installation_id),
            col(HandledOrder.order_id),
            col(HandledOrder.number),
            col(HandledOrder.member_id),
            col(HandledOrder.account_id),
            col(Account.holder),
            col(Account.holder_id),
        )
        .join(Member, col(Member.id) == col(HandledOrder.member_id))
        .outerjoin(Account, col(Account.id) == col(HandledOrder.account_id))
        .outerjoin(
            MemberCustomer,
            and_(
                col(MemberCustomer.installation_id) == col(HandledOrder.installation_id),
                col(MemberCustomer.customer_id) == col(HandledOrder.customer_id),
            ),
        )
        .where(
            col(HandledOrder.workspace_id) == workspace_id,
            col(Member.merged_into).is_(None),
            or_(
                col(MemberCustomer.member_id).is_(None),
                col(MemberCustomer.member_id) == col(HandledOrder.member_id),
            ),
            or_(
                col(HandledOrder.account_id).is_(None),
                and_(
                    col(Account.holder) == Holder.MEMBER.value,
                    col(Account.holder_id) != col(HandledOrder.member_id),
                ),
            ),
        )
        .order_by(col(HandledOrder.installation_id), col(HandledOrder.order_id))
    )


# -- mending --------------------------------------------------------------------------------


def giving(books: Books, key: OrderKey, member_id: int) -> Fix:
    """Makes the order this member's, moves what it earned into his account, and handles it
    again."""

    def mend(session: Session, now: datetime) -> bool:
        member = locked(session, books.workspace_id, member_id)
        right = account_holder(session, member)
        target = ensure_account(session, books.workspace_id, right, now)
        this = (
            col(HandledOrder.workspace_id) == books.workspace_id,
            col(HandledOrder.installation_id) == key[0],
            col(HandledOrder.order_id) == key[1],
        )
        account = session.execute(
            select(col(Account.id), col(Account.holder), col(Account.holder_id))
            .join(HandledOrder, col(HandledOrder.account_id) == col(Account.id))
            .where(*this)
        ).first()
        if account is not None and account.id != target:
            wrong = (Holder(account.holder), account.holder_id)
            cause = cause_of(RECONCILE, f"order {key[0]}/{key[1]}", RECONCILE, now)
            move_earned(session, books.workspace_id, wrong, right, [key], [], cause)
        done: Any = session.execute(
            update(HandledOrder).where(*this).values(member_id=member.id, account_id=target)
        )
        rehandle_orders(session, books.workspace_id, [key], now)
        return bool(done.rowcount)

    return books.fix(mend)


def _finding_owner(books: Books, key: OrderKey) -> Fix:
    def fix() -> bool:
        with books.looking() as session:
            row = session.execute(
                select(col(MemberCustomer.member_id), col(Account.holder), col(Account.holder_id))
                .select_from(HandledOrder)
                .outerjoin(Account, col(Account.id) == col(HandledOrder.account_id))
                .outerjoin(
                    MemberCustomer,
                    and_(
                        col(MemberCustomer.installation_id) == col(HandledOrder.installation_id),
                        col(MemberCustomer.customer_id) == col(HandledOrder.customer_id),
                    ),
                )
                .where(
                    col(HandledOrder.workspace_id) == books.workspace_id,
                    col(HandledOrder.installation_id) == key[0],
                    col(HandledOrder.order_id) == key[1],
                )
            ).first()
        if row is None:
            return False
        member_id = row.member_id
        if member_id is None and row.holder == Holder.MEMBER.value:
            member_id = row.holder_id
        if member_id is not None:
            return giving(books, key, member_id)()
        with books.database.writing() as session:
            return bool(rehandle_orders(session, books.workspace_id, [key], books.clock()))

    return fix


def _rebinding(books: Books, customer: tuple[int, str], wrong: int, right: int) -> Fix:
    def mend(session: Session, now: datetime) -> bool:
        member = locked(session, books.workspace_id, right)
        done: Any = session.execute(
            update(MemberCustomer)
            .where(
                col(MemberCustomer.workspace_id) == books.workspace_id,
                col(MemberCustomer.installation_id) == customer[0],
                col(MemberCustomer.customer_id) == customer[1],
                col(MemberCustomer.member_id) == wrong,
            )
            .values(member_id=member.id)
        )
        session.execute(
            update(Account)
            .where(
                col(Account.workspace_id) == books.workspace_id,
                col(Account.holder) == Holder.MEMBER.value,
                col(Account.holder_id).in_((wrong, right)),
            )
            .values(push_due=True)
        )
        return bool(done.rowcount)

    return books.fix(mend)
