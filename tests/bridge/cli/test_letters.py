"""`letters`: what is sent, what failed and why, and trying the mail server."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner

from bridge.application import Application
from bridge.config import Settings
from bridge.db import Database

sys.path.insert(0, str(Path(__file__).parents[1] / "letters"))
sys.path.insert(0, str(Path(__file__).parents[1] / "referrals"))

from letter_world import LetterWorld
from mail_server import MailServer
from referral_world import KEY

from .conftest import Cli

ADA = "ada@example.com"


@pytest.fixture
def mail() -> Iterator[MailServer]:
    with MailServer() as server:
        yield server


@pytest.fixture
def world(
    sqlite_url: str,
    open_database: Callable[[str], Database],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    mail: MailServer,
) -> LetterWorld:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"LOYALTY_BRIDGE_{name.upper()}", raising=False)
    given = {
        "DATABASE_URL": sqlite_url,
        "HOME": str(tmp_path),
        "WORKSPACE": "acme",
        "KEYS": KEY,
        "PUBLIC_URL": "https://loyalty.example",
        "SMTP_URL": mail.url,
        "MAIL_FROM": "Acme <shop@acme.example>",
    }
    for name, value in given.items():
        monkeypatch.setenv(f"LOYALTY_BRIDGE_{name}", value)
    found = LetterWorld(open_database(sqlite_url), tmp_path, mail.url)
    opened = Application.open.__func__  # type: ignore[attr-defined]
    monkeypatch.setattr(
        Application,
        "open",
        classmethod(lambda cls, settings: opened(cls, settings, now=lambda: found.now)),
    )
    return found


@pytest.fixture
def line(world: LetterWorld, tmp_path: Path) -> Cli:
    return Cli(tmp_path, CliRunner())


def test_a_letter_that_failed_is_listed_shown_and_tried_again(
    line: Cli, world: LetterWorld, mail: MailServer
) -> None:
    ada = world.member(ADA)
    world.prefer(kinds=frozenset({"voucher"}))
    world.work()
    mail.refuses[ADA] = "550 no such user"
    made = world.voucher(ada, amount=Decimal(10))
    world.work(minutes=1)
    (failed,) = line.json("letters", "list", "--failed")
    assert (failed["kind"], failed["member"]) == ("voucher", ada)
    assert failed["error"] == "the mail server refused the address (550)"
    assert "refused the address (550)" in line.ok("letters", "list")
    shown = line.ok("letters", "show", str(failed["id"]))
    assert made.code in shown and f"To: {ADA}" in shown
    mail.refuses.clear()
    assert "1 letter will be tried again" in line.ok("letters", "retry")
    assert world.work(minutes=1).sent == 1
    assert "No letter failed." in line.ok("letters", "retry")


def test_a_test_says_what_the_server_answered(line: Cli, mail: MailServer) -> None:
    told = line.ok("letters", "test", "me@example.com", "--language", "de")
    assert "The mail server took it: 250 taken" in told
    assert mail.letters[0]["Subject"] == "Das ist eine Probe-E-Mail von Acme."
    mail.answer_to_data = "554 spam"
    assert "refused the letter (554)" in line.error("letters", "test", "me@example.com")
    assert "is not an e-mail address" in line.error("letters", "test", "me")


def test_what_is_sent_is_set_and_shown(line: Cli, world: LetterWorld, tmp_path: Path) -> None:
    world.prefer(kinds=frozenset(), imprint="")
    foot = tmp_path / "imprint.txt"
    foot.write_text("Acme Ltd\n1 Shop Street\n", "utf-8")
    line.ok("letters", "settings", "--on", "tier", "--expiry-days", "14")
    line.ok("letters", "settings", "--imprint", str(foot), "--store-language", "north/main=de")
    found = line.json("letters", "settings")
    assert (found["kinds"], found["expiry_days"]) == (["tier"], 14)
    assert found["languages"] == {"north/main": "de"}
    assert found["imprint"] == "Acme Ltd\n1 Shop Street"
    line.ok("letters", "settings", "--off", "tier", "--store-language", "north/main=")
    found = line.json("letters", "settings")
    assert (found["kinds"], found["languages"]) == ([], {})


@pytest.mark.parametrize(
    "options",
    [
        ("--on", "tier", "--off", "tier"),
        ("--hour", "24"),
        ("--expiry-days", "0"),
        ("--reply-to", "nobody"),
        ("--store-language", "north"),
        ("--store-language", "north/main=xx"),
    ],
)
def test_what_cannot_be_set_changes_nothing(line: Cli, options: tuple[str, ...]) -> None:
    before = line.json("letters", "settings")
    assert line("letters", "settings", *options).exit_code == 2
    assert line.json("letters", "settings") == before
