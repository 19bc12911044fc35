"""The pages behind a referral's link, as browsers, previews and those who try things see them."""

from __future__ import annotations

import http.client
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import func, select
from werkzeug.test import TestResponse

from bridge.audit.service import Actor
from bridge.config import Settings
from bridge.db import Database
from bridge.engine.schedule import steps
from bridge.preferences.sections import Branding
from bridge.preferences.service import set_preferences
from bridge.referrals.models import Referral, ReferralClicks
from bridge.vouchers.models import Voucher
from bridge.web import create_app, serve
from bridge.workspaces.service import ensure_workspace, workspace_id

sys.path.insert(0, str(Path(__file__).parents[1] / "referrals"))

from referral_world import TERMS, ReferralWorld

FRIEND = "friend@example.com"
BROWSER = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"}


@dataclass
class Site:
    world: ReferralWorld
    app: Flask
    code: str
    woken: list[str] = field(default_factory=list)

    def browser(self, **headers: str) -> FlaskClient:
        client = self.app.test_client()
        for name, value in {**BROWSER, **headers}.items():
            client.environ_base[f"HTTP_{name.upper().replace('-', '_')}"] = value
        return client

    def send(self, client: FlaskClient, email: str = FRIEND, **form: str) -> TestResponse:
        """What the form on the page sends."""
        seen = client.get(f"/r/{self.code}").text
        found = re.search(r'name="visit" value="([^"]+)"', seen)
        assert found is not None, seen
        given = {"visit": found[1], "email": email, "store": "north/main", "consent": "yes"}
        return client.post(f"/r/{self.code}", data={**given, **form})

    def count(self, table: Any) -> int:
        with self.world.database.reading() as session:
            return session.exec(select(func.count()).select_from(table)).one()

    def clicks(self) -> int:
        with self.world.database.reading() as session:
            return sum(row.clicks for row in session.exec(select(ReferralClicks)))


@pytest.fixture
def site_on(tmp_path: Path) -> Callable[[Database], Site]:
    def make(database: Database) -> Site:
        world = ReferralWorld(database, tmp_path)
        world.programme()
        code = world.code(world.member("ada@example.com")).code
        woken: list[str] = []
        return Site(world, create_app(world.app, wake=woken.append), code, woken)

    return make


@pytest.fixture
def site(
    site_on: Callable[[Database], Site], sqlite_url: str, open_database: Callable[..., Database]
) -> Site:
    return site_on(open_database(sqlite_url))


# -- the whole way --------------------------------------------------------------------------


def test_from_the_link_to_the_code(database: Database, site_on: Callable[[Database], Site]) -> None:
    site = site_on(database)
    client = site.browser()
    page = client.get(f"/r/{site.code.lower()}")
    assert "10 EUR off" in page.text and "at least 30 EUR" in page.text
    sent = site.send(client)
    assert (sent.status_code, site.woken) == (200, ["letters"])
    assert site.count(Voucher) == 0
    link = f"/r/confirm/{site.world.token(FRIEND)}"
    for _ in range(2):
        assert FRIEND in client.get(link).text
    assert site.world.state(FRIEND) == "asked", "looking changes nothing"
    done = client.post(link)
    assert (done.status_code, done.headers["Location"]) == (303, site.world.token(FRIEND))
    assert site.woken[-1] == "vouchers"
    waiting = client.get(link)
    assert 'http-equiv="refresh"' in waiting.text
    with site.world.database.reading() as session:
        voucher = session.exec(select(Voucher)).one()
    assert voucher.code not in waiting.text
    site.world.put_codes_into_shops()
    shown = client.get(link).text
    assert voucher.code in shown and "Acme North" in shown and "1 May 2026" in shown
    assert client.post(link).status_code == 303
    assert site.count(Voucher) == 1


