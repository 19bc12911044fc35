"""The merchant writes letters himself: looked at, kept, refused, taken back."""

from __future__ import annotations

import pytest
from office import Office, seen
from sqlmodel import select

from bridge.audit.models import AuditEntry
from bridge.letters.models import LetterKind
from bridge.mailing.sampling import sample
from bridge.preferences.letter_texts import NAMES, LetterText, LetterTexts
from bridge.preferences.service import preferences
from bridge.users.roles import Role
from bridge.web.admin.letters.texts import MEANINGS

PATH = "settings/letters/texts"
TEXT = {
    "kind": "tier",
    "language": "de",
    "subject": "Stufe {tier}!",
    "opening": "Liebe Freunde,\r\n\r\nschön.",
    "closing": "",
}


def kept(office: Office) -> LetterTexts:
    app = office.application
    with app.database.reading() as session:
        return preferences(session, app.workspace_id, LetterTexts)


def test_a_text_is_looked_at_kept_and_taken_back(office: Office) -> None:
    browser, app = office.sign_in(), office.application
    preview = browser.post(f"{PATH}/preview", TEXT)
    assert "<p>Liebe Freunde,</p>" in preview.text
    assert "&lt;body" not in preview.text
    assert "Subject: <strong>Stufe Gold!</strong>" in preview.text
    assert preview.headers["Content-Security-Policy"].endswith("sandbox")
    assert kept(office) == LetterTexts(), "a preview keeps nothing"

    answer = browser.post(PATH, TEXT)
    assert "Saved." in seen(browser.follow(answer))
    own = LetterText(subject="Stufe {tier}!", opening="Liebe Freunde,\n\nschön.")
    assert kept(office) == LetterTexts(texts={LetterKind.TIER: {"de": own}})
    with app.database.reading() as session:
        mail = sample(session, app, LetterKind.TIER, "de")
        entries = session.exec(select(AuditEntry)).all()
    assert (mail.subject, "schön." in mail.text) == ("Stufe Gold!", True)
    assert [one.action for one in entries if one.subject_id == "letter-texts"] == [
        "preferences.set"
    ]
    shown = browser.get(f"{PATH}?kind=tier&language=de").text
    assert "Stufe {tier}!" in shown and "Danke für Ihre Treue" in shown, (
        "the standard text stands beside"
    )
    assert "Stufe Gold!" in browser.get(f"{PATH}/preview?kind=tier&language=de").text
    assert "Stufe {tier}!" not in browser.get(f"{PATH}?kind=tier&language=it").text

    browser.post(f"{PATH}/standard", {"kind": "nothing", "language": "de"})
    assert kept(office) != LetterTexts()
    browser.post(f"{PATH}/standard", {"kind": "tier", "language": "de"})
    assert kept(office) == LetterTexts()


@pytest.mark.parametrize(
    ("field", "value", "why"),
    [
        ("subject", "Hi\r\nBcc: x@evil.example", "a sign in it that nobody sees"),
        ("subject", "x" * 151, "150 characters"),
        ("opening", "Dear {name}", "{programme}, {member_since}, {tier}"),
        ("closing", "{tier", "A brace opens or closes nothing."),
        ("kind", "sign-in", "Not a valid choice"),
        ("language", "tlh", "Not a valid choice"),
    ],
)
def test_what_cannot_be_sent_stays_in_the_form(
    office: Office, field: str, value: str, why: str
) -> None:
    browser = office.sign_in()
    preview = browser.post(f"{PATH}/preview", TEXT | {field: value})
    assert preview.status_code == 422 and why in seen(preview)
    answer = browser.post(PATH, TEXT | {field: value})
    assert answer.status_code == 422
    assert "Liebe Freunde," in answer.text or field == "opening"
    assert kept(office) == LetterTexts()
    if field not in ("kind", "language"):
        assert why in seen(answer)


def test_what_is_typed_is_never_markup(office: Office) -> None:
    evil = '</p><script>alert(1)</script><p style="color:red">'
    browser = office.sign_in()
    frame = browser.post(f"{PATH}/preview", TEXT | {"opening": evil, "subject": evil})
    assert "<script" not in frame.text and '<p style="color:red">' not in frame.text
    refused = browser.post(f"{PATH}/preview", TEXT | {"opening": "{<script>}"})
    assert "<script" not in refused.text and "{&lt;script&gt;}" in refused.text


def test_every_name_is_explained() -> None:
    assert set(MEANINGS) == {name for names in NAMES.values() for name in names}


def test_support_writes_no_letters(office: Office) -> None:
    assert office.sign_in(Role.SUPPORT).post(PATH, TEXT).status_code == 403
