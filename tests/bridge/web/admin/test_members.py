"""Members on the pages: found, looked at, given points; by those who may, and once each."""

from __future__ import annotations

import re
from typing import Any

import pytest
from office import Browser, Office, seen
from people import People, actions, points, request_id

from bridge.approvals.service import waiting
from bridge.audit.service import Actor
from bridge.members.models import Member
from bridge.preferences.sections import Limits
from bridge.preferences.service import set_preferences
from bridge.users.accounts import look_after
from bridge.users.models import User
from bridge.users.roles import Role
from bridge.users.service import user_of


@pytest.fixture
def people(office: Office) -> People:
    return People(office)


def adjusting(browser: Browser, member: int, **told: Any) -> dict[str, Any]:
    """A form as the page shows it, filled in."""
    shown = browser.get(f"members/{member}")
    form = {"way": "give", "points": "100", "reason": "Sorry", "expires": ""}
    return {"request_id": request_id(shown), **form, **told}


# -- finding --------------------------------------------------------------------------------


def test_members_are_listed_and_found_by_what_one_types(people: People) -> None:
    browser = people.office.sign_in(Role.VIEWER)
    everybody = seen(browser.get("members"))
    assert "ada@example.com" in everybody and "1,200" in everybody
    part = browser.get("members?q=bo", headers={"HX-Request": "true"})
    assert "<html" not in part.text
    assert "bob@example.com" in seen(part) and "ada@" not in seen(part)
    assert "ada@example.com" in seen(browser.get("members?q=101"))
    assert "Nobody is found" in seen(browser.get("members?q=nobody"))


def test_a_member_s_page_says_what_the_book_says(people: People) -> None:
    page = seen(people.office.sign_in(Role.VIEWER).get(f"members/{people.ada}"))
    assert "1,200" in page
    assert "Adjustment: A welcome" in page
    assert "0 of 4 orders" in page
    assert "shop1" in page
    assert "Adjust points" not in page


def test_why_an_entry_is_there(people: People) -> None:
    browser = people.office.sign_in(Role.VIEWER)
    shown = browser.get(f"members/{people.ada}")
    found = re.search(rf"/members/{people.ada}/entries/(\d+)", shown.text)
    assert found is not None
    told = seen(browser.get(f"members/{people.ada}/entries/{found.group(1)}"))
    assert "+1,200" in told and "A welcome" in told
    other = browser.get(f"members/{people.bob}/entries/{found.group(1)}")
    assert other.status_code == 404


def test_a_sales_user_sees_those_he_looks_after_and_nobody_else(people: People) -> None:
    boss = people.office.sign_in()
    sales = people.office.sign_in(Role.SALES, email="sam@acme.example")
    assert "You look after nobody yet" in seen(sales.get("members"))
    assert sales.get(f"members/{people.ada}").status_code == 404
    with people.app.database.reading() as session:
        sam: User = user_of(session, "sam@acme.example")
    saved = boss.post(f"members/{people.ada}/looked-after", {"users": str(sam.id)})
    assert "Saved." in seen(boss.follow(saved))
    listed = seen(sales.get("members"))
    assert "ada@example.com" in listed and "bob@" not in listed
    assert sales.get(f"members/{people.ada}").status_code == 200
    for page in ("", "/history", "/vouchers", "/redeem", "/entries/1"):
        assert sales.get(f"members/{people.bob}{page}").status_code == 404, page
    assert sales.get("members?q=bob").text.count("bob@") == 0
    assert "member.looked-after" in actions(people)


def test_a_merged_member_leads_to_who_he_is_now(people: People) -> None:
    browser = people.office.sign_in()
    browser.post(f"members/{people.ada}/merge/{people.bob}")
    answer = browser.get(f"members/{people.bob}")
    assert answer.status_code == 302
    assert answer.location.endswith(f"/members/{people.ada}")
    with people.app.database.reading() as session:
        assert session.get_one(Member, people.bob).merged_into == people.ada


# -- giving and taking ----------------------------------------------------------------------


def test_points_are_given_once_however_often_the_form_is_sent(people: People) -> None:
    browser = people.office.sign_in(Role.SUPPORT)
    form = adjusting(browser, people.ada)
    path = f"members/{people.ada}/adjust"
    first, second = browser.post(path, form), browser.post(path, form)
    assert first.status_code == second.status_code == 303
    assert points(people, people.ada) == (1300, 0)
    assert "+100 for ada@example.com: 1,300 are available now." in seen(browser.follow(second))
    assert actions(people).count("points.adjusted") == 1


