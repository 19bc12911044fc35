"""What a person decides about who is who: answers to questions, links made by hand."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, select

from bridge.kit.errors import BridgeError
from bridge.members import companies
from bridge.members.addresses import claim, usable
from bridge.members.holding import account_holder, tell_shops
from bridge.members.identity import bind
from bridge.members.merging import merge
from bridge.members.mirror import mirrored
from bridge.members.models import Company, IdentityQuestion, Member, MemberCustomer, ShopCustomer
from bridge.members.questions import Kind, customer_subject, withdraw
from bridge.members.splitting import CustomerKey, split
from bridge.members.standing import (
    binding,
    bindings,
    identity,
    locked,
    locked_of_customer,
    not_erased,
)
from connectors.sentences import sentence


class UnknownQuestion(BridgeError):
    def __init__(self, number: int) -> None:
        super().__init__(
            sentence(
                "There is no question %(number)s. The open ones: loyalty-bridge members questions",
                number=f"{number}",
            )
        )


# -- links made by hand ---------------------------------------------------------------------


def link(
    session: Session,
    workspace_id: int,
    member: Member,
    customer: CustomerKey,
    by: str,
    now: datetime,
) -> None:
    """Makes this customer the member's, with what he bought and earned.

    A customer who was all of another member takes all of that one along; of a member with more
    customers only this one goes. Raises BridgeError when no shop told of the customer.
    """
    member = locked(session, workspace_id, identity(member))
    not_erased(member)
    found = locked_of_customer(session, workspace_id, *customer)
    if found is None:
        _link_new(session, workspace_id, member, customer, by, now)
        return
    other = found[1]
    if identity(other) == identity(member):
        return
    if len(bindings(session, workspace_id, identity(other))) > 1:
        other = split(session, workspace_id, other, [customer], by, now)
    merge(session, workspace_id, member, other, by, now)
    linked = binding(session, workspace_id, *customer)
    assert linked is not None, "he was merged along"
    linked.linked_by, linked.linked_at = by, now
    session.flush()
    withdraw(session, workspace_id, Kind.ADDRESS, customer_subject(*customer))


def _link_new(
    session: Session,
    workspace_id: int,
    member: Member,
    customer: CustomerKey,
    by: str,
    now: datetime,
) -> None:
    told = mirrored(session, workspace_id, *customer)
    if told is None or told.is_guest:
        raise BridgeError(
            sentence(
                "The shop has told of no customer %(customer)s with an account yet. Read it "
                "first: loyalty-bridge pull",
                customer=customer[1],
            )
        )
    address = usable(told.email)
    bind(session, member, *customer, address or "", by, now)
    if address and told.is_confirmed:
        claim(session, workspace_id, address, identity(member), is_confirmed=True)
    tell_shops(session, workspace_id, account_holder(session, member))


# -- answers --------------------------------------------------------------------------------


def question(session: Session, workspace_id: int, number: int) -> IdentityQuestion:
    """Raises :class:`UnknownQuestion`."""
    found = session.exec(
        select(IdentityQuestion)
        .where(
            col(IdentityQuestion.workspace_id) == workspace_id,
            col(IdentityQuestion.id) == number,
        )
        .with_for_update()
    ).first()
    if found is None:
        raise UnknownQuestion(number)
    return found


def answer(
    session: Session, workspace_id: int, number: int, *, yes: bool, by: str, now: datetime
) -> str:
    """Does what the answer asks for; says what was done, for people.

    ``address``, yes: the new address stands for the member too; whoever it stands for already
    becomes one with him. ``company``, yes: he is one of the company's people; it is made when
    it is not there. No: nothing changes, and it is not asked again.

    Raises BridgeError when the question is not there, was answered, or cannot be answered so.
    """
    asked = question(session, workspace_id, number)
    if asked.answer:
        raise BridgeError(
            sentence(
                "Question %(number)s was answered before: %(answer)s.",
                number=f"{number}",
                answer=asked.answer,
            )
        )
    done = "Nothing changes, and it is not asked again."
    if yes:
        accept = _accept_address if asked.kind == Kind.ADDRESS else _accept_company
        done = accept(session, asked, by, now)
    asked.answer, asked.answered_at, asked.answered_by = "yes" if yes else "no", now, by
    session.add(asked)
    session.flush()
    return done


def _accept_address(session: Session, asked: IdentityQuestion, by: str, now: datetime) -> str:
    key = customer_of(asked)
    found = locked_of_customer(session, asked.workspace_id, *key)
    if found is None:
        raise BridgeError(
            sentence("Customer %(key)s is linked to no member any more: answer no.", key=key[1])
        )
    linked, member = found
    told = mirrored(session, asked.workspace_id, *key)
    standing = claim(
        session,
        asked.workspace_id,
        asked.about,
        identity(member),
        is_confirmed=told is not None and told.is_confirmed,
    )
    linked.email, linked.linked_by, linked.linked_at = asked.about, by, now
    session.flush()
    if standing.member_id == identity(member):
        return f"{asked.about} stands for member #{member.id} too."
    other = locked(session, asked.workspace_id, standing.member_id)
    merge(session, asked.workspace_id, member, other, by, now)
    return f"Member #{other.id}, for whom {asked.about} stood, is one with #{member.id} now."


def _accept_company(session: Session, asked: IdentityQuestion, by: str, now: datetime) -> str:
    member = locked(session, asked.workspace_id, int(asked.subject))
    firm = session.exec(
        select(Company).where(
            col(Company.workspace_id) == asked.workspace_id, col(Company.vat_id) == asked.about
        )
    ).first()
    if firm is None:
        name = _company_name(session, member, asked.about)
        firm = companies.make(session, asked.workspace_id, name, asked.about, now)
    # `add` withdraws open questions about him: this one is answered, and stays.
    asked.answer = "yes"
    session.flush()
    companies.add(session, firm, member, by, now)
    return f"Member #{member.id} is one of {firm.name} now."


def _company_name(session: Session, member: Member, vat_id: str) -> str:
    """What the shops call the company of the member's customers."""
    name = session.exec(
        select(ShopCustomer.company)
        .join(
            MemberCustomer,
            (col(MemberCustomer.installation_id) == col(ShopCustomer.installation_id))
            & (col(MemberCustomer.customer_id) == col(ShopCustomer.customer_id)),
        )
        .where(
            col(MemberCustomer.workspace_id) == member.workspace_id,
            col(MemberCustomer.vat_id) == vat_id,
            col(ShopCustomer.company) != "",
        )
        .order_by(col(MemberCustomer.member_id) != member.id, col(ShopCustomer.created_at))
    ).first()
    return name or vat_id


def customer_of(asked: IdentityQuestion) -> CustomerKey:
    """The customer an ``address`` question is about."""
    installation_id, _, customer_id = asked.subject.partition("/")
    return int(installation_id), customer_id
