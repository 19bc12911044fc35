"""Companies and their people; points that a company holds for all of them."""

from __future__ import annotations

import pytest
from merchants import Merchant, at_once

from bridge.members import companies
from bridge.members.companies import CompanyError, UnknownCompany
from bridge.members.deciding import answer
from bridge.members.enrolling import enrol
from bridge.members.models import Company
from bridge.members.questions import open_questions
from bridge.points.models import Holder
from bridge.programme.loyalty import CompanyEntry


@pytest.fixture
def firm(merchant: Merchant) -> Company:
    """Muster GmbH with Ada (7) and Bob (8), who have 10 and 20 points; Eve (9) is not in it."""
    for customer, email, points in (
        ("7", "ada@example.com", 10),
        ("8", "bob@example.com", 20),
        ("9", "eve@example.com", 5),
    ):
        merchant.arrives(customer, email)
        merchant.order(customer, points=points)
    with merchant.writing() as session:
        made = companies.make(session, merchant.workspace_id, "Muster GmbH", "", merchant.now)
        for customer in ("7", "8"):
            member = merchant.standing(session, merchant.member(customer))
            companies.add(session, made, member, "me", merchant.now)
    return made


def hold(merchant: Merchant, firm: Company) -> None:
    with merchant.writing() as session:
        companies.hold_points(session, firm, "me", merchant.now)


def release(merchant: Merchant, firm: Company, rest_to: str | None = None) -> None:
    with merchant.writing() as session:
        taker = merchant.standing(session, merchant.member(rest_to)) if rest_to else None
        companies.release_points(session, firm, "me", merchant.now, rest_to=taker)


def balances(merchant: Merchant, firm: Company) -> tuple[int, int, int, int]:
    """The company's, Ada's, Bob's and Eve's own."""
    assert merchant.check_books() >= 35
    own = [merchant.points(merchant.member(customer)) for customer in ("7", "8", "9")]
    return (merchant.points(firm.id, Holder.COMPANY), own[0], own[1], own[2])


def test_people_earn_for_themselves_until_the_company_holds_the_points(
    merchant: Merchant, firm: Company
) -> None:
    assert balances(merchant, firm) == (0, 10, 20, 5)
    hold(merchant, firm)
    hold(merchant, firm)
    merchant.order("7", points=1)
    assert balances(merchant, firm) == (31, 0, 0, 5)


def test_who_joins_brings_his_points(merchant: Merchant, firm: Company) -> None:
    hold(merchant, firm)
    with merchant.writing() as session:
        eve = merchant.standing(session, merchant.member("9"))
        companies.add(session, firm, eve, "me", merchant.now)
    assert balances(merchant, firm) == (35, 0, 0, 0)


@pytest.mark.parametrize(
    ("with_points", "expected"), [(False, (30, 0, 0, 5)), (True, (10, 0, 20, 5))]
)
def test_who_leaves_takes_points_only_when_told(
    merchant: Merchant, firm: Company, with_points: bool, expected: tuple[int, ...]
) -> None:
    hold(merchant, firm)
    with merchant.writing() as session:
        bob = merchant.standing(session, merchant.member("8"))
        companies.remove(session, firm, bob, "me", merchant.now, with_points=with_points)
    assert balances(merchant, firm) == expected


def test_points_go_back_to_whoever_earned_them_again_and_again(
    merchant: Merchant, firm: Company
) -> None:
    for _ in range(3):
        hold(merchant, firm)
        assert balances(merchant, firm) == (30, 0, 0, 5)
        release(merchant, firm)
        assert balances(merchant, firm) == (0, 10, 20, 5)


def test_what_nobody_of_it_earned_is_handed_to_one_who_is_named(
    merchant: Merchant, firm: Company
) -> None:
    hold(merchant, firm)
    with merchant.writing() as session:
        bob = merchant.standing(session, merchant.member("8"))
        companies.remove(session, firm, bob, "me", merchant.now)
    with pytest.raises(CompanyError, match="20 available"):
        release(merchant, firm)
    with pytest.raises(CompanyError):
        release(merchant, firm, rest_to="9")
    assert balances(merchant, firm) == (30, 0, 0, 5)
    release(merchant, firm, rest_to="7")
    assert balances(merchant, firm) == (0, 30, 0, 5)


