"""The guards, one row each; and what makes addresses one mailbox."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from bridge.referrals.addresses import invited_address, mailbox_of
from bridge.referrals.judging import Facts, Outcome, Person, judged

ADA = Person(
    member_ids=frozenset({1}),
    emails=frozenset({"ada@example.com"}),
    company_ids=frozenset({7}),
    companies=frozenset({"Acme GmbH"}),
    vat_ids=frozenset({"DE123456789"}),
)
BEN = Person(member_ids=frozenset({2}), emails=frozenset({"ben@example.com"}))


def facts(**other: Any) -> Facts:
    given = {"invited": "ben@example.com", "buyer_email": "ben@example.com", "referrer": ADA}
    return Facts(**{**given, "buyer": BEN, "paid": Decimal(100), "currency": "EUR", **other})


def test_an_honest_friend_is_rewarded() -> None:
    assert judged(facts()).outcome is Outcome.REWARD


@pytest.mark.parametrize(
    ("other", "outcome", "said"),
    [
        ({"buyer": ADA}, Outcome.REFUSE, "referrer himself"),
        ({"buyer_email": "ada@example.com"}, Outcome.REFUSE, "referrer himself"),
        ({"known_before": ("He bought before.",)}, Outcome.REFUSE, "bought before"),
        ({"paid": Decimal("29.99"), "least": Decimal(30)}, Outcome.REFUSE, "29.99 EUR"),
        (
            {"invited": "ada+b@example.com", "buyer_email": "ada+b@example.com"},
            Outcome.REVIEW,
            "one mailbox",
        ),
        (
            {"buyer_email": "eve@example.com", "buyer": Person(member_ids=frozenset({3}))},
            Outcome.REVIEW,
            "eve@example.com bought with the code that was given to ben@example.com",
        ),
        (
            {"buyer": Person(companies=frozenset({"ACME  gmbh"}))},
            Outcome.REVIEW,
            "the company ACME  gmbh",
        ),
        ({"buyer": Person(company_ids=frozenset({7}))}, Outcome.REVIEW, "same company"),
        ({"buyer": Person(vat_ids=frozenset({"DE123456789"}))}, Outcome.REVIEW, "DE123456789"),
        ({"returned_before": 1}, Outcome.REVIEW, "returned an earlier order"),
        ({"friends_bought": 3, "friends_returned": 2}, Outcome.REVIEW, "2 of 3 friends"),
        ({"rewards_in_month": 10}, Outcome.REVIEW, "10 rewards"),
        ({"takes_part": False}, Outcome.REVIEW, "does not take part"),
    ],
)
def test_what_is_odd(other: dict[str, Any], outcome: Outcome, said: str) -> None:
    verdict = judged(facts(**other))
    assert verdict.outcome is outcome
    assert said in " ".join(verdict.reasons)


@pytest.mark.parametrize(
    "other",
    [
        {"paid": Decimal(30), "least": Decimal(30)},
        {"buyer_email": "ben+shop@example.com"},
        {"buyer_email": "x@home.example", "buyer": Person(emails=frozenset({"ben@example.com"}))},
        {"buyer": Person(companies=frozenset({" "}))},
        {"friends_bought": 1, "friends_returned": 1},
        {"friends_bought": 9, "friends_returned": 2},
        {"rewards_in_month": 9},
    ],
)
def test_what_is_not(other: dict[str, Any]) -> None:
    assert judged(facts(**other)).outcome is Outcome.REWARD


def test_everything_odd_is_said_at_once() -> None:
    verdict = judged(facts(rewards_in_month=10, returned_before=2, takes_part=False))
    assert len(verdict.reasons) == 3


@pytest.mark.parametrize(
    ("address", "mailbox"),
    [
        ("ada@example.com", "ada@example.com"),
        ("ada+x+y@example.com", "ada@example.com"),
        ("a.da@example.com", "a.da@example.com"),
        ("a.d.a+x@gmail.com", "ada@gmail.com"),
        ("ada@googlemail.com", "ada@gmail.com"),
        ("+x@example.com", "+x@example.com"),
    ],
)
def test_one_mailbox(address: str, mailbox: str) -> None:
    assert mailbox_of(address) == mailbox


def test_an_address_is_kept_as_it_is_compared() -> None:
    assert invited_address(" Ada@Straße.DE ") == "ada@xn--strae-oqa.de"


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "ada",
        "@example.com",
        "ada@localhost",
        "a b@example.com",
        "ada@example.com, eve@example.com",
        "ada@example.com\nBcc: eve@example.com",
        '"a@b"@example.com',
        "a..b@example.com",
        "ä@example.com",
        f"{'a' * 65}@example.com",
        "ada@-example.com",
        "Ada <ada@example.com>",
    ],
)
def test_what_mail_cannot_be_sent_to(typed: str) -> None:
    with pytest.raises(ValueError, match=r"name@example\.com|domain name"):
        invited_address(typed)
