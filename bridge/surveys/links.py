"""The link of a letter by which a member answers without signing in.

Its token names the member, the survey and the last day it is good for, signed with an
HMAC-SHA256 under a key derived from the workspace's secret: nobody else can make one, and it
needs no row. It shows no answer to anybody, and answering twice is answering once.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

VALID = timedelta(days=60)
"""After the letter was written."""
_PURPOSE = b"loyalty-bridge surveys 1"
_SHAPE = re.compile(r"(\d{1,9})-(\d{1,9})-(\d{1,9})-(\d{1,6})-([A-Za-z0-9_-]{32})", re.ASCII)
_BYTES = 24
"""Of the signature: 192 bits, so that links stay short."""
_FIRST = date(2020, 1, 1)


@dataclass(frozen=True, slots=True)
class Link:
    """What a letter's link is about."""

    workspace_id: int
    member_id: int
    survey_id: int
    last_day: date
    """In UTC: afterwards it is no longer good."""


def token_of(secret: bytes, link: Link) -> str:
    """``secret``: see :mod:`bridge.vouchers.codes`. Pure."""
    days = (link.last_day - _FIRST).days
    told = f"{link.workspace_id}-{link.member_id}-{link.survey_id}-{days}"
    return f"{told}-{_signed(secret, told)}"


def named(token: str) -> Link | None:
    """What the token says, before anybody looked whether it is genuine; ``None``: it is none."""
    found = _SHAPE.fullmatch(token)
    if found is None:
        return None
    last_day = _FIRST + timedelta(days=int(found[4]))
    return Link(int(found[1]), int(found[2]), int(found[3]), last_day)


def is_genuine(secret: bytes, token: str) -> bool:
    """In a time that tells nothing about where it differs."""
    found = _SHAPE.fullmatch(token)
    if found is None:
        return False
    told = "-".join(found.group(1, 2, 3, 4))
    return hmac.compare_digest(_signed(secret, told), found[5])


def is_over(link: Link, now: datetime) -> bool:
    return now.astimezone(UTC).date() > link.last_day


def last_day_of(written_at: datetime) -> date:
    """Of the link in a letter that is written then."""
    return (written_at + VALID).astimezone(UTC).date()


def _signed(secret: bytes, told: str) -> str:
    key = HKDF(algorithm=SHA256(), length=32, salt=None, info=_PURPOSE).derive(secret)
    digest = hmac.new(key, told.encode(), hashlib.sha256).digest()[:_BYTES]
    return base64.urlsafe_b64encode(digest).decode()