def test_another_merchants_process_answers_as_well(site: Site) -> None:
    """One database, several merchants, an address for all of them."""
    app = site.world.app
    with app.database.writing() as session:
        ensure_workspace(session, "neighbour", app.now())
        other = workspace_id(session, "neighbour")
    woken: list[str] = []
    site.app = create_app(app.at(other, "neighbour"), wake=woken.append)
    client = site.browser()
    assert "10 EUR off" in client.get(f"/r/{site.code}").text
    assert site.send(client).status_code == 200
    link = f"/r/confirm/{site.world.token(FRIEND)}"
    assert client.post(link).status_code == 303
    site.world.put_codes_into_shops()
    with site.world.database.reading() as session:
        voucher = session.exec(select(Voucher)).one()
    assert voucher.workspace_id == app.workspace_id
    assert voucher.code in client.get(link).text
    assert site.clicks() == 1
    assert woken == [], "whose merchant it is looks by itself"


def test_friends_read_the_name_that_members_know_the_programme_by(site: Site) -> None:
    app = site.world.app
    with app.database.writing() as session:
        wanted = Branding(name="Screw Club")
        set_preferences(session, app.workspace_id, wanted, Actor("test"), app.now())
    client = site.browser()
    assert "Screw Club" in client.get(f"/r/{site.code}").text
    site.send(client)
    assert "Screw Club" in client.get(f"/r/confirm/{site.world.token(FRIEND)}").text


def test_what_the_pages_wake_are_steps_of_the_engine() -> None:
    assert {"letters", "vouchers"} <= {step.name for step in steps(Settings())}


# -- nothing is told to outsiders -----------------------------------------------------------


def test_a_known_and_a_new_address_are_answered_alike(site: Site) -> None:
    site.world.member("known@example.com")
    answers = [site.send(site.browser(), email) for email in (FRIEND, "known@example.com")]
    texts = [one.text.replace(FRIEND, "X").replace("known@example.com", "X") for one in answers]
    assert texts[0] == texts[1]
    assert [one.status_code for one in answers] == [200, 200]
    assert site.count(Referral) == 2


def test_who_is_known_gets_a_friendly_page_and_no_voucher(site: Site) -> None:
    client = site.browser()
    site.world.member("known@example.com")
    site.send(client, "known@example.com")
    link = f"/r/confirm/{site.world.token('known@example.com')}"
    client.post(link)
    assert "Welcome back" in client.get(link).text
    assert site.count(Voucher) == 0


@pytest.mark.parametrize("token", ["x", "A" * 43, "%00", "A" * 5000])
def test_a_link_that_is_none(site: Site, token: str) -> None:
    for method in ("get", "post"):
        answer = getattr(site.browser(), method)(f"/r/confirm/{token}")
        assert (answer.status_code, "leads nowhere" in answer.text) == (404, True)


def test_an_offer_that_is_over_and_a_code_that_never_was_look_alike(site: Site) -> None:
    mistyped = site.browser().get("/r/ZZZZZZZZ")
    site.world.now += timedelta(hours=2)
    friend = {**TERMS["friend"], "until": "2026-03-01"}
    site.world.programme({**TERMS, "friend": friend})
    over = site.browser().get(f"/r/{site.code}")
    assert (mistyped.status_code, over.status_code) == (404, 404)
    assert mistyped.text == over.text


# -- forms ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"email": "friend"}, "not an e-mail address"),
        ({"email": "a@example.com, b@example.com"}, "not an e-mail address"),
        ({"consent": ""}, "tick the box"),
        ({"store": ""}, "Choose where"),
        ({"store": "elsewhere/main"}, "Choose where"),
        ({"visit": "forged"}, "send it once more"),
    ],
)
def test_a_form_that_is_not_right_comes_again(site: Site, form: dict[str, str], said: str) -> None:
    answer = site.send(site.browser(), **form)
    assert answer.status_code == 400
    assert said in answer.text
    assert site.count(Referral) == 0


def test_another_sites_form_is_not_taken(site: Site) -> None:
    blind = site.browser().post(
        f"/r/{site.code}", data={"visit": "", "email": FRIEND, "consent": "yes"}
    )
    across = site.send(site.browser(**{"Sec-Fetch-Site": "cross-site"}))
    assert (blind.status_code, across.status_code) == (400, 400)
    assert site.count(Referral) == 0


def test_who_fills_in_what_people_do_not_see_is_no_friend(site: Site) -> None:
    assert site.send(site.browser(), website="http://spam.example").status_code == 200
    assert site.count(Referral) == 0


def test_what_is_typed_is_text(site: Site) -> None:
    answer = site.send(site.browser(), email='"><script>alert(1)</script>')
    assert "<script" not in answer.text and "&lt;script" in answer.text


