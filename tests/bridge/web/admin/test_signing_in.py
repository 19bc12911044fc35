"""In by a link or a password, with a code where it is wanted; out by hand, by time, by others."""

from __future__ import annotations

from datetime import timedelta

import pyotp
import pytest
from office import Browser, Office, seen
from sqlmodel import select
from werkzeug.test import TestResponse

from bridge.audit.service import entries
from bridge.users import links
from bridge.users.models import User
from bridge.users.passwords import hashed
from bridge.users.roles import Role
from bridge.users.service import grant, make_user
from bridge.users.sessions import IDLE
from bridge.web import create_app

RIGHT = "a right and long password"


@pytest.fixture(scope="module")
def kept() -> str:
    return hashed(RIGHT)


@pytest.fixture
def ada(office: Office, kept: str) -> User:
    now = office.application.now()
    with office.application.database.writing() as session:
        user = make_user(session, "ada@example.com", "Ada", kept, now)
        assert user.id is not None
        grant(session, office.application.workspace_id, user.id, Role.OWNER, "a test", now)
    return user


def give(browser: Browser, password: str = RIGHT, **more: str) -> TestResponse:
    return browser.post("/sign-in", {"email": "ada@example.com", "password": password, **more})


def test_the_first_owner_comes_by_the_link_that_is_printed(office: Office) -> None:
    with office.application.database.writing() as session:
        token = links.owner_link(session, office.application.workspace_id, office.application.now())
    browser = office.browser()
    assert "owns the workspace" in seen(browser.get(f"/welcome/{token}"))

    weak = browser.post(
        f"/welcome/{token}",
        {"email": "ada@example.com", "name": "Ada", "password": "ada@example.com"},
    )
    assert weak.status_code == 422
    assert "Too easy to guess" in seen(weak)
    assert 'value="ada@example.com"' in weak.text

    made = browser.post(
        f"/welcome/{token}", {"email": "Ada@Example.com", "name": "Ada", "password": RIGHT}
    )
    assert "Welcome, Ada." in seen(browser.follow(browser.follow(made)))
    assert office.browser().get(f"/welcome/{token}").status_code == 410
    with office.application.database.reading() as session:
        (entry,) = entries(session, office.application.workspace_id)
    assert (entry.action, entry.subject, entry.after) == (
        "user.joined",
        "ada@example.com",
        {"role": "owner", "invited by": "the bridge"},
    )


def test_a_wrong_password_and_an_unknown_address_look_the_same(office: Office, ada: User) -> None:
    wrong = office.browser().post("/sign-in", {"email": "ada@example.com", "password": "wrong"})
    unknown = office.browser().post("/sign-in", {"email": "eve@example.com", "password": "wrong"})
    assert wrong.status_code == unknown.status_code == 422
    assert seen(wrong) == seen(unknown)
    assert "do not belong together" in seen(wrong)


def test_after_signing_in_he_is_where_he_wanted_to_go(office: Office, ada: User) -> None:
    browser = office.browser()
    sent = browser.get("users")
    assert sent.status_code == 303
    browser.get(sent.location)
    assert give(browser, next="/w/acme/users").location == "/w/acme/users"


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example",
        "//[evil",
        "/\\evil.example",
        "javascript:alert(1)",
        "/\n/x",
    ],
)
def test_nobody_is_sent_to_another_site(office: Office, ada: User, target: str) -> None:
    assert give(office.browser(), next=target).location == "/"


