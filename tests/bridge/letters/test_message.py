"""What goes over the line: one recipient, one subject, one address to unsubscribe."""

from __future__ import annotations

import email
import email.policy
from datetime import UTC, datetime
from email.headerregistry import Address

import pytest

from bridge.letters.message import Mail, message_id, message_of, one_line

NOW = datetime(2026, 3, 2, tzinfo=UTC)
SENDER = Address("Acme", addr_spec="shop@acme.example")
LINK = "https://loyalty.example.com/letters/unsubscribe/" + "a" * 80


@pytest.mark.parametrize(
    "subject",
    [
        "Hi\r\nBcc: all@example.com",
        "Hi\nBcc: all@example.com",
        "Hi\rBcc: all@example.com",
        "Hi\x00\x0b\x0c\x85Bcc: all@example.com",
        "Hi\r\n\r\n<script>",
    ],
)
def test_what_a_name_holds_makes_no_second_header(subject: str) -> None:
    sent = message_of(Mail("ada@example.com", subject, "text"), SENDER, NOW).as_bytes()
    read = email.message_from_bytes(sent, policy=email.policy.default)
    assert read["Bcc"] is None and len(read.get_all("Subject") or []) == 1
    assert read.get_content().strip() == "text"


@pytest.mark.parametrize(
    "address", ["ada@example.com\r\nBcc: all@example.com", "a@b.example, c@d.example", "", "ada"]
)
def test_an_address_is_one_or_none(address: str) -> None:
    with pytest.raises(ValueError):
        message_of(Mail(address, "Hi", "text"), SENDER, NOW)


def test_a_long_link_stays_in_one_piece() -> None:
    mail = Mail("ada@example.com", "Hi", "text", "<p>text</p>", unsubscribe=LINK, key="1/tier/7")
    sent = message_of(mail, SENDER, NOW).as_bytes()
    assert f"\r\nList-Unsubscribe: <{LINK}>\r\n".encode() in sent
    assert b"\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in sent
    assert f"\r\nMessage-ID: {message_id('1/tier/7', 'acme.example')}\r\n".encode() in sent
    assert b"multipart/alternative" in sent
    assert max(len(line) for line in sent.split(b"\r\n\r\n", 1)[1].split(b"\r\n")) <= 78


def test_a_letter_has_the_same_id_each_time_and_no_other_has_it() -> None:
    ids = {message_id(key, "acme.example") for key in ("1/tier/7", "1/tier/8", "2/tier/7")}
    assert len(ids) == 3
    assert message_id("1/tier/7", "acme.example") in ids
    assert message_id("", "acme.example") != message_id("", "acme.example")


def test_one_line_keeps_what_people_read() -> None:
    assert one_line(" Zażółć\tgęślą \n ชื่อ ") == "Zażółć gęślą ชื่อ"
