"""Letters really go out over SMTP, once each, and wait for what they tell of."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from mail_server import MailServer
from referral_world import TERMS, ReferralWorld, link_in
from sqlmodel import select

from bridge.config import Settings
from bridge.db import Database
from bridge.kit.errors import BridgeError
from bridge.letters.mail import mail_server
from bridge.referrals.asking import LINK_LASTS
from bridge.referrals.forgetting import forget_unconfirmed
from bridge.referrals.models import ReferralLetter
from bridge.referrals.sending import MOST_ATTEMPTS

FRIEND = "friend@example.com"


@pytest.fixture
def posted(
    sqlite_url: str, open_database: Callable[[str], Database], tmp_path: Path, mail: MailServer
) -> ReferralWorld:
    """A merchant who can send letters."""
    found = ReferralWorld(open_database(sqlite_url), tmp_path, smtp_url=mail.url)
    found.programme()
    return found


@pytest.fixture
def code(posted: ReferralWorld) -> str:
    return posted.code(posted.member("ada@example.com")).code


def _letter(world: ReferralWorld) -> ReferralLetter:
    with world.database.reading() as session:
        return session.exec(select(ReferralLetter)).one()


def test_the_way_of_a_friend_in_letters(posted: ReferralWorld, code: str, mail: MailServer) -> None:
    posted.ask(code, FRIEND)
    assert posted.send().sent == 1
    (confirm,) = mail.to(FRIEND)
    assert confirm["From"] == "Acme <shop@acme.example>"
    link = link_in(confirm.get_content())
    assert link == f"https://loyalty.example/r/confirm/{posted.token(FRIEND)}"
    assert posted.send().sent == 0
    posted.confirm(link.rpartition("/")[2])
    assert posted.send().sent == 0, "the code is not in the shop yet"
    posted.put_codes_into_shops()
    assert posted.send().sent == 1
    text = mail.to(FRIEND)[1].get_content()
    voucher = posted.confirm(posted.token(FRIEND))
    assert voucher is not None and voucher.voucher is not None
    for part in (voucher.voucher.code, "10 EUR off", "Acme North", "30 EUR", "until 1 May 2026"):
        assert part in text
    posted.order("o1", FRIEND)
    posted.later(days=15)
    assert posted.send().sent == 1
    (thanks,) = mail.to("ada@example.com")
    told = thanks.get_body(("plain",))
    assert told is not None and "500 points" in told.get_content()
    assert FRIEND not in thanks.as_string()


def test_a_german_friend_reads_german(posted: ReferralWorld, mail: MailServer) -> None:
    posted.now += timedelta(hours=2)
    posted.programme({**TERMS, "friend": {"give": {"percent": "7.5", "maximum": 20}}})
    code = posted.code(posted.member("ada@example.com")).code
    posted.ask(code, FRIEND, language="de")
    posted.send()
    text = mail.to(FRIEND)[0].get_content()
    assert "7,5 % Rabatt, höchstens 20 EUR" in text and "bestätigen" in text


def test_asked_again_at_once_no_second_letter_goes_out(
    posted: ReferralWorld, code: str, mail: MailServer
) -> None:
    for _ in range(3):
        posted.ask(code, FRIEND)
        posted.send()
    assert len(mail.letters) == 1
    posted.now += timedelta(minutes=11)
    posted.ask(code, FRIEND)
    posted.send()
    first, second = (link_in(one.get_content()) for one in mail.letters)
    assert first == second
    for _ in range(20):
        posted.now += timedelta(minutes=11)
        posted.ask(code, FRIEND)
        posted.send()
    assert len(mail.letters) == 5


def test_the_invitation_that_was_followed_last_counts(
    posted: ReferralWorld, code: str, mail: MailServer
) -> None:
    bob = posted.member("bob@example.com")
    posted.ask(code, FRIEND)
    first = posted.token(FRIEND)
    posted.ask(posted.code(bob).code, FRIEND)
    assert posted.confirm(first) is None
    posted.confirm(posted.token(FRIEND))
    posted.order("o1", FRIEND)
    posted.later(days=15)
    assert posted.points(bob) == 500


def test_a_mail_server_that_is_down_loses_nothing(
    posted: ReferralWorld, code: str, mail: MailServer
) -> None:
    mail.answer_to_data = "451 later"
    posted.ask(code, FRIEND)
    told = posted.send()
    assert (told.sent, told.problems) == (0, ("the mail server answered 451",))
    assert posted.send().problems == (), "it rests"
    mail.answer_to_data = "250 taken"
    posted.now += timedelta(minutes=2)
    assert posted.send().sent == 1


@pytest.mark.parametrize(
    ("answer", "attempts"), [("550 no such user", 1), ("450 later", MOST_ATTEMPTS)]
)
def test_a_letter_nobody_takes_ends(
    posted: ReferralWorld, code: str, mail: MailServer, answer: str, attempts: int
) -> None:
    mail.refuses[FRIEND] = answer
    posted.ask(code, FRIEND)
    for _ in range(MOST_ATTEMPTS + 2):
        posted.send()
        posted.now += timedelta(hours=13)
    letter = _letter(posted)
    assert (letter.is_dead, letter.attempts) == (True, attempts)
    assert FRIEND not in letter.error


def test_without_a_mail_server_letters_wait_and_it_is_said(
    posted: ReferralWorld, code: str
) -> None:
    posted.ask(code, FRIEND)
    posted.app.settings = posted.app.settings.model_copy(update={"smtp_url": None})
    (problem,) = posted.send().problems
    assert "LOYALTY_BRIDGE_SMTP_URL" in problem
    assert _letter(posted).attempts == 0


def test_what_another_worker_holds_is_not_sent_twice(
    posted: ReferralWorld, code: str, mail: MailServer
) -> None:
    posted.ask(code, FRIEND)
    with posted.database.writing() as session:
        letter = session.exec(select(ReferralLetter)).one()
        letter.lease_owner, letter.lease_until = "other", posted.now + timedelta(minutes=15)
        session.add(letter)
    assert posted.send().sent == 0
    posted.now += timedelta(minutes=16)
    assert posted.send().sent == 1


def test_links_end_and_addresses_that_nobody_confirmed_are_forgotten(
    posted: ReferralWorld, code: str
) -> None:
    posted.ask(code, FRIEND)
    posted.ask(code, "kept@example.com")
    posted.confirm(posted.token("kept@example.com"))
    token = posted.token(FRIEND)
    posted.now += LINK_LASTS
    found = posted.confirm(token)
    assert found is not None and found.has_ended and found.voucher is None
    with posted.database.writing() as session:
        assert forget_unconfirmed(session, posted.workspace, posted.now) == 1
    assert posted.confirm(token) is None
    assert posted.state("kept@example.com") == "confirmed"


@pytest.mark.parametrize("kept", ["token_hash", "nonce"])
def test_the_database_alone_opens_no_link(posted: ReferralWorld, code: str, kept: str) -> None:
    posted.ask(code, FRIEND)
    assert getattr(posted.referral(FRIEND), kept) not in posted.token(FRIEND)
    assert posted.confirm(getattr(posted.referral(FRIEND), kept)) is None


# -- the mail server's address ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "is_tls", "needs_starttls", "port"),
    [
        ("smtp://mail.example.com", False, True, 587),
        ("smtp://u:p%40ss@mail.example.com:2525", False, True, 2525),
        ("smtps://mail.example.com", True, False, 465),
        ("smtp://relay.internal:25?tls=no", False, False, 25),
        ("smtp://localhost:1025", False, False, 1025),
    ],
)
def test_tls_unless_somebody_says_no(
    url: str, is_tls: bool, needs_starttls: bool, port: int
) -> None:
    server = mail_server(Settings(smtp_url=url, mail_from="Acme <shop@acme.example>"))
    assert (server.is_tls, server.needs_starttls, server.port) == (is_tls, needs_starttls, port)
    assert "p@ss" not in repr(server)


@pytest.mark.parametrize(
    ("url", "sender"),
    [
        ("http://mail.example.com", "shop@acme.example"),
        ("smtp://user:secret@mail.example.com:port", "shop@acme.example"),
        ("smtp://mail.example.com", "Acme"),
        ("smtp://mail.example.com", ""),
    ],
)
def test_a_mail_server_that_cannot_be_read_is_one_line_without_its_password(
    url: str, sender: str
) -> None:
    with pytest.raises(BridgeError) as caught:
        mail_server(Settings(smtp_url=url, mail_from=sender))
    assert "LOYALTY_BRIDGE_SMTP_URL" in str(caught.value)
    assert "secret" not in str(caught.value)