def test_with_a_second_factor_the_password_alone_opens_nothing(office: Office, ada: User) -> None:
    browser = office.browser()
    browser.follow(give(browser))
    browser.get("/account/second-factor")
    with browser.client.session_transaction() as cookie:
        secret = cookie["factor"]
    code = pyotp.TOTP(secret).at(office.application.now())
    shown = browser.post("/account/second-factor", {"code": code})
    recovery = seen(shown).split("shown again. ")[1].split()[0]

    def half() -> Browser:
        found = office.browser()
        answer = give(found)
        assert answer.location.startswith("/sign-in/code")
        assert found.get("users").status_code == 303
        return found

    other = half()
    replayed = other.post("/sign-in/code", {"code": code})
    assert replayed.status_code == 422
    assert other.post("/sign-in/code", {"code": recovery}).status_code == 303
    assert other.get("users").status_code == 200
    assert half().post("/sign-in/code", {"code": recovery}).status_code == 422

    late = half()
    office.world.clock.pause(360)
    assert late.post("/sign-in/code", {"code": "000000"}).location == "/sign-in"


def test_a_cookie_from_before_is_worth_nothing_after(office: Office, ada: User) -> None:
    browser = office.browser()
    browser.get("/sign-in")
    planted = browser.client.get_cookie("bridge")
    assert planted is not None
    give(browser)
    victim = browser.client.get_cookie("bridge")
    assert victim is not None and victim.value != planted.value
    thief = office.browser()
    thief.client.set_cookie("bridge", planted.value)
    assert thief.get("users").status_code == 303


def test_out_means_out_also_for_a_copy_of_the_cookie(office: Office, ada: User) -> None:
    browser = office.browser()
    give(browser)
    copy = office.browser()
    cookie = browser.client.get_cookie("bridge")
    assert cookie is not None
    copy.client.set_cookie("bridge", cookie.value)
    assert copy.get("users").status_code == 200
    assert browser.post("/sign-out").status_code == 303
    assert copy.get("users").status_code == 303


def test_silence_signs_out(office: Office, ada: User) -> None:
    browser = office.browser()
    give(browser)
    office.world.clock.pause((IDLE - timedelta(minutes=1)).total_seconds())
    assert browser.get("users").status_code == 200
    office.world.clock.pause((IDLE - timedelta(minutes=1)).total_seconds())
    assert browser.get("users").status_code == 200
    office.world.clock.pause(IDLE.total_seconds())
    assert browser.get("users").status_code == 303


def test_an_invited_colleague_comes_in_with_his_role(office: Office) -> None:
    owner = office.sign_in()
    made = owner.post("users/invite", {"email": "bob@example.com", "role": "support"})
    assert made.status_code == 201
    link = next(word for word in seen(made).split() if "/welcome/" in word)
    path = "/" + link.split("/", 3)[3]
    bob = office.browser()
    assert "Owner invites you" in seen(bob.get(path))
    bob.post(path, {"email": "eve@example.com", "name": "Bob", "password": RIGHT})
    with office.application.database.reading() as session:
        addresses = list(session.exec(select(User.email)))
    assert sorted(addresses) == ["bob@example.com", "owner@acme.example"]
    assert bob.get("").status_code == 200
    assert bob.get("users").status_code == 403


def test_a_link_for_a_new_password_ends_all_sessions(office: Office, ada: User) -> None:
    browser, boss = office.browser(), office.sign_in()
    give(browser)
    made = boss.post(f"users/{ada.id}/password")
    link = next(word for word in seen(made).split() if "/welcome/" in word)
    path = "/" + link.split("/", 3)[3]
    fresh = office.browser()
    assert fresh.post(path, {"password": "another long password"}).location == "/sign-in"
    assert browser.get("users").status_code == 303
    assert give(office.browser()).status_code == 422
    assert give(office.browser(), "another long password").status_code == 303


def test_behind_https_cookies_and_pages_say_so(office: Office) -> None:
    application = office.application
    application.settings = application.settings.model_copy(
        update={"public_url": "https://bridge.example"}
    )
    client = create_app(application).test_client()
    answer = client.get("/sign-in", base_url="https://bridge.example")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-bridge=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=")


def test_a_shop_needs_no_cookie_and_gets_none(office: Office) -> None:
    answer = office.browser().client.post("/webhooks/unknown", data=b"{}")
    assert answer.status_code == 404
    assert "Set-Cookie" not in answer.headers
