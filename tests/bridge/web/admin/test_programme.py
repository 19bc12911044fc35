"""The programme on its pages: what it says, one form for each entry, its text, its versions."""

from __future__ import annotations

import io
import re
from html import unescape
from typing import Any

import pytest
from office import Browser, Office, seen
from werkzeug.test import TestResponse

from bridge.audit.service import Actor, entries
from bridge.programme.document import Programme
from bridge.programme.editing import Present, from_text, present, save
from bridge.users.roles import Role
from bridge.web.admin.programme.sections import SHEETS

TEXT = """\
# Acme's own words
programme: Acme B2B
currency: EUR
timezone: Europe/Berlin
groups:
  gold: {name: Gold, base: General}
points:
  rules:
    base: {per_amount: {points: 1, each: 1}} # since 2024
    more: {multiply: 2, when: {category: [Nuts, Bolts], tier: silver}, from: 2030-01-01}
tiers:
  silver: {name: Silver, reach: {spend: 1000}}
redemption:
  rate: {points: 100, amount: 1}
  step: 5
"""
_FIELD = re.compile(
    r'<(?:input|textarea|select)[^>]*\bname="(at_[a-z_]+|version|why|key|text)"[^>]*>', re.S
)


@pytest.fixture
def loaded(office: Office) -> Office:
    write(office, TEXT, 0)
    return office


def write(office: Office, text: str, based_on: int, who: str = "Ada") -> None:
    app = office.application
    with app.database.writing() as session:
        draft = from_text(session, app.workspace_id, text)
        save(session, app.workspace_id, draft, based_on, Actor(who), "By hand", app.now())


def now(office: Office) -> Present:
    with office.application.database.reading() as session:
        return present(session, office.application.workspace_id)


def programme(office: Office) -> Programme:
    found = now(office).programme
    assert found is not None
    return found


def fields(answer: TestResponse) -> dict[str, Any]:
    """What a browser would send of the form on a page."""
    found: dict[str, Any] = {}
    page = answer.text
    for match in re.finditer(r"<input\b[^>]*>", page):
        tag = match.group(0)
        name, value = _attribute(tag, "name"), _attribute(tag, "value")
        if name == "csrf_token" or not name:
            continue
        if 'type="checkbox"' in tag:
            if " checked" in tag:
                found.setdefault(name, []).append(value)
        else:
            found[name] = value
    for name, value in re.findall(
        r'<textarea\b[^>]*\bname="([^"]+)"[^>]*>\r?\n?(.*?)</textarea>', page, re.S
    ):
        found[name] = unescape(value)
    for name, body in re.findall(r'<select\b[^>]*\bname="([^"]+)"[^>]*>(.*?)</select>', page, re.S):
        chosen = re.search(r"<option selected value=\"([^\"]*)\"", body) or re.search(
            r'<option[^>]* value="([^"]*)"', body
        )
        assert chosen is not None
        found[name] = unescape(chosen.group(1))
    return found


def _attribute(tag: str, name: str) -> str:
    found = re.search(rf'\b{name}="([^"]*)"', tag)
    return unescape(found.group(1)) if found else ""


def change(browser: Browser, path: str, **changes: Any) -> TestResponse:
    """Opens the form, changes some fields, and saves."""
    sent = fields(browser.get(path))
    assert changes.keys() <= sent.keys() | {"do", "month"}, changes.keys() - sent.keys()
    return browser.post(path, {"do": "save", **sent, **changes})


# --- in words ------------------------------------------------------------------------------


def test_the_programme_is_said_in_words(loaded: Office) -> None:
    told = seen(loaded.sign_in(Role.VIEWER).get("programme"))
    assert "1 point for each €1.00" in told
    assert "2 times the points" in told and "Categories: Nuts, Bolts" in told
    assert "still to come" in told
    assert "Silver: €1,000.00 spent" in told
    assert "Version 1" in told
    assert "Change" not in told, "who only looks has no buttons"


def test_without_a_programme_one_is_begun_in_a_form(office: Office) -> None:
    browser = office.sign_in()
    assert "There is no programme yet" in seen(browser.get("programme"))
    answer = change(
        browser,
        "programme/sections/general",
        at_programme="Acme",
        at_currency="eur",
        at_timezone="Europe/Berlin",
    )
    assert "Saved as version 1" in seen(browser.follow(answer))
    found = programme(office)
    assert (found.name, found.currency, found.timezone) == ("Acme", "EUR", "Europe/Berlin")


# --- forms ---------------------------------------------------------------------------------


def test_a_rule_is_changed_in_its_form_and_the_rest_stays_as_written(loaded: Office) -> None:
    browser = loaded.sign_in()
    answer = change(
        browser,
        "programme/sections/rules/entries/base",
        at_per_amount__points="1,5",
        at_when__store="shop-de\nshop-at/base",
        why="More for everybody",
    )
    told = seen(browser.follow(answer))
    assert "Saved as version 2; it holds from now on." in told
    found = now(loaded)
    assert found.text == TEXT.replace("points: 1, each", "points: 1.5, each").replace(
        "}} # since", "}, when: {store: [shop-de, shop-at/base]}} # since"
    )
    assert found.made_by == "Owner <owner@acme.example>"
    with loaded.application.database.reading() as session:
        entry = entries(session, loaded.application.workspace_id)[0]
    assert entry.action == "programme.changed"
    assert entry.after == {"version": 2, "why": "More for everybody"}


