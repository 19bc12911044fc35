"""Who comes from a shop's administration and wants more than he was let in for."""

from __future__ import annotations

from typing import Any

import pytest
from click.testing import CliRunner
from doorway import CUSTOMER, Door, csrf_of, enter, is_in, ticket_of
from sqlmodel import select

from bridge.audit.service import Actor
from bridge.cli import main
from bridge.installations import plugin_states, removing, service
from bridge.installations.models import ShopFacts
from bridge.users import administering, administrations, links
from bridge.users.administering import NoAddress
from bridge.users.models import ShopAdministration, User, UserRole
from bridge.users.outside import Stranger, Told, let_in
from bridge.users.roles import Role
from bridge.users.service import UnknownUser, user_of
from connectors.base import ShopInfo
from connectors.plugins import Plugin

ADJUST = "/w/acme/members/1/adjust"


@pytest.fixture
def door(registered) -> Door:
    return Door(registered)


def roles(door: Door) -> list[str]:
    with door.app.database.reading() as session:
        return [one.role for one in session.exec(select(UserRole))]


# -- an address that somebody took ------------------------------------------------------------


def test_a_stolen_address_is_worth_nothing_once_everybody_was_signed_out(door: Door) -> None:
    """It is good for twelve hours, and stands in the log of each proxy on the way."""
    door.let_in()
    door.member()
    stolen = door.query()
    button = f"/shopware/{door.shop.endpoint.token}/member?{door.query(customer=CUSTOMER)}"
    thief = door.bridge.client
    assert enter(thief, ticket_of(door.press(stolen))).status_code == 303
    door.bridge.clock.wait(minutes=1)
    with door.app.database.writing() as session:
        shop = service.installation(session, door.app.workspace_id, "sw")
        administrations.sign_all_out(session, shop, Actor("Olga"), door.bridge.clock())
    assert not is_in(thief)
    again = door.press(stolen)
    assert (again.status_code, "Load the administration anew" in again.text) == (401, True)
    assert door.bridge.client.get(button).status_code == 303, "to the sign-in"
    assert is_in(door.come()), "who loads the administration anew"


def test_nor_does_it_lead_in_when_an_owner_lets_people_in_again(door: Door) -> None:
    door.let_in()
    stolen = door.query()
    door.bridge.clock.wait(minutes=1)
    door.let_in(None)
    door.let_in()
    assert door.press(stolen).status_code == 401
    assert is_in(door.come())


def test_who_has_a_ticket_stays_out_when_the_app_is_seen_switched_off(door: Door) -> None:
    """Seen at the moment when the ticket was made, so that nobody took it away."""
    door.let_in()
    ticket, place = door.ticket(), (door.app.workspace_id, 1)
    with door.app.database.writing() as session:
        info = ShopInfo("shopware", "6.6", (), ())
        service.set_facts(session, *place, info, door.bridge.clock())
        facts = session.exec(select(ShopFacts)).one()
        facts.plugin = {"version": "2.3.0", "is_active": False, "puts_gifts_in": False}
    assert enter(door.bridge.client, ticket).status_code == 410
    with door.app.database.writing() as session:
        plugin_states.set_plugin(session, *place, Plugin("2.3.0", True, True))
    assert is_in(door.come())


def test_an_owner_can_do_so_while_nobody_is_in(door: Door) -> None:
    """A thief may wait until then."""
    owner, page = door.staff(role=Role.OWNER, name="Olga"), "/w/acme/stores/1/plugin"
    assert "Sign them all out" not in owner.get(page).text
    door.let_in()
    stolen = door.query()
    door.bridge.clock.wait(minutes=1)
    shown = owner.get(page).text
    assert "Sign them all out" in shown
    told = {"csrf_token": csrf_of(shown)}
    assert owner.post(f"{page}/administration/end", data=told).status_code == 303
    assert door.press(stolen).status_code == 401


# -- another shop in its place ----------------------------------------------------------------


def test_consent_ends_with_the_registration(door: Door) -> None:
    """Whoever holds a file of the app that nobody deleted registers where no shop is."""
    door.let_in(Role.SUPPORT)
    assert door.shop.send(door.shop.body("app.deleted", "gone")).status_code == 202
    assert roles(door) == []
    said = door.log()[0]
    assert (said.actor, said.after) == ("Loyalty Bridge", {"signed in as": "nobody"})
    door.shop.secret, door.shop.shop_id = "", "STRANGER"
    door.shop.register()
    assert door.press().status_code == 303, "only the sign-in"
    door.let_in()
    assert is_in(door.come())


def test_a_shop_that_renews_its_own_secret_is_the_same(door: Door) -> None:
    door.let_in()
    door.shop.register()
    assert roles(door) == ["viewer"]
    assert is_in(door.come())


