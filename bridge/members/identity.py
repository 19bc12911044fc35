"""Who is who: a customer is linked to a member once, by an address that he has shown to be his.

What a shop tells can come in any order. A customer known only from an order, or one who has not
confirmed his address, gets a member of his own for the time being; the first confirmed address
links him for good. From then on only a person links him anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from bridge.db import insert_or_ignore
from bridge.members.addresses import claim, confirm, member_of, standing_for, usable
from bridge.members.holding import account_holder, tell_shops
from bridge.members.merging import PROVISIONAL, merge
from bridge.members.mirror import first_registration, mirrored
from bridge.members.models import Member, MemberCustomer
from bridge.members.questions import (
    Kind,
    ask,
    ask_about_company,
    customer_subject,
    withdraw,
)
from bridge.members.standing import (
    binding,
    bindings,
    discard,
    identity,
    locked,
    locked_of_customer,
    make_member,
)
from bridge.members.vat import normal_vat_id
from bridge.orders.models import HandledOrder
from bridge.programme.emails import folded_email
from connectors.base import Customer
from connectors.sales import Order


@dataclass(frozen=True, slots=True)
class IdentityPolicy:
    """What the merchant says of who is who."""

    link_unconfirmed: bool = False
    """An address links customers also when nobody has shown that it is his. Whoever registers
    with another's address then shares his points."""
    collect_guests: bool = False
    """Guests collect points under their address, for the day they register with it."""


DEFAULT_POLICY = IdentityPolicy()


# -- customers ------------------------------------------------------------------------------


def member_for_customer(
    session: Session,
    workspace_id: int,
    installation_id: int,
    customer: Customer,
    policy: IdentityPolicy,
    now: datetime,
) -> Member:
    """The customer's member, locked until the commit; linked or made when this is news.

    Asks a person when a linked customer goes by another address, or bears the VAT id of a
    company or of other members. Doing it twice is doing it once.
    """
    address = _linking_address(customer, policy)
    found = locked_of_customer(session, workspace_id, installation_id, customer.id)
    if found is None:
        found = _linked(session, workspace_id, installation_id, customer, address, now)
    link, member = found
    if link.linked_by in PROVISIONAL:
        member = _settled(session, link, member, customer, address, now)
    else:
        _look_at_address(session, link, member, customer, address, now)
    _look_at_vat_id(session, link, customer, now)
    _look_at_registration(session, member, customer)
    return member


def _linking_address(customer: Customer, policy: IdentityPolicy) -> str | None:
    """The address that may link him; ``None``: he has not shown that it is his."""
    if customer.is_guest or not (customer.is_confirmed or policy.link_unconfirmed):
        return None
    return usable(customer.email)


def _linked(
    session: Session,
    workspace_id: int,
    installation_id: int,
    customer: Customer,
    address: str | None,
    now: datetime,
) -> tuple[MemberCustomer, Member]:
    """Links a customer that was linked to nobody, unless somebody else just did."""
    joined_at = customer.created_at
    if address is None:
        member, is_new = make_member(session, workspace_id, joined_at), True
        linked_by = "unconfirmed"
    else:
        member, is_new = member_of(
            session, workspace_id, address, joined_at, is_confirmed=customer.is_confirmed
        )
        linked_by = "new" if is_new else "email"
    bind(session, member, installation_id, customer.id, address or "", linked_by, now)
    found = locked_of_customer(session, workspace_id, installation_id, customer.id)
    assert found is not None, "he was linked, or is now"
    if found[1] is not member and address is None:
        discard(session, member)
    if not is_new:
        tell_shops(session, workspace_id, account_holder(session, found[1]))
    return found


def bind(
    session: Session,
    member: Member,
    installation_id: int,
    customer_id: str,
    email: str,
    linked_by: str,
    now: datetime,
) -> None:
    """Links a customer to the member unless he is linked already."""
    insert_or_ignore(
        session,
        MemberCustomer,
        [
            {
                "installation_id": installation_id,
                "customer_id": customer_id,
                "workspace_id": member.workspace_id,
                "member_id": identity(member),
                "email": email,
                "vat_id": "",
                "linked_at": now,
                "linked_by": linked_by,
            }
        ],
        ("installation_id", "customer_id"),
    )


