"""The page of a shop's plugin: for every eye, on a telephone, in every language."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import expect
from sqlmodel import update
from test_every_page import _PLAIN, address
from window import Window

from bridge.installations import plugin_states
from bridge.languages.catalogues import PSEUDO
from bridge.users.models import User

sys.path.insert(0, str(Path(__file__).parents[1] / "bridge" / "shop_plugins"))

from plugged import PLUGIN, plugged


def test_it_keeps_nobody_out(windows: Callable[..., Window]) -> None:
    window = windows(390)
    page = window.sign_in()
    assert window.office is not None
    plug = plugged(window.office.world)
    plug.reach("https://bridge.example")
    app, store_id = window.office.application, plug.shop.id or 0
    plug.world.pull("plugged")
    with app.database.writing() as session:
        plugin_states.watch(session, app.workspace_id, store_id, app.now())
    page.goto(address(window, "store_plugin", store_id=store_id))
    points = page.locator("#plugin-points")
    expect(points).to_contain_text("It was not seen in the shop yet.")
    assert window.barriers() == [] and window.too_wide() == []
    plug.inside.plugin = PLUGIN
    plug.step(minutes=1)
    with app.database.writing() as session:
        session.exec(update(User).values(language=PSEUDO))
    page.reload()
    expect(points).to_contain_text("1.0.0")
    assert window.barriers() == [] and window.too_wide() == []
    assert page.evaluate(_PLAIN) == []
    plug.bench.close()
