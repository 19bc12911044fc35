"""Vouchers of a member on the pages: previewed, made once, taken back, exchanged."""

from __future__ import annotations

import pytest
from office import Office, seen
from people import People, actions, points, request_id
from toyshop import Style

from bridge.users.roles import Role
from bridge.vouchers.review import Listed, Wanted, vouchers


@pytest.fixture
def people(office: Office) -> People:
    return People(office)


def his(people: People) -> list[Listed]:
    with people.app.database.reading() as session:
        wanted = Wanted(member_id=people.ada)
        return vouchers(session, people.app.workspace_id, wanted, 10)


def redeem(people: People, points: int, store: str) -> None:
    browser = people.office.sign_in(Role.SUPPORT)
    page = browser.get(f"members/{people.ada}/redeem")
    form = {"request_id": request_id(page), "store": store, "points": str(points)}
    assert browser.post(f"members/{people.ada}/redeem", form).status_code == 303


def store_of(people: People) -> str:
    page = people.office.sign_in(Role.SUPPORT).get(f"members/{people.ada}/redeem").text
    return page.split('<option value="', 1)[1].split('"', 1)[0]


def test_the_preview_says_what_it_would_be_or_why_not(people: People) -> None:
    browser = people.office.sign_in(Role.SUPPORT)
    store = store_of(people)
    path = f"members/{people.ada}/redeem/preview?store={store}"
    assert "5.00" in seen(browser.get(f"{path}&points=500"))
    assert "Redeem 500 points" in seen(browser.get(f"{path}&points=600"))
    assert "only 1,200 are available" in seen(browser.get(f"{path}&points=5000"))
    assert seen(browser.get(f"{path}&points=")) == ""
    assert his(people) == []


def test_points_become_one_voucher_however_often_the_form_is_sent(people: People) -> None:
    browser = people.office.sign_in(Role.SUPPORT)
    page = browser.get(f"members/{people.ada}/redeem")
    path = f"members/{people.ada}/redeem"
    form = {"request_id": request_id(page), "store": store_of(people), "points": "500"}
    first, second = browser.post(path, form), browser.post(path, form)
    assert first.location == second.location
    (made,) = his(people)
    assert points(people, people.ada) == (700, 500)
    assert people.office.woken == ["vouchers", "vouchers"]
    told = seen(browser.follow(first))
    assert made.voucher.code in told and "on its way to the store" in told
    assert actions(people) == ["points.redeemed"]
    wrong = browser.post(path, form | {"request_id": "another", "points": "600"})
    assert wrong.status_code == 422
    assert "Redeem 500 points" in seen(wrong)
    assert 'value="600"' in wrong.text


def test_a_voucher_is_taken_back_with_a_reason(people: People) -> None:
    redeem(people, 500, store_of(people))
    (made,) = his(people)
    browser = people.office.sign_in(Role.SUPPORT, email="two@acme.example")
    path = f"members/{people.ada}/vouchers/{made.voucher.id}"
    assert browser.post(f"{path}/withdraw", {"why": ""}).status_code == 422
    assert points(people, people.ada) == (700, 500)
    done = browser.post(f"{path}/withdraw", {"why": "Sent to the wrong person"})
    assert "its points are available again" in seen(browser.follow(done))
    assert points(people, people.ada) == (1200, 0)
    assert browser.get(f"members/{people.bob}/vouchers/{made.voucher.id}").status_code == 404


def test_a_voucher_is_exchanged_for_one_in_another_store(people: People) -> None:
    store = store_of(people)
    redeem(people, 500, store)
    people.office.world.open(Style.NUMBERED, "shop2")
    people.office.world.pull()
    (made,) = his(people)
    browser = people.office.sign_in(Role.SUPPORT, email="two@acme.example")
    path = f"members/{people.ada}/vouchers/{made.voucher.id}"
    other = store.replace("shop1", "shop2")
    answer = browser.post(f"{path}/exchange", {"store": other})
    assert "The new voucher is made" in seen(browser.follow(answer))
    new, old = his(people)
    assert (new.installation, old.voucher.replaced_by) == ("shop2", new.voucher.id)
    assert points(people, people.ada) == (700, 500)
