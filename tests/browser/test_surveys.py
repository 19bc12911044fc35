"""A survey is written and opened, a member answers on his telephone, the merchant reads it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from office import Office
from people import People
from playwright.sync_api import expect
from window import Window

sys.path.insert(0, str(Path(__file__).parents[1] / "bridge" / "web" / "member"))

from club import Club


def test_from_the_question_to_the_answer(office: Office, windows: Callable[..., Window]) -> None:
    club = Club(office)
    window = windows()
    page = window.sign_in()
    page.goto("/")
    page.get_by_role("link", name="Surveys").first.click()
    page.get_by_role("link", name="New survey").click()
    page.get_by_label("Name").fill("Are you happy with us?")
    page.get_by_role("button", name="Make the draft").click()
    page.get_by_role("link", name="One of several answers").click()
    page.get_by_label("Question (English)").fill("How did you find us?")
    page.get_by_label("Answers to choose from (English)").fill("A friend\nBy chance")
    assert window.barriers() == []
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("By chance")).to_be_visible()
    assert window.barriers() == [] and window.too_wide() == []
    page.get_by_role("button", name="Open it").click()
    expect(page.get_by_text("It is open: members can answer.")).to_be_visible()

    answer(club, windows(390))

    page.get_by_role("link", name="Answers", exact=True).click()
    expect(page.get_by_text("Too slow")).to_be_visible()
    assert window.barriers() == [] and window.too_wide() == []
    page.get_by_role("button", name="Mark as handled").click()
    expect(page.get_by_text("It is handled.")).to_be_visible()
    page.get_by_role("link", name="Results").click()
    expect(page.get_by_role("img", name="How did you find us?")).to_be_visible()
    assert window.barriers() == []


def answer(club: Club, phone: Window) -> None:
    people: People = club.people
    name, token = club.cookie(people.ada)
    phone.context.add_cookies([{"name": name, "value": token, "url": phone.url}])
    page = phone.page
    page.goto(f"/m/{club.app.workspace}/")
    page.get_by_role("link", name="More").click()
    page.get_by_role("main").get_by_role("link", name="Surveys").click()
    page.get_by_role("link", name="Answer Are you happy with us?").click()
    assert phone.barriers() == [] and phone.too_wide() == []
    page.get_by_text("4", exact=True).click()
    page.get_by_label("What is the main reason for your answer?").fill("Too slow")
    page.get_by_label("By chance").check()
    page.get_by_role("button", name="Send my answer").click()
    expect(page.get_by_role("heading", name="Thank you!")).to_be_visible()
    assert phone.barriers() == []
