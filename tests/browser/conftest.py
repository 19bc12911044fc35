"""A real browser in front of the real server. Without Chromium these tests are skipped, in one
line; where ``LOYALTY_BRIDGE_TEST_BROWSER`` is set, they fail instead."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1] / "bridge"))
sys.path.insert(0, str(Path(__file__).parents[1] / "bridge" / "web" / "admin"))
sys.path.insert(0, str(Path(__file__).parents[1] / "bridge" / "web" / "member"))
sys.path.insert(0, str(Path(__file__).parents[1] / "bridge" / "referrals"))
sys.path.insert(0, str(Path(__file__).parent))

from club import Club
from office import Office
from toyshop import Style, World
from window import Window

from bridge.db import Database
from bridge.web.serving import serve

REQUIRED = "LOYALTY_BRIDGE_TEST_BROWSER"
_QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
"""Nothing beyond loopback, and able to run as root."""


def _chromium() -> str | None:
    return next(
        (found for name in ("chromium", "chromium-browser") if (found := shutil.which(name))), None
    )


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = _chromium()
    if path is None:
        if REQUIRED in os.environ:
            pytest.fail(f"There is no Chromium, and {REQUIRED} wants one.")
        pytest.skip("browser tests: there is no Chromium here (Debian: apt install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=_QUIET)
        yield browser
        browser.close()


@pytest.fixture
def office(sqlite_url: str, open_database: Callable[[str], Database], tmp_path: Path) -> Office:
    """A merchant with one shop, and his people."""
    world = World(open_database(sqlite_url), tmp_path / "home")
    world.open(Style.NUMBERED)
    return Office(world)


@pytest.fixture
def club(office: Office) -> Club:
    """His members, in front of their own pages."""
    return Club(office)


@pytest.fixture
def windows(office: Office, chromium: Browser) -> Iterator[Callable[..., Window]]:
    """Opens windows of the browser on the served application; at the end none of them may have
    seen an error. ``width``: 1280 or 390 pixels; ``scheme``: light or dark."""
    opened: list[Window] = []
    with serve(office.app) as serving:

        def open_(width: int = 1280, scheme: str = "light", language: str = "en") -> Window:
            context = chromium.new_context(
                base_url=serving.url,
                viewport={"width": width, "height": 800},
                color_scheme="dark" if scheme == "dark" else "light",
                reduced_motion="reduce",
                locale=language,
            )
            opened.append(Window(office, context, serving.url))
            return opened[-1]

        yield open_
        for window in opened:
            window.context.close()
    for window in opened:
        assert window.faults == []
