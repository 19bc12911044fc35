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
from connectors.sentences import sentence


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
        raise BridgeError(sentence("No programme was loaded yet: loyalty-bridge program load FILE"))
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
                sentence(
                    "The programme has no referrals. Write them under `referrals:` and load it "
                    "with `loyalty-bridge program load FILE`."
                )
            )
        if not takes_part(session, workspace_id, [member], now):
            raise BridgeError(
                sentence(
                    "Member #%(member)s does not take part in the programme.", member=str(member)
                )
            )
        return
    agreement = programme.partners.get(partner)
    if agreement is None:
        hint = did_you_mean(partner, programme.partners, nothing=sentence("It has none."))
        raise BridgeError(
            sentence(
                "The programme has no partner `%(partner)s`. %(hint)s", partner=partner, hint=hint
            )
        )
    try:
        owner = member_named(session, workspace_id, agreement.owner)
    except (UnknownMember, ManyMembers) as error:
        raise BridgeError(
            sentence(
                "The owner of `%(partner)s` cannot be found. %(error)s",
                partner=partner,
                error=error,
            )
        ) from error
    if owner != member:
        raise BridgeError(
            sentence(
                "The agreement `%(partner)s` belongs to %(owner)s.",
                partner=partner,
                owner=agreement.owner,
            )
        )
