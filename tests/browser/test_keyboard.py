"""The main tasks without a mouse: every stop of the Tab key can be seen, and nothing is a trap."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from office import Office
from people import People, points
from playwright.sync_api import Locator, Page, expect
from window import Window

from bridge.users.passwords import hashed
from bridge.users.roles import Role
from bridge.users.service import grant, make_user

PASSWORD = "Seven green bottles 7"
_MOST_STOPS = 120
_LOOKS = """() => {
  const looks = (element) => {
    const style = getComputedStyle(element);
    const outline = style.outlineStyle === "none" ? "" : style.outlineWidth + style.outlineColor;
    return [outline, style.boxShadow, style.borderColor, style.backgroundColor,
            style.textDecorationLine].join("|");
  };
  const before = window.lastStop;
  const one = document.activeElement;
  if (before && before.one === one) return [];
  window.lastStop = {one: one, looks: looks(one)};
  const box = one.getBoundingClientRect();
  const unseen = [];
  if (one !== document.body && (box.width < 2 || box.height < 2)) unseen.push(one);
  // Within a frame the mark is in the frame.
  if (before && before.one.tagName !== "IFRAME" && before.one.isConnected
      && before.one !== document.body && looks(before.one) === before.looks)
    unseen.push(before.one);
  return unseen.map((element) => element.outerHTML.slice(0, 160));
}"""
"""Tells what does not look any different with the focus than without it, once it has lost it."""


class Keys:
    """Somebody who has a keyboard and nothing else."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.press = page.keyboard.press
        self.unseen: list[str] = []
        """Stops at which nobody could tell where he is."""

    def tab_to(self, target: Locator, *, back: bool = False) -> None:
        """Tab by Tab, until it has the focus."""
        expect(target).to_be_visible()
        for _stop in range(_MOST_STOPS):
            self.press("Shift+Tab" if back else "Tab")
            self.unseen += self.page.evaluate(_LOOKS)
            if target.evaluate("(one) => one === document.activeElement"):
                return
        raise AssertionError(f"no way to {target}")

    def fill(self, target: Locator, text: str) -> None:
        self.tab_to(target)
        self.page.keyboard.type(text)

    def use(self, target: Locator, key: str = "Enter") -> None:
        self.tab_to(target)
        self.press(key)


def owner(office: Office) -> None:
    app, now = office.application, office.application.now()
    with app.database.writing() as session:
        user = make_user(session, "ada@acme.example", "Ada", hashed(PASSWORD), now)
        assert user.id is not None
        grant(session, app.workspace_id, user.id, Role.OWNER, "a test", now)


def test_signing_in_finding_adjusting_and_confirming(
    office: Office, windows: Callable[..., Window]
) -> None:
    people = People(office)
    owner(office)
    page = windows(390).page
    page.goto("/")
    keys, button, link = Keys(page), _by(page, "button"), _by(page, "link")

    keys.fill(page.get_by_label("E-mail"), "ada@acme.example")
    keys.fill(page.get_by_label("Password"), PASSWORD)
    keys.press("Enter")

    # The first stop of every page leads past the menu.
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()
    keys.use(link("Skip to the content"))
    assert page.evaluate("() => document.activeElement.id") == "content"

    # The menu of a phone.
    keys.tab_to(button("Menu"), back=True)
    expect(button("Menu")).to_have_attribute("aria-expanded", "false")
    keys.press("Enter")
    expect(button("Menu")).to_have_attribute("aria-expanded", "true")
    keys.use(link("Members"))

    keys.fill(page.get_by_role("searchbox", name="Search"), "ad")
    expect(link("bob@example.com")).to_have_count(0)
    keys.use(link("ada@example.com"))

    # A menu that opens: the arrows walk in it, Escape closes it and leads back.
    keys.use(button("More"))
    expect(link("Link a customer")).to_be_visible()
    keys.press("ArrowDown")
    keys.press("ArrowDown")
    assert page.evaluate("() => document.activeElement.textContent.trim()") == "Link a customer"
    keys.press("Escape")
    expect(link("Link a customer")).to_be_hidden()
    assert button("More").evaluate("(one) => one === document.activeElement")

    keys.fill(page.get_by_label("How many"), "300")
    keys.fill(page.get_by_label("Reason"), "Sorry")
    keys.use(button("Adjust"), "Space")
    expect(page.get_by_text("1,500 are available now")).to_be_visible()

    # What asks first does nothing after Escape.
    asked: list[str] = []
    page.once("dialog", lambda one: (asked.append(one.message), one.dismiss()))
    keys.use(button("Leaves the programme"))
    assert len(asked) == 1 and "ada@example.com" in asked[0]
    page.reload()
    expect(page.get_by_text("takes no part in the programme")).to_have_count(0)
    assert points(people, people.ada) == (1500, 0)
    assert keys.unseen == []


def test_every_stop_of_the_settings_can_be_seen(
    office: Office, windows: Callable[..., Window]
) -> None:
    """Fields, choices, ticks, summaries and frames: all kinds of things that take the focus."""
    People(office)
    page = windows(1280, "dark").sign_in()
    page.goto("/w/acme/settings/letters")
    keys = Keys(page)
    keys.tab_to(page.get_by_text("As plain text"))
    keys.press("Enter")
    expect(page.get_by_text("SAMPLE-7KMQ-4XPD").last).to_be_visible()
    assert keys.unseen == []


def _by(page: Page, role: Any) -> Callable[[str], Locator]:
    return lambda name: page.get_by_role(role, name=name, exact=True)
