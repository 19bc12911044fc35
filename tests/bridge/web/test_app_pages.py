"""What people in a shop open and press, what its flows give, and whom it vouches for: over real
HTTP from the sandbox, and whatever else is sent stays outside."""

from __future__ import annotations

import hmac
import http.client
import json
import re
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from sqlmodel import select

from bridge.earning.awards import award_handler
from bridge.inbox.handling import handle_queue
from bridge.inbox.models import InboxRow
from bridge.installations import service
from bridge.member_sign_in.from_app import app_sign_in_address
from bridge.member_sign_in.limiting import LINK_NETWORK
from bridge.members.adjusting import Adjustment, adjust
from bridge.members.models import Member, MemberCustomer, ShopCustomer
from bridge.points.models import Account
from bridge.programme.canonical import canonical_text, digest
from bridge.programme.document import Programme
from bridge.programme.models import ProgrammeVersion
from bridge.web import Serving, serve
from connectors.sandbox.server import RunningSandbox
from connectors.shopware.app.manifests import APP_NAME, flow
from connectors.shopware.sandbox import SANDBOX
from connectors.shopware.sandbox.app_calls import AppCalls
from connectors.shopware.sandbox.apps import AppSystem
from connectors.shopware.sandbox.seed import STOREFRONT_KEY
from connectors.webhooks import Addresses, signature

AWARD = "loyalty.bridge.award.points"
MARK = "shopware-shop-signature"


# -- a merchant with one member ---------------------------------------------------------------


def programme(bridge) -> None:
    document = Programme.model_validate(
        {
            "programme": "Club",
            "currency": "EUR",
            "points": {"rules": {"base": {"per_amount": {"points": 1, "each": 1}}}},
            "gifts": {"mug": {"basket": 100, "sku": "MUG"}},
        }
    )
    text = canonical_text(document)
    with bridge.application.database.writing() as session:
        session.add(
            ProgrammeVersion(
                workspace_id=bridge.application.workspace_id,
                number=1,
                digest=digest(text),
                document=text,
                loaded_at=bridge.clock(),
            )
        )


def member(bridge, store: str, customer: str, points: int = 0, **said: Any) -> int:
    """Whom the shop has told of."""
    workspace_id, now = bridge.application.workspace_id, bridge.clock()
    with bridge.application.database.writing() as session:
        shop = service.installation(session, workspace_id, store)
        keys = {
            "installation_id": shop.id,
            "customer_id": customer,
            "workspace_id": workspace_id,
            "email": f"{customer}@example.com",
        }
        person = Member(workspace_id=workspace_id, joined_at=now)
        session.add(person)
        session.flush()
        times = {"created_at": now, "updated_at": now}
        session.add(ShopCustomer(**keys, group_id="1", store_id="1", pull=0, **times, **said))
        session.add(MemberCustomer(**keys, member_id=person.id, linked_at=now, linked_by="email"))
        session.flush()
        if points:
            adjust(session, workspace_id, person.id, Adjustment("a", points, "start", "me"), now)
        return person.id


def handled(bridge) -> dict[str, str]:
    """What became of the inbox, by the entity: its state."""
    app = bridge.application
    handle_queue(app.database, app.workspace_id, {"award": award_handler}, bridge.clock)
    with app.database.reading() as session:
        return {row.entity_id: row.state for row in session.exec(select(InboxRow))}


def balance(bridge, member_id: int) -> int:
    with bridge.application.database.reading() as session:
        found = session.exec(select(Account.available).where(Account.holder_id == member_id))
        return found.first() or 0


# -- over real HTTP ---------------------------------------------------------------------------


@dataclass
class Live:
    """A sandbox with the app, the bridge beside it, and a customer who is a member."""

    bridge: Any
    serving: Serving
    sandbox: RunningSandbox
    system: AppSystem
    customer: str
    member_id: int

    @property
    def calls(self) -> AppCalls:
        return AppCalls(self.sandbox.state, self.system, APP_NAME)

    def get(self, url: str) -> tuple[int, dict[str, str], str]:
        parts = urlsplit(url)
        with closing(http.client.HTTPConnection(parts.netloc, timeout=20)) as connection:
            connection.request("GET", f"{parts.path}?{parts.query}")
            answer = connection.getresponse()
            headers = {name.lower(): value for name, value in answer.getheaders()}
            return answer.status, headers, answer.read().decode()

    def token(self) -> str:
        """Of a shopper who signs in to the sandbox, over its Store API."""
        host = urlsplit(self.sandbox.url).netloc
        with closing(http.client.HTTPConnection(host, timeout=20)) as connection:
            headers = {"sw-access-key": STOREFRONT_KEY, "Content-Type": "application/json"}

            def ask(path: str, body: Any) -> tuple[int, Any]:
                connection.request("POST", f"/store-api{path}", json.dumps(body), headers)
                answer = connection.getresponse()
                headers["sw-context-token"] = answer.headers.get("sw-context-token", "")
                return answer.status, json.loads(answer.read())

            path = f"/app-system/{APP_NAME}/generate-token"
            assert ask(path, {})[0] == 403, "nobody is signed in"
            told = SANDBOX.also
            who = {"username": told["shopper_email"], "password": told["shopper_password"]}
            assert ask("/account/login", who)[0] == 200
            status, given = ask(path, {})
        assert status == 200
        return str(given["token"])