def test_saving_an_untouched_form_makes_no_version(loaded: Office) -> None:
    browser = loaded.sign_in()
    paths = [f"programme/sections/{one.name}" for one in SHEETS.values() if not one.is_keyed]
    paths += ["programme/sections/rules/entries/base", "programme/sections/rules/entries/more"]
    paths += ["programme/sections/tiers/entries/silver"]
    said = [one for one in paths if not one.endswith(("referrals", "joining"))]
    for path in said:
        told = seen(browser.follow(change(browser, path)))
        assert "Nothing was different" in told, (path, told)
    assert now(loaded).text == TEXT


@pytest.mark.parametrize(
    ("path", "sent", "told"),
    [
        (
            "programme/sections/rules/new?kind=first_order",
            {"key": "welcome", "at_first_order": "50"},
            "50 points for the first order",
        ),
        (
            "programme/sections/rules/new?kind=nothing",
            {"key": "no-sale", "at_when__category": "Sale"},
            "no points",
        ),
        (
            "programme/sections/rules/new?kind=spend_steps",
            {"key": "steps", "at_spend_steps": "100 = 10\n1000=150"},
            "10 points at €100.00 spent, 150 points at €1,000.00 spent",
        ),
        (
            "programme/sections/campaigns/new?kind=birthday",
            {"key": "cake", "at_give__percent": "10", "at_basket": "50"},
            "For the birthday: 10 % off",
        ),
        (
            "programme/sections/gifts/new",
            {"key": "mug", "at_sku": "MUG", "at_basket": "100"},
            "1 x MUG free from €100.00 on",
        ),
        (
            "programme/sections/segments/new",
            {"key": "fans", "at_rfm__orders": "5", "at_rfm__months": "12"},
            "Orders at least: 5",
        ),
        (
            "programme/sections/rewards/new",
            {"key": "day", "at_name": "A day at the fair", "at_points": "5000", "at_stock": "0"},
            "A day at the fair",
        ),
    ],
)
def test_entries_are_added(loaded: Office, path: str, sent: dict[str, str], told: str) -> None:
    browser = loaded.sign_in()
    answer = change(browser, path, **sent)
    assert told in seen(browser.follow(answer)), seen(answer)
    assert now(loaded).text.startswith("# Acme's own words"), "remarks stay"


def test_referrals_are_set_up_and_removed(loaded: Office) -> None:
    browser = loaded.sign_in()
    answer = change(
        browser,
        "programme/sections/referrals",
        at_friend__give__amount="10",
        at_referrer__points="500",
        at_after_days="0",
    )
    browser.follow(answer)
    found = programme(loaded).referrals
    assert found is not None and (found.referrer.points, found.after_days) == (500, 0)
    gone = browser.post("programme/sections/referrals/remove", {"version": "2"})
    assert "The version before also had: referrals" in seen(browser.follow(gone))
    assert now(loaded).text == TEXT


def test_what_is_wrong_is_said_at_its_field_and_nothing_is_lost(loaded: Office) -> None:
    browser = loaded.sign_in()
    answer = change(
        browser,
        "programme/sections/rules/entries/base",
        at_per_amount__points="lots",
        at_when__exclude="A-1\nA-2",
    )
    assert answer.status_code == 422
    assert '"lots" is not a number' in seen(answer)
    kept = fields(answer)
    assert (kept["at_per_amount__points"], kept["at_when__exclude"]) == ("lots", "A-1\nA-2")
    assert re.search(r'id="at_per_amount__points-error">[^<]*lots', answer.text)
    assert now(loaded).number == 1


def test_a_name_that_is_taken_or_cannot_be_is_refused(loaded: Office) -> None:
    browser = loaded.sign_in()
    path = "programme/sections/rules/new?kind=per_order"
    for key, told in (
        ("base", "There is one of this name already"),
        ("", "Please fill this in"),
        ("My Rule", "cannot be a key"),
    ):
        answer = change(browser, path, key=key, at_per_order="5")
        assert answer.status_code == 422 and told in seen(answer), key
    assert now(loaded).number == 1


def test_the_second_of_two_editors_is_told_and_keeps_what_he_typed(loaded: Office) -> None:
    browser = loaded.sign_in()
    path = "programme/sections/rules/entries/base"
    sent = fields(browser.get(path))
    write(loaded, TEXT.replace("step: 5", "step: 10"), 1, who="Bob")

    answer = browser.post(path, {"do": "save", **sent, "at_per_amount__points": "3"})
    assert answer.status_code == 422
    assert "Bob stored version 2 while you changed version 1" in seen(answer)
    again = fields(answer)
    assert again["at_per_amount__points"] == "3"
    browser.follow(browser.post(path, {"do": "save", **again}))
    found = programme(loaded)
    assert found.redemption is not None and found.redemption.step == 10
    assert found.points is not None and found.points.rules["base"].per_amount is not None
    assert found.points.rules["base"].per_amount.points == 3


