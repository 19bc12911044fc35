"""The workspaces of who is signed in, and where each line leads."""

from __future__ import annotations

import pytest
from agency import APPLE, APPLE_SHOP, PEAR, PEAR_SHOP, Agency
from office import Office, seen

from bridge.users.roles import Role
from bridge.web.admin import fleet

ADA = "ada@agency.example"


@pytest.fixture(autouse=True)
def clients(office: Office) -> None:
    agency = Agency(office.application)
    agency.client("apple", "apple-m2", APPLE_SHOP, APPLE)
    agency.client("pear", "pear-sw", PEAR_SHOP, PEAR)
    agency.client("plum", "plum-sw", PEAR_SHOP)


def test_who_works_for_several_sees_those_and_no_other(office: Office) -> None:
    office.sign_in(Role.VIEWER, email=ADA, workspace="apple")
    office.sign_in(Role.SALES, email=ADA, workspace="plum")
    browser = office.sign_in(Role.OWNER, email=ADA, workspace="pear")
    answer = browser.follow(browser.get("/"))
    told = seen(answer)
    assert "Apple Club" in told and "Pear Circle" in told and "apple-m2" in told
    assert "acme" not in told
    assert "/w/plum/members" in answer.text and "/w/plum/stores" not in answer.text
    for path in ("/w/apple/", "/w/pear/stores", "/w/apple/reports", "/w/plum/members"):
        assert f'href="{path}"' in answer.text and browser.get(path).status_code == 200

    found = seen(browser.get("/fleet?q=circle"))
    assert "Pear Circle" in found and "Apple Club" not in found
    assert "No workspace is like that" in seen(browser.get("/fleet?state=ok"))
    assert "Pear Circle" in seen(browser.get("/fleet?state=warning"))


def test_pages_of_many_workspaces(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fleet, "EACH", 1)
    for workspace in ("apple", "plum"):
        office.sign_in(Role.OWNER, email=ADA, workspace=workspace)
    browser = office.sign_in(Role.OWNER, email=ADA, workspace="pear")
    first = browser.get("/fleet")
    assert "Apple Club" in seen(first) and "Pear Circle" not in seen(first)
    assert 'href="/fleet?after=apple"' in first.text
    second = seen(browser.get("/fleet?after=apple"))
    assert "Pear Circle" in second and "Apple Club" not in second


def test_who_has_one_workspace_goes_straight_to_it(office: Office) -> None:
    browser = office.sign_in(Role.OWNER, workspace="pear")
    assert browser.get("/").location == "/w/pear/"
    assert browser.get("/?choose=1").location == "/fleet"
    nobody = office.sign_in(Role.VIEWER, email="eve@agency.example", workspace="pear")
    browser.post("users/2/remove")
    assert "access to no workspace" in seen(nobody.get("/fleet"))
