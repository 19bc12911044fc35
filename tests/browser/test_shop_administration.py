"""The bridge inside a shop's administration, and a shopper on his way to it, in a real browser:
frames, messages, cookies and the policies that browsers enforce."""

from __future__ import annotations

import hmac
import json
import threading
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from bridge.application import Application
from bridge.audit.service import Actor
from bridge.config import Settings
from bridge.db import Database
from bridge.installations import app_registration, service
from bridge.installations.endpoints import Endpoint
from bridge.installations.service import NewInstallation
from bridge.kit.clock import utc_now
from bridge.kit.encryption import generate_key
from bridge.members.models import Member, MemberCustomer, ShopCustomer
from bridge.users.administrations import set_role
from bridge.users.roles import Role
from bridge.users.service import grant, make_user
from bridge.users.sessions import start_session
from bridge.web import create_app, serve
from bridge.web.admin.access import TOKEN
from bridge.workspaces.service import ensure_workspace, workspace_id
from connectors.webhooks import Confirmed, ShopIdentity, signature

CUSTOMER = "a" * 32
ADMINISTRATION = """<!doctype html><title>Administration</title>
<script>window.addEventListener('message', function (event) {
  document.title = event.origin + ' ' + event.data;
});</script><iframe src="%s" width="1200" height="900"></iframe>"""
STOREFRONT = """<!doctype html><title>Shop</title>
<form method="post" action="%s"><input name="token" value="%s"><button>Points</button></form>"""


class Site:
    """Some other server of this machine: browsers let no page of the internet lead to one here."""

    def __init__(self) -> None:
        self.html = ""
        site = self

        class Answering(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = site.html.encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/html")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_args: object) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
        # By another name than the bridge: another site for the browser.
        self.url = f"http://localhost:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def show(self, page: Page, html: str) -> None:
        self.html = html
        page.goto(self.url)


@pytest.fixture
def shop() -> Iterator[Site]:
    site = Site()
    yield site
    site.server.shutdown()
    site.server.server_close()


@pytest.fixture
def elsewhere() -> Iterator[Site]:
    site = Site()
    yield site
    site.server.shutdown()
    site.server.server_close()


@dataclass
class Connected:
    """A bridge that is served, and a shop that registered with it."""

    app: Application
    found: Endpoint
    secret: str
    url: str
    shop: str
    """The shop's own address."""
    flask: Flask

    def page(self) -> str:
        seconds = int(utc_now().timestamp())
        query = f"shop-id=S1&shop-url={self.shop}&timestamp={seconds}&sw-user-language=en-GB"
        mark = signature(self.secret, query.encode())
        path = f"/shopware/{self.found.token}/module"
        return f"{self.url}{path}?{query}&shopware-shop-signature={mark}"

    def staff(self) -> Any:
        """The cookie of an owner who is signed in."""
        with self.app.database.writing() as session:
            now = self.app.now()
            user = make_user(session, "owner@acme.example", "Owner", "", now)
            assert user.id is not None
            grant(session, self.app.workspace_id, user.id, Role.OWNER, "a test", now)
            token = start_session(session, user.id, now, client="A test", address="127.0.0.1")
        client = self.flask.test_client()
        with client.session_transaction() as cookies:
            cookies[TOKEN] = token
        cookie = client.get_cookie("bridge")
        assert cookie is not None
        return {"name": "bridge", "value": cookie.value, "url": self.url, "sameSite": "Lax"}

    def let_in(self) -> None:
        """Whoever comes from the shop's administration, as a viewer."""
        with self.app.database.writing() as session:
            row = service.installation(session, self.app.workspace_id, "sw")
            set_role(session, row, Role.VIEWER, Actor("Olga"), self.app.now())

    def token(self) -> str:
        seconds = int(utc_now().timestamp())
        says = {"nbf": seconds, "exp": seconds + 600, "customerId": CUSTOMER}
        says["salesChannelId"] = "b" * 32
        parts = [_encoded(json.dumps(one).encode()) for one in ({"alg": "HS256"}, says)]
        mark = hmac.new(self.secret.encode(), ".".join(parts).encode(), "sha256").digest()
        return ".".join([*parts, _encoded(mark)])


def _encoded(content: bytes) -> str:
    return urlsafe_b64encode(content).decode().rstrip("=")


@pytest.fixture
def connected(
    sqlite_url: str, open_database: Callable[[str], Database], tmp_path: Path, shop: Site
) -> Iterator[Connected]:
    database, now = open_database(sqlite_url), utc_now()
    with database.writing() as session:
        ensure_workspace(session, "acme", now)
        workspace = workspace_id(session, "acme")
    settings = Settings(home=tmp_path / "home", keys=generate_key(), workspace="acme")
    app = Application(settings, database, workspace)
    keys = app.keyring
    flask = create_app(app)
    with serve(flask) as serving:
        with database.writing() as session:
            new = NewInstallation("sw", "shopware", shop.url, {"key": "x"}, {})
            service.add(session, workspace, new, keys().encrypt, now)
            row = service.installation(session, workspace, "sw")
            found = app_registration.offer(session, row, keys, now, base_url=serving.url)
            who = ShopIdentity("S1", shop.url)
            secret = app_registration.begin(session, found, who, keys, now)
            found = app_registration.offer(session, row, keys, now, base_url=serving.url)
            app_registration.confirm(session, found, Confirmed(who, "key", "of-the-api"), keys, now)
            _add_customer(session, workspace, row.id, now)
        yield Connected(app, found, secret, serving.url, shop.url, flask)


def _add_customer(session: Any, workspace: int, shop: int | None, now: Any) -> None:
    person = Member(workspace_id=workspace, joined_at=now)
    session.add(person)
    session.flush()
    keys = {"installation_id": shop, "customer_id": CUSTOMER, "workspace_id": workspace}
    keys["email"] = "ada@example.com"
    rest = {"group_id": "1", "store_id": "1", "created_at": now, "updated_at": now, "pull": 1}
    session.add(ShopCustomer(**keys, **rest))
    session.add(MemberCustomer(**keys, member_id=person.id, linked_at=now, linked_by="new"))


@pytest.fixture
def visitor(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 1280, "height": 1000})
    page = context.new_page()
    page.set_default_timeout(15_000)
    yield page
    context.close()


