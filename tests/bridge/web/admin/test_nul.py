"""What PostgreSQL takes not: a NUL in a text (it is refused, or left out), and numbers that are too
large."""

from __future__ import annotations

from pathlib import Path

import pytest
from office import Office
from toyshop import Style, World

from bridge.db import Database
from bridge.web.admin.asked import LARGEST, whole


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Office:
    """Unlike for other pages, on each database."""
    world = World(database, tmp_path / "home")
    world.open(Style.NUMBERED)
    return Office(world)


def test_no_form_brings_one_in(office: Office) -> None:
    told = {"email": "a\0b@example.com", "password": "wrong"}
    assert office.browser().post("/sign-in", told).status_code == 400
    told = {"email": "a\0b@example.com", "role": "viewer"}
    assert office.sign_in().post("users/invite", told).status_code == 400


@pytest.mark.parametrize(
    "path", ["/m/%00/", "/m/acme/from/%00", "/m/acme/rewards/%00", "/r/%00", "/w/acme%00/"]
)
def test_nothing_of_ours_has_one_in_its_name(office: Office, path: str) -> None:
    assert office.sign_in().get(path).status_code == 404


def test_no_shop_has_one_in_its_address(office: Office) -> None:
    client = office.app.test_client()
    assert client.post("/webhooks/a%00b", data=b"{}").status_code == 404
    assert client.get("/shopware/a%00b/register").status_code == 404


@pytest.mark.parametrize("path", ["audit?kind=%00", "work/inbox?store=a%00", "audit?id=%%0000"])
def test_no_address_asks_for_one(office: Office, path: str) -> None:
    assert office.sign_in().get(path).status_code == 200


@pytest.mark.parametrize(
    ("told", "is_"),
    [
        ("0", 0),
        ("17", 17),
        (str(LARGEST), LARGEST),
        (str(LARGEST + 1), None),
        ("9" * 5_000, None),
        ("-1", None),
        ("\u00b2", None),
        ("", None),
        (None, None),
    ],
)
def test_a_forms_number_is_one_that_an_id_could_be(told: str | None, is_: int | None) -> None:
    assert whole(told) == is_