def test_a_tier_with_several_ways_is_left_to_the_text(office: Office) -> None:
    two = TEXT.replace("reach: {spend: 1000}", "reach: [{spend: 1000}, {orders: 10}]")
    write(office, two, 0)
    browser = office.sign_in()
    assert "in several ways" in seen(browser.get("programme/sections/tiers/entries/silver"))
    answer = change(browser, "programme/sections/tiers/entries/silver", at_name="Silvery")
    browser.follow(answer)
    tier = programme(office).tiers["silver"]
    assert (tier.name, len(tier.reach)) == ("Silvery", 2)


def test_every_kind_of_entry_has_a_form(loaded: Office) -> None:
    browser = loaded.sign_in()
    for sheet in SHEETS.values():
        assert browser.get(f"programme/sections/{sheet.name}").status_code == 200, sheet.name
        for variant in sheet.variants:
            path = f"programme/sections/{sheet.name}/new?kind={variant.key}"
            assert str(variant.title) in seen(browser.get(path)), path
    assert browser.get("programme/sections/rules/new?kind=other").status_code == 404
    assert browser.get("programme/sections/rules/entries/other").status_code == 404


# --- text ----------------------------------------------------------------------------------


def test_the_text_is_changed_with_its_remarks(loaded: Office) -> None:
    browser = loaded.sign_in()
    page = browser.get("programme/text")
    assert fields(page)["text"] == TEXT
    changed = TEXT.replace("step: 5", "step: 10 # bigger")
    answer = browser.post(
        "programme/text", {**fields(page), "text": changed.replace("\n", "\r\n"), "why": "Bigger"}
    )
    assert "Saved as version 2" in seen(browser.follow(answer))
    assert now(loaded).text == changed
    assert browser.get("programme/file").text == changed


def test_a_text_that_cannot_be_used_is_kept_with_the_line_of_each_fault(loaded: Office) -> None:
    browser = loaded.sign_in()
    page = browser.get("programme/text")
    bad = TEXT.replace("each: 1}", "each: none}").replace("tier: silver", "tier: sliver")
    answer = browser.post("programme/text", {**fields(page), "text": bad})
    assert answer.status_code == 422
    assert fields(answer)["text"] == bad
    told = seen(answer)
    assert '9 points.rules.base.per_amount.each : "none" is not a number' in told
    assert 'data-line="9"' in answer.text
    assert now(loaded).number == 1


def test_a_file_takes_the_place_of_the_text(loaded: Office) -> None:
    browser = loaded.sign_in()
    sent = fields(browser.get("programme/text"))
    file = (io.BytesIO(("\ufeff" + TEXT.replace("Acme B2B", "Umbrella")).encode()), "p.yaml")
    answer = browser.post(
        "programme/text", {**sent, "file": file}, content_type="multipart/form-data"
    )
    browser.follow(answer)
    assert programme(loaded).name == "Umbrella"
    sent = fields(browser.get("programme/text"))
    latin = (io.BytesIO("programme: Käse".encode("latin-1")), "p.yaml")
    answer = browser.post(
        "programme/text", {**sent, "file": latin}, content_type="multipart/form-data"
    )
    assert answer.status_code == 422 and "This is no UTF-8 text" in seen(answer)


def test_the_second_of_two_who_write_text_is_told(loaded: Office) -> None:
    browser = loaded.sign_in()
    sent = fields(browser.get("programme/text"))
    write(loaded, TEXT.replace("step: 5", "step: 10"), 1, who="Bob")
    mine = {**sent, "text": TEXT.replace("Acme B2B", "Mine")}
    answer = browser.post("programme/text", mine)
    assert answer.status_code == 422 and "Bob stored version 2" in seen(answer)
    assert fields(answer)["text"] == mine["text"]


# --- versions ------------------------------------------------------------------------------


def test_versions_are_compared_and_gone_back_to(loaded: Office) -> None:
    write(loaded, TEXT.replace("step: 5", "step: 10"), 1, who="Bob")
    browser = loaded.sign_in()
    told = seen(browser.get("programme/versions"))
    assert "2 in force" in told and "Bob" in told and "By hand" in told

    told = seen(browser.get("programme/differences?before=2&after=1"))
    assert "redemption / step 5 10" in told
    assert browser.get("programme/differences?before=1&after=9").status_code == 404

    browser.follow(browser.post("programme/versions/1/restore"))
    found = now(loaded)
    assert (found.number, found.text) == (3, TEXT)
    assert "Back to version 1" in seen(browser.get("programme/versions"))


def test_old_versions_are_paged(loaded: Office) -> None:
    for number in range(1, 53):
        write(loaded, TEXT.replace("step: 5", f"step: {5 + number}"), number)
    browser = loaded.sign_in()
    page = browser.get("programme/versions")
    assert page.text.count('name="before"') == 50
    older = re.search(r'href="([^"]*below=[^"]*)"', page.text)
    assert older is not None
    assert browser.get(unescape(older.group(1))).text.count('name="before"') == 3
