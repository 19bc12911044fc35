"""A letter as an e-mail message. Pure."""

from __future__ import annotations

import hashlib
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime, make_msgid


@dataclass(frozen=True, slots=True)
class Mail:
    to: str
    """A bare address."""
    subject: str
    text: str
    html: str = ""
    """The same as HTML; empty: text alone."""
    reply_to: str = ""
    """A bare address; empty: the sender's."""
    unsubscribe: str = ""
    """Where a click ends letters like this one (RFC 8058); empty: nowhere."""
    key: str = ""
    """What makes its Message-ID: the same again when it is sent again, so that whoever gets it
    twice can tell. Empty: a new one each time."""


class _Policy(EmailPolicy):
    """Leaves alone what must stay in one piece: Python would write a long address as an encoded
    word, which no mail program reads as one."""

    _WHOLE = frozenset({"list-unsubscribe", "message-id"})

    def fold(self, name: str, value: str) -> str:
        if name.lower() in self._WHOLE:
            return f"{name}: {value}{self.linesep}"
        return str(super().fold(name, value))

    def fold_binary(self, name: str, value: str) -> bytes:
        if name.lower() in self._WHOLE:
            return self.fold(name, value).encode("ascii")
        return super().fold_binary(name, value)


POLICY = _Policy(linesep="\r\n")


def message_of(mail: Mail, sender: Address, now: datetime) -> EmailMessage:
    """Raises ValueError for an address that is none."""
    message = EmailMessage(policy=POLICY)
    message["From"] = sender
    message["To"] = _address(mail.to)
    if mail.reply_to:
        message["Reply-To"] = _address(mail.reply_to)
    message["Subject"] = one_line(mail.subject)
    message["Date"] = format_datetime(now)
    message["Message-ID"] = message_id(mail.key, sender.domain)
    message["Auto-Submitted"] = "auto-generated"
    if mail.unsubscribe:
        message["List-Unsubscribe"] = f"<{mail.unsubscribe}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(mail.text, cte="quoted-printable")
    if mail.html:
        message.add_alternative(mail.html, subtype="html", cte="quoted-printable")
    return message


def _address(text: str) -> Address:
    try:
        return Address(addr_spec=text)
    except (ValueError, IndexError, MessageError):  # Python's parser raises any of them
        raise ValueError("this is not one e-mail address") from None


def message_id(key: str, domain: str) -> str:
    """``<4f0c…@example.com>``."""
    if not key:
        return make_msgid(domain=domain)
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:40]}@{domain}>"


def one_line(text: str) -> str:
    """Without line ends and other controls: what a name holds can make no second header."""
    plain = "".join(" " if unicodedata.category(sign) == "Cc" else sign for sign in text)
    return " ".join(plain.split())
