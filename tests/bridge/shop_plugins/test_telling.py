"""The plugin in a shop is told what it has to know, whatever happens meanwhile."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest
from plugged import PLUGIN, Plugged
from sqlmodel import Session, select

from bridge.audit.service import Actor
from bridge.balances.models import ShownBalance
from bridge.balances.places import came, is_place
from bridge.installations import app_registration, endpoints, plugin_states
from bridge.installations.models import AppState
from bridge.member_sign_in import links
from bridge.members.models import Member
from bridge.preferences.sections import Branding
from bridge.preferences.service import set_preferences
from bridge.shop_plugins import telling
from connectors.errors import NotFound, Unreachable
from connectors.magento.archive import MagentoModule
from connectors.plugins import PluginSettings


def test_a_plugin_that_appears_is_told_once_and_proves_that_its_events_arrive(
    anywhere: Plugged,
) -> None:
    plug = anywhere
    assert plug.step().counts.get("plugins told", 0) == 0
    assert plug.inside.tells == 0

    plug.inside.plugin = PLUGIN
    assert plug.step(minutes=61).counts["plugins told"] == 1
    held = plug.inside.held
    assert held is not None
    app = plug.world.app
    with app.database.reading() as session:
        row = endpoints.registrations(session, app.workspace_id)[plug.shop.id or 0]
        key = links.key_of(session, app.workspace_id, plug.shop.id or 0)
        assert key is not None
        secrets = (
            endpoints.read(row, plug.shop, app.keyring).present,
            links.secret_of(key, app.keyring),
        )
    assert held.events_url == f"https://bridge.example/webhooks/{row.token}"
    assert held.member_url == f"https://bridge.example/m/acme/from/{key.token}"
    assert (held.events_secret, held.link_secret) == secrets
    assert all(one not in repr(held) and one not in held.told for one in secrets)

    (nonce,) = plug.inside.knocks
    plug.hear("another-nonce")
    assert plug.state.heard_at is None
    plug.hear(nonce)
    assert plug.state.heard_at is not None
    for _ in range(3):
        plug.step(minutes=61)
    assert (plug.inside.tells, len(plug.inside.knocks)) == (1, 1)
    assert plug.state.problem == ""


def test_what_changes_is_told_with_the_next_tick(plug: Plugged) -> None:
    plug.inside.plugin = PLUGIN
    plug.step()
    app, before = plug.world.app, plug.inside.held
    assert before is not None
    with app.database.writing() as session:
        words = Branding(point="Apfel", points="Äpfel")
        set_preferences(session, app.workspace_id, words, Actor("a test"), app.now())
    plug.step(minutes=1)
    assert plug.inside.held is not None
    assert plug.inside.held == replace(before, points_label="Äpfel", told=plug.inside.held.told)
    with app.database.writing() as session:
        made = links.make_key(session, app.workspace_id, "plugged", app.keyring, app.now())
        app_registration.share(
            session, plug.shop, app.keyring, app.now(), base_url="https://x.example", renew=True
        )
    plug.step(minutes=1)
    assert plug.inside.held.link_secret == made.secret != before.link_secret
    assert plug.inside.held.events_secret != before.events_secret
    assert plug.state.heard_at is None and len(plug.inside.knocks) == 3
    with app.database.writing() as session:
        assert links.drop_key(session, app.workspace_id, "plugged")
    plug.step(minutes=1)
    assert (plug.inside.held.member_url, plug.inside.held.link_secret) == ("", "")
    assert plug.inside.held.told not in {before.told, ""}
    plug.hear(plug.inside.knocks[-1])
    tells = plug.inside.tells
    plug.step(minutes=61)
    assert plug.inside.tells == tells, "a secret that somebody dropped stays away"


def test_a_secret_that_changes_while_the_shop_is_told_is_told_as_well(plug: Plugged) -> None:
    app = plug.world.app
    plug.inside.plugin = PLUGIN

    def rotate() -> None:
        plug.inside.before_telling = lambda: None
        with app.database.writing() as session:
            links.make_key(session, app.workspace_id, "plugged", app.keyring, app.now())

    plug.inside.before_telling = rotate
    plug.step()
    with app.database.reading() as session:
        key = links.key_of(session, app.workspace_id, plug.shop.id or 0)
        assert key is not None and plug.inside.held is not None
        assert plug.inside.held.link_secret == links.secret_of(key, app.keyring)
    assert plug.inside.tells == 2


def test_one_that_goes_and_comes_back_is_told_anew(plug: Plugged) -> None:
    plug.inside.plugin = PLUGIN
    plug.step()
    told = plug.state.told
    plug.inside.plugin, plug.inside.held = None, None
    assert plug.step(minutes=61).problems == ()
    assert (plug.state.told, plug.state.heard_at) == ("", None)
    plug.inside.plugin = PLUGIN
    plug.step(minutes=61)
    assert (plug.state.told, plug.inside.tells) == (told, 2)


def test_one_that_went_and_came_back_unseen_lost_whose_points_and_codes_were_whose(
    plug: Plugged,
) -> None:
    plug.inside.plugin = PLUGIN
    plug.step()
    app, shop_id, now = plug.world.app, plug.shop.id or 0, plug.world.clock.now
    place = (app.workspace_id, shop_id)
    with app.database.writing() as session:
        came(session, *place, now)
        session.add(
            ShownBalance(
                installation_id=shop_id,
                customer_id="gone",
                workspace_id=app.workspace_id,
                member_id=_a_member(session, app.workspace_id, now),
                is_due=False,
                shown="{}",
            )
        )
    plug.inside.held = None
    plug.step(minutes=61)
    with app.database.reading() as session:
        assert is_place(session, *place)
        assert session.exec(select(ShownBalance)).all() == []
    assert plug.inside.tells == 2


def _a_member(session: Session, workspace_id: int, now: datetime) -> int:
    member = Member(workspace_id=workspace_id, joined_at=now)
    session.add(member)
    session.flush()
    assert member.id is not None
    return member.id


def test_one_that_goes_at_the_very_moment_is_no_problem(plug: Plugged) -> None:
    plug.inside.plugin = PLUGIN

    def go() -> None:
        plug.inside.plugin = None
        raise NotFound("There is no plugin")

    plug.inside.before_telling = go
    assert plug.step().problems == ()
    assert (plug.state.told, plug.inside.held) == ("", None)


def test_a_shop_that_is_down_is_tried_again_and_told_later(plug: Plugged) -> None:
    plug.inside.plugin = PLUGIN

    def fall() -> None:
        plug.inside.is_down = True
        raise Unreachable("The shop fell down")

    plug.inside.before_telling = fall
    done = plug.step()
    assert done.failed and "fell down" in done.problems[0]
    assert "fell down" in plug.state.problem
    plug.inside.is_down, plug.inside.before_telling = False, lambda: None
    assert plug.step(minutes=1).problems == ()
    assert plug.state.problem == "" and plug.inside.held is not None


def test_without_an_address_a_person_is_asked_for_it(plug: Plugged) -> None:
    plug.reach("")
    plug.inside.plugin = PLUGIN
    done = plug.step()
    assert "LOYALTY_BRIDGE_PUBLIC_URL" in done.problems[0] and not done.failed
    assert plug.inside.held is not None
    assert (plug.inside.held.events_url, plug.inside.held.member_url) == ("", "")
    plug.reach("https://bridge.example")
    plug.step(minutes=1)
    assert plug.inside.held.events_url and plug.inside.held.member_url, "with the next tick"


def test_a_command_without_the_address_takes_away_nothing(plug: Plugged) -> None:
    plug.inside.plugin = PLUGIN
    plug.step()
    held = plug.inside.held
    plug.reach("")
    assert plug.step(minutes=61).problems == ()
    assert (plug.inside.held, plug.inside.tells) == (held, 1)


def test_one_that_was_never_there_is_told_once_it_comes(plug: Plugged) -> None:
    plug.step()
    with plug.bench.connectors.using(plug.shop) as connector:
        assert not telling.forget(plug.world.app, plug.shop, connector)
    plug.inside.plugin = PLUGIN
    plug.step(minutes=61)
    assert plug.inside.held is not None


def test_what_was_made_to_forget_is_told_nothing_until_one_asks(plug: Plugged) -> None:
    plug.inside.plugin = PLUGIN
    plug.step()
    app = plug.world.app
    with plug.bench.connectors.using(plug.shop) as connector:
        telling.forget(app, plug.shop, connector, with_balances=True)
        telling.forget(app, plug.shop, connector)
        assert plug.inside.held is None
        for minutes in (1, 61):
            plug.step(minutes)
        assert plug.inside.held is None and plug.state.is_forgotten
        assert not plug.state.gave_gifts, "the shop was read anew: the next plan moves its gifts"
        plug.inside.held = PluginSettings(told="by one who came in between")
        plug.step(minutes=61)
        assert plug.inside.held is None
        telling.tell_again(app, plug.shop, connector)
    assert plug.inside.held is not None and not plug.state.is_forgotten
    assert len(plug.inside.knocks) == 2
    plug.step()
    assert plug.state.gave_gifts


def test_who_sets_one_up_is_not_kept_waiting_for_an_hour(plug: Plugged) -> None:
    plug.step()
    app = plug.world.app
    with app.database.writing() as session:
        plugin_states.watch(session, app.workspace_id, plug.shop.id or 0, app.now())
    plug.inside.is_down = True  # closed for the installation
    assert not plug.step(minutes=1).failed, "it is asked again with the next tick"
    plug.inside.plugin, plug.inside.is_down = PLUGIN, False
    plug.step(minutes=1)
    assert plug.inside.held is not None
    plug.inside.is_down = True
    with pytest.raises(Unreachable):
        plug.step(minutes=61)


def test_an_app_is_told_the_doors_that_are_open(app_shop: Plugged) -> None:
    app = app_shop.world.app
    app_shop.inside.plugin = replace(PLUGIN, takes_points=True)
    app_shop.world.pull()
    app_shop.step()
    app_shop.step(minutes=61)
    assert app_shop.inside.held is None, "it did not register"

    with app.database.writing() as session:
        endpoint = app_registration.offer(
            session, app_shop.shop, app.keyring, app.now(), base_url="https://in.example"
        )
        row = endpoints.registrations(session, app.workspace_id)[app_shop.shop.id or 0]
        row.state = AppState.ACTIVE.value
        session.add(row)
    app_shop.step(minutes=1)
    assert app_shop.inside.held is not None
    assert app_shop.inside.held.sign_in_url == "https://bridge.example/m/acme/from-app/plugged"
    assert app_shop.inside.held.redeem_url == "", "points are worth nothing"
    assert app_shop.inside.knocks == []
    held = app_shop.inside.held
    assert (held.events_url, held.events_secret, held.link_secret) == ("", "", "")

    redemption = {"rate": {"points": 100, "amount": 1}, "step": 1}
    app_shop.world.load({"programme": "Acme", "currency": "EUR", "redemption": redemption})
    app_shop.step(minutes=1)
    assert app_shop.inside.held.redeem_url == "https://in.example/plugged/plugged/redeem"
    assert endpoint.token not in app_shop.inside.held.redeem_url, "shoppers see it"
    app_shop.inside.plugin = PLUGIN  # an older one
    app_shop.step(minutes=61)
    assert app_shop.inside.held.redeem_url == ""

    with app.database.writing() as session:
        row = endpoints.registrations(session, app.workspace_id)[app_shop.shop.id or 0]
        row.state = AppState.DELETED.value  # which the shop says a moment before it is so
        session.add(row)
    tells = app_shop.inside.tells
    app_shop.step(minutes=1)
    app_shop.step(minutes=61)
    assert app_shop.inside.tells == tells


@pytest.mark.parametrize("gone", [None, replace(PLUGIN, is_active=False, puts_gifts_in=False)])
def test_gifts_of_one_that_went_are_told_of_until_they_are_elsewhere(
    plug: Plugged, gone: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(MagentoModule, "gives", lambda _, native: "60" not in native)
    mug = {"sku": "A", "basket": "50.00"}
    plug.world.set_up({"programme": "Acme", "currency": "EUR", "gifts": {"mug": mug}})
    plug.inside.plugin = PLUGIN
    before = plug.shop.pulled_at
    plug.step()
    assert plug.state.gone_at is None and plug.state.gave_gifts
    assert plug.shop.pulled_at is not None and before is not None
    assert plug.shop.pulled_at > before, "the next plan knows that it came"

    plug.inside.plugin = gone
    plug.step(minutes=61)
    assert plug.state.gone_at is not None and not plug.state.gave_gifts
    since = plug.state.gone_at
    plug.step(minutes=61)
    assert plug.state.gone_at == since
    if gone is None:
        plug.inside.plugin = PLUGIN  # it came back
    else:
        dearer = {"sku": "A", "basket": "60.00"}  # or a plan brought them elsewhere
        plug.world.load({"programme": "Acme", "currency": "EUR", "gifts": {"mug": dearer}})
        plug.world.apply()
    plug.step(minutes=61)
    assert plug.state.gone_at is None


def test_whoever_moved_the_gifts_before_it_was_seen_to_go_is_told_nothing(plug: Plugged) -> None:
    """As the guides say: it forgets, the plan is applied, and the next look comes later."""
    mug = {"sku": "A", "basket": "50.00"}
    plug.world.set_up({"programme": "Acme", "currency": "EUR", "gifts": {"mug": mug}})
    plug.inside.plugin = PLUGIN
    plug.step()
    assert plug.state.gave_gifts
    plug.inside.plugin = None  # the toy's own promotion gives the gift already
    plug.step(minutes=61)
    assert plug.state.gone_at is None and not plug.state.gave_gifts