def _settled(
    session: Session,
    link: MemberCustomer,
    member: Member,
    customer: Customer,
    address: str | None,
    now: datetime,
) -> Member:
    """Links for good a customer who had a member of his own for the time being."""
    if address is None:
        link.linked_by = "unconfirmed"
        session.flush()
        return member
    workspace_id = link.workspace_id
    standing = claim(
        session, workspace_id, address, identity(member), is_confirmed=customer.is_confirmed
    )
    link.linked_by = "new"
    if standing.member_id != identity(member):
        other = locked(session, workspace_id, standing.member_id)
        if None not in (member.company_id, other.company_id) and (
            member.company_id != other.company_id
        ):
            _ask_about_address(session, link, address, now)
            link.linked_by = "unconfirmed"
            session.flush()
            return member
        is_guest = not standing.is_confirmed and not bindings(
            session, workspace_id, identity(other)
        )
        keep, gone = (member, other) if is_guest else (other, member)
        link.linked_by = "email"
        session.flush()
        merge(session, workspace_id, keep, gone, "email", now)
        member = keep
    if customer.is_confirmed:
        confirm(session, workspace_id, address)
    link.email = address
    session.flush()
    return member


def _look_at_address(
    session: Session,
    link: MemberCustomer,
    member: Member,
    customer: Customer,
    address: str | None,
    now: datetime,
) -> None:
    """Of a customer that is linked: the address links nobody anew, but a person may."""
    email = folded_email(customer.email)
    workspace_id = link.workspace_id
    if not email:
        return
    standing = standing_for(session, workspace_id, email)
    if standing is None and address is not None and not link.email:
        # A person linked him before his address was known.
        standing = claim(
            session, workspace_id, email, identity(member), is_confirmed=customer.is_confirmed
        )
    is_his = standing is not None and standing.member_id == identity(member)
    if standing is not None and is_his and customer.is_confirmed and not standing.is_confirmed:
        confirm(session, workspace_id, email)
    if is_his or email == link.email or (standing is None and not link.email):
        link.email = email
        session.flush()
        subject = customer_subject(link.installation_id, link.customer_id)
        withdraw(session, workspace_id, Kind.ADDRESS, subject)
    else:
        _ask_about_address(session, link, email, now)


def _ask_about_address(session: Session, link: MemberCustomer, address: str, now: datetime) -> None:
    subject = customer_subject(link.installation_id, link.customer_id)
    withdraw(session, link.workspace_id, Kind.ADDRESS, subject, except_about=address)
    ask(session, link.workspace_id, Kind.ADDRESS, subject, address, now)


def _look_at_vat_id(
    session: Session, link: MemberCustomer, customer: Customer, now: datetime
) -> None:
    vat_id = normal_vat_id(customer.vat_id)
    if vat_id != link.vat_id:
        link.vat_id = vat_id
        session.flush()
    if vat_id:
        ask_about_company(session, link.workspace_id, vat_id, now)


def _look_at_registration(session: Session, member: Member, customer: Customer) -> None:
    told = first_registration(session, member.workspace_id, identity(member))
    first = customer.created_at if told is None else min(told, customer.created_at)
    if member.joined_at != first:
        member.joined_at = first
        session.flush()


# -- orders ---------------------------------------------------------------------------------


def member_for_order(
    session: Session,
    workspace_id: int,
    installation_id: int,
    order: Order,
    policy: IdentityPolicy,
    now: datetime,
) -> Member | None:
    """Whose order it is, locked until the commit; ``None``: a guest nobody collects for.

    An order stays with the member it was handled for, also when its customer was deleted
    since. The address of an order proves nothing: a customer that the shop has not told of yet
    gets a member of his own, until he is read.
    """
    handled_for = session.exec(
        select(HandledOrder.member_id).where(
            col(HandledOrder.workspace_id) == workspace_id,
            col(HandledOrder.installation_id) == installation_id,
            col(HandledOrder.order_id) == order.id,
        )
    ).first()
    if handled_for is not None:
        return locked(session, workspace_id, handled_for)
    if order.is_guest or not order.customer_id:
        return _guest(session, workspace_id, order, policy)
    found = locked_of_customer(session, workspace_id, installation_id, order.customer_id)
    if found is not None:
        return found[1]
    customer = mirrored(session, workspace_id, installation_id, order.customer_id)
    if customer is not None:
        return member_for_customer(session, workspace_id, installation_id, customer, policy, now)
    return _unread(session, workspace_id, installation_id, order, now)


def _guest(
    session: Session, workspace_id: int, order: Order, policy: IdentityPolicy
) -> Member | None:
    address = usable(order.email) if policy.collect_guests else None
    if address is None:
        return None
    return member_of(session, workspace_id, address, order.placed_at, is_confirmed=False)[0]


def _unread(
    session: Session, workspace_id: int, installation_id: int, order: Order, now: datetime
) -> Member:
    member = make_member(session, workspace_id, order.placed_at)
    bind(session, member, installation_id, order.customer_id, "", "order", now)
    found = binding(session, workspace_id, installation_id, order.customer_id)
    assert found is not None, "he was linked, or is now"
    if found.member_id != identity(member):
        discard(session, member)
    return locked(session, workspace_id, found.member_id)
