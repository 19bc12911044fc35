"""Whatever is linked, merged and split in whatever order: no point is lost, no customer doubled."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from merchants import Merchant, merchant_in
from sqlalchemy import select
from sqlmodel import col

from bridge.db import Database
from bridge.kit.errors import BridgeError
from bridge.members import companies
from bridge.members.deciding import link
from bridge.members.identity import IdentityPolicy
from bridge.members.merging import merge
from bridge.members.models import Company, Member, MemberCustomer, MemberEmail
from bridge.members.splitting import split
from bridge.members.standing import identity
from bridge.orders.models import HandledOrder
from bridge.points.models import Holder

EMAILS = ("ada@example.com", "bob@example.com", "eve@example.com")
CUSTOMERS = [(shop, customer) for shop in (1, 2) for customer in ("a", "b", "c")]

customers = st.sampled_from(CUSTOMERS)
emails = st.sampled_from(EMAILS)
points = st.integers(0, 40)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("arrives"), customers, emails, st.booleans()),
        st.tuples(st.just("order"), customers, points),
        st.tuples(st.just("guest"), emails, points),
        st.tuples(st.just("link"), customers, customers),
        st.tuples(st.just("merge"), customers, customers),
        st.tuples(st.just("split"), customers),
        st.tuples(st.just("join"), customers),
        st.tuples(st.just("leave"), customers, st.booleans()),
        st.tuples(st.just("hold")),
        st.tuples(st.just("release"), customers),
    ),
    max_size=12,
)


class Play:
    """Does what a step says; what the bridge refuses changes nothing."""

    def __init__(self, merchant: Merchant) -> None:
        self.merchant = merchant
        merchant.policy = IdentityPolicy(collect_guests=True)
        self.earned = 0
        with merchant.writing() as session:
            self.firm = companies.make(session, merchant.workspace_id, "Firm", "", merchant.now)
        for place, customer in enumerate(CUSTOMERS[:4]):
            self._arrives(customer, EMAILS[place % 3], confirmed=place != 2)
            self._order(customer, 10**place)

    def step(self, name: str, *args: object) -> None:
        act: Callable[..., None] = getattr(self, f"_{name}")
        with suppress(BridgeError):
            act(*args)

    def _arrives(self, customer: tuple[int, str], email: str, confirmed: bool) -> None:
        self.merchant.arrives(customer[1], email, customer[0], is_confirmed=confirmed)

    def _order(self, customer: tuple[int, str], points: int) -> None:
        self.merchant.order(customer[1], shop=customer[0], points=points)
        self.earned += points

    def _guest(self, email: str, points: int) -> None:
        self.merchant.order(email=email, points=points)
        self.earned += points

    def _link(self, one: tuple[int, str], other: tuple[int, str]) -> None:
        merchant, key = self.merchant, (self.merchant.shops[other[0] - 1], other[1])
        if (member := merchant.member(one[1], one[0])) is not None:
            with merchant.writing() as session:
                standing = merchant.standing(session, member)
                link(session, merchant.workspace_id, standing, key, "me", merchant.now)

    def _merge(self, one: tuple[int, str], other: tuple[int, str]) -> None:
        merchant = self.merchant
        keep, gone = merchant.member(one[1], one[0]), merchant.member(other[1], other[0])
        if keep is not None and gone is not None:
            with merchant.writing() as session:
                two = [merchant.standing(session, member) for member in (keep, gone)]
                merge(session, merchant.workspace_id, two[0], two[1], "me", merchant.now)

    def _split(self, customer: tuple[int, str]) -> None:
        merchant, key = self.merchant, (self.merchant.shops[customer[0] - 1], customer[1])
        if (member := merchant.member(customer[1], customer[0])) is not None:
            with merchant.writing() as session:
                standing = merchant.standing(session, member)
                split(session, merchant.workspace_id, standing, [key], "me", merchant.now)

    def _join(self, customer: tuple[int, str]) -> None:
        if (member := self.merchant.member(customer[1], customer[0])) is not None:
            with self.merchant.writing() as session:
                standing = self.merchant.standing(session, member)
                companies.add(session, self.firm, standing, "me", self.merchant.now)

    def _leave(self, customer: tuple[int, str], with_points: bool) -> None:
        if (member := self.merchant.member(customer[1], customer[0])) is not None:
            with self.merchant.writing() as session:
                standing = self.merchant.standing(session, member)
                companies.remove(
                    session,
                    self.firm,
                    standing,
                    "me",
                    self.merchant.now,
                    with_points=with_points,
                )

    def _hold(self) -> None:
        with self.merchant.writing() as session:
            companies.hold_points(session, self.firm, "me", self.merchant.now)

    def _release(self, customer: tuple[int, str]) -> None:
        member = self.merchant.member(customer[1], customer[0])
        with self.merchant.writing() as session:
            taker = None if member is None else self.merchant.standing(session, member)
            companies.release_points(session, self.firm, "me", self.merchant.now, rest_to=taker)

    def check(self) -> None:
        assert self.merchant.check_books() == self.earned
        with self.merchant.database.reading() as session:
            here = self.merchant.workspace_id
            members = {
                identity(member): member
                for member in session.execute(
                    select(Member).where(col(Member.workspace_id) == here)
                ).scalars()
            }
            for table in (MemberCustomer, MemberEmail, HandledOrder):
                for member_id in session.execute(
                    select(col(table.member_id)).where(col(table.workspace_id) == here)
                ).scalars():
                    assert members[member_id].merged_into is None
            firm = session.get(Company, self.firm.id)
            assert firm is not None
            holds = firm.holds_points
        for member_id, member in members.items():
            if member.merged_into is not None or (holds and member.company_id is not None):
                assert self.merchant.points(member_id) == 0
        if not holds:
            assert self.merchant.points(self.firm.id, Holder.COMPANY) == 0


def test_any_sequence_keeps_the_points_and_one_member_a_customer(database: Database) -> None:
    numbers = itertools.count(1)

    @settings(max_examples=15, deadline=None)
    @given(steps)
    def play(moves: list[tuple[Any, ...]]) -> None:
        game = Play(merchant_in(database, f"merchant-{next(numbers)}"))
        for name, *args in moves:
            game.step(name, *args)
            game.check()

    play()
