"""API tokens: made, shown once, revoked."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from office import Office, seen

from bridge.api_tokens.scopes import Scope
from bridge.api_tokens.service import holder, tokens
from bridge.audit.service import entries
from bridge.web.admin.users.tokens import SCOPES

TILL = {"name": "Till", "scopes": ["members:read", "points:write"]}


def test_a_token_is_shown_once_and_opens_what_was_chosen(office: Office) -> None:
    browser, app = office.sign_in(), office.application
    assert "There is no token yet" in seen(browser.get("settings/tokens"))
    last = (app.now() + timedelta(days=3)).date()
    made = browser.post("settings/tokens", {**TILL, "ends": last.isoformat()})
    assert made.status_code == 201
    (token,) = set(re.findall(r"lbt_[\w-]+", made.text))
    with app.database.reading() as session:
        found = holder(session, token, app.now())
        newest = entries(session, app.workspace_id, kind="token")[0]
    assert found is not None
    assert (found.name, found.scopes) == ("Till", {"members:read", "points:write"})
    assert (newest.actor, newest.action) == ("Owner <owner@acme.example>", "token.made")

    page = browser.get("settings/tokens")
    assert token not in page.text
    assert token[-4:] in page.text
    answer = browser.post(f"settings/tokens/{found.token_id}/revoke")
    assert "Till opens nothing any more." in seen(browser.follow(answer))
    with app.database.reading() as session:
        assert holder(session, token, app.now()) is None


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({**TILL, "scopes": []}, "Please fill this in."),
        ({**TILL, "name": "  "}, "Please fill this in."),
        ({**TILL, "ends": "9999-12-31"}, "Choose a last day up to"),
        ({**TILL, "ends": "2001-01-01"}, "choose a later day, or none"),
    ],
)
def test_what_is_wrong_stays_in_the_form(
    office: Office, told: dict[str, object], said: str
) -> None:
    answer = office.sign_in().post("settings/tokens", told)
    assert answer.status_code == 422
    assert said in seen(answer)
    assert f'value="{told["name"]}"' in answer.text
    with office.application.database.reading() as session:
        assert tokens(session, office.application.workspace_id) == []


def test_nobody_revokes_tokens_of_others(office: Office) -> None:
    office.sign_in().post("settings/tokens", TILL)
    stranger = office.sign_in(workspace="other")
    assert stranger.post("settings/tokens/1/revoke").status_code == 404
    assert "Till" not in stranger.get("settings/tokens").text


def test_every_scope_can_be_chosen() -> None:
    assert {value for value, _ in SCOPES} == {scope.value for scope in Scope}
