"""A NUL, which PostgreSQL keeps in no text: what is sent with one is refused or does without it."""

from __future__ import annotations

from pathlib import Path

import pytest
from office import Office
from toyshop import Style, World

from bridge.db import Database


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


@pytest.mark.parametrize("path", ["audit?kind=%00", "work/inbox?store=a%00", "audit?id=%%0000"])
def test_no_address_asks_for_one(office: Office, path: str) -> None:
    assert office.sign_in().get(path).status_code == 200
