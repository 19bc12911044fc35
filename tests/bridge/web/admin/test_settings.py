"""Limits and branding: set, refused, recorded."""

from __future__ import annotations

import io
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from office import Browser, Office, seen

sys.path.insert(0, str(Path(__file__).parents[2] / "preferences"))

from pictures import png

from bridge.audit.service import entries
from bridge.preferences.logos import logo
from bridge.preferences.sections import Branding, Limits, Section
from bridge.preferences.service import preferences


def kept(office: Office, kind: type[Section]) -> Any:
    app = office.application
    with app.database.reading() as session:
        return preferences(session, app.workspace_id, kind)


def test_limits_are_kept_and_recorded(office: Office) -> None:
    browser = office.sign_in()
    told = {"adjust_points": "500", "award_points": "10000", "plan_money": "1000.50"}
    assert "Saved." in seen(browser.follow(browser.post("settings/limits", told)))
    assert kept(office, Limits) == Limits(adjust_points=500, plan_money=Decimal("1000.50"))
    browser.post("settings/limits", {**told, "adjust_points": "", "plan_money": "0"})
    assert kept(office, Limits) == Limits(adjust_points=None, plan_money=Decimal(0))
    app = office.application
    with app.database.reading() as session:
        newest = entries(session, app.workspace_id, kind="preferences")[0]
    assert newest.actor == "Owner <owner@acme.example>"
    assert newest.before == {"adjust_points": 500, "plan_money": "1000.50"}
    assert newest.after == {"adjust_points": None, "plan_money": "0"}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("adjust_points", "-1"),
        ("adjust_points", "many"),
        ("plan_money", "-1"),
        ("plan_money", "NaN"),
    ],
)
def test_a_wrong_limit_stays_in_the_form(office: Office, field: str, value: str) -> None:
    answer = office.sign_in().post("settings/limits", {field: value})
    assert answer.status_code == 422
    assert f'value="{value}"' in answer.text
    assert kept(office, Limits) == Limits()


BRAND = {
    "name": "  Acme   Circle ",
    "point": "star",
    "points": "stars",
    "colour": "#B00020",
    "header": "#ffcc00",
}


def test_branding_is_kept_and_recorded(office: Office) -> None:
    browser = office.sign_in()
    text = seen(browser.follow(browser.post("settings/branding", BRAND)))
    found = kept(office, Branding)
    assert found == Branding(
        name="Acme Circle", point="star", points="stars", colour="#b00020", header="#ffcc00"
    )
    assert found.on_header == "#000000"
    assert "Acme Circle" in text and "1,200 stars" in text
    app = office.application
    with app.database.reading() as session:
        newest = entries(session, app.workspace_id, kind="preferences")[0]
    assert newest.after is not None and newest.after["name"] == "Acme Circle"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"colour": "#ffcc00"}, "its contrast is 1.5, and 4.5 is needed"),
        ({"colour": "red"}, "Write it like #066fd1."),
        ({"header": "url(//evil.example)"}, "Write it like #066fd1."),
        ({"points": ""}, "Give both words"),
        ({"point": ""}, "Give both words"),
        ({"name": "x" * 61}, "60"),
    ],
)
def test_wrong_branding_says_why(office: Office, changed: dict[str, str], said: str) -> None:
    answer = office.sign_in().post("settings/branding", {**BRAND, **changed})
    assert answer.status_code == 422
    assert said in seen(answer)
    assert kept(office, Branding) == Branding()


def send(browser: Browser, data: bytes, name: str = "logo.png") -> Any:
    return browser.post("settings/branding/logo", {"picture": (io.BytesIO(data), name)})


def test_a_logo_is_sent_shown_and_removed(office: Office) -> None:
    browser, app = office.sign_in(), office.application
    assert browser.get("settings/branding/logo").status_code == 404
    assert "The logo is in place." in seen(browser.follow(send(browser, png(40, 20))))
    answer = browser.client.get(browser.path("settings/branding/logo"))
    assert (answer.data, answer.mimetype) == (png(40, 20), "image/png")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    browser.post("settings/branding/logo/remove")
    with app.database.reading() as session:
        assert logo(session, app.workspace_id) is None
        actions = [one.action for one in entries(session, app.workspace_id, kind="preferences")]
    assert actions == ["logo.removed", "logo.set"]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"<svg onload='alert(1)'/>", "This is no PNG picture."),
        (png()[:40], "The picture is damaged."),
        (png(2_001, 1), "wider or higher than 2,000 pixels"),
        (png() + bytes(200 * 1024), "The file is larger than 200 kB."),
    ],
)
def test_what_is_no_logo_is_refused_with_the_reason(office: Office, data: bytes, said: str) -> None:
    answer = send(office.sign_in(), data)
    assert answer.status_code == 422
    assert said in seen(answer)


def test_a_file_that_is_much_too_large_is_refused(office: Office) -> None:
    assert send(office.sign_in(), bytes(2_000_000)).status_code == 413
