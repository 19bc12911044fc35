"""What connectors and services say, in the language of who reads it."""

from __future__ import annotations

import re

import pytest
from office import Office, seen
from people import People, request_id
from sqlmodel import select, update

from bridge.installations import checks
from bridge.installations.checking import Report
from bridge.installations.models import Installation
from bridge.languages.catalogues import PSEUDO
from bridge.users.models import User
from bridge.web.admin.shown import with_code
from connectors.base import Finding, Severity
from connectors.errors import Unreachable
from connectors.sentences import sentence, text_of

_LINE = re.compile(r'<div class="text-break">(.*?)</div>\s*(?:</div>)?\s*</li>', re.DOTALL)
FINDINGS = (
    Finding(
        Severity.ERROR,
        "privileges",
        sentence("The integration lacks the privilege %(name)s", name="order:read"),
        sentence("Grant it to the integration's role, if this is to work."),
    ),
    Finding(
        Severity.WARNING,
        "orders",
        sentence(
            "%(odd)s of the newest %(read)s orders do not add up (%(examples)s).",
            odd=2,
            read=20,
            examples="7, 8",
        ),
    ),
    Finding(Severity.ERROR, "url", text_of(Unreachable(sentence("No connection to the shop")))),
)


@pytest.fixture
def page(office: Office) -> str:
    """Of a store that was checked."""
    app = office.application
    with app.database.writing() as session:
        shop = session.exec(select(Installation)).one()
        checks.keep(session, app.workspace_id, [Report(shop, FINDINGS, None)], app.now())
    return f"stores/{shop.id}"


def speaks(office: Office, language: str) -> None:
    with office.application.database.writing() as session:
        session.execute(update(User).values(language=language))


def test_what_a_check_found_is_said_in_german(office: Office, page: str) -> None:
    browser = office.sign_in()
    assert "The integration lacks the privilege order:read" in seen(browser.get(page))
    speaks(office, "de")
    told = seen(browser.get(page))
    assert "Der Integration fehlt das Recht order:read" in told
    assert "Geben Sie es der Rolle der Integration" in told
    assert "2 der neuesten 20 Bestellungen ergeben eine andere Summe (7, 8)." in told
    assert "Keine Verbindung zum Shop. Prüfen Sie die Adresse" in told


def test_no_finding_is_left_untranslated(office: Office, page: str) -> None:
    browser = office.sign_in()
    speaks(office, PSEUDO)
    lines = [re.sub(r"<[^>]+>", " ", one).strip() for one in _LINE.findall(browser.get(page).text)]
    assert len(lines) == len(FINDINGS)
    assert [one for one in lines if not one.startswith("[")] == []


def test_an_error_of_a_service_is_said_in_german(office: Office) -> None:
    people = People(office)
    browser = office.sign_in()
    speaks(office, "de")
    form = {
        "request_id": request_id(browser.get(f"members/{people.bob}/reward")),
        "reward": "ticket",
    }
    told = seen(browser.post(f"members/{people.bob}/reward", form))
    assert "Day at the fair kostet 100 Punkte, und nur 0 sind verfügbar." in told


def test_what_is_to_be_typed_stands_out_and_nothing_else_becomes_markup(office: Office) -> None:
    with office.app.test_request_context():
        assert with_code("Run `a <b>` & `c`.") == (
            "Run <code>a &lt;b&gt;</code> &amp; <code>c</code>."
        )
        assert with_code("<i> and a lone ` of somebody's") == (
            "&lt;i&gt; and a lone ` of somebody&#39;s"
        )
