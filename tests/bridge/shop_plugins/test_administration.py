"""Who came in from a shop's administration goes out with the app, also where the shop's own word
of it was lost."""

from __future__ import annotations

from dataclasses import replace

from plugged import PLUGIN, Plugged
from sqlmodel import select

from bridge.audit.service import Actor
from bridge.users.administrations import administration_of, set_role
from bridge.users.models import UserSession
from bridge.users.roles import Role
from bridge.users.sessions import start_session


def test_who_is_in_goes_out_when_the_app_is_seen_switched_off(app_shop: Plugged) -> None:
    app, shop = app_shop.world.app, app_shop.shop
    app_shop.world.pull()
    app_shop.inside.plugin = PLUGIN
    app_shop.step()
    with app.database.writing() as session:
        set_role(session, shop, Role.VIEWER, Actor("Olga"), app.now())
        found = administration_of(session, app.workspace_id, shop.id or 0)
        assert found is not None

    def are_in() -> int:
        with app.database.reading() as session:
            return len(session.exec(select(UserSession)).all())

    def come_in() -> None:
        with app.database.writing() as session:
            start_session(session, found.user_id, app.now())

    come_in()
    app_shop.step(minutes=61)
    assert are_in() == 1
    app_shop.inside.plugin = replace(PLUGIN, is_active=False)
    app_shop.step(minutes=61)
    assert are_in() == 0
    app_shop.inside.plugin = PLUGIN
    app_shop.step(minutes=61)
    come_in()
    app_shop.inside.plugin = replace(PLUGIN, is_active=False)
    app_shop.world.pull()
    assert are_in() == 0
