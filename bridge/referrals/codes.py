"""Codes that members give to friends, and partners to customers."""

from __future__ import annotations

import re
import secrets
from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session, col

from bridge.db import insert_or_ignore
from bridge.kit.errors import BridgeError
from bridge.members.models import Member
from bridge.members.standing import identity, locked
from bridge.referrals.models import ReferralCode
from bridge.vouchers.codes import ALPHABET
from connectors.sentences import sentence

_SYMBOLS = 8
"""40 bits: nobody finds one by trying, as the page counts how often one tries."""
_WISHED = re.compile(r"[A-Z0-9](?:[A-Z0-9-]{2,30}[A-Z0-9])")
_LOOK_ALIKES = str.maketrans("OIL", "011")
_TRIES = 5


def make_code(
    session: Session,
    workspace_id: int,
    member_id: int,
    now: datetime,
    *,
    partner: str = "",
    wished: str = "",
) -> ReferralCode:
    """The member's code, of this partner agreement or his own; made when there is none.

    ``wished`` is what a new code shall read. Raises BridgeError when it cannot be a code, is
    somebody's already, or differs from the code that was given out before.
    """
    member = identity(locked(session, workspace_id, member_id))
    known = [one for one in codes_of(session, workspace_id, member) if one.partner == partner]
    text = _as_code(wished) if wished else ""
    if known:
        if text and text not in {one.code for one in known}:
            raise BridgeError(
                sentence(
                    "The code %(code)s was given out before and stays: links with it are in use.",
                    code=known[0].code,
                )
            )
        return known[0]
    for _ in range(_TRIES):
        row = {
            "workspace_id": workspace_id,
            "member_id": member,
            "partner": partner,
            "code": text or _random(),
            "made_at": now,
        }
        insert_or_ignore(session, ReferralCode, [row], ("code",))
        found = _with_code(session, [str(row["code"])])
        if found is not None and (found.member_id, found.partner) == (member, partner):
            return found
        if text:
            raise BridgeError(
                sentence("The code %(text)s is taken. Choose another one.", text=text)
            )
    raise BridgeError(sentence("No free code was found. Try again."))


def codes_of(session: Session, workspace_id: int, member_id: int) -> list[ReferralCode]:
    """His own first; also those of members that were merged into him."""
    return list(
        session.execute(
            select(ReferralCode)
            .where(
                col(ReferralCode.workspace_id) == workspace_id,
                col(ReferralCode.member_id).in_(everyone_he_is(session, workspace_id, member_id)),
            )
            .order_by(col(ReferralCode.partner), col(ReferralCode.id))
        ).scalars()
    )


def everyone_he_is(session: Session, workspace_id: int, member_id: int) -> list[int]:
    """The member, and those who were merged into him, also through others."""
    found = newest = [member_id]
    while newest:
        rows = session.execute(
            select(col(Member.id)).where(
                col(Member.workspace_id) == workspace_id, col(Member.merged_into).in_(newest)
            )
        )
        newest = [one for one in rows.scalars() if one is not None and one not in found]
        found = [*found, *newest]
    return found


def code_named(session: Session, workspace_id: int, typed: str) -> ReferralCode | None:
    """The merchant's code, however it is written: small letters, an O for the digit 0…"""
    found = _named(session, typed)
    return found if found is not None and found.workspace_id == workspace_id else None


def workspace_of_code(session: Session, typed: str) -> int | None:
    """Whose code it is: one stands for one merchant only."""
    found = _named(session, typed)
    return found.workspace_id if found is not None else None


def link(public_url: str, code: str) -> str:
    """Raises BridgeError when nobody said where visitors reach the bridge."""
    if not public_url:
        raise BridgeError(
            sentence(
                "Where visitors reach the bridge is not known: set LOYALTY_BRIDGE_PUBLIC_URL "
                "to its address, like https://loyalty.example.com."
            )
        )
    return f"{public_url.rstrip('/')}/r/{code}"


def _named(session: Session, typed: str) -> ReferralCode | None:
    text = "".join(typed.split()).upper()
    if not _WISHED.fullmatch(text):
        return None
    return _with_code(session, [text, text.translate(_LOOK_ALIKES).replace("-", "")])


def _with_code(session: Session, texts: list[str]) -> ReferralCode | None:
    rows = session.execute(select(ReferralCode).where(col(ReferralCode.code).in_(texts)))
    found = {row.code: row for row in rows.scalars()}
    return next((found[text] for text in texts if text in found), None)


def _as_code(wished: str) -> str:
    text = wished.strip().upper()
    if not _WISHED.fullmatch(text):
        raise BridgeError(
            sentence(
                "%(wished)s cannot be a code: use 4 to 32 letters, digits and dashes, like "
                "ACME-10.",
                wished=wished,
            )
        )
    return text


def _random() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(_SYMBOLS))