def test_a_wrong_form_keeps_what_was_typed_and_says_why(people: People) -> None:
    browser = people.office.sign_in(Role.SUPPORT)
    path = f"members/{people.ada}/adjust"
    none = browser.post(path, adjusting(browser, people.ada, points="", reason="Kept here"))
    assert none.status_code == 422
    assert 'value="Kept here"' in none.text
    many = browser.post(path, adjusting(browser, people.ada, way="take", points="5000"))
    assert many.status_code == 422
    assert "Only 1,200 are available." in seen(many)
    day = adjusting(browser, people.ada, way="take", expires="2030-01-01")
    assert "belongs to points that are given" in seen(browser.post(path, day))
    late = adjusting(browser, people.ada, expires="2020-01-01")
    assert "would have expired already" in seen(browser.post(path, late))
    assert points(people, people.ada) == (1200, 0)


@pytest.mark.parametrize(("own", "workspace"), [(50, None), (None, 50), (500, 50)])
def test_above_the_limit_it_waits_for_a_second_person(
    people: People, own: int | None, workspace: int | None
) -> None:
    boss = people.office.sign_in()
    with people.app.database.writing() as session:
        limits = Limits(adjust_points=workspace)
        now, id_ = people.app.now(), people.app.workspace_id
        set_preferences(session, id_, limits, Actor("a test"), now)
    support = people.office.sign_in(Role.SUPPORT, limit=own)
    form = adjusting(support, people.ada)
    path = f"members/{people.ada}/adjust"
    for _ in range(2):
        answer = support.post(path, form)
    told = seen(support.follow(answer))
    assert "waits for a second person" in told
    assert points(people, people.ada) == (1200, 0)
    with people.app.database.reading() as session:
        (change,) = waiting(session, people.app.workspace_id)
    assert boss.post(f"waiting/{change.id}/approve", {"note": ""}).status_code == 303
    assert points(people, people.ada) == (1300, 0)
    support.post(path, form | {"points": "50"})
    assert points(people, people.ada) == (1300, 0), "the id stands for what was approved"


# -- taking part ----------------------------------------------------------------------------


def test_who_leaves_cannot_redeem_until_he_is_taken_in_again(people: People) -> None:
    browser = people.office.sign_in(Role.MANAGER)
    browser.post(f"members/{people.ada}/leave")
    assert "takes no part in the programme" in seen(browser.get(f"members/{people.ada}"))
    browser.post(f"members/{people.ada}/join")
    assert "takes no part" not in seen(browser.get(f"members/{people.ada}"))
    assert actions(people)[:2] == ["member.joined", "member.left"]


def test_his_link_for_friends_is_made_once(people: People) -> None:
    browser = people.office.sign_in(Role.SUPPORT)
    path = f"members/{people.ada}/referral-code"
    one, two = browser.post(path), browser.post(path)
    assert one.status_code == two.status_code == 303
    assert "Friends who signed up" in seen(browser.get(f"members/{people.ada}"))


def test_who_looks_after_a_merged_member_looks_after_the_one_he_is_now(people: People) -> None:
    sales = people.office.sign_in(Role.SALES, email="sam@acme.example")
    with people.app.database.writing() as session:
        sam = user_of(session, "sam@acme.example")
        assert sam.id is not None
        id_, now = people.app.workspace_id, people.app.now()
        look_after(session, id_, people.bob, [sam.id], now)
    boss = people.office.sign_in()
    boss.post(f"members/{people.ada}/merge/{people.bob}")
    assert sales.get(f"members/{people.ada}").status_code == 200


def test_nonsense_in_the_address_finds_nobody_and_breaks_nothing(people: People) -> None:
    browser = people.office.sign_in()
    huge = 10**30
    for path in (
        "members?q=%00ada%00&tier=%00",
        f"members?company={huge}&before={huge}&segment=%ff",
        "members?q=ada&after=%00",
        f"members/{people.ada}/history?before={huge}",
        f"members/{people.ada}/vouchers?before=-1",
        f"members/{people.ada}/merge?other={huge}",
        f"members/{people.ada}/redeem/preview?points={huge}&store=%00",
        f"questions?after={huge}",
        f"questions/referrals?below={huge}",
        f"fulfilment?below={huge}&show=x",
    ):
        assert browser.get(path).status_code == 200, path
    for path in (
        f"members/{huge}",
        f"members/{people.ada}/entries/{huge}",
        f"members/{people.ada}/vouchers/{huge}",
        f"members/{people.ada}/split?customer={huge}/1",
    ):
        assert browser.get(path).status_code == 404, path
