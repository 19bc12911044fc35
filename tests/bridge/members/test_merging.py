"""Two members become one and one becomes two: nothing is lost on the way."""

from __future__ import annotations

import pytest
from merchants import Merchant, at_once
from sqlalchemy import select
from sqlmodel import col

from bridge.kit.errors import BridgeError
from bridge.members import companies
from bridge.members.deciding import answer, link
from bridge.members.gathering import gather
from bridge.members.identity import IdentityPolicy
from bridge.members.merging import FOLLOWING, CannotMerge, merge
from bridge.members.models import IdentityQuestion, MemberEmail
from bridge.members.questions import Kind, ask
from bridge.members.splitting import CannotSplit, split
from bridge.models import TABLES
from bridge.points.book import Book, Cause
from bridge.points.granting import earn
from bridge.points.models import Holder


@pytest.fixture
def two(merchant: Merchant) -> Merchant:
    """Ada (shop 1: 7) and Bob (shop 1: 8; shop 2: x), with points."""
    merchant.arrives("7", "ada@example.com")
    merchant.arrives("8", "bob@example.com")
    merchant.arrives("x", "bob@example.com", shop=2)
    merchant.order("7", points=10)
    merchant.order("8", points=20)
    merchant.order("x", shop=2, points=3)
    return merchant


def merged(merchant: Merchant, keep: int | None, other: int | None) -> None:
    with merchant.writing() as session:
        kept = session.merge(merchant.row(keep))
        gone = session.merge(merchant.row(other))
        merge(session, merchant.workspace_id, kept, gone, "a person", merchant.now)


def test_customers_addresses_orders_and_points_go_to_the_one_who_is_kept(two: Merchant) -> None:
    ada, bob = two.member("7"), two.member("8")
    merged(two, ada, bob)
    assert two.people() == [ada]
    assert {two.member("8"), two.member("x", shop=2)} == {ada}
    assert (two.points(ada), two.points(bob)) == (33, 0)
    two.arrives("y", "bob@example.com", shop=2)
    assert two.member("y", shop=2) == ada
    assert two.check_books() == 33


def test_merging_twice_is_merging_once(two: Merchant) -> None:
    ada, bob = two.member("7"), two.member("8")
    merged(two, ada, bob)
    merged(two, ada, bob)
    assert two.points(ada) == two.check_books() == 33


def test_no_circles_and_no_one_twice(two: Merchant) -> None:
    ada, bob = two.member("7"), two.member("8")
    two.arrives("9", "eve@example.com")
    merged(two, ada, bob)
    for keep, other in ((bob, ada), (ada, ada), (two.member("9"), bob), (bob, two.member("9"))):
        with pytest.raises(CannotMerge):
            merged(two, keep, other)


def test_orders_that_come_later_find_the_merged_member(two: Merchant) -> None:
    ada = two.member("7")
    merged(two, ada, two.member("8"))
    assert two.buyer(two.order("8", points=4)) == ada
    assert two.points(ada) == 37


def test_orders_that_come_while_members_are_merged_lose_nothing(two: Merchant) -> None:
    ada, bob = two.member("7"), two.member("8")
    at_once(
        [lambda: merged(two, ada, bob)]
        + [lambda: two.order("8", points=1), lambda: two.order("x", shop=2, points=1)] * 3
    )
    assert two.points(ada) == two.check_books() == 39
    assert two.people() == [ada]


def test_what_comes_late_for_a_merged_member_is_gathered(two: Merchant) -> None:
    ada, bob = two.member("7"), two.member("8")
    merged(two, ada, bob)
    assert bob is not None
    with two.writing() as session:  # a reservation that was released in the old account
        book = Book(session, two.workspace_id, two.now)
        account = book.open([(Holder.MEMBER, bob)])[Holder.MEMBER, bob]
        lot = book.new_lot(account, (0, "activity", "1", ""), two.now, is_ripe=True)
        earn(book, account, lot, 5, Cause("activity", "1", two.now))
        book.write()
    for expected in (1, 0):
        with two.writing() as session:
            assert gather(session, two.workspace_id, two.now) == expected
    assert (two.points(ada), two.points(bob)) == (38, 0)
    two.check_books()


