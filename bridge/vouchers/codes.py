"""Voucher codes: nobody can guess one, and the same cause always comes to the same.

A code is an HMAC-SHA256 over what the voucher is for, under a key derived (HKDF) from a random
secret of the workspace. So it can be sent again after a crash without making a second one, and
a database restored from a backup makes the codes it made before. The secret is kept encrypted
and does not change when the encryption keys do.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import select, update
from sqlmodel import Session, col

from bridge.db import insert_or_ignore
from bridge.kit.encryption import KeyRing, UnreadableSecret
from bridge.vouchers.models import VoucherSecret, normal_code

__all__ = ["ALPHABET", "PREFIX", "code_of", "normal_code", "workspace_secret"]

PREFIX = "LB-"
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: what is read as I, L or O is a digit, and there is no U."""
_BLOCKS = 3
_BLOCK = 5
"""Symbols of five bits: 75 bits in all."""
_PURPOSE = b"loyalty-bridge voucher codes 1"
_FIELD = "secret"


def code_of(
    secret: bytes,
    workspace_id: int,
    installation_id: int,
    kind: str,
    rule: str,
    source_kind: str,
    source_id: str,
) -> str:
    """``LB-7Q2MX-0RW4T-KZ91C``. Pure."""
    told = json.dumps([workspace_id, installation_id, kind, rule, source_kind, source_id])
    number = int.from_bytes(hmac.new(_key(secret), told.encode(), hashlib.sha256).digest(), "big")
    symbols = [ALPHABET[number >> 5 * place & 31] for place in range(_BLOCKS * _BLOCK)]
    blocks = ("".join(symbols[at : at + _BLOCK]) for at in range(0, len(symbols), _BLOCK))
    return PREFIX + "-".join(blocks)


@lru_cache(maxsize=64)
def _key(secret: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=_PURPOSE).derive(secret)


# -- the workspace's secret -----------------------------------------------------------------


def workspace_secret(
    session: Session, workspace_id: int, keys: Callable[[], KeyRing], now: datetime
) -> bytes:
    """Made at the first call, which needs a unit of work that may write.

    ``keys`` answers with the keys as they are at that moment: `keys rotate` may run beside us.
    Raises UnreadableSecret.
    """
    token = _stored(session, workspace_id)
    if not token:
        token = _make(session, workspace_id, keys, now)
    try:
        plain = keys().decrypt(token)
    except UnreadableSecret:
        # The keys may have been rotated between reading the row and reading the keys.
        plain = keys().decrypt(_stored(session, workspace_id))
    return bytes.fromhex(plain[_FIELD])


def _make(session: Session, workspace_id: int, keys: Callable[[], KeyRing], now: datetime) -> str:
    # Encrypted only after this transaction has written to the table, which `keys rotate` locks:
    # no row is left behind under a key that is then dropped.
    empty = {"workspace_id": workspace_id, "secret": "", "made_at": now}
    insert_or_ignore(session, VoucherSecret, [empty], ("workspace_id",))
    row = (
        update(VoucherSecret)
        .where(col(VoucherSecret.workspace_id) == workspace_id, col(VoucherSecret.secret) == "")
        .values(secret=keys().encrypt({_FIELD: secrets.token_hex(32)}))
    )
    session.execute(row, execution_options={"synchronize_session": False})
    return _stored(session, workspace_id)


def _stored(session: Session, workspace_id: int) -> str:
    """Empty: there is none yet."""
    found = session.execute(
        select(col(VoucherSecret.secret)).where(col(VoucherSecret.workspace_id) == workspace_id)
    ).scalar_one_or_none()
    return found or ""
