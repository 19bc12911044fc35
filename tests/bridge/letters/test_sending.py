"""Letters to members really go out over SMTP: what gives cause for one, and once for each."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from letter_world import LetterWorld, body, text_of
from mail_server import MailServer
from pydantic import SecretStr
from sqlmodel import select

from bridge.letters.models import Letter, LetterKind
from bridge.letters.queue import NewLetter, queue
from bridge.letters.sending import LEASE, MOST_ATTEMPTS
from bridge.mailing.sending import send_letters
from bridge.members.joining import leave
from bridge.members.models import Member, MemberEmail, ShopCustomer
from bridge.tiers.service import review
from bridge.vouchers.models import VoucherKind

ADA = "ada@example.com"
BOTH = {"amount": Decimal(10)}


def test_each_kind_is_sent_once_however_often_its_cause_is_looked_at(
    anywhere: LetterWorld, mail: MailServer
) -> None:
    world = anywhere
    ada = world.member(ADA)
    world.work()
    world.give(ada, 120, "quiz", expires=world.now + timedelta(days=20))
    world.voucher(ada, **BOTH)
    world.order("o1", ADA, "150", member=ada)
    review(world.database, world.workspace, lambda: world.now)
    for _ in range(15):
        world.work(minutes=1)
    for _ in range(40):
        world.work(hours=12)
        review(world.database, world.workspace, lambda: world.now)
    assert sorted(world.told()) == [
        ("earned", "sent"),
        ("expiring", "sent"),
        ("tier", "sent"),
        ("voucher", "sent"),
        ("welcome", "sent"),
    ]
    assert len(mail.to(ADA)) == 5


def test_what_each_letter_says(world: LetterWorld, mail: MailServer) -> None:
    ada = world.member(ADA)
    world.work()
    world.give(ada, 1200, "quiz", expires=datetime(2026, 3, 21, tzinfo=UTC))
    world.voucher(ada, **BOTH, valid_until=datetime(2026, 5, 2, tzinfo=UTC), basket=Decimal(30))
    world.order("o1", ADA, "150", member=ada)
    review(world.database, world.workspace, lambda: world.now)
    for _ in range(30):
        world.work(hours=12)
    told = {re.sub(r"\d", "", str(one["Subject"])): text_of(one) for one in mail.to(ADA)}
    assert set(told) == {
        "Welcome to Acme",
        "You can spend , points more",
        "Use , points until Mar , ",
        "Your voucher: €. off",
        "You have reached Silver",
    }
    whole = "\n".join(told.values())
    for part in (
        "You now take part in Acme.",
        "From now on you can spend 1,200 points more.",
        "Mar 20, 2026 is the last day on which you can spend 1,200 points.",
        "This voucher is for you: €10.00 off.",
        "It needs a basket of at least €30.00.",
        "It can be used once, until May 1, 2026.",
        "checkout of Acme North",
        "Acme Ltd\n1 Shop Street",
        "https://loyalty.example/letters/unsubscribe/",
    ):
        assert part in whole, part


def test_a_letter_says_how_to_end_it_and_loads_nothing(
    world: LetterWorld, mail: MailServer
) -> None:
    world.member(ADA)
    world.prefer(reply_to="help@acme.example")
    world.work()
    (one,) = mail.to(ADA)
    assert one["From"] == "Acme <shop@acme.example>"
    assert one["Reply-To"] == "help@acme.example"
    assert one["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = str(one["List-Unsubscribe"]).strip("<>")
    assert re.fullmatch(r"https://loyalty\.example/letters/unsubscribe/[\w-]+", link)
    html = body(one, "html")
    assert link in html and link in text_of(one)
    assert set(re.findall(r"https?://[^\"<]+", html)) == {link}
    assert "<img" not in html and "<style" not in html


def test_nothing_is_sent_that_the_merchant_did_not_switch_on(
    world: LetterWorld, mail: MailServer
) -> None:
    world.prefer(kinds=frozenset())
    world.work()
    ada = world.member(ADA)
    world.give(ada, 10, "quiz")
    world.voucher(ada, **BOTH)
    world.work(days=2)
    world.prefer(kinds=frozenset(LetterKind))
    world.work(minutes=1)
    world.work(days=2)
    assert (world.told(), mail.letters) == ([], []), "what was before is no news"


def test_the_past_of_a_shop_that_is_connected_is_no_news(
    world: LetterWorld, mail: MailServer
) -> None:
    ada = world.member(ADA, created_at=world.now - timedelta(days=400))
    world.give(ada, 500, "old", occurred=world.now - timedelta(days=300))
    world.work(days=2)
    assert mail.letters == []


def test_points_of_a_day_are_told_together_or_each_by_itself(
    world: LetterWorld, mail: MailServer
) -> None:
    ada = world.member(ADA)
    world.prefer(kinds=frozenset({LetterKind.EARNED}))
    world.work(hours=1)
    for source in ("a", "b"):
        world.give(ada, 10, source)
        world.work(hours=1)
    world.work(days=1)
    assert [str(one["Subject"]) for one in mail.to(ADA)] == ["You can spend 20 points more"]
    world.prefer(earned="each")
    for source in ("c", "d"):
        world.give(ada, 10, source)
    world.work(minutes=1)
    world.work(minutes=20)
    assert [str(one["Subject"]) for one in mail.to(ADA)[1:]] == ["You can spend 10 points more"] * 2


def test_what_is_over_when_its_time_comes_is_not_told(world: LetterWorld, mail: MailServer) -> None:
    ada = world.member(ADA)
    world.prefer(kinds=frozenset({LetterKind.VOUCHER}))
    world.work()
    voucher = world.voucher(ada, **BOTH, is_there=False)
    world.work(minutes=1)
    assert world.told() == [("voucher", "waiting")], "its code is not in the shop yet"
    with world.database.writing() as session:
        voucher.state = "used"
        session.add(voucher)
    world.work(minutes=20)
    assert (world.told(), mail.letters) == ([("voucher", "dropped")], [])


def test_a_voucher_is_told_once_its_code_is_in_the_shop(
    world: LetterWorld, mail: MailServer
) -> None:
    ada = world.member(ADA)
    world.prefer(kinds=frozenset({LetterKind.VOUCHER}))
    world.work()
    voucher = world.voucher(ada, **BOTH, is_there=False)
    world.voucher(ada, "r1", VoucherKind.POINTS, "request", **BOTH)
    world.work(minutes=1)
    world.put_codes_into_shops()
    world.work(minutes=20)
    (one,) = mail.to(ADA)
    assert voucher.code in text_of(one), "what he asked for himself he has seen"


# -- who gets none ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("table", "values"),
    [
        (MemberEmail, {"is_confirmed": False}),
        (ShopCustomer, {"is_confirmed": False}),
        (ShopCustomer, {"is_guest": True}),
        (ShopCustomer, {"is_active": False}),
        (ShopCustomer, {"email": "other@example.com"}),
    ],
)
def test_only_an_address_that_he_showed_to_be_his_gets_letters(
    world: LetterWorld, mail: MailServer, table: type, values: dict[str, object]
) -> None:
    ada = world.member(ADA)
    with world.database.writing() as session:
        row = session.exec(select(table)).one()
        for name, value in values.items():
            setattr(row, name, value)
        session.add(row)
    world.voucher(ada, **BOTH)
    world.work(minutes=1)
    assert mail.letters == []
    assert sorted(world.told()) == [("voucher", "dropped"), ("welcome", "waiting")]
    world.work(days=15)
    assert ("welcome", "dropped") in world.told()


def test_who_left_gets_none(world: LetterWorld, mail: MailServer) -> None:
    ada = world.member(ADA)
    with world.database.writing() as session:
        leave(session, world.workspace, ada, "test", world.now)
    world.voucher(ada, **BOTH)
    world.work(minutes=1)
    assert mail.letters == []


def test_who_was_merged_gets_them_as_who_he_is(world: LetterWorld, mail: MailServer) -> None:
    ada = world.member(ADA)
    other = world.member("other@example.com")
    world.work()
    with world.database.writing() as session:
        row = session.get(Member, other)
        assert row is not None
        row.merged_into = ada
        session.add(row)
    world.voucher(other, **BOTH)
    world.work(minutes=1)
    assert [str(one["Subject"]) for one in mail.to(ADA)][1:] == ["Your voucher: €10.00 off"]


# -- language ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "subject"),
    [("de", "Willkommen bei Acme"), ("ja", "Acmeへようこそ"), ("fa", "به Acme خوش آمدید")],
)
def test_a_member_reads_the_language_of_the_store_he_buys_in(
    world: LetterWorld, mail: MailServer, language: str, subject: str
) -> None:
    world.member(ADA)
    world.prefer(languages={"north/main": language})
    world.work()
    (one,) = mail.to(ADA)
    assert one["Subject"] == subject
    direction = "rtl" if language == "fa" else "ltr"
    assert f'<html lang="{language}" dir="{direction}">' in body(one, "html")


# -- the mail server --------------------------------------------------------------------------


def test_a_mail_server_that_is_down_loses_nothing(world: LetterWorld, mail: MailServer) -> None:
    world.member(ADA)
    mail.answer_to_data = "451 later"
    assert world.work().problems == ("the mail server answered 451",)
    assert world.work().problems == (), "it rests"
    mail.answer_to_data = "250 taken"
    assert world.work(minutes=2).sent == 1
    assert world.letters()[0].attempts == 2


@pytest.mark.parametrize(
    ("rcpt", "data", "attempts"),
    [
        ("550 no such user", "250 taken", 1),
        ("250 fine", "554 spam", 1),
        ("450 later", "250 taken", MOST_ATTEMPTS),
    ],
)
def test_what_the_server_refuses_for_good_is_shown_with_its_reason(
    world: LetterWorld, mail: MailServer, rcpt: str, data: str, attempts: int
) -> None:
    world.member(ADA)
    world.prefer(kinds=frozenset({LetterKind.WELCOME}))
    mail.refuses[ADA], mail.answer_to_data = rcpt, data
    for _ in range(MOST_ATTEMPTS + 2):
        world.work(hours=13)
    (letter,) = world.letters()
    assert (letter.state, letter.attempts) == ("failed", attempts)
    assert letter.error and ADA not in letter.error


def test_killed_in_the_middle_it_is_sent_again_with_the_same_id(
    world: LetterWorld, mail: MailServer
) -> None:
    """The server took it, and the process ended before that was written down."""
    world.member(ADA)
    world.work()
    with world.database.writing() as session:
        letter = session.exec(select(Letter)).one()
        letter.state, letter.sent_at = "waiting", None
        letter.lease_owner, letter.lease_until = "dead", world.now + LEASE
        session.add(letter)
    assert world.work(minutes=1).sent == 0, "somebody may be at it"
    assert world.work(minutes=15).sent == 1
    first, second = mail.to(ADA)
    assert first["Message-ID"] == second["Message-ID"]
    assert str(first["Message-ID"]).endswith("@acme.example>")


def test_a_line_that_is_cut_in_the_middle_leaves_the_letter_for_later(
    world: LetterWorld, mail: MailServer
) -> None:
    world.member(ADA)
    mail.answer_to_data = ""
    (problem,) = world.work().problems
    assert "cannot be reached" in problem and mail.letters == []
    mail.answer_to_data = "250 taken"
    assert world.work(minutes=2).sent == 1


def test_however_long_the_server_is_out_no_letter_is_given_up(
    world: LetterWorld, mail: MailServer
) -> None:
    for number in range(3):
        world.member(f"m{number}@example.com")
    settings = world.app.settings
    world.app.settings = settings.model_copy(update={"smtp_url": SecretStr("smtp://127.0.0.1:9")})
    for _ in range(MOST_ATTEMPTS + 2):
        (problem,) = world.work(hours=1).problems
        assert "cannot be reached" in problem
    assert [one.attempts for one in world.letters()] == [0, 0, 0]
    world.app.settings = settings
    assert world.work(minutes=1).sent == 3


def test_workers_at_once_send_each_letter_once(anywhere: LetterWorld, mail: MailServer) -> None:
    """They notice, lease and send beside each other."""
    for number in range(12):
        anywhere.member(f"m{number}@example.com")
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda name: send_letters(anywhere.app, f"worker {name}"), range(4)))
    assert [one.problems for one in done] == [()] * 4
    assert sum(one.sent for one in done) == 12
    assert len({one["To"] for one in mail.letters}) == len(mail.letters) == 12


def test_no_more_go_out_in_a_minute_than_the_merchant_says(
    world: LetterWorld, mail: MailServer
) -> None:
    world.prefer(per_minute=15)
    for number in range(20):
        world.member(f"m{number}@example.com")
    assert world.work().sent == 15
    assert world.work(seconds=30).sent == 0
    assert world.work(seconds=31).sent == 5


def test_without_a_public_address_no_letter_goes_out_and_it_is_said(
    world: LetterWorld, mail: MailServer
) -> None:
    world.member(ADA)
    settings = world.app.settings
    world.app.settings = settings.model_copy(update={"public_url": ""})
    (problem,) = world.work().problems
    assert "LOYALTY_BRIDGE_PUBLIC_URL" in problem
    assert [one.attempts for one in world.letters()] == [0]


def test_a_cause_told_again_in_any_unit_of_work_is_one_letter(anywhere: LetterWorld) -> None:
    ada = anywhere.member(ADA)
    for _ in range(2):
        with anywhere.database.writing() as session:
            again = [NewLetter("7", ada, {"tier": "silver"})] * 2
            queue(session, anywhere.workspace, LetterKind.TIER, again, anywhere.now)
    assert [one.cause for one in anywhere.letters()] == ["7"]