def test_questions_follow_and_stay_answered(two: Merchant) -> None:
    ada, bob = two.member("7"), two.member("8")
    with two.writing() as session:
        for member, about in ((ada, "DE1"), (bob, "DE1"), (bob, "DE2")):
            ask(session, two.workspace_id, Kind.COMPANY, str(member), about, two.now)
    with two.writing() as session:
        number = (
            session.execute(
                select(col(IdentityQuestion.id))
                .where(col(IdentityQuestion.subject) == str(bob))
                .order_by(col(IdentityQuestion.id))
            )
            .scalars()
            .first()
        )
        answer(session, two.workspace_id, number or 0, yes=False, by="me", now=two.now)
    merged(two, ada, bob)
    assert two.questions() == [("company", str(ada), "DE2")]


def test_every_table_that_names_a_member_follows_him() -> None:
    """A new table with ``member_id`` must be listed, or said here why it stays."""
    stays = {
        "member_segments",  # computed anew
        "shown_balances",  # read anew from the bindings when an account's push is due
        "joining_words",  # a word is kept as it was said; who was merged is read with him
        "campaign_gifts",  # the same: what was given to whom
        "user_accounts",  # its own way: whoever looked after both looks after one
        "letters",  # written to whoever he is when it is sent
        "letter_refusals",  # asked for with everybody whom he was
        "consents",  # what he agreed to as whom he was; read with everybody whom he was
        "member_codes",  # lead to whoever he is when he comes in
        "member_sessions",  # the same
        "survey_answers",  # who answered; read with everybody whom he was
        "tier_changes",  # whose tier it was then
        "subscriber_messages",  # what was told is told
        "referral_codes",  # each goes on leading to whoever its owner is now
    }
    naming = {table.__tablename__ for table in TABLES if "member_id" in table.model_fields}
    assert {table.__tablename__ for table in FOLLOWING} | stays == naming


# -- splitting ------------------------------------------------------------------------------


def split_off(merchant: Merchant, member: int | None, *customers: tuple[int, str]) -> int:
    keys = [(merchant.shops[shop - 1], customer) for shop, customer in customers]
    with merchant.writing() as session:
        fresh = split(
            session,
            merchant.workspace_id,
            merchant.standing(session, member),
            keys,
            "a person",
            merchant.now,
        )
        assert fresh.id is not None
        return fresh.id


def test_a_split_takes_along_what_its_own_orders_earned(two: Merchant) -> None:
    bob = two.member("8")
    order = two.order("x", shop=2, points=7)
    fresh = split_off(two, bob, (2, "x"))
    assert two.member("x", shop=2) == fresh != two.member("8") == bob
    assert (two.points(bob), two.points(fresh)) == (20, 10)
    assert two.buyer(order) == fresh
    assert two.account_of_order(order) == ("member", fresh)
    two.arrives("x", "bob@example.com", shop=2)  # the address stays Bob's, and links nobody anew
    assert two.member("x", shop=2) == fresh
    assert two.check_books() == 40


def test_a_merge_can_be_taken_back(two: Merchant) -> None:
    ada, bob = two.member("7"), two.member("8")
    merged(two, ada, bob)
    fresh = split_off(two, ada, (1, "8"), (2, "x"))
    assert (two.points(ada), two.points(fresh)) == (10, 23)
    two.arrives("y", "bob@example.com", shop=2)
    assert two.member("y", shop=2) == fresh  # his address went with him
    merged(two, ada, fresh)
    assert two.points(ada) == two.check_books() == 33


def test_what_was_bought_as_a_guest_goes_with_its_address(two: Merchant) -> None:
    two.policy = IdentityPolicy(collect_guests=True)
    ada, bob = two.member("7"), two.member("8")
    order = two.order(email="bob@example.com", points=9)
    assert two.buyer(order) == bob
    merged(two, ada, bob)
    fresh = split_off(two, ada, (1, "8"), (2, "x"))
    assert two.buyer(order) == fresh
    assert two.points(fresh) == 32


def test_somebody_must_stay_and_only_own_customers_go(two: Merchant) -> None:
    for member, customers in (
        (two.member("7"), [(1, "7")]),
        (two.member("8"), [(1, "8"), (2, "x")]),
        (two.member("8"), [(1, "7")]),
        (two.member("8"), []),
    ):
        with pytest.raises(CannotSplit):
            split_off(two, member, *customers)
    assert two.check_books() == 33