def test_a_store_of_the_same_name_lets_nobody_in(door: Door) -> None:
    door.let_in(Role.SUPPORT)
    before = door.come()
    with door.app.database.writing() as session:
        shop = service.installation(session, door.app.workspace_id, "sw")
        now = door.bridge.clock()
        removing.remove(session, door.app.workspace_id, shop, keep_in_shop=True, now=now)
    door.bridge.connect("sw", "shopware", "https://shop.example")
    anew = type(door.shop)(door.bridge, door.bridge.offer("sw"))
    anew.register()
    assert not is_in(before)
    assert Door(anew).press().status_code == 303
    assert door.press().status_code == 303, "the address of the one that was removed"


# -- more than his role -----------------------------------------------------------------------


def test_nobody_is_the_second_person_of_what_he_asked_without_a_name(door: Door) -> None:
    """A manager who has the shop's administration as well could ask there and agree here."""
    door.let_in(Role.SUPPORT)
    door.member()
    client = door.come()
    csrf = csrf_of(client.get("/w/acme/members/1").text)
    told = {"way": "give", "points": "5000", "reason": "Sorry", "csrf_token": csrf}
    assert client.post(ADJUST, data={**told, "request_id": "r1"}).status_code == 303
    for who in (client, door.staff(), door.staff(role=Role.OWNER, name="Olga")):
        page = who.get("/w/acme/waiting").text
        is_owner = "Olga" in page
        assert ("/waiting/1/approve" in page) is is_owner
        sent = who.post("/w/acme/waiting/1/approve", data={"csrf_token": csrf_of(page)})
        may = 403 if who is client else 303 if is_owner else 409
        assert sent.status_code == may, sent.text
        if may == 409:
            assert "an owner must decide it" in sent.text
    done = {one.action: one.actor for one in door.log()}
    assert done["points.adjusted"] == done["waiting.approved"] == "Olga <olga@acme.example>"
    assert done["points.adjust-asked"] == "Administration of sw"


def test_the_limit_of_a_day_is_that_of_all_who_come_together(door: Door) -> None:
    door.let_in(Role.SUPPORT)
    door.member()
    outcome: list[str] = []
    for number in range(3):
        client = door.come()
        csrf = csrf_of(client.get("/w/acme/members/1").text)
        told = {"way": "give", "points": "500", "reason": "x", "csrf_token": csrf}
        client.post(ADJUST, data={**told, "request_id": f"r{number}"})
        outcome.append(door.log()[0].action)
        door.let_in(None)
        door.let_in(Role.SUPPORT)
    assert outcome == ["points.adjusted", "points.adjusted", "points.adjust-asked"]


# -- by other doors ---------------------------------------------------------------------------


def test_no_other_door_knows_the_account(door: Door) -> None:
    door.let_in(Role.SUPPORT)
    now, place = door.bridge.clock(), door.app.workspace_id
    with door.app.database.writing() as session:
        email = session.exec(select(User.email)).one()
        with pytest.raises(UnknownUser):
            user_of(session, email)
        with pytest.raises(NoAddress):
            administering.invite(session, place, email, Role.OWNER, "x", Actor("x"), now)
        with pytest.raises(Stranger):
            let_in(session, Told("", "", email, True, "x"), now)
        with pytest.raises(Stranger):
            let_in(session, Told("https://id.example", "1", email, True, "x"), now)
        token = links.password_link(session, email, "x", now)
    client = door.bridge.client
    csrf = csrf_of(client.get("/sign-in").text)
    for address, told in (
        ("/sign-in", {"email": email, "password": ""}),
        ("/sign-in", {"email": email, "password": "long enough for a password"}),
        (f"/welcome/{token}", {"password": "long enough for a password"}),
    ):
        client.post(address, data={**told, "csrf_token": csrf})
        assert not is_in(client), address
    owner = door.staff(role=Role.OWNER, name="Olga")
    csrf = csrf_of(owner.get("/w/acme/users").text)
    for what in ("", "/remove", "/password"):
        sent = owner.post(f"/w/acme/users/1{what}", data={"role": "owner", "csrf_token": csrf})
        assert sent.status_code == 404, what
    assert sorted(roles(door)) == ["owner", "support"]


def test_an_owner_elsewhere_decides_nothing_here(door: Door) -> None:
    door.let_in()
    client, stranger = door.come(), door.staff("other", Role.OWNER, "Olga")
    csrf = csrf_of(stranger.get("/w/other/users").text)
    for workspace in ("acme", "other"):
        for what in ("", "/end"):
            address = f"/w/{workspace}/stores/1/plugin/administration{what}"
            sent = stranger.post(address, data={"role": "support", "csrf_token": csrf})
            assert sent.status_code == 404, address
    assert is_in(client)
    assert client.get("/w/other/").status_code == 404
    with door.app.database.reading() as session:
        assert session.exec(select(ShopAdministration)).one().workspace_id == door.app.workspace_id


def test_users_list_names_the_door_where_there_are_no_people(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    door.let_in()
    monkeypatch.setattr(type(door.app), "open", lambda *_, **__: door.app)
    monkeypatch.setattr(type(door.app), "close", lambda _: None)
    done: Any = CliRunner().invoke(main, ("users", "list"))
    assert "Administration of sw: viewer" in done.output