@pytest.fixture
def live(bridge) -> Iterator[Live]:
    bridge.clock.now = datetime.now(UTC)
    programme(bridge)
    with (
        serve(bridge.app) as serving,
        SANDBOX.serve(products=2, customers=5) as sandbox,
    ):
        sandbox.state.now = bridge.clock
        bridge.connect("live", "shopware", sandbox.url)
        found = bridge.offer("live", base_url=serving.url)
        addresses = Addresses(found.address("register"), found.address("events"))
        registration = bridge.application.platforms["shopware"].registration
        manifest = registration.manifest(addresses, found.app_secret)
        with closing(AppSystem(sandbox.state, sandbox.url)) as system:
            system.install(manifest, flow(manifest))
            rows = sandbox.state.database["customer"].rows
            email = SANDBOX.also["shopper_email"]
            customer = next(key for key, row in rows.items() if row.values["email"] == email)
            member_id = member(bridge, "live", customer, points=1200)
            yield Live(bridge, serving, sandbox, system, customer, member_id)


def test_the_page_in_the_administration_tells_of_this_shop_and_changes_nothing(live: Live) -> None:
    address = live.calls.page("loyalty")
    status, headers, text = live.get(address)
    assert status == 200
    policy = headers["content-security-policy"]
    assert f"frame-ancestors {live.sandbox.url} " in f"{policy} "
    assert "'unsafe" not in policy
    assert "x-frame-options" not in headers
    assert "set-cookie" not in headers, "browsers keep cookies from frames"
    assert "postMessage('sw-app-loaded', '*')" in text
    assert re.search(r"Members among its customers</dt><dd>1<", text)
    assert re.search(r"Points they have</dt><dd>1,200<", text)
    assert re.search(r"Gift rules</dt><dd>1<", text)
    assert "<form" not in text
    (link,) = re.findall(r'<a class="button" href="([^"]+)" target="_blank"', text)
    status, headers, _ = live.get(link)
    assert (status, urlsplit(headers["location"]).path) == (303, "/sign-in")

    live.bridge.clock.wait(hours=11)  # an administration that stays open all day
    assert live.get(address)[0] == 200
    live.bridge.clock.wait(hours=2)
    status, headers, text = live.get(address)
    assert (status, "Load the administration anew" in text) == (401, True)
    assert live.sandbox.url in headers["content-security-policy"], "or nobody would see why"
    assert "sw-app-loaded" in text

    status, headers, text = live.get(live.calls.page("loyalty").replace("en-GB", "de-DE"))
    assert (status, "1,200" in text) == (401, False)
    assert "frame-ancestors 'none'" in headers["content-security-policy"]


def test_the_button_leads_to_the_member_behind_the_sign_in_of_the_bridge(live: Live) -> None:
    shown = live.calls.press("showPoints", live.customer)
    assert shown.action == "openNewTab"
    address = shown.payload["redirectUrl"]
    status, headers, _ = live.get(address)
    assert status == 303
    target = f"{live.serving.url}/w/acme/members/{live.member_id}"
    assert headers["location"] == target, "without the shop's signature"
    status, headers, _ = live.get(f"{target}?")
    assert dict(parse_qsl(urlsplit(headers["location"]).query)) == {
        "next": f"/w/acme/members/{live.member_id}"
    }
    assert live.get(address.replace(live.customer, "f" * 32))[0] == 401
    assert live.get(address.partition("?")[0] + f"?customer={live.customer}")[0] == 401
    nobody = live.calls.press("showPoints", "f" * 32)
    assert (nobody.action, nobody.payload["status"]) == ("notification", "info")
    assert "no member yet" in nobody.payload["message"]


