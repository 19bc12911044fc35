"""`keys rotate`: stored credentials move to a new key, and the old one is dropped.

Every step leaves a state in which all credentials can be read, so that it may be killed
between and within any of them and be run again:

1. the new key is put in front of the key file (one atomic replacement),
2. all credentials are encrypted under it (one transaction),
3. what the first key alone opens needs no other: the old keys are dropped (one replacement).

Steps 1 and 2, and step 3, each hold the lock on the installations: two rotations take turns,
and credentials that are added meanwhile are encrypted before the lock is taken, and found, or
after it is released, under the new key (see :func:`bridge.installations.service.add`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlmodel import Session, col, select, update

from bridge.db import Database
from bridge.installations import drafts, endpoints, service
from bridge.kit.encryption import KeyRing, generate_key
from bridge.kit.errors import BridgeError
from bridge.kit.key_file import read_keys, replace_keys
from bridge.member_sign_in.models import MemberLinkKey
from bridge.subscribers.models import Subscriber
from bridge.users.models import User, WebSecret
from bridge.vouchers.models import VoucherSecret
from bridge.workspaces.service import workspace_ids

SEALED = (
    ("installations", "credentials"),
    ("app_registrations", "secrets"),
    ("voucher_secrets", "secret"),
    ("users", "totp_secret"),
    ("web_secrets", "secret"),
    ("store_drafts", "credentials"),
    ("member_link_keys", "secret"),
    ("subscribers", "secret"),
    ("subscribers", "old_secret"),
)
"""Tables and their columns that hold what is encrypted; empty where there is nothing."""


def rotate(database: Database, key_file: Path) -> int:
    """How many sets of credentials were encrypted anew.

    Raises UnreadableSecret when some cannot be read with the present keys: nothing is changed
    but that the file has one more key.
    """
    count = take_up_new_key(database, key_file)
    drop_old_keys(database, key_file)
    return count


def take_up_new_key(database: Database, key_file: Path) -> int:
    with _locked(database) as session:
        keys = [generate_key(), *read_keys(key_file)]
        replace_keys(key_file, keys)
        return _encrypt_all(session, KeyRing(keys))


def drop_old_keys(database: Database, key_file: Path) -> None:
    """Drops every key but the first, after proving that it opens everything."""
    with _locked(database) as session:
        newest = read_keys(key_file)[:1]
        ring = KeyRing(newest)
        for _workspace, _installation, token in _all_sealed(session):
            ring.decrypt(token)
        for workspace in workspace_ids(session):
            for token in endpoints.sealed(session, workspace).values():
                ring.decrypt(token)
            for token in drafts.sealed(session, workspace).values():
                ring.decrypt(token)
            for token in _voucher_secrets(session, workspace):
                ring.decrypt(token)
            for token in _link_keys(session, workspace).values():
                ring.decrypt(token)
            for _change, token in _of_subscribers(session, workspace):
                ring.decrypt(token)
        for _change, token in _of_users(session):
            ring.decrypt(token)
        replace_keys(key_file, newest)


def encrypt_under_newest_of(database: Database, keys: Sequence[str]) -> int:
    """For keys that the environment gives: the newest encrypts, the others may go afterwards.

    Raises BridgeError, with what to do, when there is only one.
    """
    if len(keys) < 2:
        raise BridgeError(
            "The keys come from LOYALTY_BRIDGE_KEYS, which this command cannot change. Put a "
            "new key (`loyalty-bridge keys new`) and a comma in front of the old one wherever "
            "it is set, run this again, and then take the old key out."
        )
    with _locked(database) as session:
        return _encrypt_all(session, KeyRing(keys))


def _encrypt_all(session: Session, ring: KeyRing) -> int:
    sealed = list(_all_sealed(session))
    for workspace, installation, token in sealed:
        service.set_sealed(session, workspace, installation, ring.rotate(token))
    _encrypt_others(session, ring)
    return len(sealed)


def _encrypt_others(session: Session, ring: KeyRing) -> None:
    for workspace in workspace_ids(session):
        for installation, token in endpoints.sealed(session, workspace).items():
            endpoints.set_sealed(session, workspace, installation, ring.rotate(token))
        for user, token in drafts.sealed(session, workspace).items():
            drafts.set_sealed(session, workspace, user, ring.rotate(token))
        for token in _voucher_secrets(session, workspace):
            session.exec(
                update(VoucherSecret)
                .where(col(VoucherSecret.workspace_id) == workspace)
                .values(secret=ring.rotate(token))
            )
        for installation, token in _link_keys(session, workspace).items():
            session.exec(
                update(MemberLinkKey)
                .where(
                    col(MemberLinkKey.workspace_id) == workspace,
                    col(MemberLinkKey.installation_id) == installation,
                )
                .values(secret=ring.rotate(token))
            )
        for change, token in _of_subscribers(session, workspace):
            session.exec(change(ring.rotate(token)))
    for change, token in _of_users(session):
        session.exec(change(ring.rotate(token)))


def _of_users(session: Session) -> list[tuple[Callable[[str], Any], str]]:
    """What no workspace owns: second factors of users, and what cookies are signed with. Each
    with the statement that stores it anew."""
    factors = session.exec(select(User.id, User.totp_secret).where(col(User.totp_secret) != ""))
    found: list[tuple[Callable[[str], Any], str]] = [
        (partial(_factor, user_id), token) for user_id, token in factors
    ]
    secrets = session.exec(select(WebSecret.secret).where(col(WebSecret.secret) != ""))
    found.extend((_cookies, token) for token in secrets)
    return found


def _cookies(token: str) -> Any:
    return update(WebSecret).values(secret=token)


def _factor(user_id: int | None, token: str) -> Any:
    return update(User).where(col(User.id) == user_id).values(totp_secret=token)


def _voucher_secrets(session: Session, workspace_id: int) -> list[str]:
    """What codes of vouchers are made from: encrypted anew, it stays the same."""
    rows = session.exec(
        select(VoucherSecret.secret).where(
            col(VoucherSecret.workspace_id) == workspace_id, col(VoucherSecret.secret) != ""
        )
    )
    return list(rows)


def _link_keys(session: Session, workspace_id: int) -> dict[int, str]:
    """What shops sign links to members' pages with, by installation id."""
    rows = session.exec(
        select(MemberLinkKey.installation_id, MemberLinkKey.secret).where(
            col(MemberLinkKey.workspace_id) == workspace_id, col(MemberLinkKey.secret) != ""
        )
    )
    return dict(rows.all())


