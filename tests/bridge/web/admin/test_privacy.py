"""A person of the staff tells a member what is known, erases him, and decides on requests."""

from __future__ import annotations

import io
import json
import zipfile

import pytest
from office import Office, seen
from people import People, actions

from bridge.privacy import erasing
from bridge.users.roles import Role


@pytest.fixture
def people(office: Office) -> People:
    return People(office)


def asks(people: People, member: int) -> int:
    app = people.office.world.app
    with app.database.writing() as session:
        found = erasing.ask(session, app.workspace_id, member, "member", app.now())
        assert found.id is not None
        return found.id


def test_a_member_s_file_is_handed_out_and_noted(people: People) -> None:
    browser = people.office.sign_in(Role.MANAGER)
    answer = browser.post(f"members/{people.ada}/privacy/file")
    assert answer.mimetype == "application/zip"
    assert answer.headers["Cache-Control"] == "no-store"
    data = json.loads(zipfile.ZipFile(io.BytesIO(answer.data)).read("data.json"))
    assert [one["email"] for one in data["sections"]["addresses"]] == ["ada@example.com"]
    assert data["sections"]["accounts"][0]["available"] == 1_200
    assert actions(people)[0] == "privacy.exported"
    assert (
        people.office.sign_in(Role.SUPPORT).get(f"members/{people.ada}/privacy").status_code == 403
    )


def test_erasing_asks_for_the_number_and_leaves_a_pseudonym(people: People) -> None:
    browser = people.office.sign_in(Role.MANAGER)
    page = seen(browser.get(f"members/{people.ada}/privacy"))
    assert "Points that are written off 1,200" in page
    wrong = browser.post(f"members/{people.ada}/privacy/erase", {"number": "#1000"})
    assert wrong.status_code == 422
    assert "This is not his number" in seen(wrong)
    assert "ada@example.com" in seen(browser.get("members"))
    asks(people, people.ada)
    assert "He asked to be erased" in seen(browser.get(f"members/{people.ada}/privacy"))
    number = {"number": f"#{people.ada}"}
    assert browser.post(f"members/{people.ada}/privacy/erase", number).status_code == 303
    assert actions(people)[0] == "privacy.erased"
    told = seen(browser.get(f"members/{people.ada}"))
    assert "This member was erased on" in told and "ada@" not in told
    assert "ada@example.com" not in seen(browser.get("members"))
    assert "ada@" not in browser.get("audit").text
    assert "Nobody waits" in seen(browser.get("privacy"))
    again = browser.post(f"members/{people.ada}/privacy/erase", number)
    assert again.status_code == 422


def test_a_request_is_refused_with_a_reason(people: People) -> None:
    number = asks(people, people.bob)
    browser = people.office.sign_in(Role.MANAGER)
    page = seen(browser.get("privacy"))
    assert f"#{people.bob}" in page
    path, note = f"privacy/requests/{number}/refuse", {"note": "An invoice is open"}
    assert browser.post(path, note).status_code == 303
    page = seen(browser.get("privacy"))
    assert "Nobody waits" in page and "An invoice is open" in page
    assert browser.post(path, note).status_code == 409


def test_what_is_forgotten_is_set_and_checked(people: People) -> None:
    browser = people.office.sign_in()
    assert 'value="24"' in browser.get("settings/retention").text
    short = browser.post("settings/retention", {"inactive_months": "1", "letters_months": "6"})
    assert short.status_code == 422
    assert 'value="6"' in short.text, "what was typed stays"
    form = {"inactive_months": "36", "letters_months": "6"}
    assert browser.post("settings/retention", form).status_code == 303
    page = browser.get("settings/retention").text
    assert 'value="36"' in page and 'value="12"' not in page
    assert actions(people)[0] == "preferences.set"
