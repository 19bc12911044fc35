"""A member comes in by a code, and nobody else does."""

from __future__ import annotations

from typing import Any

import pytest
from club import Club, MemberBrowser, seen
from sqlmodel import col, select, update

from bridge.audit.service import Actor
from bridge.letters.models import Letter, LetterKind
from bridge.member_sign_in.codes import LASTS, MOST_GUESSES
from bridge.member_sign_in.limiting import ASK_HERE
from bridge.members.models import MemberEmail, ShopCustomer
from bridge.preferences.sections import Letters
from bridge.preferences.service import set_preferences
from bridge.vouchers.stores import stores_of

ADA = "ada@example.com"


def ask(browser: MemberBrowser, email: str = ADA) -> str:
    answer = browser.post("sign-in", {"email": email})
    return seen(browser.follow(answer))


def give(browser: MemberBrowser, code: str) -> str:
    answer = browser.post("sign-in/code", {"code": code})
    return seen(browser.follow(answer)) if answer.status_code == 303 else seen(answer)


def other_than(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06}"


def letters(club: Club) -> list[Letter]:
    with club.app.database.reading() as session:
        kind = col(Letter.kind) == LetterKind.SIGN_IN.value
        return list(session.exec(select(Letter).where(kind)))


def test_with_the_code_a_member_sees_what_he_has(club: Club) -> None:
    browser = club.browser()
    assert "Enter your code" in ask(browser, " ADA@Example.com ")
    assert [one.member_id for one in letters(club)] == [club.people.ada]
    assert club.office.woken == ["letters"]
    code = club.last_code()
    assert "1,200 points" in give(browser, f" {code[:3]} {code[3:]} ")
    assert browser.follow(browser.post("sign-out")).status_code == 200
    assert browser.get("").status_code == 303


def test_the_pages_go_on_in_the_browsers_language_where_his_store_has_none(club: Club) -> None:
    browser = club.browser()
    ask(browser)
    give(browser, club.last_code())
    assert "1,200 points" in seen(browser.get(""))
    assert "1.200 Punkte" in seen(browser.get("", headers={"Accept-Language": "de"}))
    with club.app.database.writing() as session:
        store = stores_of(session, club.app.workspace_id)[0]
        session.execute(update(ShopCustomer).values(store_id=store.store_id))
        wanted = Letters(languages={store.name: "it"})
        set_preferences(session, club.app.workspace_id, wanted, Actor("test"), club.app.now())
    browser = club.browser()
    ask(browser)
    give(browser, club.last_code())
    assert "1.200 punti" in seen(browser.get("", headers={"Accept-Language": "de"}))


def test_a_code_works_once_in_the_browser_that_asked(club: Club) -> None:
    browser, stranger = club.browser(), club.browser()
    ask(browser)
    code = club.last_code()
    ask(stranger)
    club_code = club.last_code()
    assert "not the code" in give(stranger, code)
    assert "not the code" in give(browser, club_code)
    assert "1,200 points" in give(browser, code)
    again = club.browser()
    again.client.set_cookie("bridge", browser.client.get_cookie("bridge").value)  # type: ignore[union-attr]
    assert "1,200" not in give(again, code)


def test_the_newest_code_of_a_browser_alone_works_and_not_for_long(club: Club) -> None:
    browser = club.browser()
    ask(browser)
    first = club.last_code()
    ask(browser)
    second = club.last_code()
    assert "not the code" in give(browser, first)
    club.office.world.clock.now += LASTS
    assert "ask for a new one" in give(browser, second)


def test_after_some_guesses_the_right_code_is_too_late(club: Club) -> None:
    browser = club.browser()
    ask(browser)
    code = club.last_code()
    for _ in range(MOST_GUESSES - 1):
        assert "not the code" in give(browser, other_than(code))
    assert "does not work any more" in give(browser, other_than(code))
    assert "1,200" not in give(browser, code)