def _of_subscribers(session: Session, workspace_id: int) -> list[tuple[Callable[[str], Any], str]]:
    """What webhooks to other systems are signed with, and were until lately."""
    rows = session.exec(
        select(Subscriber.id, Subscriber.secret, Subscriber.old_secret).where(
            col(Subscriber.workspace_id) == workspace_id
        )
    )
    found: list[tuple[Callable[[str], Any], str]] = []
    for subscriber_id, secret, old_secret in rows:
        for name, token in (("secret", secret), ("old_secret", old_secret)):
            if token:
                found.append((partial(_signing, subscriber_id, name), token))
    return found


def _signing(subscriber_id: int | None, name: str, token: str) -> Any:
    return update(Subscriber).where(col(Subscriber.id) == subscriber_id).values({name: token})


def _all_sealed(session: Session) -> Iterator[tuple[int, int, str]]:
    for workspace in workspace_ids(session):
        for installation, token in service.sealed(session, workspace).items():
            yield workspace, installation, token


@contextmanager
def _locked(database: Database) -> Iterator[Session]:
    """A unit of work beside which nobody writes credentials. SQLite has one writer anyway."""
    with database.writing() as session:
        if not database.is_sqlite:
            tables = ", ".join(dict.fromkeys(table for table, _column in SEALED))
            session.connection().execute(text(f"LOCK TABLE {tables} IN SHARE ROW EXCLUSIVE MODE"))
        yield session
