"""Giving a member or a partner a code, where it would be good for something."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from bridge.kit.errors import BridgeError
from bridge.kit.suggestions import did_you_mean
from bridge.members.finding import ManyMembers, UnknownMember, member_named
from bridge.members.joining import takes_part
from bridge.programme.document import Programme
from bridge.programme.service import current
from bridge.referrals.codes import make_code
from bridge.referrals.models import ReferralCode


def own_code(
    session: Session,
    workspace_id: int,
    member_id: int,
    now: datetime,
    *,
    partner: str = "",
    wished: str = "",
) -> ReferralCode:
    """The member's code, of this partner agreement or his own; made when there is none.

    Raises BridgeError when it would be good for nothing, and as
    :func:`bridge.referrals.codes.make_code` does.
    """
    found = current(session, workspace_id)
    if found is None:
        raise BridgeError("No programme was loaded yet: loyalty-bridge program load FILE")
    _require(session, workspace_id, found[1], member_id, partner, now)
    return make_code(session, workspace_id, member_id, now, partner=partner, wished=wished)


def _require(
    session: Session,
    workspace_id: int,
    programme: Programme,
    member: int,
    partner: str,
    now: datetime,
) -> None:
    if not partner:
        if programme.referrals is None:
            raise BridgeError(
                "The programme has no referrals. Write them under `referrals:` and load it with "
                "`loyalty-bridge program load FILE`."
            )
        if not takes_part(session, workspace_id, [member], now):
            raise BridgeError(f"Member #{member} does not take part in the programme.")
        return
    agreement = programme.partners.get(partner)
    if agreement is None:
        hint = did_you_mean(partner, programme.partners, nothing="It has none.")
        raise BridgeError(f"The programme has no partner `{partner}`. {hint}")
    try:
        owner = member_named(session, workspace_id, agreement.owner)
    except (UnknownMember, ManyMembers) as error:
        raise BridgeError(f"The owner of `{partner}` cannot be found. {error}") from error
    if owner != member:
        raise BridgeError(f"The agreement `{partner}` belongs to {agreement.owner}.")