def test_the_administration_shows_the_page_and_hears_that_it_is_there(
    connected: Connected, shop: Site, visitor: Page
) -> None:
    shop.show(visitor, ADMINISTRATION % connected.page())
    expect(visitor).to_have_title(f"{connected.url} sw-app-loaded")
    frame = visitor.frame_locator("iframe")
    expect(frame.get_by_role("heading", name="Loyalty Bridge: sw")).to_be_visible()
    style = "one => getComputedStyle(one).backgroundColor"
    link = frame.get_by_role("link", name="Open Loyalty Bridge")
    assert link.evaluate(style) == "rgb(11, 83, 155)", "the policy knows its own style"
    with visitor.expect_popup() as opened:
        link.click()
    expect(opened.value).to_have_url(f"{connected.url}/sign-in?next=/w/acme/stores/1")
    assert opened.value.evaluate("window.opener") is None


def test_a_click_in_the_frame_opens_the_store_signed_in_and_leaves_who_is_himself(
    connected: Connected, shop: Site, visitor: Page
) -> None:
    connected.let_in()
    shop.show(visitor, ADMINISTRATION % connected.page())
    button = visitor.frame_locator("iframe").get_by_role("button", name="Open Loyalty Bridge")
    with visitor.expect_popup() as opened:
        button.click()
    store = f"{connected.url}/w/acme/stores/1"
    expect(opened.value).to_have_url(store)
    expect(opened.value.get_by_role("banner")).to_contain_text("Administration of sw")
    assert opened.value.evaluate("window.opener") is None
    visitor.context.add_cookies([connected.staff()])
    with visitor.expect_popup() as opened:
        button.click()
    expect(opened.value).to_have_url(store)
    expect(opened.value.get_by_role("banner")).to_contain_text("Owner")


def test_a_form_of_another_site_leads_nobody_in_without_a_click(
    connected: Connected, elsewhere: Site, visitor: Page
) -> None:
    connected.let_in()
    address, query = connected.page().split("?", 1)
    elsewhere.show(visitor, STOREFRONT.replace("token", "opened") % (address, query))
    visitor.get_by_role("button", name="Points").click()
    go_on = visitor.get_by_role("button", name="Go on")
    expect(go_on).to_be_visible()
    assert visitor.context.cookies() == []
    go_on.click()
    expect(visitor).to_have_url(f"{connected.url}/w/acme/stores/1")


def test_nobody_else_can_frame_it(connected: Connected, elsewhere: Site, visitor: Page) -> None:
    with visitor.expect_console_message(lambda one: "frame-ancestors" in one.text):
        elsewhere.show(visitor, ADMINISTRATION % connected.page())
    assert visitor.title() == "Administration"


def test_a_shopper_comes_in_and_whoever_is_signed_in_beside_him_stays_so(
    connected: Connected, shop: Site, visitor: Page
) -> None:
    visitor.context.add_cookies([connected.staff()])
    visitor.goto(f"{connected.url}/w/acme/stores")
    expect(visitor.get_by_role("heading", name="Stores").first).to_be_visible()
    address = f"{connected.url}/m/acme/from-app/sw"
    shop.show(visitor, STOREFRONT % (address, connected.token()))
    visitor.get_by_role("button", name="Points").click()
    expect(visitor).to_have_url(f"{connected.url}/m/acme/")
    expect(visitor.get_by_text("0 points")).to_be_visible()
    shop.show(visitor, STOREFRONT % (address, connected.token().replace(".", "x")))
    visitor.get_by_role("button", name="Points").click()
    expect(visitor.get_by_text("This link does not work")).to_be_visible()
    visitor.goto(f"{connected.url}/w/acme/stores")
    expect(visitor.get_by_role("heading", name="Stores").first).to_be_visible()
