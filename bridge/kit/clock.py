"""The time, as something a caller is given and a test can set."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeAlias

Clock: TypeAlias = Callable[[], datetime]
"""Answers with an aware time in UTC."""


def utc_now() -> datetime:
    return datetime.now(UTC)
