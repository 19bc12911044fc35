"""Planning which customers move to another group."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from bridge.members.models import Member, MemberCustomer, ShopCustomer
from bridge.outbox.snapshots import Snapshot
from bridge.plans.context import Bound, Claim, Site, bindings, claims
from bridge.plans.groups import ResolvedGroup
from bridge.plans.parts import Agreement, Change, Part, Remark, RemarkKind, Stage
from bridge.plans.three_way import Action, decide
from bridge.programme.document import Policy
from bridge.programme.membership import CustomerFacts, MemberIndex


class CustomerPlan:
    def __init__(self, session: Session, site: Site, groups: Mapping[str, ResolvedGroup]) -> None:
        self._session = session
        self._site = site
        self._groups = groups
        self._bound = bindings(session, site, "customer")
        self._claims = claims(session, site, "customer")
        self._members = MemberIndex(site.programme)
        self._tiers = tiers_of_customers(session, site)
        self._has_members = bool(self._tiers) or any(
            group.members for group in site.programme.groups.values()
        )

    def parts(self) -> Iterator[Part]:
        if not self._has_members and not self._bound:
            return
        seen: set[str] = set()
        for customer in self._customers():
            seen.add(customer.customer_id)
            yield from self._customer(customer)
        for customer_id in self._bound.keys() - seen:
            yield self._agreement(customer_id, None)

    def _customers(self) -> Iterator[Any]:
        rows = self._session.execute(
            select(
                col(ShopCustomer.customer_id),
                col(ShopCustomer.email),
                col(ShopCustomer.group_id),
                col(ShopCustomer.company),
                col(ShopCustomer.vat_id),
                col(ShopCustomer.created_at),
                col(ShopCustomer.is_confirmed),
            )
            .where(
                col(ShopCustomer.workspace_id) == self._site.workspace_id,
                col(ShopCustomer.installation_id) == self._site.installation_id,
                col(ShopCustomer.is_guest).is_(False),
            )
            .order_by(col(ShopCustomer.customer_id))
        )
        yield from rows

    def _customer(self, customer: Any) -> Iterator[Part]:
        bound = self._bound.get(customer.customer_id)
        if bound is None and not customer.is_confirmed:
            return  # whoever typed this address has not shown that it is his
        claim = self._claims.get(customer.customer_id)
        if claim and claim.holds(customer.group_id, bound.snapshot if bound else None):
            bound = self._claimed(customer.customer_id, claim)
            yield self._agreement(customer.customer_id, bound.snapshot)
        wanted = self._wanted(customer, bound)
        if wanted is not None and wanted not in self._groups:
            return  # the group itself has a problem, which is told there
        if wanted is None:
            if bound is not None:
                yield from self._unwanted(customer, bound)
        elif bound is None:
            yield from self._first_move(customer, self._groups[wanted])
        else:
            yield from self._moved_before(customer, self._groups[wanted], bound)

    @staticmethod
    def _claimed(customer_id: str, claim: Claim) -> Bound:
        return Bound(customer_id, customer_id, claim.snapshot(customer_id))

    def _wanted(self, customer: Any, bound: Bound | None) -> str | None:
        before = customer.group_id
        if bound is not None and bound.snapshot.original is not None:
            before = bound.snapshot.original
        facts = CustomerFacts(
            email=customer.email,
            company=customer.company,
            vat_id=customer.vat_id,
            group_name=self._site.group_name(before),
            created_at=customer.created_at,
            tier=self._tiers.get(customer.customer_id, ""),
        )
        membership = self._members.wanted_group(facts)
        return None if membership is None else membership.group_key

    def _first_move(self, customer: Any, group: ResolvedGroup) -> Iterator[Part]:
        if customer.group_id == group.group_id:
            return  # somebody put him there
        allowed = self._site.programme.groups[group.key].movable_from(self._site.name)
        current = self._site.group_name(customer.group_id)
        if current.casefold() in (name.casefold() for name in allowed):
            yield self._move(customer, group.group_id, group.key, None)
            return
        yield Remark(
            RemarkKind.FOREIGN,
            self._site.name,
            "customer",
            customer.email,
            f'Belongs to "{group.name}" but is in "{current}", which members are not moved '
            f"from. Add it to `move_from` of {group.key} to allow it.",
            group.key,
            customer.customer_id,
            group.group_id,
            customer.group_id,
        )

    def _moved_before(self, customer: Any, group: ResolvedGroup, bound: Bound) -> Iterator[Part]:
        snapshot = bound.snapshot
        action = decide(group.group_id, customer.group_id, snapshot.base, Policy.ASK)
        if action is Action.WRITE:
            yield self._move(customer, group.group_id, group.key, snapshot)
        elif action is Action.AGREE:
            yield self._agreement(
                customer.customer_id,
                Snapshot(
                    group.group_id,
                    customer.group_id,
                    snapshot.original,
                    True,
                    customer.customer_id,
                    group.key,
                ),
            )
        elif action is Action.CONFLICT:
            yield self._conflict(customer, group, snapshot)

    def _unwanted(self, customer: Any, bound: Bound) -> Iterator[Part]:
        """A customer who is no longer a member goes back to the group before; one whom a person
        moved since stays there."""
        snapshot = bound.snapshot
        action = decide(None, customer.group_id, snapshot.base, Policy.ADOPT)
        original = snapshot.original
        if action is Action.REMOVE and original in self._site.groups:
            yield self._move(customer, original, snapshot.source, snapshot, releases=True)
            return
        yield self._agreement(customer.customer_id, None)

    def _move(
        self,
        customer: Any,
        target: str | None,
        source: str,
        base: Snapshot | None,
        *,
        releases: bool = False,
    ) -> Change:
        return Change(
            installation_id=self._site.installation_id,
            installation=self._site.name,
            stage=Stage.RETURN_CUSTOMERS if releases else Stage.MOVE_CUSTOMERS,
            kind="customer",
            key=customer.customer_id,
            batch=customer.customer_id,
            label=f"{customer.email} ({self._named(customer.group_id)} -> {self._named(target)})",
            before=customer.group_id,
            after=target,
            native_id=customer.customer_id,
            source=source,
            base=base,
            releases=releases,
        )

    def _named(self, group_id: str | None) -> str:
        for group in self._groups.values():
            if group.group_id == group_id:
                return group.name
        return self._site.group_name(group_id or "")

    def _conflict(self, customer: Any, group: ResolvedGroup, snapshot: Snapshot) -> Remark:
        current = self._site.group_name(customer.group_id)
        return Remark(
            RemarkKind.CONFLICT,
            self._site.name,
            "customer",
            customer.email,
            f'Someone moved the customer to "{current}"; the programme says "{group.name}".',
            group.key,
            customer.customer_id,
            group.group_id,
            customer.group_id,
        )

    def _agreement(self, customer_id: str, snapshot: Snapshot | None) -> Agreement:
        return Agreement(
            self._site.installation_id,
            self._site.name,
            "customer",
            customer_id,
            customer_id,
            snapshot,
        )


def tiers_of_customers(session: Session, site: Site) -> dict[str, str]:
    """The tier of each customer whose member has one that leads to a group."""
    leading = [key for key, tier in site.programme.tiers.items() if tier.group is not None]
    if not leading:
        return {}
    rows = session.execute(
        select(col(MemberCustomer.customer_id), col(Member.tier))
        .join(Member, col(Member.id) == col(MemberCustomer.member_id))
        .where(
            col(MemberCustomer.workspace_id) == site.workspace_id,
            col(MemberCustomer.installation_id) == site.installation_id,
            col(Member.tier).in_(leading),
        )
    )
    return {row[0]: row[1] for row in rows}
