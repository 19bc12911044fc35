"""Who is who, on the pages: previews that say what then happens; questions; fulfilment."""

from __future__ import annotations

import pytest
from office import Office, seen
from people import People, actions, points
from sqlmodel import col, select

from bridge.members.models import IdentityQuestion
from bridge.rewards.models import RewardClaim
from bridge.users.roles import Role


@pytest.fixture
def people(office: Office) -> People:
    return People(office)


def test_a_merge_is_shown_and_then_is_as_it_was_shown(people: People) -> None:
    people.give(people.bob, 300)
    browser = people.office.sign_in(Role.MANAGER)
    path = f"members/{people.ada}/merge"
    assert "bob@example.com" in seen(browser.get(f"{path}?q=bob"))
    assert "Nobody else is found" in seen(browser.get(f"{path}?q=ada"))
    shown = seen(browser.get(f"{path}?other={people.bob}"))
    assert "1,500 available, 0 pending, 0 reserved" in shown
    assert points(people, people.ada) == (1200, 0), "looking changes nothing"
    assert browser.post(f"{path}/{people.bob}").status_code == 303
    assert points(people, people.ada) == (1500, 0)
    assert actions(people) == ["member.merged"]
    again = browser.post(f"{path}/{people.bob}")
    assert again.status_code == 404


def test_a_split_is_shown_and_then_done(people: People) -> None:
    browser = people.office.sign_in(Role.MANAGER)
    browser.post(f"members/{people.ada}/merge/{people.bob}")
    key = f"{people.shop}/102"
    shown = seen(browser.get(f"members/{people.ada}/split?customer={key}"))
    assert "bob@example.com" in shown
    both = f"members/{people.ada}/split?customer={key}&customer={people.shop}/101"
    assert "at least one has to stay" in seen(browser.get(both))
    done = browser.post(f"members/{people.ada}/split", {"customer": key})
    assert "bob@example.com" in seen(browser.follow(done))
    assert points(people, people.ada) == (1200, 0)
    assert browser.post(f"members/{people.ada}/split", {"customer": key}).status_code == 422


def test_a_changed_address_is_asked_about_and_answered_once(people: People) -> None:
    people.arrives("101", "ada@new.example")
    browser = people.office.sign_in(Role.MANAGER)
    assert "goes by ada@new.example now" in seen(browser.get("questions"))
    assert "Somebody has to decide" in seen(browser.get(f"members/{people.ada}"))
    with people.app.database.reading() as session:
        number = session.exec(select(col(IdentityQuestion.id))).one()
    assert browser.post(f"questions/{number}/yes").status_code == 303
    assert "Nothing has to be decided" in seen(browser.get("questions"))
    assert "ada@new.example" in seen(browser.get(f"members/{people.ada}"))
    again = browser.post(f"questions/{number}/no")
    assert again.status_code == 422
    assert "answered before" in seen(again)
    assert actions(people) == ["member.question-answered"]


def test_rewards_are_provided_or_cancelled_with_a_note(people: People) -> None:
    taken = people.takes(people.ada)
    browser = people.office.sign_in(Role.SUPPORT)
    listed = seen(browser.get("fulfilment"))
    assert "Day at the fair" in listed and "ada@example.com" in listed
    done = browser.post(f"fulfilment/{taken.id}/provided", {"note": "Ticket 4711"})
    assert "Nothing is to be provided" in seen(browser.follow(done))
    assert "Ticket 4711" in seen(browser.get("fulfilment?show=done"))
    assert points(people, people.ada) == (1100, 0)
    late = browser.post(f"fulfilment/{taken.id}/cancelled", {"note": ""})
    assert late.status_code == 422
    assert "cannot be cancelled any more" in seen(late)
    assert actions(people) == ["reward.provided"]
    with people.app.database.reading() as session:
        assert session.get_one(RewardClaim, taken.id).decided_by.startswith("Support <")


def test_a_viewer_sees_questions_and_decides_nothing(people: People) -> None:
    people.arrives("101", "ada@new.example")
    viewer = people.office.sign_in(Role.VIEWER)
    assert 'name="csrf_token"' not in viewer.get("questions").text.split('id="content"')[1]
    assert "No referral waits" in seen(viewer.get("questions/referrals"))