# -- links and answers by a person ----------------------------------------------------------


def linked(merchant: Merchant, member: int | None, customer: str, shop: int = 1) -> None:
    with merchant.writing() as session:
        link(
            session,
            merchant.workspace_id,
            merchant.standing(session, member),
            (merchant.shops[shop - 1], customer),
            "a person",
            merchant.now,
        )


def test_a_customer_is_linked_by_hand_out_of_another_member(two: Merchant) -> None:
    ada, bob = two.member("7"), two.member("8")
    linked(two, ada, "x", shop=2)
    assert two.member("x", shop=2) == ada
    assert (two.points(ada), two.points(bob)) == (13, 20)
    two.arrives("x", "bob@example.com", shop=2)
    assert two.member("x", shop=2) == ada
    assert two.questions() == []


def test_a_customer_who_was_all_of_a_member_takes_all_along(two: Merchant) -> None:
    ada, bob = two.member("7"), two.member("8")
    linked(two, bob, "7")
    assert (two.row(ada).merged_into, two.points(bob)) == (bob, 33)


def test_a_customer_nobody_told_of_cannot_be_linked(two: Merchant) -> None:
    with pytest.raises(BridgeError, match="pull"):
        linked(two, two.member("7"), "nobody")


def test_who_was_known_from_an_order_only_stays_where_a_person_linked_him(two: Merchant) -> None:
    ada = two.member("7")
    two.order("z", shop=2, points=2)
    linked(two, ada, "z", shop=2)
    two.arrives("z", "bob@example.com", shop=2)  # Bob's address, but a person has decided
    assert two.member("z", shop=2) == ada
    assert two.questions() == [("address", f"{two.shops[1]}/z", "bob@example.com")]


def answered(merchant: Merchant, *, yes: bool) -> str:
    number = merchant.question_id()
    with merchant.writing() as session:
        return answer(session, merchant.workspace_id, number, yes=yes, by="me", now=merchant.now)


@pytest.mark.parametrize("yes", [True, False])
def test_a_new_address_stands_for_him_only_after_a_yes(two: Merchant, yes: bool) -> None:
    ada = two.member("7")
    two.arrives("7", "ada@new.example")
    answered(two, yes=yes)
    two.arrives("7", "ada@new.example")
    assert two.questions() == []
    two.arrives("y", "ada@new.example", shop=2)
    assert (two.member("y", shop=2) == ada) is yes


def test_a_yes_to_an_address_of_another_makes_one_of_both(two: Merchant) -> None:
    ada, bob = two.member("7"), two.member("8")
    two.arrives("7", "bob@example.com")
    answered(two, yes=True)
    assert two.row(bob).merged_into == ada
    assert two.points(ada) == two.check_books() == 33
    with two.database.reading() as session:
        found = session.get(MemberEmail, (two.workspace_id, "bob@example.com"))
        assert found is not None
        assert found.member_id == ada


def test_a_question_is_answered_once(two: Merchant) -> None:
    two.arrives("7", "ada@new.example")
    number = two.question_id()
    answered(two, yes=False)
    with two.writing() as session:
        for wrong in (number, 99):
            with pytest.raises(BridgeError):
                answer(session, two.workspace_id, wrong, yes=True, by="me", now=two.now)


# -- companies and merging ------------------------------------------------------------------


def test_members_of_different_companies_stay_apart(two: Merchant) -> None:
    with two.writing() as session:
        for name, customer in (("One", "7"), ("Two", "8")):
            firm = companies.make(session, two.workspace_id, name, "", two.now)
            member = two.standing(session, two.member(customer))
            companies.add(session, firm, member, "me", two.now)
    with pytest.raises(CannotMerge, match="company"):
        merged(two, two.member("7"), two.member("8"))


def test_merging_with_one_whose_company_holds_the_points_brings_them_in(two: Merchant) -> None:
    ada, bob = two.member("7"), two.member("8")
    with two.writing() as session:
        firm = companies.make(session, two.workspace_id, "Muster", "", two.now)
        companies.add(session, firm, two.standing(session, bob), "me", two.now)
        companies.hold_points(session, firm, "me", two.now)
    merged(two, ada, bob)
    assert two.points(firm.id, Holder.COMPANY) == two.check_books() == 33
    assert two.row(ada).company_id == firm.id
