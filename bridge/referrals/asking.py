"""A friend gives his address. What he is told does not depend on whether anybody knows it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlmodel import Session, col

from bridge.db import insert_or_ignore
from bridge.referrals.addresses import invited_address, mailbox_of
from bridge.referrals.letters import want
from bridge.referrals.models import LetterKind, Referral, ReferralState
from bridge.referrals.offers import Invitation, Place
from bridge.referrals.tokens import hash_of, new_nonce, token_of

LINK_LASTS = timedelta(days=14)
"""How long the link in a letter holds; the address is forgotten then, if it was not opened."""


@dataclass(frozen=True, slots=True)
class Asked:
    invitation: Invitation
    place: Place
    email: str
    """As he wrote it."""
    language: str


def ask(session: Session, workspace_id: int, secret: bytes, asked: Asked, now: datetime) -> None:
    """Stores that the address was given, and has a letter sent to it, within bounds.

    Of several invitations the one that was followed last counts, until one is confirmed. Raises
    ValueError for what is no address.
    """
    email = invited_address(asked.email)
    nonce = new_nonce()
    row = {
        "workspace_id": workspace_id,
        "code_id": asked.invitation.code.id,
        "email": email,
        "mailbox": mailbox_of(email),
        "installation_id": asked.place.store.installation_id,
        "store_id": asked.place.store.store_id,
        "token_hash": hash_of(token_of(secret, workspace_id, nonce)),
        "nonce": nonce,
        "language": asked.language,
        "state": ReferralState.ASKED.value,
        "reasons": "[]",
        "asked_at": now,
        "order_id": "",
        "decided_by": "",
        "reward_points": 0,
    }
    insert_or_ignore(session, Referral, [row], ("workspace_id", "email"))
    found = session.execute(
        select(Referral)
        .where(col(Referral.workspace_id) == workspace_id, col(Referral.email) == email)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).scalar_one()
    assert found.id is not None
    if found.state == ReferralState.CONFIRMED:
        want(session, workspace_id, found.id, LetterKind.CODE, now, again=True)
    if found.state != ReferralState.ASKED:
        return
    is_other = found.nonce != nonce and (
        found.code_id != asked.invitation.code.id or found.asked_at + LINK_LASTS <= now
    )
    if is_other:
        found.code_id = asked.invitation.code.id or 0
        found.nonce, found.token_hash = nonce, str(row["token_hash"])
        found.asked_at = now
    found.installation_id = asked.place.store.installation_id
    found.store_id, found.language = asked.place.store.store_id, asked.language
    session.add(found)
    session.flush()
    want(session, workspace_id, found.id, LetterKind.CONFIRM, now, again=True, anew=is_other)