def test_a_flow_gives_points_once_for_each_run(live: Live) -> None:
    bridge = live.bridge
    live.calls.run_flow(AWARD, live.customer, points="500", reason="Tom's & Ada's day")
    assert [one.status for one in live.system.sender.deliveries[-1:]] == [202]
    assert list(handled(bridge).values()) == ["handled"]
    assert balance(bridge, live.member_id) == 1700
    with bridge.application.database.reading() as session:
        (row,) = session.exec(select(InboxRow)).all()
    assert json.loads(row.content)["reason"] == "Tom's & Ada's day"

    # The bridge is away; the shop's queue tries again, and once more after an answer was lost.
    live.sandbox.faults.set(shop={"admin_worker": False})
    live.system.sender.lost = 1
    live.system.queue.pause = lambda seconds: bridge.clock.wait(seconds=seconds)
    live.calls.run_flow(AWARD, live.customer, points="30", reason="x")
    message = live.system.queue._waiting[0]
    live.system.queue.consume()
    assert live.system.sender.send(message), "an answer that was lost"
    assert list(handled(bridge).values()) == ["handled", "handled"]
    assert balance(bridge, live.member_id) == 1730
    assert bridge.counts()["replayed"] == 1


def test_a_customer_nobody_knows_yet_is_fetched_and_waited_for(live: Live) -> None:
    other = next(
        key for key in live.sandbox.state.database["customer"].rows if key != live.customer
    )
    live.calls.run_flow(AWARD, other, points="100", reason="Welcome")
    asked = [one for one in live.bridge.signals() if one.event == "award"]
    assert [(one.entity, one.ids) for one in asked] == [("customer", json.dumps([other]))]
    assert list(handled(live.bridge).values()) == ["failed"]
    welcome = member(live.bridge, "live", other)
    live.bridge.clock.wait(minutes=2)
    assert list(handled(live.bridge).values()) == ["handled"]
    assert balance(live.bridge, welcome) == 100


def test_a_shopper_comes_in_to_his_pages_by_the_token_of_his_shop(live: Live) -> None:
    client, token = live.bridge.client, live.token()
    address = urlsplit(app_sign_in_address("https://x.example", "acme", "live")).path
    sites = {"Sec-Fetch-Site": "cross-site", "Origin": "https://phishing.example"}
    asked = client.post(address, data={"token": token}, headers=sites)
    assert (asked.status_code, "data-send-now" in asked.text) == (200, False), "he is asked first"
    sites["Origin"] = live.sandbox.url
    first = client.post(address, data={"token": token}, headers=sites)
    assert first.status_code == 200
    assert "Set-Cookie" not in first.headers, "it would end what is signed in in this browser"
    assert "data-send-now" in first.text
    (sent,) = re.findall(r'name="token" value="([^"]+)"', first.text)
    came = client.post(address, data={"token": sent}, headers={"Sec-Fetch-Site": "same-origin"})
    assert (came.status_code, came.location) == (303, "/m/acme/")
    assert "1,200 points" in client.get("/m/acme/").text
    again = live.bridge.client.post(address, data={"token": token})
    assert again.status_code == 403, "it works once"
    live.system.deactivate(APP_NAME)
    with pytest.raises(AssertionError):
        live.token()


# -- what is not the shop's -------------------------------------------------------------------

CUSTOMER, CHANNEL = "a" * 32, "b" * 32


@pytest.fixture
def known(registered):
    """A registered shop with a member."""
    programme(registered.bridge)
    member(registered.bridge, "sw", CUSTOMER, points=10)
    return registered


def query_of(shop, secret: str = "", **told: str) -> str:
    fields = {
        "shop-id": shop.shop_id,
        "shop-url": shop.url,
        "timestamp": str(shop.seconds),
        **{name.replace("_", "-"): value for name, value in told.items()},
    }
    query = "&".join(f"{name}={value}" for name, value in fields.items())
    return f"{query}&{MARK}={signature(secret or shop.secret, query.encode())}"


def award_of(shop, run: str = "r1", **told: Any) -> bytes:
    source = {"url": shop.url, "eventId": run, "shopId": shop.shop_id, "action": AWARD}
    body = {"customerId": CUSTOMER, "points": "5", "reason": "x", "source": source}
    return json.dumps({**body, "timestamp": shop.seconds, **told}).encode()


def button_of(shop) -> bytes:
    source = {"url": shop.url, "shopId": shop.shop_id, "appVersion": "2.0.0"}
    data = {"ids": [CUSTOMER], "entity": "customer", "action": "showPoints"}
    return json.dumps(
        {"source": source, "data": data, "meta": {"timestamp": shop.seconds}}
    ).encode()


def post(shop, door: str, body: bytes, secret: str = "", token: str = "") -> int:
    headers = {MARK: signature(secret or shop.secret, body)}
    address = f"/shopware/{token or shop.endpoint.token}/{door}"
    return shop.bridge.client.post(address, data=body, headers=headers).status_code


def page(shop, door: str = "module", **told: str) -> int:
    address = f"/shopware/{shop.endpoint.token}/{door}?{query_of(shop, **told)}"
    return shop.bridge.client.get(address).status_code


