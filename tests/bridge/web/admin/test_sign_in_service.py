"""Staff who come by their company's sign-in service."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, build_opener

import pytest
from identity_provider import CLIENT, SECRET, IdentityProvider
from joserfc.jwk import ECKey
from office import Browser, Office, seen
from pydantic import SecretStr
from werkzeug.test import TestResponse

from bridge.users import links
from bridge.users.passwords import hashed
from bridge.users.roles import Role
from bridge.users.service import grant, make_user, set_disabled, set_password, user_of


@pytest.fixture
def provider() -> Iterator[IdentityProvider]:
    with IdentityProvider() as found:
        yield found


@pytest.fixture
def company(office: Office, provider: IdentityProvider) -> Office:
    application = office.application
    application.settings = application.settings.model_copy(
        update={
            "oidc_issuer": provider.url,
            "oidc_client_id": CLIENT,
            "oidc_client_secret": SecretStr(SECRET),
            "oidc_name": "Acme Login",
        }
    )
    return Office(office.world)


class _Stay(HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


def come(browser: Browser, **query: str) -> TestResponse:
    """To the service and back."""
    away = browser.client.get("/sign-in/service", query_string=query)
    assert away.status_code == 302, seen(away)
    opener = build_opener(_Stay)
    with pytest.raises(HTTPError) as redirect:
        opener.open(away.location)
    back = redirect.value.headers["Location"]
    return browser.client.get("/" + back.split("/", 3)[3])


def hire(office: Office, email: str = "ada@example.com") -> None:
    now = office.application.now()
    with office.application.database.writing() as session:
        user = make_user(session, email, "Ada", "", now)
        assert user.id is not None
        grant(session, office.application.workspace_id, user.id, Role.MANAGER, "a test", now)


def test_who_has_an_account_comes_in_by_it(company: Office) -> None:
    hire(company)
    browser = company.browser()
    assert "Sign in with Acme Login" in seen(browser.get("/sign-in"))
    assert come(browser, next="/w/acme/audit").location == "/w/acme/audit"
    assert browser.get("audit").status_code == 200


def test_who_is_invited_needs_no_password_at_all(company: Office) -> None:
    application = company.application
    with application.database.writing() as session:
        links.invitation(
            session,
            application.workspace_id,
            "ada@example.com",
            Role.VIEWER,
            "Bob",
            application.now(),
        )
    browser = company.browser()
    assert come(browser).status_code == 303
    assert browser.get("").status_code == 200
    assert browser.get("audit").status_code == 403


def test_a_stranger_stays_outside(company: Office) -> None:
    answer = come(company.browser())
    assert answer.status_code == 403
    assert "Nobody invited your address" in seen(answer)


def test_an_address_must_be_verified_there(company: Office, provider: IdentityProvider) -> None:
    hire(company)
    provider.person["email_verified"] = False
    assert come(company.browser()).status_code == 403


def test_an_address_that_passes_to_somebody_else_lets_nobody_in(
    company: Office, provider: IdentityProvider
) -> None:
    hire(company)
    assert come(company.browser()).status_code == 303
    provider.person["sub"] = "eve-2"
    refused = come(company.browser())
    assert refused.status_code == 403
    assert "another account" in seen(refused)
    provider.person |= {"sub": "ada-1", "email": "ada.new@example.com"}
    assert come(company.browser()).status_code == 303


def test_who_is_disabled_stays_outside(company: Office) -> None:
    hire(company)
    with company.application.database.writing() as session:
        set_disabled(session, user_of(session, "ada@example.com"), is_disabled=True)
    assert come(company.browser()).status_code == 403


@pytest.mark.parametrize(
    "changes", [{"aud": "another"}, {"iss": "https://evil.example"}, {"nonce": "n"}, {"exp": 1}]
)
def test_a_token_that_is_not_for_us_is_refused(
    company: Office, provider: IdentityProvider, changes: dict[str, Any]
) -> None:
    hire(company)
    provider.changes = changes
    assert come(company.browser()).status_code == 502


def test_a_token_signed_by_somebody_else_is_refused(
    company: Office, provider: IdentityProvider
) -> None:
    hire(company)
    provider.signing_key = ECKey.generate_key("P-256", {"kid": "1"})
    assert come(company.browser()).status_code == 502


def test_an_answer_that_was_not_asked_for_is_refused(company: Office) -> None:
    hire(company)
    answer = company.browser().client.get("/sign-in/service/back?code=code-0&state=forged")
    assert answer.status_code == 502


def test_a_service_that_is_down_leaves_the_password(
    company: Office, provider: IdentityProvider
) -> None:
    provider.server.shutdown()
    provider.server.server_close()
    answer = company.browser().client.get("/sign-in/service")
    assert answer.status_code == 502
    assert "sign in with your password" in seen(answer)


def test_without_one_there_is_no_button(office: Office) -> None:
    assert "Sign in with" not in seen(office.browser().get("/sign-in"))
    assert office.browser().get("/sign-in/service").status_code == 404


def test_a_password_that_somebody_else_may_have_set_ends_with_the_first_time(
    company: Office,
) -> None:
    hire(company)
    application = company.application
    with application.database.writing() as session:
        user = user_of(session, "ada@example.com")
        assert user.id is not None
        set_password(session, user.id, hashed("a password of eve's"), application.now())
    eve, told = company.browser(), {"email": "ada@example.com", "password": "a password of eve's"}
    assert eve.post("/sign-in", told).status_code == 303
    assert come(company.browser()).status_code == 303
    assert eve.get("").status_code == 303, "sent to the sign-in"
    assert company.browser().post("/sign-in", told).status_code == 422
