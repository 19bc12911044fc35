"""The link in the letter: the address is the friend's, and new or not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from bridge.referrals.asking import LINK_LASTS
from bridge.referrals.knowing import is_known
from bridge.referrals.letters import want
from bridge.referrals.models import LetterKind, Referral, ReferralState
from bridge.referrals.offers import Terms, friends_voucher, terms_at
from bridge.referrals.tokens import fits, hash_of, is_token
from bridge.vouchers.issuing import issue
from bridge.vouchers.models import Voucher
from bridge.vouchers.stores import store_with_id


@dataclass(frozen=True, slots=True)
class Shown:
    """What who holds the link may see."""

    referral: Referral
    voucher: Voucher | None
    """His; its code is worth showing once it is in the shop."""
    has_ended: bool = False
    """The link was not used in time, or the offer is over."""


def workspace_of_link(session: Session, token: str) -> int | None:
    """Whose letter a link was in; ``None``: no such link."""
    if not is_token(token):
        return None
    return session.exec(
        select(Referral.workspace_id).where(col(Referral.token_hash) == hash_of(token))
    ).first()


def shown(session: Session, workspace_id: int, token: str, now: datetime) -> Shown | None:
    """Changes nothing: mail servers open links to look at them. ``None``: no such link."""
    referral = _of(session, workspace_id, token)
    if referral is None:
        return None
    return _seen(session, referral, now)


def confirm(
    session: Session, workspace_id: int, secret: bytes, token: str, now: datetime
) -> Shown | None:
    """Gives the friend his voucher if nobody knows the address; once, however often it is
    told. Raises BridgeError when the voucher cannot be made (a missing rate)."""
    referral = _of(session, workspace_id, token)
    if referral is None:
        return None
    referral = _locked(session, workspace_id, referral)
    seen = _seen(session, referral, now)
    if referral.state != ReferralState.ASKED or seen.has_ended:
        return seen
    if _is_known(session, workspace_id, referral):
        referral.state = ReferralState.KNOWN.value
        referral.confirmed_at = referral.decided_at = now
        referral.decided_by = "rules"
        return _stored(session, referral, None)
    terms = terms_at(session, workspace_id, now)
    voucher = None
    if terms is not None:
        voucher = _give(session, workspace_id, secret, terms, referral, now)
    if voucher is None:
        return Shown(referral, None, has_ended=True)
    referral.state = ReferralState.CONFIRMED.value
    referral.confirmed_at, referral.voucher_id = now, voucher.id
    assert referral.id is not None
    want(session, workspace_id, referral.id, LetterKind.CODE, now)
    return _stored(session, referral, voucher)


def _of(session: Session, workspace_id: int, token: str) -> Referral | None:
    if not is_token(token):
        return None
    found = session.exec(
        select(Referral)
        .where(
            col(Referral.workspace_id) == workspace_id, col(Referral.token_hash) == hash_of(token)
        )
        .execution_options(populate_existing=True)
    ).first()
    return found if found is not None and fits(token, found.token_hash) else None


def _locked(session: Session, workspace_id: int, referral: Referral) -> Referral:
    """With all that were made for the same mailbox, so that of two only one is new."""
    rows = session.exec(
        select(Referral)
        .where(
            col(Referral.workspace_id) == workspace_id, col(Referral.mailbox) == referral.mailbox
        )
        .order_by(col(Referral.id))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return next(row for row in rows if row.id == referral.id)


def _is_known(session: Session, workspace_id: int, referral: Referral) -> bool:
    other = session.exec(
        select(Referral.id)
        .where(
            col(Referral.workspace_id) == workspace_id,
            col(Referral.mailbox) == referral.mailbox,
            col(Referral.id) != referral.id,
            col(Referral.state).not_in([ReferralState.ASKED.value, ReferralState.KNOWN.value]),
        )
        .limit(1)
    ).first()
    return other is not None or is_known(session, workspace_id, referral.email)


def _give(
    session: Session,
    workspace_id: int,
    secret: bytes,
    terms: Terms,
    referral: Referral,
    now: datetime,
) -> Voucher | None:
    assert referral.id is not None
    store = store_with_id(session, workspace_id, referral.installation_id or 0, referral.store_id)
    if store is None:
        return None
    new = friends_voucher(terms, store, referral.id, referral.email, now)
    if new.valid_until is not None and new.valid_until <= now:
        return None
    return issue(session, workspace_id, secret, new, now)


def _seen(session: Session, referral: Referral, now: datetime) -> Shown:
    is_late = referral.state == ReferralState.ASKED and referral.asked_at + LINK_LASTS <= now
    voucher = None
    if referral.voucher_id is not None:
        voucher = session.get(Voucher, referral.voucher_id)
    return Shown(referral, voucher, has_ended=is_late)


def _stored(session: Session, referral: Referral, voucher: Voucher | None) -> Shown:
    session.add(referral)
    session.flush()
    return Shown(referral, voucher)