def token_of(shop, secret: str = "", customer: str = CUSTOMER, **claims: Any) -> str:
    says = {"iat": shop.seconds, "nbf": shop.seconds, "exp": shop.seconds + 600, **claims}
    says |= {"customerId": customer, "salesChannelId": CHANNEL}
    parts = [encoded(json.dumps(one).encode()) for one in ({"alg": "HS256"}, says)]
    mark = hmac.new((secret or shop.secret).encode(), ".".join(parts).encode(), "sha256").digest()
    return ".".join([*parts, encoded(mark)])


def encoded(content: bytes) -> str:
    return urlsafe_b64encode(content).decode().rstrip("=")


def come(shop, token: str, store: str = "sw") -> int:
    client = shop.bridge.client
    return client.post(f"/m/acme/from-app/{store}", data={"token": token}).status_code


def everything(shop, secret: str = "", run: str = "r1") -> list[int]:
    """The page, where the button leads, the button, an award, a shopper."""
    return [
        page(shop, secret=secret),
        page(shop, "member", secret=secret, customer=CUSTOMER),
        post(shop, "customer", button_of(shop), secret),
        post(shop, "award", award_of(shop, run), secret),
        come(shop, token_of(shop, secret, jti=run)),
    ]


GOOD, FORGED = [200, 303, 200, 202, 303], [401, 401, 401, 401, 403]


def test_only_what_the_registered_shop_signs_is_taken(known) -> None:
    assert everything(known) == GOOD
    assert everything(known, "another-shop's") == FORGED
    known.bridge.connect("sw2", "shopware", "https://second.example")
    second = type(known)(known.bridge, known.bridge.offer("sw2"), "https://second.example", "S2")
    second.register()
    assert come(known, token_of(second)) == 403
    assert come(second, token_of(second), "sw2") == 403, "no customer of that shop"
    assert post(known, "award", award_of(known), second.secret) == 401
    assert post(known, "award", award_of(known), token=second.endpoint.token) == 401
    assert come(known, token_of(known), "m2") == 403
    assert come(known, token_of(known, jti="x"), "nowhere") == 403
    assert handled(known.bridge) == {"r1": "handled"}


def test_what_was_signed_before_is_good_for_a_minute(known) -> None:
    old = known.secret
    known.register()
    known.bridge.clock.wait(seconds=59)
    assert everything(known, old) == GOOD
    assert everything(known, run="r2") == GOOD
    known.bridge.clock.wait(seconds=1)
    assert everything(known, old, "r3") == FORGED


def test_what_is_sent_again_later_is_too_old(known) -> None:
    body, token, button = award_of(known), token_of(known), button_of(known)
    assert post(known, "award", body) == 202
    assert post(known, "award", body) == 202, "known already"
    known.bridge.clock.wait(minutes=6)
    assert (post(known, "award", body), post(known, "customer", button)) == (401, 401)
    known.bridge.clock.wait(minutes=5)
    assert come(known, token) == 403
    assert handled(known.bridge) == {"r1": "handled"}


def test_a_copy_of_the_shop_gives_no_points(known) -> None:
    """It holds the same secret, and runs the same flows."""
    known.url = "https://staging.example"
    assert everything(known)[:4] == [403, 403, 403, 403]
    assert handled(known.bridge) == {}


def test_a_shop_that_was_removed_opens_nothing(known) -> None:
    app = known.bridge.application
    with app.database.writing() as session:
        found = service.installation(session, app.workspace_id, "sw")
        found.removed_at = known.bridge.clock()
        session.add(found)
    known.bridge.app = type(known.bridge)(app, known.bridge.clock).app
    assert everything(known) == [410, 410, 410, 410, 403]


def test_what_says_nothing_of_use_is_refused_and_stored_nowhere(known) -> None:
    assert post(known, "award", award_of(known, customerId="")) == 400
    assert post(known, "award", award_of(known, source={"url": known.url})) == 400
    assert post(known, "award", b"x" * (1024 * 1024 + 1)) == 413
    assert post(known, "customer", b"[]") == 400
    assert page(known, "member", customer="nobody") == 404
    client = known.bridge.client
    for method, door in (("get", "module"), ("post", "customer"), ("post", "award")):
        for platform in ("magento", "nothing"):
            address = f"/{platform}/{known.endpoint.token}/{door}"
            assert getattr(client, method)(address).status_code == 404
    assert handled(known.bridge) == {}


@pytest.mark.parametrize("said", [{"is_active": False}, {"is_guest": True}])
def test_whom_his_shop_would_not_let_in_stays_outside(known, said: dict[str, bool]) -> None:
    other = "c" * 32
    member(known.bridge, "sw", other, **said)
    assert come(known, token_of(known, customer=other)) == 403


def test_who_tries_too_often_waits(known) -> None:
    for _ in range(LINK_NETWORK.most):
        assert come(known, "guessed") == 403
    assert come(known, token_of(known)) == 429
    known.bridge.clock.wait(minutes=2)
    assert come(known, token_of(known)) == 303