# -- clicks ---------------------------------------------------------------------------------


def test_a_visit_counts_once(site: Site) -> None:
    client = site.browser()
    for _ in range(3):
        client.get(f"/r/{site.code}")
    site.send(client)
    assert site.clicks() == 1
    site.browser().get(f"/r/{site.code}")
    assert site.clicks() == 2


@pytest.mark.parametrize(
    "headers",
    [
        {"User-Agent": "WhatsApp/2.24"},
        {"User-Agent": "Mozilla/5.0 (compatible; Googlebot/2.1)"},
        {"User-Agent": "facebookexternalhit/1.1"},
        {"Sec-Purpose": "prefetch;prerender"},
    ],
)
def test_robots_and_previews_are_no_visits(site: Site, headers: dict[str, str]) -> None:
    assert site.browser(**headers).get(f"/r/{site.code}").status_code == 200
    assert site.browser().head(f"/r/{site.code}").status_code == 200
    assert (site.clicks(), site.count(Referral)) == (0, 0)


# -- how pages are sent ---------------------------------------------------------------------


def test_pages_run_nothing_and_load_nothing(site: Site) -> None:
    for path in (f"/r/{site.code}", "/r/NOBODYS1", "/r/confirm/x"):
        answer = site.browser().get(path)
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Cache-Control"] == "no-store"
        assert not re.search(r"<script|\son\w+=|style=\"|https?://", answer.text)
        assert 'name="viewport"' in answer.text


def test_the_visitors_language(site: Site) -> None:
    german = site.browser(**{"Accept-Language": "de-AT,de;q=0.9,en;q=0.5"})
    assert '<html lang="de">' in german.get(f"/r/{site.code}").text
    assert '<html lang="en">' in site.browser(**{"Accept-Language": "fr"}).get("/r/X").text
    site.send(german)
    assert site.world.referral(FRIEND).language == "de"


def test_the_cookie_is_only_the_pages(site: Site) -> None:
    cookie = site.browser().get(f"/r/{site.code}").headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Secure" in cookie
    assert "Domain" not in cookie and "Path" not in cookie


# -- too often ------------------------------------------------------------------------------


def test_one_address_may_not_send_without_end(site: Site) -> None:
    client = site.browser()
    answers = [site.send(client, f"f{number}@example.com") for number in range(25)]
    assert [one.status_code for one in answers] == [200] * 20 + [429] * 5
    assert answers[-1].headers["Retry-After"]
    other = site.browser()
    other.environ_base["REMOTE_ADDR"] = "192.0.2.7"
    assert site.send(other).status_code == 200
    site.world.now += timedelta(minutes=10)
    assert site.send(client).status_code == 200


def test_who_tries_codes_is_stopped(site: Site) -> None:
    client = site.browser()
    answers = [client.get(f"/r/TRY{number:05}").status_code for number in range(25)]
    assert answers == [404] * 20 + [429] * 5


def test_one_code_may_not_be_sent_around_by_a_crowd_of_machines(site: Site) -> None:
    statuses = []
    for number in range(70):
        client = site.browser()
        client.environ_base["REMOTE_ADDR"] = f"192.0.2.{number}"
        statuses.append(site.send(client, f"f{number}@example.com").status_code)
    assert statuses == [200] * 60 + [429] * 10


@pytest.mark.parametrize("trusted", [True, False])
def test_only_a_trusted_proxy_says_who_the_visitor_is(site: Site, trusted: bool) -> None:
    seen = []
    original = site.app.wsgi_app

    def watching(environ: dict[str, Any], start: Any) -> Any:
        seen.append(environ["REMOTE_ADDR"])
        return original(environ, start)

    site.app.wsgi_app = watching  # type: ignore[method-assign]
    proxy = "127.0.0.1" if trusted else ""
    with serve(site.app, trusted_proxy=proxy) as serving:
        connection = http.client.HTTPConnection(serving.host, serving.port, timeout=10)
        connection.request("GET", f"/r/{site.code}", headers={"X-Forwarded-For": "192.0.2.9"})
        assert connection.getresponse().status == 200
        connection.close()
    assert seen == ["192.0.2.9" if trusted else "127.0.0.1"]
