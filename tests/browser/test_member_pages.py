"""A member on his own pages: comes in by the code of a letter, turns points into a voucher; each
page for every eye, on a telephone, in the dark, from right to left."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from club import Club
from flask import url_for
from mail_server import MailServer
from playwright.sync_api import Page, expect
from pydantic import SecretStr
from sqlmodel import update
from test_every_page import _PLAIN
from window import Window

from bridge.demo.mailbox import text_of
from bridge.languages.catalogues import PSEUDO
from bridge.mailing.sending import send_codes
from bridge.member_sign_in.links import make_key, signed_query
from bridge.vouchers.models import Voucher
from bridge.web.member.navigation import MENU

PAGES = [entry.page for entry in MENU]


def inside(club: Club, window: Window, member: int, language: str = "") -> Page:
    name, value = club.cookie(member)
    cookies = {name: value} | ({"member-language": language} if language else {})
    window.context.add_cookies(
        [{"name": key, "value": told, "url": window.url} for key, told in cookies.items()]
    )
    return window.page


def address(club: Club, page: str) -> str:
    with club.office.app.test_request_context():
        return url_for(f"member.{page}", workspace=club.app.workspace)


def test_from_the_letter_to_the_voucher(club: Club, windows: Callable[..., Window]) -> None:
    window = windows(390)
    page = window.page
    app = club.app
    with MailServer() as mail:
        told = {"smtp_url": SecretStr(mail.url), "mail_from": "Acme <shop@acme.example>"}
        app.settings = app.settings.model_copy(update=told)
        page.goto(f"/m/{app.workspace}/")
        page.get_by_label("E-mail address").fill("ada@example.com")
        page.get_by_role("button", name="Send me a code").click()
        expect(page.get_by_role("heading", name="Enter your code")).to_be_visible()
        assert window.barriers() == [] and window.too_wide() == []
        assert send_codes(app, "worker").sent == 1
        (letter,) = mail.to("ada@example.com")
    code = re.search(r"^ {4}(\d{6})\s*$", text_of(letter), re.M)
    assert code is not None
    assert "List-Unsubscribe" not in letter
    page.get_by_label("Code").fill(code[1])
    page.get_by_role("button", name="Sign in").click()

    expect(page.get_by_text("1,200 points").first).to_be_visible()
    page.get_by_role("link", name="Get a voucher").first.click()
    page.get_by_label("€10.00").check()
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_text("This is your voucher")).to_be_visible()
    assert window.barriers() == [] and window.too_wide() == []
    page.get_by_role("button", name="Get this voucher").click()
    expect(page.get_by_text("on its way to the shop")).to_be_visible()
    with app.database.writing() as session:
        session.exec(update(Voucher).values(is_there=True))
    copy = page.get_by_role("button", name="Copy")
    expect(copy).to_be_visible()
    window.context.grant_permissions(["clipboard-write", "clipboard-read"])
    copy.click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert window.barriers() == [] and window.too_wide() == []
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_from_the_shop_without_a_letter(club: Club, windows: Callable[..., Window]) -> None:
    app, page = club.app, windows().page
    with app.database.writing() as session:
        key = make_key(session, app.workspace_id, "shop1", app.keyring, app.now())
    told = f"customer=101&at={int(app.now().timestamp())}&nonce=k3Jx9QpV7sLw2TzB&to=vouchers"
    page.goto(f"/m/{app.workspace}/from/{key.token}?{signed_query(key.secret, told)}")
    expect(page.get_by_role("heading", name="Vouchers")).to_be_visible()


@pytest.mark.parametrize(("scheme", "language"), [("light", "fa"), ("dark", "en")])
def test_no_barriers_and_nothing_too_wide(
    club: Club, windows: Callable[..., Window], scheme: str, language: str
) -> None:
    club.people.takes(club.people.ada)
    club.sign_in(club.people.ada).post("referral")
    window = windows(390, scheme)
    page = inside(club, window, club.people.ada, language)
    for name in (*PAGES, "more"):
        page.goto(address(club, name))
        assert window.barriers() == [], name
        assert window.too_wide() == [], name


def test_every_text_can_be_translated(club: Club, windows: Callable[..., Window]) -> None:
    page = inside(club, windows(), club.people.ada, PSEUDO)
    for name in (*PAGES, "more"):
        page.goto(address(club, name))
        assert page.evaluate(_PLAIN) == [], name
