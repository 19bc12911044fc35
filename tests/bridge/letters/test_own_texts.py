"""Letters in the merchant's own words, as they arrive."""

from __future__ import annotations

from letter_world import LetterWorld, body, text_of
from mail_server import MailServer

from bridge.audit.service import Actor
from bridge.letters.models import LetterKind
from bridge.preferences.letter_texts import LetterText, LetterTexts
from bridge.preferences.service import set_preferences

OWN = {
    "en": LetterText(
        subject="Good to have you at {programme}",
        opening="You are one of us since {member_since}.\n\nSee https://acme.example/club.",
        closing="Yours,\nAcme & Sons",
    ),
    "de": LetterText(opening="Schön, dass Sie da sind: {balance}."),
}


def test_each_member_reads_them_in_his_language(world: LetterWorld, mail: MailServer) -> None:
    texts = LetterTexts(texts={LetterKind.WELCOME: OWN})
    with world.database.writing() as session:
        set_preferences(session, world.workspace, texts, Actor("test"), world.now)
    world.prefer(languages={"south/main": "de"})
    world.member("ada@example.com")
    world.member("bert@example.com", shop="south")
    world.work()
    (ada,), (bert,) = mail.to("ada@example.com"), mail.to("bert@example.com")
    assert ada["Subject"] == "Good to have you at Acme"
    assert text_of(ada).startswith(
        "Hello,\n\nYou are one of us since Mar 2, 2026.\n\nSee https://acme.example/club.\n\n"
        "You now take part in Acme."
    )
    assert "\n\nYours,\nAcme & Sons\n\nAcme\n\n-- \n" in text_of(ada)
    assert "<p>Yours,<br>Acme &amp; Sons</p>" in body(ada, "html")
    # What is empty is said in the standard words.
    assert bert["Subject"] == "Willkommen bei Acme"
    assert "\n\nSchön, dass Sie da sind: 0 Punkte.\n\nSie " in text_of(bert)
    for letter in (ada, bert):
        assert str(letter["List-Unsubscribe"]).strip("<>") in text_of(letter)
        assert "Acme Ltd\n1 Shop Street" in text_of(letter)
