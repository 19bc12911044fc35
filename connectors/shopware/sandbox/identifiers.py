"""Ids and times as the shop makes them."""

from __future__ import annotations

import hashlib
import re
import secrets
import threading
import time
from datetime import UTC, datetime

HEX_ID = re.compile(r"[0-9a-f]{32}\Z")

_lock = threading.Lock()
_last = 0


def new_id() -> str:
    """A fresh id that sorts behind all earlier ones: milliseconds, then randomness."""
    global _last
    with _lock:
        _last = max(_last + 1, int(time.time() * 1000) << 12)
        head = _last
    milliseconds, counter = head >> 12, head & 0xFFF
    tail = f"{0x8000 | secrets.randbits(14):04x}{secrets.token_hex(6)}"
    return f"{milliseconds:012x}7{counter:03x}{tail}"


def fixed_id(*words: object) -> str:
    """The id of a thing in the catalogue: the same in every run."""
    return hashlib.md5("/".join(map(str, words)).encode(), usedforsecurity=False).hexdigest()


def stamp(moment: datetime) -> str:
    """``2026-11-22T15:00:15.748+00:00``: UTC, milliseconds."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")


def parse_time(text: str) -> str | None:
    """A time in any ISO form, as :func:`stamp` writes it; ``None`` when it is none.

    Without an offset it is UTC, as the shop's database sees it.
    """
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return stamp(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
