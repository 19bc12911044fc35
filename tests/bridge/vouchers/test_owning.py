"""A shop that guards codes knows the owner before it has the code, and hears of every change."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from delivery_scene import Scene
from sqlalchemy import select, update
from sqlmodel import col
from toyshop.connector import ToyConnector
from voucher_world import VoucherWorld

from bridge.installations import plugin_states
from bridge.members.models import Company, Member, MemberCustomer, MemberEmail
from bridge.points.models import Account, Holder
from bridge.vouchers.models import Voucher, VoucherOwner
from bridge.vouchers.owning import Owners, Told, forget_told, let_go
from bridge.vouchers.queue import Place
from connectors.errors import AnswerLost, ConnectorError, Forbidden, Rejected, Unreachable
from connectors.plugins import NOBODY_ELSE, Former, Owner, Plugin


@dataclass
class Guard:
    owners: dict[str, Owner] = field(default_factory=dict)
    refuses: set[str] = field(default_factory=set)
    is_out: bool = False
    loses_answers: bool = False
    is_hidden: bool = False
    """Whether the bridge may look at what guards no more."""
    guards: bool = True
    calls: int = 0
    keys: set[str] = field(default_factory=set)
    """Of promotions whose codes are guarded."""
    not_any_more: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    """Codes with the customers they were taken from."""


class GuardingConnector(ToyConnector):
    guard: Guard
    owners_per_call = 2
    knows_addresses = True

    def plugin(self) -> Plugin | None:
        return Plugin("1.0.0", True, False, guards_codes=self.guard.guards)

    def has_to_know(self) -> bool:
        self.look()
        return self.guard.guards

    def look(self) -> None:
        if self.guard.is_hidden:
            raise Forbidden("The role does not allow it")

    def own(
        self, owners: Mapping[str, Owner], former: Former = NOBODY_ELSE
    ) -> dict[str, ConnectorError]:
        if self.guard.is_out:
            raise Unreachable("The shop does not answer")
        assert len(owners) <= self.owners_per_call
        self.guard.calls += 1
        taken = {code: owner for code, owner in owners.items() if code not in self.guard.refuses}
        self.guard.owners |= taken
        self.guard.not_any_more += [(code, tuple(ids)) for code, ids in former.items()]
        if self.guard.loses_answers:
            raise AnswerLost("cut")
        return {code: Rejected("No such customer") for code in owners if code not in taken}

    def disown(self, codes: Sequence[str], former: Former = NOBODY_ELSE) -> None:
        self.guard.not_any_more += [(code, tuple(ids)) for code, ids in former.items()]
        for code in codes:
            self.guard.owners.pop(code, None)

    def guard_promotions(self, keys: Collection[str]) -> None:
        self.guard.keys |= set(keys)

    def release(self) -> None:
        self.look()
        self.guard.keys.clear()


class Guarded(Scene):
    def __init__(self, world: VoucherWorld, home: Path) -> None:
        super().__init__(world, home)
        connector = GuardingConnector(self.shop, "acme/north")
        connector.guard = self.guard = Guard()
        self.connector = connector
        self.guarding = connector
        self.place = Place(world.workspace, self.installation)

    def issue_to_member(self) -> tuple[Voucher, int]:
        with self.world.database.writing() as session:
            member = Member(workspace_id=self.world.workspace, joined_at=self.world.now)
            session.add(member)
            session.flush()
            member_id = member.id or 0
        (voucher,) = self.issue(member_id=member_id)
        return voucher, member_id

    def tell_all(self) -> Told:
        world = self.world
        return Owners(world.database, self.place, self.guarding, lambda: world.now).tell_all()

    def customer(self, member_id: int, customer_id: str) -> None:
        with self.world.database.writing() as session:
            session.add(
                MemberCustomer(
                    installation_id=self.installation,
                    customer_id=customer_id,
                    workspace_id=self.world.workspace,
                    member_id=member_id,
                    email="",
                    linked_at=self.world.now,
                    linked_by="new",
                )
            )

    def called(self, member_id: int, customer_id: str) -> None:
        """He has this account in the shop and no other."""
        with self.world.database.writing() as session:
            mine = col(MemberCustomer.member_id) == member_id
            session.execute(update(MemberCustomer).where(mine).values(customer_id=customer_id))


@pytest.fixture
def scene(shops: VoucherWorld, tmp_path: Path) -> Iterator[Guarded]:
    made = Guarded(shops, tmp_path)
    yield made
    for worker in made.workers:
        worker.close()


def test_the_owner_is_told_before_the_code_is_put_in(scene: Guarded) -> None:
    voucher, member = scene.issue_to_member()
    scene.customer(member, "17")
    scene.guard.is_out = True
    assert scene.deliver().shop_is_out
    assert scene.in_shop() == set()
    scene.guard.is_out = False
    scene.deliver(at_once=True)
    assert scene.in_shop() == {voucher.code}
    assert scene.guard.owners[voucher.code].customer_ids == ("17",)


def test_a_code_whose_owner_is_refused_stays_out_and_hides_no_other(scene: Guarded) -> None:
    bad, good = scene.issue(2)
    scene.guard.refuses = {bad.code}
    assert scene.deliver().problems == [f"{bad.code}: No such customer."]
    assert scene.in_shop() == {good.code}


def test_who_registers_in_the_shop_owns_his_codes_there_from_then_on(scene: Guarded) -> None:
    voucher, member = scene.issue_to_member()
    with scene.world.database.writing() as session:
        for email, confirmed in (("a@example.com", False), ("z@example.com", True)):
            session.add(
                MemberEmail(
                    workspace_id=scene.world.workspace,
                    email=email,
                    member_id=member,
                    is_confirmed=confirmed,
                )
            )
    scene.deliver()
    assert scene.guard.owners[voucher.code] == Owner(email="z@example.com")
    scene.customer(member, "9")
    assert scene.tell_all().told == 1
    assert scene.guard.owners[voucher.code] == Owner(customer_ids=("9",))
    calls = scene.guard.calls
    assert scene.tell_all().told == 0
    assert scene.guard.calls == calls


def test_who_is_not_known_there_at_all_is_nobody_rather_than_anybody(scene: Guarded) -> None:
    voucher, _ = scene.issue_to_member()
    scene.deliver()
    assert scene.guard.owners[voucher.code] == Owner(customer_ids=("0",))


def test_the_staff_of_a_company_that_holds_points_together_owns_its_codes(scene: Guarded) -> None:
    voucher, member = scene.issue_to_member()
    world = scene.world
    with world.database.writing() as session:
        firm = Company(
            workspace_id=world.workspace, name="Firm", holds_points=True, made_at=world.now
        )
        session.add(firm)
        session.flush()
        colleague = Member(workspace_id=world.workspace, joined_at=world.now, company_id=firm.id)
        session.add(colleague)
        session.flush()
        account = Account(
            workspace_id=world.workspace,
            holder=Holder.COMPANY.value,
            holder_id=firm.id or 0,
            changed_at=world.now,
        )
        session.add(account)
        session.flush()
        session.execute(update(Member).where(col(Member.id) == member).values(company_id=firm.id))
        ids = (colleague.id or 0, account.id)
    scene.change(voucher, account_id=ids[1])
    scene.customer(member, "17")
    scene.customer(ids[0], "4")
    scene.deliver()
    assert scene.guard.owners[voucher.code].customer_ids == ("17", "4")


def test_a_promotion_is_guarded_once_each_code_of_it_was_told(scene: Guarded) -> None:
    """Codes that were there before the plugin came are told first: no owner is ever refused."""
    scene.guard.guards = False
    early, bad = scene.issue(2)
    scene.deliver()
    scene.guard.guards, scene.guard.refuses = True, {bad.code}
    scene.issue()
    scene.deliver()
    assert scene.guard.keys == set(), "two of three were told nothing"
    assert scene.tell_all().refused.keys() == {bad.code}
    assert scene.guard.keys == set()
    scene.guard.refuses = set()
    scene.tell_all()
    assert len(scene.guard.keys) == 1
    assert early.code in scene.guard.owners


def test_who_owns_it_no_more_is_said_with_who_does(scene: Guarded) -> None:
    voucher, member = scene.issue_to_member()
    scene.customer(member, "17")
    scene.deliver()
    assert len(scene.guard.keys) == 1, "before the first code is there"
    with scene.world.database.writing() as session:
        session.execute(update(MemberCustomer).values(customer_id="18"))
        forget_told(session, scene.place)
    scene.tell_all()
    assert scene.guard.owners[voucher.code].customer_ids == ("18",)
    assert scene.guard.not_any_more == [(voucher.code, ("17",))]
    world = scene.world
    ended, _ = scene.issue_to_member()
    scene.deliver()
    scene.withdraw(ended)
    scene.deliver()
    with world.database.writing() as session:
        assert forget_told(session, scene.place) == 2
    with world.database.reading() as session:
        left = session.scalars(select(VoucherOwner)).all()
        assert [(one.voucher_id, one.told) for one in left] == [(voucher.id, "")]
    assert let_go(world.database, scene.place, scene.guarding) == 1
    assert scene.guard.not_any_more[1:] == [(voucher.code, ("18",))]
    assert voucher.code not in scene.guard.owners
    assert scene.guard.keys == set()


def test_what_a_lost_call_may_have_told_is_told_anew_though_the_owner_came_back(
    scene: Guarded,
) -> None:
    """The shop had taken it: the other would be able to use the code."""
    voucher, member = scene.issue_to_member()
    scene.customer(member, "c-1")
    scene.deliver()
    assert scene.guard.owners[voucher.code] == Owner(("c-1",))
    scene.called(member, "c-2")
    scene.guard.loses_answers = True
    with pytest.raises(AnswerLost):
        scene.tell_all()
    scene.called(member, "c-1")
    scene.guard.loses_answers = False
    scene.guard.not_any_more.clear()
    assert scene.tell_all().told == 1
    assert scene.guard.owners[voucher.code] == Owner(("c-1",))
    assert scene.guard.not_any_more == [(voucher.code, ("c-1", "c-2"))]
    assert scene.tell_all().told == 0


def test_what_is_taken_out_is_forgotten_and_a_new_plugin_is_told_everything(scene: Guarded) -> None:
    gone, kept, other = scene.issue(3)
    scene.deliver()
    scene.withdraw(gone)
    scene.deliver()
    assert scene.tell_all().forgotten == 1
    assert scene.guard.owners.keys() == {kept.code, other.code}
    scene.guard.owners.clear()
    with scene.world.database.writing() as session:
        assert forget_told(session, scene.place) == 2
    assert scene.tell_all().told == 2
    assert scene.guard.owners.keys() == {kept.code, other.code}


@pytest.mark.parametrize("is_forgotten", [False, True])
def test_a_plugin_that_does_not_guard_or_was_made_to_forget_is_told_nothing(
    scene: Guarded, is_forgotten: bool
) -> None:
    scene.guard.guards = is_forgotten
    with scene.world.database.writing() as session:
        place = (scene.place.workspace_id, scene.place.installation_id)
        plugin_states.change(session, *place, is_forgotten=is_forgotten)
    scene.issue()
    scene.deliver()
    assert len(scene.in_shop()) == 1
    assert scene.guard.calls == 0


def test_a_guard_that_may_not_be_looked_at_any_more_is_told_on_and_owners_keep_their_codes(
    scene: Guarded,
) -> None:
    """The shop's role was cut: what was told still guards, and nobody is to be refused by it."""
    before, _ = scene.issue(2)
    scene.guard.is_hidden = True
    scene.deliver()
    assert scene.guard.owners == {}, "where nothing was ever told nothing guards"
    scene.guard.is_hidden = False
    scene.tell_all()
    scene.guard.is_hidden = True
    after, _ = scene.issue_to_member()
    scene.deliver()
    assert {before.code, after.code} <= scene.guard.owners.keys()
    database = scene.world.database
    assert let_go(database, scene.place, scene.guarding) == 0
    assert {before.code, after.code} <= scene.guard.owners.keys()
    scene.guard.is_hidden = False
    assert let_go(database, scene.place, scene.guarding) == 3
    assert (scene.guard.owners, scene.guard.keys) == ({}, set())