def test_nothing_tells_whether_an_address_is_known(club: Club) -> None:
    pages = []
    for email in (ADA, "nobody@example.com"):
        browser = club.browser()
        shown = [ask(browser, email)]
        shown += [give(browser, "000000x") for _ in range(MOST_GUESSES)]
        shown += [
            seen(club.browser().post("sign-in", {"email": email})) for _ in range(ASK_HERE.most + 1)
        ]
        pages.append([one.replace(email, "…") for one in shown])
    assert pages[0] == pages[1]
    assert "tried too often" in pages[0][-1]
    assert {one.member_id for one in letters(club)} == {club.people.ada}


def test_who_asks_for_anothers_codes_keeps_him_out_from_nowhere_else(club: Club) -> None:
    there = {"REMOTE_ADDR": "192.0.2.7"}
    for _ in range(ASK_HERE.most):
        club.browser().post("sign-in", {"email": ADA}, environ_base=there)
    late = club.browser().post("sign-in", {"email": ADA}, environ_base=there)
    assert late.status_code == 429
    assert int(late.headers["Retry-After"]) > 60
    browser = club.browser()
    ask(browser)
    assert "1,200 points" in give(browser, club.last_code())


def test_what_is_no_address_is_said_to_be_none(club: Club) -> None:
    browser = club.browser()
    for email in ("nobody", "a@b@c.example", 'ada@example.com"', "x\0@a.example", ""):
        answer = browser.post("sign-in", {"email": email})
        assert answer.status_code in (400, 422), email
    assert letters(club) == []


def test_a_session_ends_with_the_address_and_by_itself(club: Club) -> None:
    ada, bob = club.sign_in(club.people.ada), club.sign_in(club.people.bob)
    assert ada.get("").status_code == 200
    with club.app.database.writing() as session:
        session.delete(session.get_one(MemberEmail, (club.app.workspace_id, ADA)))
    assert ada.get("").status_code == 303
    assert bob.get("").status_code == 200
    club.office.world.clock.pause(3 * 3600)
    assert bob.get("").status_code == 303


@pytest.mark.parametrize(
    "now", [{"email": "ada@new.example"}, {"is_active": False}, {"is_confirmed": False}]
)
def test_where_no_code_would_go_any_more_nobody_stays_signed_in(
    club: Club, now: dict[str, Any]
) -> None:
    """As when he changed his address in the shop since somebody else reads his mail."""
    ada, bob = club.sign_in(club.people.ada), club.sign_in(club.people.bob)
    assert ada.get("").status_code == 200
    with club.app.database.writing() as session:
        session.exec(update(ShopCustomer).where(col(ShopCustomer.email) == ADA).values(**now))
    assert ada.get("").status_code == 303
    assert bob.get("").status_code == 200


def test_signing_in_makes_a_session_of_its_own(club: Club) -> None:
    """Nobody can put a cookie into another's browser, and share what grows on it."""
    name, planted = club.cookie(club.people.bob)
    browser = club.browser()
    ask(browser)
    code = club.last_code()
    browser.client.set_cookie(name, planted)
    assert "1,200 points" in give(browser, code)
    cookie = browser.client.get_cookie(name)
    assert cookie is not None
    assert cookie.value != planted
    browser.client.set_cookie(name, planted)
    assert browser.get("").status_code == 303, "the planted one is over"


def test_it_leads_to_our_pages_alone(club: Club) -> None:
    home = f"/m/{club.app.workspace}/"
    evil = ("https://evil.example/", "//evil.example", "//[evil", "/w/acme/", "/m/other/")
    for target in (*evil, f"{home}history"):
        browser = club.browser()
        browser.post("sign-in", {"email": ADA, "next": target})
        answer = browser.post("sign-in/code", {"code": club.last_code(), "next": target})
        assert answer.location == (home if target in evil else target)
        assert browser.get(f"sign-in?next={target}").location == answer.location
