"""A customer came in from a shop: he is stored, linked to a member, and asked about."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlmodel import Session

from bridge.inbox import erased
from bridge.inbox.handling import Arrived, Outcome
from bridge.members.identity import DEFAULT_POLICY, IdentityPolicy, member_for_customer
from bridge.members.mirror import mirrored, store_customers
from connectors.base import Customer

PolicyOf = Callable[[Session, int, datetime], IdentityPolicy]
"""(session, workspace id, now) -> what the programme says."""


def customer_handler(
    policy_of: PolicyOf,
) -> Callable[[Session, Arrived, datetime], Outcome]:
    """A handler for the inbox that asks what the programme says each time."""

    def handle(session: Session, arrived: Arrived, now: datetime) -> Outcome:
        policy = policy_of(session, arrived.workspace_id, now)
        return handle_customer(session, arrived, now, policy)

    return handle


def handle_customer(
    session: Session,
    arrived: Arrived,
    now: datetime,
    policy: IdentityPolicy = DEFAULT_POLICY,
) -> Outcome:
    """Stores what the shop told and links the customer. Guests are stored only: what they
    bought tells who they are."""
    customer = arrived.record
    assert isinstance(customer, Customer)
    place = (arrived.workspace_id, arrived.installation_id)
    if erased.let_in(session, *place, [customer]) == [None]:
        return Outcome.STALE  # it came in before he was erased
    known = mirrored(session, *place, customer.id)
    if known is None or known.updated_at <= customer.updated_at:
        store_customers(session, *place, [customer], None, arrived.fetched_at)
    else:
        customer = known  # a pull has read him since
    if not customer.is_guest:
        member_for_customer(session, *place, customer, policy, now)
    return Outcome.HANDLED
