"""An owner adds a system that is told of events, tries it, and looks at what it was sent."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect
from window import Window

sys.path.insert(0, str(Path(__file__).parents[1] / "bridge" / "subscribers"))

from receiver import Receiver


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    one = Receiver()
    yield one
    one.close()


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_a_system_is_added_and_tried(
    windows: Callable[..., Window], receiver: Receiver, width: int, scheme: str
) -> None:
    window = windows(width, scheme)
    app = window.office.application
    app.settings = app.settings.model_copy(update={"allow_private_stores": True})
    page = window.sign_in()
    page.goto(f"/w/{app.workspace}/settings/webhooks")
    page.get_by_label("Name").fill("ERP")
    page.get_by_label("Address", exact=True).fill(receiver.url)
    page.get_by_label("There is a new member").uncheck()
    page.get_by_role("button", name="Add it").click()
    expect(page.get_by_text("This is the signing secret of ERP.")).to_be_visible()
    expect(page.get_by_text(re.compile("^whsec_"))).to_be_visible()
    assert [*window.barriers(), *window.too_wide()] == []
    page.get_by_role("link", name="ERP").click()
    page.get_by_role("button", name="Send a test").click()
    expect(page.get_by_text("ERP took the test: 204")).to_be_visible()
    expect(page.get_by_role("cell", name="delivered")).to_be_visible()
    assert [*window.barriers(), *window.too_wide()] == []
    assert [one.json["type"] for one in receiver.got] == ["test"]
