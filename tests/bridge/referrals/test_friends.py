"""A friend's way: asked, confirmed, bought; and who gets nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from referral_world import TERMS, ReferralWorld
from sqlmodel import select

from bridge.members.models import MemberEmail
from bridge.referrals.models import Referral
from bridge.referrals.orders import note_orders
from bridge.referrals.reviewing import NotInReview, accept, refuse
from bridge.referrals.rewarding import pass_time
from bridge.vouchers.models import Voucher, VoucherKind

FRIEND = "friend@example.com"


@pytest.fixture
def ada(world: ReferralWorld) -> int:
    return world.member("ada@example.com")


def test_both_sides_are_rewarded_once(
    anywhere: ReferralWorld, check_book: Callable[[ReferralWorld], None]
) -> None:
    world = anywhere
    ada = world.member("ada@example.com")
    voucher = world.invite(world.code(ada).code, FRIEND)
    assert voucher is not None
    assert (voucher.kind, voucher.amount_minor, voucher.email) == ("friend", 1000, FRIEND)
    bought = world.order("o1", FRIEND, voucher=voucher)
    assert world.state(FRIEND) == "ordered"
    world.later(days=13)
    assert world.points(ada) == 0
    assert world.later(days=2).decided == 1
    assert (world.state(FRIEND), world.points(ada)) == ("rewarded", 500)
    world.arrive(bought, replace(bought, changed_at=world.now))
    world.order("o2", FRIEND)
    world.later(days=30)
    assert world.points(ada) == 500
    check_book(world)


def test_a_confirmed_link_gives_one_voucher_however_often_it_is_opened(
    world: ReferralWorld, ada: int
) -> None:
    code = world.code(ada).code
    first = world.invite(code, FRIEND)
    world.ask(code, FRIEND)
    again = world.confirm(world.token(FRIEND))
    assert first is not None and again is not None and again.voucher is not None
    assert again.voucher.id == first.id
    with world.database.reading() as session:
        assert len(session.exec(select(Voucher)).all()) == 1


def test_the_order_is_found_by_the_address_alone_in_any_shop(
    world: ReferralWorld, ada: int
) -> None:
    world.invite(world.code(ada).code, FRIEND)
    world.order("o1", FRIEND.upper(), shop="south")
    world.later(days=15)
    assert world.points(ada) == 500


@pytest.mark.parametrize("spelling", ["old@example.com", "OLD@Example.com ", "old+new@example.com"])
@pytest.mark.parametrize("is_guest", [True, False], ids=["guest", "customer"])
def test_a_known_address_gets_nothing(
    world: ReferralWorld, ada: int, spelling: str, is_guest: bool
) -> None:
    if is_guest:
        world.order("o0", "old@example.com", shop="south")
    else:
        world.member("old@example.com", shop="south")
    assert world.invite_typed(world.code(ada).code, spelling) == "known"
    world.order("o1", "old@example.com")
    world.later(days=30)
    assert world.points(ada) == 0


def test_nobody_refers_himself(world: ReferralWorld, ada: int) -> None:
    code = world.code(ada).code
    assert world.invite(code, "ada@example.com") is None
    assert world.invite(code, "ada+again@example.com") is None


def test_one_mailbox_gets_one_voucher(world: ReferralWorld, ada: int) -> None:
    code = world.code(ada).code
    assert world.invite(code, "fri.end@gmail.com") is not None
    assert world.invite(code, "friend+2@googlemail.com") is None


def test_the_referrer_buying_with_the_friends_code_gets_nothing(
    world: ReferralWorld, ada: int
) -> None:
    voucher = world.invite(world.code(ada).code, FRIEND)
    world.order("o1", "ada@example.com", voucher=voucher, member=ada)
    world.later(days=15)
    assert (world.state(FRIEND), world.points(ada)) == ("refused", 0)


def test_who_turns_out_to_have_bought_before_brings_nothing(world: ReferralWorld, ada: int) -> None:
    world.invite(world.code(ada).code, FRIEND)
    world.order("late", FRIEND, placed=world.now - timedelta(days=40), shop="south")
    world.order("o1", FRIEND)
    world.later(days=15)
    referral = world.referral(FRIEND)
    assert referral.state == "refused"
    assert "bought before: order late of south on 2026-01-21" in referral.reasons
    assert world.points(ada) == 0


def test_one_order_of_one_person_rewards_once(world: ReferralWorld, ada: int) -> None:
    bob = world.member("bob@example.com")
    world.invite(world.code(ada).code, FRIEND)
    world.invite(world.code(bob).code, "second@example.com")
    friend = world.member(FRIEND)
    with world.database.writing() as session:
        session.add(
            MemberEmail(
                workspace_id=world.workspace,
                email="second@example.com",
                member_id=friend,
                is_confirmed=True,
            )
        )
    world.order("o1", FRIEND, member=friend)
    world.order("o2", "second@example.com", member=friend)
    world.later(days=15)
    assert (world.points(ada), world.points(bob)) == (500, 0)
    assert world.state("second@example.com") == "review"
    assert FRIEND in world.referral("second@example.com").reasons


@pytest.mark.parametrize("traced", ["customer", "guest"])
def test_who_turns_out_to_be_known_keeps_no_unused_voucher(
    world: ReferralWorld, ada: int, traced: str
) -> None:
    voucher = world.invite(world.code(ada).code, FRIEND)
    other = world.invite(world.code(ada).code, "new@example.com")
    assert voucher is not None
    assert other is not None
    long_ago = world.now - timedelta(days=40)
    if traced == "customer":
        world.member(FRIEND, shop="south", created_at=long_ago)
    else:
        world.order("late", FRIEND, placed=long_ago, shop="south")
    world.later(minutes=1)
    assert world.state(FRIEND) == "known"
    assert "He was known before" in world.referral(FRIEND).reasons or traced == "guest"
    with world.database.reading() as session:
        assert session.get_one(Voucher, voucher.id).state == "ended"
        assert session.get_one(Voucher, other.id).state == "open"
    assert not world.later(minutes=1).decided


@pytest.mark.parametrize("change", ["cancelled", "returned"])
def test_a_first_order_that_is_given_back_brings_nothing(
    world: ReferralWorld, ada: int, change: str
) -> None:
    voucher = world.invite(world.code(ada).code, FRIEND)
    bought = world.order("o1", FRIEND, voucher=voucher)
    world.later(days=3)
    world.arrive(world.given_back(bought, change))
    world.later(days=30)
    assert (world.state(FRIEND), world.points(ada)) == ("returned", 0)


def test_who_buys_again_after_a_cancelled_order_is_a_friend_still(
    world: ReferralWorld, ada: int
) -> None:
    world.invite(world.code(ada).code, FRIEND)
    bought = world.order("o1", FRIEND)
    world.arrive(world.given_back(bought, "cancelled"))
    world.later(days=1)
    world.order("o2", FRIEND)
    world.later(days=15)
    assert (world.state(FRIEND), world.points(ada)) == ("rewarded", 500)


def test_an_order_that_is_not_complete_waits(world: ReferralWorld, ada: int) -> None:
    world.invite(world.code(ada).code, FRIEND)
    bought = world.order("o1", FRIEND, completed_at=None)
    world.later(days=60)
    assert world.points(ada) == 0
    world.arrive(replace(bought, completed_at=world.now, changed_at=world.now))
    world.later(days=15)
    assert world.points(ada) == 500


def test_nothing_is_decided_before_every_store_was_read(world: ReferralWorld, ada: int) -> None:
    world.invite(world.code(ada).code, FRIEND)
    world.order("o1", FRIEND)
    before = world.now
    world.now += timedelta(days=20)
    for known in (None, before):
        pass_time(
            world.database,
            world.workspace,
            world.app.keyring,
            lambda: world.now,
            known_through=known,
        )
        assert world.points(ada) == 0


def test_too_small_an_order_brings_nothing(world: ReferralWorld, ada: int) -> None:
    world.invite(world.code(ada).code, FRIEND)
    world.order("o1", FRIEND, worth="29.99")
    world.later(days=15)
    assert (world.state(FRIEND), world.points(ada)) == ("refused", 0)


def test_a_referrer_may_get_a_voucher_where_he_bought_last(world: ReferralWorld, ada: int) -> None:
    world.now += timedelta(hours=2)
    world.programme({**TERMS, "referrer": {"percent": 10, "maximum": 20}})
    world.order("own", "ada@example.com", shop="south", member=None)
    world.invite(world.code(ada).code, FRIEND)
    world.order("o1", FRIEND)
    world.later(days=15)
    with world.database.reading() as session:
        voucher = session.exec(
            select(Voucher).where(Voucher.kind == VoucherKind.REFERRER.value)
        ).one()
    assert (voucher.member_id, voucher.percent_millionths) == (ada, 10_000_000)
    assert world.referral(FRIEND).reward_voucher_id == voucher.id


# -- review ---------------------------------------------------------------------------------


@pytest.fixture
def odd(world: ReferralWorld, ada: int) -> int:
    """A friend's code that somebody else used."""
    voucher = world.invite(world.code(ada).code, FRIEND)
    world.order("o1", "other@example.com", voucher=voucher)
    world.later(days=15)
    referral = world.referral(FRIEND)
    assert (referral.state, world.points(ada)) == ("review", 0)
    assert "other@example.com bought with the code" in referral.reasons
    assert referral.id is not None
    return referral.id


