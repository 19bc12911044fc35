"""Signing in: a password, then a second factor where the user has one.

The password is compared outside any unit of work, since that takes long on purpose.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bridge.db import Database
from bridge.kit.encryption import KeyRing
from bridge.users import passwords, throttling
from bridge.users.models import User
from bridge.users.second_factor import take_code
from bridge.users.service import renew_hash, user_named


@dataclass(frozen=True, slots=True)
class Refused:
    """Why is not told: neither whether there is such an account nor what was wrong with it."""

    wait: timedelta
    """Until an attempt is looked at again; zero: at once."""


@dataclass(frozen=True, slots=True)
class Known:
    user: User
    needs_code: bool


def check_password(
    database: Database, email: str, password: str, address: str, now: datetime
) -> Known | Refused:
    told = throttling.subjects(email, address)
    with database.reading() as session:
        wait = throttling.waits(session, told, now)
        user = user_named(session, email)
    if wait > timedelta():
        return Refused(wait)
    password_hash = user.password_hash if user is not None else ""
    is_right = passwords.is_right(password_hash, password)
    if user is None or not is_right or user.is_disabled:
        return _failed(database, told, now)
    assert user.id is not None
    with database.writing() as session:
        throttling.forget(session, told)
    if passwords.is_dated(password_hash):
        renewed = passwords.hashed(password)
        with database.writing() as session:
            renew_hash(session, user.id, password_hash, renewed)
    return Known(user, bool(user.totp_secret))


def check_code(
    database: Database, user_id: int, code: str, keys: KeyRing, address: str, now: datetime
) -> Known | Refused:
    """The second factor of who knew the password a moment ago."""
    with database.reading() as session:
        user = session.get(User, user_id)
        if user is None or user.is_disabled or not user.totp_secret:
            return Refused(timedelta())
        # Counted apart from passwords: a code is six digits only.
        told = throttling.subjects(f"second factor of {user.email}", address)
        wait = throttling.waits(session, told, now)
    if wait > timedelta():
        return Refused(wait)
    with database.writing() as session:
        is_right = take_code(session, user, code, keys, now)
        if is_right:
            throttling.forget(session, told)
    return Known(user, needs_code=False) if is_right else _failed(database, told, now)


def _failed(database: Database, told: dict[str, int], now: datetime) -> Refused:
    with database.writing() as session:
        throttling.count_failure(session, told, now)
        return Refused(max(throttling.waits(session, told, now), timedelta()))
