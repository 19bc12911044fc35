"""What a person decides about a member: his tier, his company, a customer more, a reward."""

from __future__ import annotations

import pytest
from office import Office, seen
from people import People, actions, points, request_id
from sqlmodel import select

from bridge.installations.models import Installation
from bridge.members import companies
from bridge.members.models import Member
from bridge.rewards.models import RewardClaim
from bridge.users.roles import Role


@pytest.fixture
def people(office: Office) -> People:
    return People(office)


def row(people: People, member: int) -> Member:
    with people.app.database.reading() as session:
        return session.get_one(Member, member)


def test_a_tier_given_by_hand_holds_at_once_and_ends_at_once(
    office: Office, people: People
) -> None:
    browser = office.sign_in()
    page = f"members/{people.ada}"
    answer = browser.post(f"{page}/tier", {"tier": "silver", "until": "2999-12-31"})
    told = seen(browser.follow(answer))
    assert "Silver" in told and "given by hand" in told
    assert row(people, people.ada).tier == "silver"
    assert "until Dec 31, 2999" in seen(browser.get(f"{page}/tier"))
    assert {"moves", "balances"} <= set(office.woken)

    browser.post(f"{page}/tier/by-rules")
    assert row(people, people.ada).tier == ""
    assert row(people, people.ada).tier_override is None
    assert actions(people)[:2] == ["member.tier-set", "member.tier-set"]


def test_a_day_that_is_over_and_an_unknown_tier_are_refused(office: Office, people: People) -> None:
    browser = office.sign_in()
    answer = browser.post(f"members/{people.ada}/tier", {"tier": "silver", "until": "2001-01-01"})
    assert answer.status_code == 422 and "This day is over already." in seen(answer)
    answer = browser.post(f"members/{people.ada}/tier", {"tier": "gold"})
    assert answer.status_code == 422
    assert row(people, people.ada).tier == ""


def test_a_reward_is_taken_once_however_often_the_form_is_sent(
    office: Office, people: People
) -> None:
    browser = office.sign_in(Role.SUPPORT)
    page = browser.get(f"members/{people.ada}/reward")
    assert "Day at the fair" in seen(page)
    form = {"request_id": request_id(page), "reward": "ticket", "note": "Size M"}
    assert "Day at the fair is his" in seen(
        browser.follow(browser.post(f"members/{people.ada}/reward", form))
    )
    browser.post(f"members/{people.ada}/reward", form)
    with people.app.database.reading() as session:
        claims = session.exec(select(RewardClaim)).all()
    assert [(one.reward, one.note) for one in claims] == [("ticket", "Size M")]
    assert points(people, people.ada) == (1100, 100)
    assert actions(people).count("reward.taken") == 1


def test_who_has_too_few_points_is_told_so_and_nothing_is_kept(
    office: Office, people: People
) -> None:
    browser = office.sign_in()
    page = browser.get(f"members/{people.bob}/reward")
    form = {"request_id": request_id(page), "reward": "ticket", "note": "Size M"}
    answer = browser.post(f"members/{people.bob}/reward", form)
    assert answer.status_code == 422
    assert "costs 100 points" in seen(answer) and 'value="Size M"' in answer.text
    assert points(people, people.bob) == (0, 0)


def test_a_company_takes_its_people_in_and_holds_their_points(
    office: Office, people: People
) -> None:
    browser = office.sign_in()
    page = f"members/{people.ada}/company"
    made = {"company": "Muster GmbH", "is_new": "y", "vat_id": "DE123456789"}
    told = seen(browser.follow(browser.post(page, made)))
    assert "Muster GmbH" in told and "He is one of its people now." in told
    browser.post(f"members/{people.bob}/company", {"company": "DE 123456789"})
    browser.post(f"{page}/hold")
    with people.app.database.reading() as session:
        firm = companies.company(session, people.app.workspace_id, "muster gmbh")
        assert firm.holds_points
        assert firm.id is not None
        assert companies.people(session, people.app.workspace_id, firm.id) == [
            people.ada,
            people.bob,
        ]
    assert "1,200" in seen(browser.get(f"members/{people.bob}")), "he can spend them too"

    # Given by hand, they are nobody's earnings: who is asked on whose page takes them.
    browser.post(f"{page}/release")
    assert points(people, people.ada) == (1200, 0)
    told = seen(browser.follow(browser.post(f"{page}/leave")))
    assert "He belongs to no company." in told
    assert row(people, people.ada).company_id is None
    assert actions(people)[0] == "member.company-left"


def test_a_company_that_nobody_knows_is_said_at_the_form(office: Office, people: People) -> None:
    answer = office.sign_in().post(f"members/{people.ada}/company", {"company": "Nobody Ltd"})
    assert answer.status_code == 422
    assert 'value="Nobody Ltd"' in answer.text
    assert "There is no company" in seen(answer)


def test_a_customer_is_linked_after_it_was_shown_whose_he_is(
    office: Office, people: People
) -> None:
    people.give(people.bob, 30)
    browser = office.sign_in()
    with people.app.database.reading() as session:
        (shop,) = session.exec(select(Installation.id)).all()
    page = f"members/{people.ada}/link"
    told = seen(browser.get(f"{page}?store={shop}&customer=102"))
    assert "bob@example.com" in told and "all of that member" in told
    assert "no such customer" in seen(browser.get(f"{page}?store={shop}&customer=4711"))
    assert "already" in seen(browser.get(f"{page}?store={shop}&customer=101"))

    told = seen(browser.follow(browser.post(page, {"store": str(shop), "customer": "102"})))
    assert "a part of this member now" in told
    assert points(people, people.ada) == (1230, 0)
    assert row(people, people.bob).merged_into == people.ada
    assert actions(people)[0] == "member.customer-linked"
    answer = browser.post(page, {"store": str(shop), "customer": "4711"})
    assert answer.status_code == 422
