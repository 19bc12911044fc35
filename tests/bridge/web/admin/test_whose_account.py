"""An account may reach several workspaces: what one of them hands out opens none of the others."""

from __future__ import annotations

import http.client
from typing import Any

import pyotp
import pytest
from office import Browser, Office, seen
from sqlmodel import col, func, select, update

from bridge.users.models import SignInFailure, User
from bridge.users.passwords import hashed
from bridge.users.roles import Role
from bridge.users.second_factor import new_secret
from bridge.web import serve

ANN = "ann@agency.example"
OTHER = "other"
RIGHT = "a right and long password"


def account(office: Office, email: str = ANN) -> User:
    with office.application.database.reading() as session:
        return session.exec(select(User).where(col(User.email) == email)).one()


def changed(office: Office, **values: Any) -> None:
    with office.application.database.writing() as session:
        session.exec(update(User).where(col(User.email) == ANN).values(**values))


@pytest.fixture
def ann(office: Office) -> Browser:
    """She owns another workspace, and signs in by a service."""
    browser = office.sign_in(Role.OWNER, email=ANN, workspace=OTHER)
    changed(office, subject="https://login.example 7")
    return browser


def invited(boss: Browser, role: Role = Role.VIEWER) -> str:
    """The link's path."""
    made = boss.post("users/invite", {"email": ANN, "role": role.value})
    return path_in(seen(made))


def path_in(text: str) -> str:
    link = next(word for word in text.split() if "/welcome/" in word)
    return "/" + link.split("/", 3)[3]


def test_an_owner_replaces_no_password_that_opens_workspaces_of_others(
    office: Office, ann: Browser
) -> None:
    office.sign_in(Role.MANAGER, email=ANN)
    boss, page = office.sign_in(), f"users/{account(office).id}/password"
    refused = boss.post(page)
    assert refused.status_code == 422
    assert "works in workspaces that you do not own" in seen(refused)
    assert "/welcome/" not in refused.text
    office.sign_in(email="owner@acme.example", workspace=OTHER)
    assert boss.post(page).status_code == 201


def test_who_holds_an_invitation_gets_no_account_that_is_there(
    office: Office, ann: Browser
) -> None:
    path, stranger = invited(office.sign_in()), office.browser()
    assert "Sign in with this address" in seen(stranger.get(path))
    assert stranger.post(path, {"name": "Ann", "password": RIGHT}).status_code == 403
    assert account(office).password_hash == ""
    assert stranger.get(f"/w/{OTHER}/users").status_code == 303


def test_who_has_an_account_accepts_as_himself(office: Office, ann: Browser) -> None:
    boss = office.sign_in()
    path, where = invited(boss), f"/w/{office.application.workspace}/"
    assert ann.get(where).status_code == 404
    assert "sign out, and follow the link again" in seen(boss.get(path))
    assert boss.post(path).status_code == 403
    assert "Accept" in seen(ann.get(path))
    assert ann.post(path).status_code == 303
    assert ann.get(where).status_code == 200
    assert ann.get(path).status_code == 410


@pytest.mark.parametrize("what", ["remove", ""])
def test_no_older_invitation_undoes_what_an_owner_decided(
    office: Office, ann: Browser, what: str
) -> None:
    office.sign_in(Role.MANAGER, email=ANN)
    boss = office.sign_in()
    path = invited(boss, Role.OWNER)
    page = f"users/{account(office).id}" + (f"/{what}" if what else "")
    assert boss.post(page, {"role": "viewer"}).status_code == 303
    assert ann.get(path).status_code == 410


def test_a_new_password_ends_the_other_links_to_one(office: Office) -> None:
    office.sign_in(Role.MANAGER, email=ANN)
    boss, page = office.sign_in(), f"users/{account(office).id}/password"
    first, second = (path_in(seen(boss.post(page))) for _ in range(2))
    assert office.browser().post(first, {"password": RIGHT}).location == "/sign-in"
    assert office.browser().get(second).status_code == 410


def test_a_second_factor_is_not_replaced_without_the_password(office: Office, ann: Browser) -> None:
    changed(office, totp_secret="sealed")
    secret = new_secret()
    with ann.client.session_transaction() as cookie:
        cookie["factor"] = secret
    assert ann.get("/account/second-factor").location == "/account"
    code = pyotp.TOTP(secret).at(office.application.now())
    assert ann.post("/account/second-factor", {"code": code}).location == "/account"
    assert account(office).totp_secret == "sealed"


def test_a_line_has_many_addresses_and_is_one_guesser(office: Office) -> None:
    for number in range(2):
        told = {"email": f"nobody{number}@example.com", "password": "wrong"}
        line = {"REMOTE_ADDR": f"2001:db8::{number}"}
        office.browser().post("/sign-in", told, environ_base=line)
    with office.application.database.reading() as session:
        kinds = session.exec(
            select(func.count()).where(col(SignInFailure.subject).startswith("address:"))
        )
        assert kinds.one() == 1


@pytest.mark.parametrize("key", ["events", "register"])
def test_what_is_called_like_an_address_of_shops_is_a_page_all_the_same(
    office: Office, key: str
) -> None:
    assert office.sign_in().get(f"groups/{key}").status_code == 404


def test_a_large_file_reaches_the_page_and_of_strangers_nothing_is_read(office: Office) -> None:
    with serve(office.app) as running:
        connection = http.client.HTTPConnection(running.host, running.port, timeout=20)
        connection.request("POST", "/w/acme/price-lists/base/file", bytes(3_000_000))
        answer = connection.getresponse()
        answer.read()
        connection.close()
    assert answer.status == 401


def test_in_a_browser_left_open_nobody_guesses_at_the_password(office: Office) -> None:
    browser, told = office.sign_in(email=ANN), {"present": "a guess"}
    for _ in range(5):
        assert browser.post("/account/second-factor/off", told).status_code == 422
    changed(office, password_hash=hashed(RIGHT))
    told = {"present": RIGHT, "password": "another long password"}
    answer = browser.post("/account/password", told)
    assert answer.status_code == 422
    assert "you have to wait" in seen(answer)
