"""Who may open what of members' pages: every route, for nobody, a member, a member of another
merchant, and a forged cookie. A new route is tested as soon as it is there; what it needs must
stand in the table below."""

from __future__ import annotations

import pytest
from club import Club, MemberBrowser

from bridge.kit.errors import BridgeError
from bridge.web.member import home
from bridge.web.member.registering import routes
from bridge.web.member.routes import Needs, Route

NEEDS = {
    "/": "member",
    "/brand.css": "nothing",
    "/from/<token>": "nothing",
    "/from-app/<store>": "nothing",
    "/history": "member",
    "/language": "nothing",
    "/logo": "nothing",
    "/more": "member",
    "/prices": "member",
    "/privacy": "member",
    "/privacy/erasure": "member",
    "/privacy/erasure/withdraw": "member",
    "/privacy/file": "member",
    "/privacy/leave": "member",
    "/privacy/letters": "member",
    "/privacy/return": "member",
    "/redeem": "member",
    "/referral": "member",
    "/referral/<int:code_id>/code.<kind>": "member",
    "/rewards": "member",
    "/rewards/<key>": "member",
    "/sign-in": "nothing",
    "/sign-in/code": "nothing",
    "/sign-out": "member",
    "/vouchers": "member",
    "/vouchers/<int:voucher_id>": "member",
    "/vouchers/<int:voucher_id>/give-back": "member",
    "/surveys": "member",
    "/surveys/<int:survey_id>": "member",
    "/surveys/letter/<token>": "nothing",
    "/terms": "nothing",
}
VALUES = {
    "store": "shop1",
    "int:code_id": "1",
    "kind": "svg",
    "int:survey_id": "1",
    "int:voucher_id": "1",
    "key": "ticket",
    "token": "x",
}
"""What stands in the address where a route has a place for something."""


def named(route: Route) -> str:
    return f"{route.method} {route.rule}"


def target(route: Route, workspace: str) -> str:
    told = route.rule.replace("<workspace>", workspace)
    for name, value in VALUES.items():
        told = told.replace(f"<{name}>", value)
    return told


def test_every_route_stands_in_the_table() -> None:
    found = {route.rule.removeprefix("/m/<workspace>"): str(route.needs) for route in routes()}
    assert found == NEEDS


def test_who_is_not_a_member_of_this_merchant_sees_nothing(club: Club) -> None:
    club.office.sign_in(workspace="elsewhere")
    name, token = club.cookie(club.people.ada)
    elsewhere = club.browser()
    elsewhere.workspace = "elsewhere"
    forged, foreign = club.browser(), club.browser()
    forged.client.set_cookie(name, token[:-1] + ("A" if token[-1] != "A" else "B"))
    foreign.client.set_cookie(f"member-{club.app.workspace_id + 1}", token)
    elsewhere.client.set_cookie(name, token)
    elsewhere.client.set_cookie(f"member-{club.app.workspace_id + 1}", token)
    for browser in (club.browser(), forged, foreign, elsewhere):
        for route in routes():
            if route.needs is Needs.MEMBER:
                assert_kept_out(browser, route)


def assert_kept_out(browser: MemberBrowser, route: Route) -> None:
    answer = browser.client.open(target(route, browser.workspace), method=route.method)
    if route.method == "GET":
        assert answer.status_code == 303, named(route)
        assert answer.location.startswith(f"/m/{browser.workspace}/sign-in?next="), named(route)
    else:
        assert answer.status_code == 401, named(route)


def test_what_is_sent_without_a_page_of_ours_changes_nothing(club: Club) -> None:
    browser = club.sign_in(club.people.ada)
    for route in routes():
        if route.method == "POST":
            answer = browser.client.post(target(route, browser.workspace), data={"points": 500})
            assert answer.status_code == (403 if route.is_signed else 400), named(route)


def test_a_merchant_who_is_not_there_has_no_pages(club: Club) -> None:
    for route in routes():
        answer = club.browser().client.open(target(route, "nobody"), method=route.method)
        assert answer.status_code == 404, named(route)
        assert "text/html" in answer.content_type


def test_an_address_that_leads_nowhere_is_said_so_kindly(club: Club) -> None:
    browser = club.sign_in(club.people.ada)
    for below in ("no-such-page", "sign-in/what", "vouchers/99999999999999"):
        answer = browser.get(below)
        assert answer.status_code == 404, below
        assert "no such page" in answer.text, below


def test_what_fails_is_said_kindly_and_without_its_reason(
    club: Club, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_args: object) -> None:
        raise BridgeError("see `loyalty-bridge store add`")

    monkeypatch.setattr(home, "having", fails)
    answer = club.sign_in(club.people.ada).get("")
    assert answer.status_code == 503
    assert "try again later" in answer.text
    assert "loyalty-bridge" not in answer.text


def test_behind_https_the_cookie_is_this_hosts_alone(club: Club) -> None:
    app = club.app
    app.settings = app.settings.model_copy(update={"public_url": "https://loyalty.example.com"})
    browser = club.browser()
    browser.post("sign-in", {"email": "ada@example.com"})
    answer = browser.post("sign-in/code", {"code": club.last_code()})
    (cookie,) = (one for one in answer.headers.getlist("Set-Cookie") if "member-" in one)
    assert cookie.startswith(f"__Host-member-{app.workspace_id}=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
    assert "Domain" not in cookie
