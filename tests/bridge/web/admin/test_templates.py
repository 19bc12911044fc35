"""Templates on their pages: who sees them, what is asked, what comes of it."""

from __future__ import annotations

import re
from html import unescape

import pytest
from agency import APPLE, APPLE_SHOP, PEAR, PEAR_SHOP, Agency
from office import Browser, Office, seen

from bridge.application import Application
from bridge.audit.service import entries
from bridge.programme.document import Programme
from bridge.programme.editing import present
from bridge.users.roles import Role

_HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')
_VERSION = re.compile(r'<input[^>]* name="version"[^>]* value="(\d+)"')
_TICK = re.compile(r'<input[^>]* name="sections"[^>]* value="([^"]+)"[^>]*>')
ADA = "ada@agency.example"


@pytest.fixture
def clients(office: Office) -> tuple[Application, Application]:
    agency = Agency(office.application)
    apple = agency.client("apple", "apple-m2", APPLE_SHOP, APPLE)
    return apple, agency.client("pear", "pear-sw", PEAR_SHOP, PEAR)


def staff(office: Office, role: Role = Role.MANAGER) -> tuple[Browser, Browser]:
    """One person of the agency, at the pages of both clients."""
    return (
        office.sign_in(role, email=ADA, workspace="apple"),
        office.sign_in(Role.MANAGER, email=ADA, workspace="pear"),
    )


def saved(browser: Browser, *sections: str) -> None:
    told = {"name": "Club", "about": "For all", "sections": list(sections)}
    answer = browser.post("programme/templates", told)
    assert "The template Club is saved." in seen(browser.follow(answer))


def now(app: Application) -> tuple[int, Programme]:
    with app.database.reading() as session:
        found = present(session, app.workspace_id)
    assert found.programme is not None
    return found.number, found.programme


def test_a_template_is_saved_and_applied_in_three_steps(
    office: Office, clients: tuple[Application, Application]
) -> None:
    apple, pear = staff(office)
    offered = apple.get("programme/templates").text
    ticked = {one[1] for one in _TICK.finditer(offered) if "checked" in one[0]}
    assert "points" in ticked and "price_lists" not in ticked
    assert 'value="price_lists"' in offered and 'value="companies"' not in offered
    saved(apple, "gifts", "redemption")
    listed = seen(pear.get("programme/templates"))
    assert "Club" in listed and "apple" in listed and "Remove" not in listed

    first = pear.get("programme/templates/1")
    assert "What the template says" in seen(first) and 'value="campaigns"' not in first.text
    names = pear.get("programme/templates/1/names?section=gifts&section=redemption")
    assert "APPLE-GIFT" in seen(names)

    told = {
        "section": ["gifts", "redemption"],
        "do": "look",
        "name:sku:APPLE-GIFT": "PEAR-GIFT",
        "name:store:apple-m2": "pear-sw",
    }
    asked = pear.post("programme/templates/1/names", told)
    assert asked.status_code == 422
    assert "Choose a name, or leave it out." in seen(asked) and 'value="PEAR-GIFT"' in asked.text

    told["without:store:apple-m2/apple-de"] = "1"
    looked = pear.post("programme/templates/1/names", told)
    assert looked.status_code == 200
    assert "redemption.automatic" in seen(looked) and "PEAR-GIFT" in seen(looked)
    assert now(clients[1])[0] == 1

    version = _VERSION.search(looked.text)
    assert version is not None
    kept = {unescape(name): unescape(value) for name, value in _HIDDEN.findall(looked.text)}
    sent = {**kept, "section": told["section"], "version": version[1], "do": "store"}
    done = pear.follow(pear.post("programme/templates/1/names", sent))
    assert "Saved as version 2" in seen(done)
    number, programme = now(clients[1])
    assert (number, programme.gifts["tree"].sku) == (2, "PEAR-GIFT")
    assert "apple" not in programme.model_dump_json().casefold()
    assert "Template Club" in seen(pear.get("programme/versions"))
    late = pear.post("programme/templates/1/names", sent)
    assert late.status_code == 422 and "stored version 2 while you changed" in seen(late)

    with clients[0].database.reading() as session:
        actions = [one.action for one in entries(session, clients[0].workspace_id)]
    assert actions[:2] == ["template.applied", "template.saved"]
    gone = apple.post("programme/templates/1/remove")
    assert "The template Club is removed." in seen(apple.follow(gone))


def test_nobody_sees_or_applies_what_is_not_his_to_change(
    office: Office, clients: tuple[Application, Application]
) -> None:
    """Neither the other client's owner, nor a colleague who only looks at the first one's."""
    apple, _ = staff(office)
    saved(apple, "gifts", "price_lists")
    stranger = office.sign_in(Role.OWNER, workspace="pear")
    looks = office.sign_in(Role.VIEWER, email="eve@agency.example", workspace="apple")
    assert looks.get("programme/templates").status_code == 403
    eve = office.sign_in(Role.OWNER, email="eve@agency.example", workspace="pear")
    for browser in (stranger, eve):
        assert "Club" not in seen(browser.get("programme/templates"))
        for path in ("programme/templates/1", "programme/templates/1/names?section=gifts"):
            assert browser.get(path).status_code == 404
        told = {"section": "gifts", "do": "look", "without:sku:APPLE-GIFT": "1"}
        assert browser.post("programme/templates/1/names", told).status_code == 404
        assert browser.post("programme/templates/1/remove").status_code == 404
    _, pear = staff(office)
    assert pear.post("programme/templates/1/remove").status_code == 404


def test_a_new_client_begins_with_a_template(
    office: Office, clients: tuple[Application, Application]
) -> None:
    apple, _ = staff(office)
    saved(apple, "campaigns")
    new = office.sign_in(Role.OWNER, email=ADA, workspace="new")
    assert "Use a template" in seen(new.get("programme"))
    names = new.get("programme/templates/1/names?section=campaigns")
    assert "The programme begins here" in seen(names)
    told = {
        "section": "campaigns",
        "do": "look",
        "name": "Plums",
        "currency": "?",
        "without:any-group:Apple Growers": "1",
        "name:sku:APPLE-1": "P-1",
        "name:sku:APPLE-2": "P-2",
    }
    wrong = new.post("programme/templates/1/names", told)
    assert wrong.status_code == 422 and "is not a currency" in seen(wrong)
    looked = new.post("programme/templates/1/names", {**told, "currency": "CHF", "factor": "0,9"})
    assert looked.status_code == 200 and "P-1" in seen(looked)
    sent = {**told, "currency": "CHF", "factor": "0.9", "version": "0", "do": "store"}
    new.follow(new.post("programme/templates/1/names", sent))
    page = seen(new.get("programme/text"))
    assert "programme: Plums currency: CHF" in page


def test_a_form_that_says_too_little_is_told_so(
    office: Office, clients: tuple[Application, Application]
) -> None:
    apple, pear = staff(office)
    empty = apple.post("programme/templates", {"name": " "})
    assert empty.status_code == 422
    saved(apple, "points")
    again = apple.post("programme/templates", {"name": "Club", "sections": "points"})
    assert again.status_code == 422 and "already" in seen(again)
    nothing = pear.follow(pear.get("programme/templates/1/names"))
    assert "Choose from its sections" in seen(nothing)
