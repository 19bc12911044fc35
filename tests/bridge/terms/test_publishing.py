"""The terms come into the shops, and what people do there is not undone behind their backs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from toyshop import Lost, Raises, Style, World
from toyshop.content import edit_page, foreign_page

from bridge.audit.service import Actor
from bridge.db import Database
from bridge.installations.models import Installation
from bridge.installations.service import installation
from bridge.kit.errors import BridgeError
from bridge.preferences.sections import OwnWords, Terms
from bridge.preferences.service import set_preferences
from bridge.terms.models import PageState
from bridge.terms.one_page import Desk, Published
from bridge.terms.pages import ListedPage, hand_over, listed
from bridge.terms.publishing import has_work, publish
from connectors.errors import AnswerLost, Unreachable

ANNA = Actor("Anna")
BASE = {
    "programme": "Bean Club",
    "currency": "EUR",
    "groups": {"g": {"name": "G", "base": "General"}},
}


class Scene:
    """One shop that shows the terms in its only store."""

    def __init__(self, database: Database, home: Path) -> None:
        self.world = World(database, home)
        self.app = self.world.app
        self.toy = self.world.open(Style.NUMBERED, "berlin")
        self.programme(5)
        self.world.pull()
        self.set(stores=frozenset({"berlin/main"}))

    def programme(self, points: int) -> None:
        self.world.load({**BASE, "points": {"rules": {"base": {"per_order": points}}}})

    def set(self, **settings: Any) -> None:
        with self.app.database.writing() as session:
            wanted = Terms(**settings)
            set_preferences(session, self.app.workspace_id, wanted, ANNA, self.app.now())

    def publish(self) -> Published:
        shop = self.shop()
        connector = self.app.connect(shop)
        desk = Desk(self.app.database, self.app.workspace_id, self.app.now)
        try:
            return publish(desk, shop, connector)
        finally:
            connector.close()

    def hand_over(self) -> None:
        with self.app.database.writing() as session:
            place = ("berlin", self.page.place_id)
            hand_over(session, self.app.workspace_id, *place, ANNA, self.app.now())

    def shop(self) -> Installation:
        with self.app.database.reading() as session:
            return installation(session, self.app.workspace_id, "berlin")

    def has_work(self) -> bool:
        with self.app.database.reading() as session:
            return has_work(session, self.app.workspace_id, self.shop(), self.app.now())

    @property
    def pages(self) -> list[ListedPage]:
        with self.app.database.reading() as session:
            return listed(session, self.app.workspace_id)

    @property
    def page(self) -> ListedPage:
        (page,) = self.pages
        return page

    @property
    def html(self) -> str:
        (page,) = self.toy.pages.values()
        return page.text.html

    def writes(self) -> int:
        return sum(call.name == "write_page" for call in self.toy.calls)


@pytest.fixture
def scene(sqlite_url: str, open_database: Callable[[str], Database], tmp_path: Path) -> Scene:
    return Scene(open_database(sqlite_url), tmp_path)


@pytest.fixture
def published(scene: Scene) -> Scene:
    assert scene.publish().problems == []
    return scene


def test_a_page_is_made_and_then_left_alone(database: Database, tmp_path: Path) -> None:
    """Also by a new version that changes nothing of what it says."""
    scene = Scene(database, tmp_path)
    assert scene.has_work()
    assert scene.publish().written == 1
    assert "5 points for each order." in scene.html
    assert (scene.page.state, scene.page.error) == (PageState.PUBLISHED, "")
    assert scene.page.address == "https://toy.example/loyalty-programme"
    assert not scene.has_work()
    scene.world.clock.now += timedelta(days=2)
    scene.world.load({**BASE, "timezone": "UTC", "points": {"rules": {"base": {"per_order": 5}}}})
    assert scene.publish().kept == 1
    assert scene.writes() == 1


def test_a_new_version_is_brought_into_the_shop(published: Scene) -> None:
    published.programme(7)
    assert published.has_work()
    assert published.publish().written == 1
    assert "7 points for each order." in published.html


def test_each_language_of_a_store_has_its_page(scene: Scene) -> None:
    scene.toy.locales = ("de_DE", "en_GB")
    scene.set(
        stores=frozenset({"berlin/main"}),
        url_key="bohnen",
        words={"de": OwnWords(contact="Ruf an: https://bohnen.example")},
    )
    assert scene.publish().written == 2
    german, english = (page.text for page in scene.toy.pages.values())
    assert (german.url_key, german.title) == ("bohnen", "Bedingungen von Bean Club")
    assert 'href="https://bohnen.example"' in german.html
    assert english.title == "Terms of Bean Club"
    assert [page.language for page in scene.pages] == ["de", "en"]


def test_what_a_person_changed_stays_until_he_hands_it_over(published: Scene) -> None:
    edit_page(published.toy, "<p>Mine.</p>")
    published.programme(7)
    (problem,) = published.publish().problems
    assert "Somebody changed this page" in problem
    assert (published.html, published.page.state) == ("<p>Mine.</p>", PageState.EDITED)
    assert not published.has_work()
    published.hand_over()
    assert published.has_work()
    assert published.publish().written == 1
    assert "7 points" in published.html
    with pytest.raises(BridgeError, match="nothing to take over"):
        published.hand_over()


def test_a_page_that_a_person_deleted_is_not_made_again(published: Scene) -> None:
    published.toy.pages.clear()
    assert published.publish().written == 0
    assert published.page.state is PageState.REMOVED
    assert published.toy.pages == {}
    published.hand_over()
    assert published.publish().written == 1


def test_a_page_of_somebody_else_is_in_the_way(scene: Scene) -> None:
    foreign_page(scene.toy, "loyalty-programme")
    (problem,) = scene.publish().problems
    assert "already" in problem
    assert (scene.page.state, scene.html) == (PageState.TAKEN, "<p>Mine.</p>")
    scene.set(stores=frozenset({"berlin/main"}), url_key="our-club")
    assert scene.publish().written == 1
    assert scene.page.state is PageState.PUBLISHED


def test_a_store_that_shows_no_terms_any_more_has_its_page_switched_off(published: Scene) -> None:
    published.set()
    assert published.publish().hidden == 1
    (page,) = published.toy.pages.values()
    assert not page.is_active
    assert published.page.state is PageState.HIDDEN
    published.set(stores=frozenset({"berlin/main"}))
    assert published.has_work()
    assert published.publish().written == 1
    assert next(iter(published.toy.pages.values())).is_active


def test_a_changed_page_is_not_switched_off(published: Scene) -> None:
    edit_page(published.toy, "<p>Mine.</p>")
    published.set()
    assert published.publish().hidden == 0
    assert next(iter(published.toy.pages.values())).is_active
    assert published.pages == []


@pytest.mark.parametrize("is_first", [True, False])
def test_a_lost_answer_makes_no_second_page_and_no_false_alarm(
    scene: Scene, is_first: bool
) -> None:
    if not is_first:
        scene.publish()
        scene.programme(7)
    scene.toy.events["write_page"] = [Lost(AnswerLost("cut"))]
    assert "cut" in scene.publish().problems[0]
    assert scene.page.state is PageState.FAILED
    scene.programme(9)
    assert scene.publish().written == 1
    assert len(scene.toy.pages) == 1
    assert "9 points" in scene.html


def test_a_shop_that_is_down_is_tried_again_later(scene: Scene) -> None:
    scene.toy.events["own_page"] = [Raises(Unreachable("down"))]
    assert "down" in scene.publish().problems[0]
    assert not scene.has_work()
    scene.world.clock.now += timedelta(hours=2)
    assert scene.has_work()
    assert scene.publish().written == 1
