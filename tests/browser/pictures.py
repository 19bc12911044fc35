"""``python -m tests.browser.pictures``: the pictures of the documentation, from the demo's world.

Each is taken of the real pages, by a browser in front of the real server; a window of 1280 pixels
and one of a phone (390), light and dark.
"""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

import click
from playwright.sync_api import Browser, Page, sync_playwright

from bridge.cli import main as commands
from bridge.cli.demo import _Telling
from bridge.cli.output import Output
from bridge.demo.office import Office, office
from bridge.demo.stage import stage
from bridge.demo.story import Story
from tests.browser.small_png import small_png

FOLDER = Path(__file__).parents[2] / "docs" / "pictures"
MEMBER = "hannes.hofmann@example.com"
MOST_BYTES = 100_000
_QUIET = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run")
_CODE = re.compile(r"\b\d{6}\b")
_CHECKED = re.compile(r"^Checked \S+ \d")
_LOADED = 400
"""Milliseconds for charts to be painted."""


@dataclass(frozen=True, slots=True)
class Picture:
    name: str
    open: Callable[[Page], None]
    """From the first page after the sign-in."""
    width: int = 1280
    height: int = 800
    scheme: str = "light"
    of_member: bool = False
    language: str = ""
    """Of a member who chose another one, by its own name's tag; empty: English."""


def at(menu: str, *links: str) -> Callable[[Page], None]:
    """Through the menu, then by links."""

    def go(page: Page) -> None:
        toggle = page.get_by_role("button", name="Menu")
        if toggle.is_visible():
            toggle.click()
        page.get_by_role("navigation", name="Menu").get_by_role("link", name=menu).click()
        for name in links:
            page.get_by_role("link", name=name).first.click()

    return go


def nowhere(_page: Page) -> None:
    """The first page itself."""


def checked(page: Page) -> None:
    """A store, once it was looked at whether all that it needs is there."""
    at("Stores", "shopware-de")(page)
    page.get_by_role("button", name="Check now").click()
    page.get_by_text(_CHECKED).wait_for()


PICTURES = (
    Picture("overview", nowhere, height=1000),
    Picture("overview-phone-dark", nowhere, 390, 844, "dark"),
    Picture("store-dark", checked, scheme="dark"),
    Picture("member", at("Members", MEMBER)),
    Picture("letters", at("Letters"), height=900),
    Picture("own-page-phone", nowhere, 390, 844, of_member=True),
    Picture("own-page-phone-dark", nowhere, 390, 844, "dark", of_member=True),
    Picture("own-page-phone-fa", nowhere, 390, 844, of_member=True, language="fa"),
)


def main() -> int:
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        sys.stderr.write("There is no Chromium here (Debian: apt install chromium).\n")
        return 1
    FOLDER.mkdir(exist_ok=True)
    letters: list[EmailMessage] = []
    with stage() as scene:
        with click.Context(commands):
            Story(scene, _Telling(Output(), scene)).tell()
        with office(scene, letters.append) as told, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=path, args=_QUIET)
            too_large = [one for each in PICTURES if (one := take(browser, told, letters, each))]
            browser.close()
    sys.stderr.writelines(f"{one}\n" for one in too_large)
    return bool(too_large)


def take(browser: Browser, told: Office, letters: list[EmailMessage], picture: Picture) -> str:
    """Returns what is wrong with it; empty: nothing is."""
    context = browser.new_context(
        base_url=told.url,
        viewport={"width": picture.width, "height": picture.height},
        color_scheme="dark" if picture.scheme == "dark" else "light",
        reduced_motion="reduce",
        locale="en",
    )
    page = context.new_page()
    if picture.of_member:
        come_in(page, told, letters)
        if picture.language:
            page.locator(f"[lang={picture.language}]").last.click()
            page.wait_for_load_state("networkidle")
    else:
        sign_in(page, told)
    picture.open(page)
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(_LOADED)
    file = FOLDER / f"{picture.name}.png"
    taken = page.screenshot()
    page.goto("about:blank")
    file.write_bytes(small_png(page, taken))
    context.close()
    size = file.stat().st_size
    return f"{file.name}: {size:,} bytes" if size > MOST_BYTES else ""


def sign_in(page: Page, told: Office) -> None:
    page.goto("/")
    page.get_by_label("E-mail").fill(told.email)
    page.get_by_label("Password").fill(told.password)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="Overview").wait_for()


def come_in(page: Page, told: Office, letters: list[EmailMessage]) -> None:
    """As a member: by the code of the letter."""
    before = len(letters)
    page.goto(told.member_url)
    page.get_by_label("E-mail").fill(told.member_email)
    page.get_by_role("button").filter(has_text="code").first.click()
    for _second in range(30):
        page.wait_for_timeout(1000)
        if len(letters) > before:
            break
    body = letters[-1].get_body(("plain",))
    found = _CODE.search(body.get_content()) if body is not None else None
    assert found is not None, "no code in the letter"
    page.get_by_label("Code").fill(found.group())
    page.get_by_role("button", name="Sign in").first.click()
    page.wait_for_load_state("networkidle")


if __name__ == "__main__":
    sys.exit(main())
