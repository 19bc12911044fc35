"""The page behind a letter's link, as readers, mail programs and those who try things see it."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlmodel import select

from bridge.db import Database
from bridge.letters.models import LetterRefusal
from bridge.web import create_app

sys.path.insert(0, str(Path(__file__).parents[1] / "letters"))
sys.path.insert(0, str(Path(__file__).parents[1] / "referrals"))

from letter_world import LetterWorld
from mail_server import MailServer

ADA = "ada@example.com"


@pytest.fixture
def mail() -> Iterator[MailServer]:
    with MailServer() as server:
        yield server


@pytest.fixture
def world(
    sqlite_url: str, open_database: Callable[[str], Database], tmp_path: Path, mail: MailServer
) -> LetterWorld:
    found = LetterWorld(open_database(sqlite_url), tmp_path, mail.url)
    found.member(ADA)
    return found


@pytest.fixture
def browser(world: LetterWorld) -> FlaskClient:
    return create_app(world.app).test_client()


def link_in(mail: MailServer, number: int = 0) -> str:
    link = str(mail.to(ADA)[number]["List-Unsubscribe"]).strip("<>")
    return link.removeprefix("https://loyalty.example")


def refused(world: LetterWorld) -> list[str]:
    with world.database.reading() as session:
        return sorted(session.exec(select(LetterRefusal.kind)))


def test_one_click_of_the_mail_program_ends_all_letters(
    world: LetterWorld, mail: MailServer, browser: FlaskClient
) -> None:
    """RFC 8058: a POST without cookies, answered without a redirect; again, it is the same."""
    world.work()
    for _ in range(2):
        answer = browser.post(link_in(mail), data={"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200
    assert refused(world) == ["all"]
    world.voucher(1, amount=Decimal(10))
    world.work(minutes=1)
    assert len(mail.letters) == 1
    assert ("voucher", "dropped") in world.told()


def test_looking_at_the_page_changes_nothing(
    world: LetterWorld, mail: MailServer, browser: FlaskClient
) -> None:
    world.work()
    for method in (browser.get, browser.head):
        assert method(link_in(mail)).status_code == 200
    browser.post(link_in(mail), data={"choice": "something else"})
    assert refused(world) == []


def test_a_reader_ends_one_kind_and_changes_his_mind(
    world: LetterWorld, mail: MailServer, browser: FlaskClient
) -> None:
    world.work()
    link = link_in(mail)
    page = browser.get(link)
    choices = re.findall(r'name="choice" value="(\w+)"', page.text)
    assert choices == ["kind", "none"]
    assert "Welcome" in page.text and "Set-Cookie" not in page.headers
    browser.post(link, data={"choice": "kind"})
    assert refused(world) == ["welcome"]
    world.voucher(1, amount=Decimal(10))
    world.work(minutes=1)
    assert len(mail.to(ADA)) == 2, "other letters still come"
    browser.post(link, data={"choice": "none"})
    browser.post(link, data={"choice": "again"})
    assert refused(world) == []


def test_a_forged_link_leads_nowhere(
    world: LetterWorld, mail: MailServer, browser: FlaskClient
) -> None:
    world.work()
    link = link_in(mail)
    for forged in (link.replace("/1-1-", "/1-2-"), link[:-1], link + "x", "/letters/unsubscribe/x"):
        for method in (browser.get, browser.post):
            assert method(forged, data={"List-Unsubscribe": "One-Click"}).status_code == 404
    assert refused(world) == []


def test_the_page_speaks_the_members_language(
    world: LetterWorld, mail: MailServer, browser: FlaskClient
) -> None:
    world.prefer(languages={"north/main": "fa"})
    world.work()
    page = browser.get(link_in(mail), headers={"Accept-Language": "de"})
    assert '<html lang="fa" dir="rtl">' in page.text
    lost = browser.get("/letters/unsubscribe/x", headers={"Accept-Language": "de"})
    assert "Dieser Link führt ins Leere" in lost.text
