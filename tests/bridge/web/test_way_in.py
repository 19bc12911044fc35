"""From a shop's administration into the web app: who is let in, as whom, and how long."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from click.testing import CliRunner
from doorway import CUSTOMER, SHOP_USER, STORE, Door, csrf_of, enter, is_in, ticket_of
from sqlmodel import select

from bridge.audit.service import Actor
from bridge.cli import main
from bridge.db import Database
from bridge.installations import app_registration, plugin_states, removing, service
from bridge.users import administrations
from bridge.users.administrations import NoSuchRole
from bridge.users.models import User, UserSession
from bridge.users.roles import PERMISSIONS, Permission, Role
from bridge.users.service import colleagues, user_named
from connectors.base import ShopInfo
from connectors.plugins import Plugin


@pytest.fixture
def door(registered) -> Door:
    return Door(registered)


def test_nobody_is_signed_in_unless_a_person_said_so(door: Door) -> None:
    shown = door.bridge.client.get(f"{door.address}?{door.query()}")
    assert "<form" not in shown.text
    assert "form-action 'none'" in shown.headers["Content-Security-Policy"]
    pressed = door.press()
    assert (pressed.status_code, pressed.location[-len(STORE) :]) == (303, STORE)
    assert not is_in(door.bridge.client)


def test_who_comes_is_signed_in_as_the_administration_and_as_nobody_else(door: Door) -> None:
    door.let_in()
    shown = door.bridge.client.get(f"{door.address}?{door.query()}")
    assert 'target="_blank"' in shown.text and "Administration of sw" in shown.text
    assert "form-action https://bridge.example;" in shown.headers["Content-Security-Policy"]
    pressed = door.press()
    assert "data-send-now" in pressed.text
    assert "frame-ancestors 'none'" in pressed.headers["Content-Security-Policy"]
    client, ticket = door.bridge.client, ticket_of(pressed)
    assert enter(client, ticket).location == STORE
    assert enter(door.bridge.client, ticket).status_code == 410, "it works once"
    assert "Administration of sw" in client.get(STORE).text
    for closed in ("/account", "/account/second-factor", "/w/acme/users", "/w/acme/audit"):
        assert client.get(closed).status_code == 403, closed
    (came, said, *_rest) = door.log()
    assert (came.action, came.actor) == ("store.administration-came-in", "Administration of sw")
    assert came.after == {"signed in as": "viewer", "user in the shop": SHOP_USER}
    assert (said.before, said.after) == ({"signed in as": "nobody"}, {"signed in as": "viewer"})
    door.let_in(Role.SUPPORT)
    assert door.log()[0].after == {"signed in as": "support", "adjust limit": 1000}
    with door.app.database.reading() as session:
        assert colleagues(session, door.app.workspace_id) == []
        (user,) = session.exec(select(User)).all()
        assert user_named(session, user.email) is None, "no password, no link, no invitation"


def test_it_lasts_eight_hours_and_the_page_in_the_frame_all_day(door: Door) -> None:
    door.let_in()
    query, client = door.query(), door.come()
    for _ in range(7):
        door.bridge.clock.wait(hours=1)
        assert is_in(client)
    door.bridge.clock.wait(hours=1)
    assert not is_in(client)
    door.bridge.clock.wait(hours=3)
    old = ticket_of(door.press(query))
    door.bridge.clock.wait(minutes=5)
    assert enter(client, old).status_code == 410
    door.bridge.clock.wait(hours=1)
    assert door.press(query).status_code == 401


def test_nobody_is_led_in_by_a_page_of_somewhere_else(door: Door) -> None:
    """Somebody who may open it could have others work in his shop's name, where he looks on."""
    door.let_in()
    for said in ({"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}):
        assert "data-send-now" not in door.press(**said).text, "he is asked first"
        assert enter(door.bridge.client, door.ticket(), **said).status_code == 400
    elsewhere = {"Origin": "https://phishing.example"}
    assert enter(door.bridge.client, door.ticket(), **elsewhere).status_code == 400
    assert enter(door.bridge.client, door.ticket(), Origin="null").status_code == 400
    assert enter(door.bridge.client, door.ticket(), Origin="http://localhost").status_code == 303


def test_who_is_signed_in_as_himself_stays_so(door: Door) -> None:
    door.let_in(Role.SUPPORT)
    client = door.staff()
    assert enter(client, door.ticket()).location == STORE
    assert "Mia" in client.get(STORE).text
    assert [one.action for one in door.log()] == ["store.administration"], "nobody came in"


def test_who_works_elsewhere_is_asked_before_he_is_signed_out_there(door: Door) -> None:
    door.let_in()
    client, ticket = door.staff("other"), door.ticket()
    asked = enter(client, ticket)
    assert (asked.status_code, "mia@acme.example" in asked.text) == (200, True)
    assert client.get("/account").status_code == 200
    forged = client.post("/administration/instead", data={"ticket": ticket})
    assert forged.status_code == 400
    told = {"ticket": ticket, "csrf_token": csrf_of(asked.text)}
    yes = client.post("/administration/instead", data=told)
    assert (yes.status_code, yes.location) == (303, STORE)
    assert "Administration of sw" in client.get(STORE).text
    assert client.get("/w/other/").status_code == 404
    with door.app.database.reading() as session:
        (left,) = session.exec(select(UserSession.user_id)).all()
        user = session.get(User, left)
    assert user.name == "Administration of sw", "his own session is over"


def deactivate(door: Door) -> None:
    body = door.shop.body("app.deactivated", "off")
    assert door.shop.send(body).status_code == 202


def release(door: Door) -> None:
    with door.app.database.writing() as session:
        keys, now = door.app.keyring, door.bridge.clock()
        app_registration.release(session, door.app.workspace_id, 1, keys, now)


def remove(door: Door) -> None:
    with door.app.database.writing() as session:
        shop = service.installation(session, door.app.workspace_id, "sw")
        now = door.bridge.clock()
        removing.remove(session, door.app.workspace_id, shop, keep_in_shop=True, now=now)


def sign_out(door: Door) -> None:
    with door.app.database.writing() as session:
        shop = service.installation(session, door.app.workspace_id, "sw")
        administrations.sign_all_out(session, shop, Actor("Olga"), door.bridge.clock())


@pytest.mark.parametrize(
    "end",
    [
        lambda door: door.let_in(None),
        lambda door: door.let_in(Role.SUPPORT),
        lambda door: door.shop.register(),
        deactivate,
        release,
        remove,
        sign_out,
    ],
    ids=["nobody", "another role", "new secret", "switched off", "released", "removed", "by hand"],
)
def test_it_ends_at_once(door: Door, end: Callable[[Door], Any]) -> None:
    door.let_in()
    client, ticket = door.come(), door.ticket()
    end(door)
    assert not is_in(client)
    assert enter(door.bridge.client, ticket).status_code == 410


def test_what_the_registration_no_longer_bears_out_is_over_even_if_nobody_ended_it(
    door: Door,
) -> None:
    """As after a backup of one moment was restored beside another."""
    door.let_in()
    client = door.come()
    with door.app.database.reading() as session:
        kept = session.exec(select(UserSession)).one().model_dump()
    door.bridge.clock.wait(seconds=1)
    door.shop.register()
    with door.app.database.writing() as session:
        session.add(UserSession(**kept))
    assert not is_in(client)


def test_only_the_registered_shop_leads_in(door: Door) -> None:
    door.let_in()
    assert door.press(door.query("another-shop's")).status_code == 401
    assert door.press(door.query(shop_url="https://staging.example")).status_code == 403
    assert door.press(door.query(shop_id="S2")).status_code == 403
    assert door.press(door.query(customer=CUSTOMER)).status_code == 401, "a button's"
    assert door.press(door.query() + "&next=//evil.example").status_code == 401
    assert door.press("x" * 20_000).status_code == 413
    before = door.query()
    door.shop.register()
    assert door.press(before).status_code == 401, "for events alone the former secret is good"
    door.bridge.connect("sw2", "shopware", "https://second.example")
    other = type(door.shop)(door.bridge, door.bridge.offer("sw2"), "https://second.example", "S2")
    other.register()
    assert Door(other).press().status_code == 303, "nobody said so for this one"
    assert Door(other).press(door.query()).status_code == 401
    assert enter(door.bridge.client, "guessed").status_code == 410


def test_the_button_on_a_customer_leads_to_the_member(door: Door) -> None:
    door.member()
    door.let_in()
    address = f"/shopware/{door.shop.endpoint.token}/member?{door.query(customer=CUSTOMER)}"
    client, from_shop = door.bridge.client, {"Referer": f"{door.shop.url}/"}
    assert "data-send-now" not in client.get(address).text, "a link that somebody sent"
    pressed = client.get(address, headers=from_shop)
    assert "data-send-now" in pressed.text
    assert enter(client, ticket_of(pressed)).location == "/w/acme/members/1"
    assert "Administration of sw" in client.get("/w/acme/members/1").text
    door.bridge.clock.wait(minutes=6)
    late = door.bridge.client.get(address, headers=from_shop)
    assert late.status_code == 303, "only the sign-in"


def test_who_opens_it_too_often_waits(door: Door) -> None:
    door.let_in()
    assert {door.press().status_code for _ in range(30)} == {200}
    assert door.press().status_code == 429
    door.bridge.clock.wait(minutes=1)
    assert door.press().status_code == 200


def test_no_role_that_lets_others_in_or_decides_can_be_given(door: Door) -> None:
    for role in (Role.OWNER, Role.MANAGER, Role.SALES):
        with pytest.raises(NoSuchRole):
            door.let_in(role)
    kept_from = {Permission.CHANGE_USERS, Permission.CHANGE_SETTINGS, Permission.DECIDE}
    kept_from |= {Permission.CHANGE_STORES, Permission.APPLY, Permission.CHANGE_PROGRAMME}
    assert not any(PERMISSIONS[role] & kept_from for role in administrations.ROLES)


def test_an_owner_decides_on_the_page_of_the_plugin(door: Door) -> None:
    owner, page = door.staff(role=Role.OWNER), f"{STORE}/plugin"
    shown = owner.get(page).text
    assert "The shop does not say who opens it." in shown
    csrf = csrf_of(shown)
    said = owner.post(f"{page}/administration", data={"role": "support", "csrf_token": csrf})
    assert said.status_code == 303
    refused = owner.post(f"{page}/administration", data={"role": "manager", "csrf_token": csrf})
    assert refused.status_code == 400
    told = {"role": "support", "adjust_limit": "50", "csrf_token": csrf}
    assert owner.post(f"{page}/administration", data=told).status_code == 303
    with door.app.database.reading() as session:
        (found,) = administrations.administrations(session, door.app.workspace_id)
    assert found.adjust_limit == 50
    told["adjust_limit"] = "-1"
    assert owner.post(f"{page}/administration", data=told).status_code == 400
    client = door.come()
    assert "Sign them all out" in owner.get(page).text
    assert "Nobody in particular" in owner.get("/w/acme/users").text
    assert owner.get("/w/acme/users/2").status_code == 404, "it is no user"
    assert client.get(page).status_code == 200
    forged = {"role": "nobody", "csrf_token": csrf_of(client.get(page).text)}
    assert client.post(f"{page}/administration", data=forged).status_code == 403
    assert owner.post(f"{page}/administration/end", data={"csrf_token": csrf}).status_code == 303
    assert not is_in(client)
    assert "plugin/administration" not in owner.get("/w/acme/stores/2/plugin").text
    at_magento = owner.post("/w/acme/stores/2/plugin/administration", data={"csrf_token": csrf})
    assert at_magento.status_code == 404


def test_or_a_command_does(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(door.app), "open", lambda *_, **__: door.app)
    monkeypatch.setattr(type(door.app), "close", lambda _: None)

    def run(*args: str) -> str:
        done = CliRunner().invoke(main, ("plugin", "administration", *args))
        return done.output

    assert "nobody is signed in" in run("sw")
    assert "as viewer. Sessions now: 0" in run("sw", "--role", "viewer")
    client = door.come()
    shown = json.loads(run("sw", "--json"))
    assert shown == {"store": "sw", "role": "viewer", "adjust_limit": None, "open": 1}
    assert "Sessions now: 0" in run("sw", "--sign-out")
    assert not is_in(client)
    assert "nobody is signed in" in run("sw", "--role", "nobody")
    assert "no page in the administration" in run("m2")
    assert "is not one of" in run("sw", "--role", "manager")


def test_an_app_that_is_seen_switched_off_leads_nobody_in(door: Door) -> None:
    """What the shop says of it may have been lost."""
    door.let_in()
    with door.app.database.writing() as session:
        place = (door.app.workspace_id, 1)
        info = ShopInfo("shopware", "6.6", (), ())
        service.set_facts(session, *place, info, door.bridge.clock())
        plugin_states.set_plugin(session, *place, Plugin("2.3.0", False, False))
    assert door.press().status_code == 303


def test_of_two_with_one_ticket_at_once_one_gets_in(
    shop_on: Callable[[Database], Any], database: Database
) -> None:
    shop = shop_on(database)
    shop.register()
    door = Door(shop)
    door.let_in()
    ticket = door.ticket()
    with ThreadPoolExecutor(2) as both:
        answers = [both.submit(enter, door.bridge.client, ticket) for _ in range(2)]
    assert sorted(one.result().status_code for one in answers) == [303, 410]
    door.let_in(None)
    assert door.press().status_code == 303
