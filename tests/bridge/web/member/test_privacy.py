"""A member looks after his own data: he takes it with him, chooses letters, leaves, and asks to be
forgotten."""

from __future__ import annotations

import io
import json
import zipfile

import pytest
from club import Club, seen

from bridge.audit.service import Actor
from bridge.consents.service import consents
from bridge.letters.models import OFFERED, LetterKind
from bridge.letters.refusing import ALL, refuse, refused
from bridge.members.joining import leave, takes_part
from bridge.preferences.sections import Letters
from bridge.preferences.service import set_preferences
from bridge.privacy import erasing
from bridge.privacy.models import ErasureState

ANN = Actor("Ann")


@pytest.fixture
def writing(club: Club) -> Club:
    """The merchant sends two kinds of letters."""
    app = club.app
    with app.database.writing() as session:
        kinds = frozenset({LetterKind.EARNED, LetterKind.EXPIRING})
        set_preferences(session, app.workspace_id, Letters(kinds=kinds), ANN, app.now())
    return club


def refusals(club: Club) -> frozenset[str]:
    with club.app.database.reading() as session:
        return refused(session, club.app.workspace_id, [club.people.ada])


def said(club: Club) -> list[tuple[str, bool, str]]:
    with club.app.database.reading() as session:
        found = consents(session, club.app.workspace_id, [club.people.ada])
    return [(one.purpose, one.is_given, one.way) for one in found]


def part(club: Club) -> bool:
    app = club.app
    with app.database.reading() as session:
        return bool(takes_part(session, app.workspace_id, [club.people.ada], app.now()))


def test_he_takes_his_data_with_him_and_only_his(club: Club) -> None:
    browser = club.sign_in(club.people.ada)
    assert "What we know of you" in seen(browser.get("privacy"))
    answer = browser.post("privacy/file")
    text = zipfile.ZipFile(io.BytesIO(answer.data)).read("data.json").decode()
    assert "ada@example.com" in text and "bob@example.com" not in text
    assert json.loads(text)["member"] == club.people.ada
    assert answer.headers["Cache-Control"] == "no-store"


def test_he_chooses_letters_and_it_is_written_down(writing: Club) -> None:
    browser = writing.sign_in(writing.people.ada)
    assert browser.get("privacy").text.count(" checked") == 2
    browser.follow(browser.post("privacy/letters", {"kind": "earned"}))
    assert refusals(writing) == {"expiring"}
    assert browser.get("privacy").text.count(" checked") == 1
    assert said(writing) == [("letters/expiring", False, "member page")]
    browser.post("privacy/letters", {"kind": ["earned", "expiring"]})
    assert refusals(writing) == frozenset()
    assert said(writing)[-1] == ("letters/expiring", True, "member page")


def test_who_wanted_none_gets_just_what_he_chooses_then(writing: Club) -> None:
    browser = writing.sign_in(writing.people.ada)
    with writing.app.database.writing() as session:
        app = writing.app
        refuse(session, app.workspace_id, writing.people.ada, None, app.now())
    assert refusals(writing) == {ALL}
    browser.post("privacy/letters", {"kind": "earned"})
    assert refusals(writing) == {one.value for one in OFFERED} - {"earned"}


def test_he_leaves_and_comes_back_unless_the_staff_let_him_go(club: Club) -> None:
    browser = club.sign_in(club.people.ada)
    browser.follow(browser.post("privacy/leave"))
    assert not part(club)
    assert "Your points are still there" in seen(browser.get("privacy"))
    browser.follow(browser.post("privacy/return"))
    assert part(club)
    with club.app.database.writing() as session:
        leave(session, club.app.workspace_id, club.people.ada, "Ann", club.app.now())
    assert "Take part again" not in seen(browser.get("privacy"))
    browser.post("privacy/return")
    assert not part(club)


def test_he_asks_to_be_forgotten_and_a_person_does_it(club: Club) -> None:
    app = club.app
    browser = club.sign_in(club.people.ada)
    assert "within a month" in seen(browser.follow(browser.post("privacy/erasure")))
    assert "withdrawn" in seen(browser.follow(browser.post("privacy/erasure/withdraw")))
    browser.post("privacy/erasure")
    with app.database.reading() as session:
        (asked,) = erasing.erasures(session, app.workspace_id)
    assert (asked.state, asked.member_id) == (ErasureState.ASKED, club.people.ada)
    assert browser.get("privacy").status_code == 200
    erasing.erase(app.database, app.workspace_id, club.people.ada, ANN, app.now)
    assert browser.get("privacy").status_code == 303, "he is signed out"
