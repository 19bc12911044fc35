"""The second factor: codes of an authenticator app (TOTP, RFC 6238), and recovery codes."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from datetime import datetime

import pyotp
from sqlmodel import Session, col, delete, update

from bridge.kit.encryption import KeyRing
from bridge.users.models import RecoveryCode, User
from bridge.users.tokens import token_hash

STEP_SECONDS = 30
DRIFT = 1
"""Steps before and after the present one whose code is taken: telephones' clocks differ."""
RECOVERY_CODES = 10
_FIELD = "totp"
_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Nothing that can be read as another."""


def new_secret() -> str:
    return pyotp.random_base32()


def address_of(secret: str, email: str, issuer: str) -> str:
    """``otpauth://…``: what the QR code says to the app."""
    return pyotp.TOTP(secret, name=email, issuer=issuer).provisioning_uri()


def step_of(secret: str, code: str, after: int, now: datetime) -> int | None:
    """The time step whose code this is, later than ``after``; ``None``: it is of none. Pure."""
    typed = "".join(code.split())
    present = int(now.timestamp()) // STEP_SECONDS
    totp = pyotp.TOTP(secret, interval=STEP_SECONDS)
    for step in range(present - DRIFT, present + DRIFT + 1):
        if step > after and secrets.compare_digest(
            totp.generate_otp(step).encode(), typed.encode()
        ):
            return step
    return None


def turn_on(
    session: Session, user_id: int, secret: str, keys: Callable[[], KeyRing], step: int
) -> list[str]:
    """The recovery codes, to be shown once; those of before work no more."""
    # Encrypted only after a write to the table: `keys rotate` takes its lock.
    session.exec(update(User).where(col(User.id) == user_id).values(totp_step=step))
    token = keys().encrypt({_FIELD: secret})
    session.exec(update(User).where(col(User.id) == user_id).values(totp_secret=token))
    session.exec(delete(RecoveryCode).where(col(RecoveryCode.user_id) == user_id))
    codes = [_recovery_code() for _ in range(RECOVERY_CODES)]
    session.add_all(RecoveryCode(user_id=user_id, code_hash=_hash(one)) for one in codes)
    return codes


def turn_off(session: Session, user_id: int) -> None:
    session.exec(update(User).where(col(User.id) == user_id).values(totp_secret="", totp_step=0))
    session.exec(delete(RecoveryCode).where(col(RecoveryCode.user_id) == user_id))


def take_code(session: Session, user: User, code: str, keys: KeyRing, now: datetime) -> bool:
    """Whether the code, or a recovery code, is right; it then works no second time, however many
    ask at once."""
    step = step_of(keys.decrypt(user.totp_secret)[_FIELD], code, user.totp_step, now)
    if step is not None:
        done = session.exec(
            update(User)
            .where(col(User.id) == user.id, col(User.totp_step) < step)
            .values(totp_step=step)
        )
        return bool(done.rowcount)
    done = session.exec(
        update(RecoveryCode)
        .where(
            col(RecoveryCode.user_id) == user.id,
            col(RecoveryCode.code_hash) == _hash(code),
            col(RecoveryCode.used_at).is_(None),
        )
        .values(used_at=now)
    )
    return bool(done.rowcount)


def recovery_text(codes: Sequence[str]) -> str:
    """A file's worth, for printing."""
    return "".join(f"{code}\n" for code in codes)


def _recovery_code() -> str:
    # 79 bits: nobody finds one from its hash.
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(4))


def _hash(code: str) -> str:
    return token_hash("".join(code.split()).replace("-", "").upper())
