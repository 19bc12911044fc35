"""Letters on the staff's pages: what is sent, how it looks, what did not go out."""

from __future__ import annotations

import re

import pytest
from office import Office, seen
from people import PROGRAMME, People, actions
from sqlmodel import select

from bridge.audit.service import Actor
from bridge.languages.catalogues import MEMBER_NAMES
from bridge.letters.models import OFFERED, Letter, LetterKind, LetterState
from bridge.mailing.sampling import sample
from bridge.preferences.sections import Branding, Earned, Letters
from bridge.preferences.service import preferences, set_preferences
from bridge.users.roles import Role
from bridge.web.admin.letters.form import KINDS
from bridge.web.admin.letters.frame import policy_of

FORM = {
    "kinds": ["welcome", "expiring"],
    "earned": "each",
    "hour": "7",
    "expiry_days": "14",
    "language": "de",
    "reply_to": "Help@Acme.example",
    "imprint": "Acme Ltd\r\n1 Shop Street\r\n",
    "per_minute": "30",
}


def kept(office: Office) -> Letters:
    app = office.application
    with app.database.reading() as session:
        return preferences(session, app.workspace_id, Letters)


def test_settings_are_kept_as_the_command_line_keeps_them(office: Office) -> None:
    office.world.load(PROGRAMME)
    office.world.pull()
    browser = office.sign_in()
    name = re.search(r'name="(language-[^"]+)"', browser.get("settings/letters").text)
    assert name is not None
    answer = browser.post("settings/letters", FORM | {name.group(1): "ja"})
    assert "Saved." in seen(browser.follow(answer))
    found = kept(office)
    assert found.kinds == {LetterKind.WELCOME, LetterKind.EXPIRING}
    assert (found.earned, found.hour, found.expiry_days) == (Earned.EACH, 7, 14)
    assert (found.language, list(found.languages.values())) == ("de", ["ja"])
    assert (found.reply_to, found.imprint) == ("help@acme.example", "Acme Ltd\n1 Shop Street")
    assert found.per_minute == 30
    # Sent as it is shown, nothing changes; no letter at all is a choice too.
    browser.post("settings/letters", FORM | {name.group(1): "ja"})
    browser.post("settings/letters", {**FORM, "kinds": [], name.group(1): ""})
    assert kept(office).kinds == frozenset() and kept(office).languages == {}


@pytest.mark.parametrize(
    ("field", "value", "why"),
    [
        ("reply_to", "nobody", "This is not one e-mail address."),
        ("expiry_days", "0", "between 1 and 365"),
        ("hour", "24", "Not a valid choice"),
        ("per_minute", "", "Please fill this in."),
    ],
)
def test_a_wrong_setting_stays_in_the_form(
    office: Office, field: str, value: str, why: str
) -> None:
    answer = office.sign_in().post("settings/letters", FORM | {field: value})
    assert answer.status_code == 422
    assert why in seen(answer)
    assert kept(office) == Letters()


def test_each_letter_can_be_looked_at_in_each_language(office: Office) -> None:
    office.world.load(PROGRAMME)
    app = office.application
    with app.database.reading() as session:
        mails = {
            (kind, language): sample(session, app, kind, language)
            for kind in OFFERED
            for language in MEMBER_NAMES
        }
    assert set(OFFERED) <= set(KINDS)
    for (_kind, language), mail in mails.items():
        assert "%(" not in mail.subject + mail.text
        assert f'lang="{language}"' in mail.html
    assert len({mail.subject for mail in mails.values()}) == len(mails)
    assert "Silver" in mails[LetterKind.TIER, "en"].text


def test_a_sample_stands_in_a_frame_where_nothing_runs(office: Office) -> None:
    browser = office.sign_in()
    app = office.application
    with app.database.writing() as session:
        evil = Branding(name='<script>alert(1)</script>" style="color:red')
        set_preferences(session, app.workspace_id, evil, Actor("a test"), app.now())
    around = browser.get("settings/letters?kind=tier&language=fa")
    assert "frame-src 'self'" in around.headers["Content-Security-Policy"]
    frame = browser.get("settings/letters/sample?kind=tier&language=fa")
    policy = frame.headers["Content-Security-Policy"]
    assert "<script" not in frame.text and 'dir="rtl"' in frame.text
    assert "default-src 'none'" in policy and policy.endswith("sandbox")
    assert "unsafe-inline" not in policy and "frame-ancestors 'self'" in policy
    assert frame.headers["X-Frame-Options"] == "SAMEORIGIN"
    # Of other pages nothing changed.
    assert browser.get("settings/limits").headers["X-Frame-Options"] == "DENY"


def test_only_styles_of_the_letter_are_allowed() -> None:
    # printf %s 'color:red' | openssl dgst -sha256 -binary | base64
    allowed = "style-src 'unsafe-hashes' 'sha256-8f935d27GvUutRyY9yWScUMiFUk4WTdZURISiYfPOeQ=';"
    assert allowed in policy_of('<p style="color:red">style=color:blue</p>')
    assert "style-src 'none'" in policy_of("<p>plain</p>")


def test_without_a_mail_server_the_page_says_so_and_a_test_fails_there(office: Office) -> None:
    browser = office.sign_in()
    assert "no letter goes out" in seen(browser.get("settings/letters"))
    answer = browser.post("settings/letters/test", {"kind": "tier", "language": "it"})
    assert answer.status_code == 422
    assert "LOYALTY_BRIDGE_SMTP_URL" in seen(answer)


def test_what_failed_is_listed_with_its_reason_and_sent_again(office: Office) -> None:
    people = People(office)
    app = office.application
    with app.database.writing() as session:
        for place, state in enumerate((LetterState.FAILED, LetterState.SENT, LetterState.FAILED)):
            session.add(
                Letter(
                    workspace_id=app.workspace_id,
                    kind=LetterKind.WELCOME.value,
                    cause=f"test {place}",
                    member_id=people.ada,
                    made_at=app.now(),
                    not_before=app.now(),
                    state=state.value,
                    attempts=5,
                    error="550 no such box" if state is LetterState.FAILED else "",
                )
            )
    browser = office.sign_in(Role.SUPPORT)
    told = seen(browser.get("work/letters?state=failed"))
    assert told.count("550 no such box") == 2 and "ada@example.com" in told
    assert "could not be sent" in told
    with app.database.reading() as session:
        failed = [
            one.id for one in session.exec(select(Letter)) if one.state == LetterState.FAILED.value
        ]
    shown = seen(browser.get(f"work/letters/{failed[0]}"))
    assert "letters of this kind are not sent any more" in shown
    answer = browser.post("work/letters/retry", {"id": [str(failed[0])]})
    assert "1 is tried again." in seen(browser.follow(answer))
    browser.post("work/letters/retry", {"all": "1"})
    assert seen(browser.get("work/letters?state=failed")).count("550 no such box") == 0
    assert office.woken == ["letters", "letters"]
    assert actions(people).count("letters.retried") == 2
    assert browser.get("work/letters/4711").status_code == 404
    assert office.sign_in(Role.SALES).get("work/letters").status_code == 403
