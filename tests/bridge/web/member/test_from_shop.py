"""Links that a shop signs: whoever did not make one, or comes late, or twice, stays outside."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from club import Club, MemberBrowser, seen
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import col, delete
from werkzeug.test import TestResponse

from bridge.installations.models import Installation
from bridge.member_sign_in.limiting import LINK_NETWORK
from bridge.member_sign_in.links import (
    LASTS,
    SKEW,
    Asked,
    LinkKey,
    drop_key,
    is_fresh,
    is_genuine,
    make_key,
    read,
    signed_query,
)
from bridge.members.models import MemberCustomer

GUIDE = Path(__file__).parents[4] / "docs" / "how-to" / "member-pages.md"
NONCE = "k3Jx9QpV7sLw2TzB"


@pytest.fixture
def key(club: Club) -> LinkKey:
    return new_key(club)


def new_key(club: Club, name: str = "shop1") -> LinkKey:
    app = club.app
    with app.database.writing() as session:
        return make_key(session, app.workspace_id, name, app.keyring, app.now())


def link(
    club: Club,
    key: LinkKey,
    *,
    customer: str = "101",
    nonce: str = NONCE,
    ago: float = 0,
    to: str = "",
) -> str:
    at = int(club.app.now().timestamp() - ago)
    page = f"&to={to}" if to else ""
    query = signed_query(key.secret, f"customer={customer}&at={at}&nonce={nonce}{page}")
    return f"from/{key.token}?{query}"


def follow(browser: MemberBrowser, address: str) -> TestResponse:
    """As a browser does: it looks, and sends the form."""
    looked = browser.get(address)
    return browser.post(address) if looked.status_code == 200 else looked


def test_a_link_signs_its_customer_in_once(club: Club, key: LinkKey) -> None:
    address, browser = link(club, key, to="home"), club.browser()
    assert browser.get(address).status_code == 200
    assert browser.get("").status_code == 303, "looking signs nobody in"
    ahead = club.browser().get(address, headers={"Sec-Purpose": "prefetch"})
    assert "data-send-now" not in ahead.text
    assert browser.post(address).location == f"/m/{club.app.workspace}/"
    assert "1,200 points" in seen(browser.get(""))
    assert follow(club.browser(), address).status_code == 403


def test_in_another_browser_at_the_same_moment_it_is_one_of_them(club: Club, key: LinkKey) -> None:
    address, one, other = link(club, key), club.browser(), club.browser()
    assert one.get(address).status_code == other.get(address).status_code == 200
    assert sorted([one.post(address).status_code, other.post(address).status_code]) == [303, 403]


@pytest.mark.parametrize(
    ("ago", "is_"),
    [
        (timedelta(), True),
        (LASTS + SKEW - timedelta(seconds=1), True),
        (LASTS + SKEW, False),
        (-SKEW, True),
        (-SKEW - timedelta(seconds=1), False),
    ],
)
def test_it_is_good_for_two_minutes_and_clocks_may_differ_by_one(ago: timedelta, is_: bool) -> None:
    now = datetime(2026, 5, 1, 12, tzinfo=UTC)
    assert is_fresh(Asked("17", now - ago, NONCE, ""), now) is is_


def test_one_that_is_too_old_signs_nobody_in(club: Club, key: LinkKey) -> None:
    ago = (LASTS + SKEW).total_seconds() + 1
    assert follow(club.browser(), link(club, key, ago=ago)).status_code == 403


def test_whatever_is_changed_in_it_nobody_comes_in(club: Club, key: LinkKey) -> None:
    good = link(club, key)
    other = LinkKey(key.token, key.secret[::-1])
    changed = [
        good.replace("customer=101", "customer=102"),
        good.replace("customer=101", "customer=102&customer=101"),
        good.replace(NONCE, NONCE[::-1]),
        good + "&to=home",
        good + "0",
        good[:-1],
        good.replace("&signature=", "&signature=0"),
        re.sub("&signature=.*", "", good),
        re.sub("signature=(.*)", lambda found: f"signature={found[1].upper()}", good),
        good.replace(key.token, "x"),
        link(club, other),
        link(club, key, nonce="short"),
        link(club, key, customer="999"),
        link(club, key, customer=""),
    ]
    for address in changed:
        answer = follow(club.browser(), address)
        assert answer.status_code == 403, address
        assert "This link does not work" in seen(answer)
    assert follow(club.browser(), good).status_code in (303, 429)


def test_who_tries_too_many_has_to_wait(club: Club, key: LinkKey) -> None:
    for _ in range(LINK_NETWORK.most):
        assert follow(club.browser(), "from/x?a=b&signature=c").status_code == 403
    assert follow(club.browser(), link(club, key)).status_code == 429
    club.office.world.clock.now += LINK_NETWORK.every
    assert follow(club.browser(), link(club, key)).status_code == 303


def test_a_new_secret_ends_the_old_ones_links_and_none_ends_all(club: Club, key: LinkKey) -> None:
    app, second = club.app, new_key(club)
    assert (second.token, second.secret == key.secret) == (key.token, False)
    assert follow(club.browser(), link(club, key)).status_code == 403
    assert follow(club.browser(), link(club, second)).status_code == 303
    with app.database.writing() as session:
        assert drop_key(session, app.workspace_id, "shop1")
    assert follow(club.browser(), link(club, second, nonce=NONCE[::-1])).status_code == 403


def test_it_opens_nothing_of_another_merchant_and_nothing_once_the_shop_is_gone(
    club: Club, key: LinkKey
) -> None:
    club.office.sign_in(workspace="elsewhere")
    elsewhere = club.browser()
    elsewhere.workspace = "elsewhere"
    assert follow(elsewhere, link(club, key)).status_code == 403
    inside, late = club.browser(), club.browser()
    assert follow(inside, link(club, key)).status_code == 303
    with club.app.database.writing() as session:
        session.get_one(Installation, club.people.shop).removed_at = club.app.now()
    assert follow(late, link(club, key, nonce=NONCE[::-1])).status_code == 403
    assert inside.get("").status_code == 303


def test_who_is_not_that_customer_any_more_is_signed_out(club: Club, key: LinkKey) -> None:
    browser = club.browser()
    follow(browser, link(club, key))
    assert browser.get("").status_code == 200
    with club.app.database.writing() as session:
        session.exec(delete(MemberCustomer).where(col(MemberCustomer.customer_id) == "101"))
    assert browser.get("").status_code == 303


@given(st.binary(max_size=200))
def test_anything_may_stand_in_an_address(query: bytes) -> None:
    """Nothing that nobody signed is genuine, and nothing makes reading fail."""
    read(query + b"&signature=" + b"0" * 64)
    read(query)
    assert not is_genuine("a secret", query)


def test_the_guides_example_is_signed_as_it_says() -> None:
    """Who writes a plugin checks his own code by it."""
    text = GUIDE.read_text()
    secret = re.search(r"secret\s+`([^`]+)`", text)
    example = re.search(r"https://loyalty\.example\.com/m/acme/from/\S+\?(customer=\S+)", text)
    assert secret is not None
    assert example is not None
    assert is_genuine(secret[1], example[1].encode())
    found = read(example[1].encode())
    assert found is not None
    assert (found.customer_id, found.page, found.at.second) == ("17", "redeem", 0)
