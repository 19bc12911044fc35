"""The letter with a member's code: it goes out whatever else holds letters up, and no later than
the code is good for."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal

from letter_world import LetterWorld, body, text_of
from mail_server import MailServer
from sqlmodel import update

from bridge.letters.models import LetterKind, LetterState
from bridge.letters.refusing import refuse
from bridge.mailing.addressee import whose
from bridge.mailing.sending import send_codes, send_letters
from bridge.member_sign_in.codes import LASTS, Asking, Right, ask, give
from bridge.members.joining import leave
from bridge.members.models import ShopCustomer
from bridge.vouchers.codes import workspace_secret

ADA = "ada@example.com"


def asked(world: LetterWorld, language: str = "en") -> str:
    with world.database.writing() as session:
        member = whose(session, world.workspace, ADA)
        found = ask(session, world.workspace, Asking(ADA, member, language, "::1"), world.now)
    assert isinstance(found, str)
    return found


def test_it_is_sent_to_who_wants_no_letters_and_takes_no_part(
    anywhere: LetterWorld, mail: MailServer
) -> None:
    world = anywhere
    ada = world.member(ADA)
    world.prefer(kinds=frozenset())
    with world.database.writing() as session:
        refuse(session, world.workspace, ada, None, world.now)
        leave(session, world.workspace, ada, "a test", world.now)
    browser = asked(world, "de")
    assert send_codes(world.app, "worker").sent == 1
    (letter,) = mail.to(ADA)
    assert "Ihr Code" in letter["Subject"]
    assert "List-Unsubscribe" not in letter
    assert "http" not in text_of(letter) + body(letter, "html")
    code = re.search(r"^ {4}(\d{6})\s*$", text_of(letter), re.M)
    assert code is not None
    with world.database.writing() as session:
        secret = workspace_secret(session, world.workspace, world.app.keyring, world.now)
        found = give(session, world.workspace, secret, browser, code[1], "::1", world.now)
    assert isinstance(found, Right)
    assert found.member_id == ada


def test_the_limit_of_a_minute_does_not_hold_it_up_and_it_goes_first(
    world: LetterWorld, mail: MailServer
) -> None:
    world.prefer(per_minute=1)
    ada, bob = world.member(ADA), world.member("bob@example.com")
    for number in range(3):
        world.voucher(bob, f"o{number}", amount=Decimal(5))
    world.voucher(ada, "o9", amount=Decimal(5))
    asked(world)
    assert world.work().sent == 1, "the limit counts it as well"
    assert [letter["To"] for letter in mail.letters] == [ADA]
    asked(world)
    assert send_letters(world.app, "worker").sent == 1
    assert [letter["To"] for letter in mail.letters] == [ADA, ADA]


def test_a_letter_that_comes_too_late_is_dropped(world: LetterWorld, mail: MailServer) -> None:
    world.member(ADA)
    asked(world)
    world.now += LASTS + timedelta(seconds=1)
    assert send_codes(world.app, "worker").sent == 0
    assert mail.letters == []
    assert world.told()[-1] == (LetterKind.SIGN_IN, LetterState.DROPPED)


def test_an_address_that_is_no_customers_any_more_gets_none(
    world: LetterWorld, mail: MailServer
) -> None:
    world.member(ADA)
    asked(world)
    with world.database.writing() as session:
        session.exec(update(ShopCustomer).values(is_active=False))
    assert send_codes(world.app, "worker").sent == 0
    assert mail.letters == []