def test_one_company_a_member_and_one_a_vat_id(merchant: Merchant, firm: Company) -> None:
    with merchant.writing() as session:
        other = companies.make(session, merchant.workspace_id, "Other", "DE 1", merchant.now)
        ada = merchant.standing(session, merchant.member("7"))
        with pytest.raises(CompanyError, match="another company"):
            companies.add(session, other, ada, "me", merchant.now)
        with pytest.raises(CompanyError, match="Other"):
            companies.make(session, merchant.workspace_id, "Third", "de-1", merchant.now)
        with pytest.raises(CompanyError, match="does not belong"):
            companies.remove(session, other, ada, "me", merchant.now)
        found = companies.company(session, merchant.workspace_id, "de1")
        assert found.name == "Other"
        with pytest.raises(UnknownCompany, match="Muster GmbH"):
            companies.company(session, merchant.workspace_id, "Mustr GmbH")


def test_a_yes_to_a_vat_id_makes_the_company_and_the_next_joins_it(merchant: Merchant) -> None:
    merchant.arrives("7", "ada@example.com", vat_id="DE1", company="Muster GmbH")
    merchant.arrives("8", "bob@example.com", vat_id="DE1")
    with merchant.database.reading() as session:
        numbers = [asked.id or 0 for asked in open_questions(session, merchant.workspace_id)]
    for number in numbers:
        with merchant.writing() as session:
            answer(session, merchant.workspace_id, number, yes=True, by="me", now=merchant.now)
    with merchant.database.reading() as session:
        (made,) = companies.companies(session, merchant.workspace_id)
        assert (made.name, made.vat_id) == ("Muster GmbH", "DE1")
        assert made.id is not None
        people = companies.people(session, merchant.workspace_id, made.id)
    assert people == [merchant.member("7"), merchant.member("8")]
    assert merchant.questions() == []


def test_who_bears_the_vat_id_of_a_company_is_asked_about(merchant: Merchant) -> None:
    with merchant.writing() as session:
        companies.make(session, merchant.workspace_id, "Muster", "DE1", merchant.now)
    merchant.arrives("7", "ada@example.com", vat_id="de 1")
    assert merchant.questions() == [("company", str(merchant.member("7")), "DE1")]


def enrolled(merchant: Merchant, *entries: dict[str, object]) -> list[str]:
    with merchant.writing() as session:
        asked = [CompanyEntry.model_validate(entry) for entry in entries]
        return enrol(session, merchant.workspace_id, asked, merchant.now)


def test_the_programme_names_companies_and_who_holds_the_points(
    merchant: Merchant, firm: Company
) -> None:
    muster: dict[str, object] = {"name": "Muster GmbH", "vat_id": "DE 1", "holds_points": True}
    for _ in range(2):
        assert enrolled(merchant, muster, {"name": "Other"}) == []
        assert balances(merchant, firm) == (30, 0, 0, 5)
    assert enrolled(merchant, {"name": "Muster AG", "vat_id": "DE1"}) == []
    assert balances(merchant, firm) == (0, 10, 20, 5)
    with merchant.database.reading() as session:
        known = companies.companies(session, merchant.workspace_id)
    assert [(one.name, one.vat_id) for one in known] == [("Muster AG", "DE1"), ("Other", None)]


def test_points_that_nobody_earned_wait_for_a_person(merchant: Merchant, firm: Company) -> None:
    hold(merchant, firm)
    with merchant.writing() as session:
        bob = merchant.standing(session, merchant.member("8"))
        companies.remove(session, firm, bob, "me", merchant.now)
    (problem,) = enrolled(merchant, {"name": "Muster GmbH"}, {"name": "Other"})
    assert "--rest-to" in problem
    assert balances(merchant, firm) == (30, 0, 0, 5)


def test_orders_that_come_while_a_company_takes_up_the_points(
    merchant: Merchant, firm: Company
) -> None:
    at_once(
        [lambda: hold(merchant, firm)]
        + [lambda: merchant.order("7", points=1), lambda: merchant.order("8", points=1)] * 3
    )
    assert balances(merchant, firm) == (36, 0, 0, 5)


def test_two_companies_of_one_name_need_a_vat_id_each(merchant: Merchant, firm: Company) -> None:
    with merchant.writing() as session:
        for vat_id in ("", "DE1"):
            with pytest.raises(companies.CompanyError, match="There is a company `Muster GmbH`"):
                companies.make(session, merchant.workspace_id, "Muster  GmbH", vat_id, merchant.now)
        for vat_id in ("DE2", "DE3"):
            companies.make(session, merchant.workspace_id, "Other", vat_id, merchant.now)