def test_a_person_accepts_what_is_odd(world: ReferralWorld, ada: int, odd: int) -> None:
    for attempt in range(2):
        with world.database.writing() as session:
            give = (session, world.workspace, odd, world.app.keyring, "Eva", world.now)
            if attempt:
                with pytest.raises(NotInReview):
                    accept(*give)
            else:
                accept(*give)
    assert (world.state(FRIEND), world.points(ada)) == ("rewarded", 500)


def test_a_person_refuses_what_is_odd(world: ReferralWorld, ada: int, odd: int) -> None:
    with world.database.writing() as session:
        refuse(session, world.workspace, odd, "Eva", world.now)
    world.later(days=30)
    assert (world.state(FRIEND), world.points(ada)) == ("refused", 0)
    assert world.referral(FRIEND).decided_by == "Eva"


def test_what_was_returned_while_it_waited_is_not_rewarded(
    world: ReferralWorld, ada: int, odd: int
) -> None:
    with world.database.reading() as session:
        voucher = session.exec(select(Voucher)).one()
    bought = world.order("o1", "other@example.com", voucher=voucher)
    world.later(minutes=1)
    world.arrive(world.given_back(bought, "cancelled"))
    with world.database.writing() as session, pytest.raises(NotInReview):
        accept(session, world.workspace, odd, world.app.keyring, "Eva", world.now)
    assert (world.state(FRIEND), world.points(ada)) == ("returned", 0)


def test_more_rewards_a_month_than_meant_wait_for_a_person(world: ReferralWorld, ada: int) -> None:
    code = world.code(ada).code
    for number in range(4):
        world.invite(code, f"f{number}@example.com")
        world.order(f"o{number}", f"f{number}@example.com")
    world.later(days=15)
    states = sorted(world.state(f"f{number}@example.com") for number in range(4))
    assert states == ["review", "rewarded", "rewarded", "rewarded"]
    assert world.points(ada) == 1500


def test_an_order_of_nobody_invited_is_nobodys_friend(world: ReferralWorld, ada: int) -> None:
    one = world.order("o1", "stranger@example.com")
    with world.database.writing() as session:
        assert note_orders(session, world.workspace, [(world.shops["north"], one)], world.now) == 0
        assert session.exec(select(Referral)).all() == []
