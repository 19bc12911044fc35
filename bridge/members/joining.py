"""Who takes part in the programme: asked by whatever gives or takes points and vouchers.

Where the programme says nothing of joining, every customer takes part, except for those who
left. What a person says is kept (:class:`bridge.members.models.JoiningWord`); memberships that
were bought are read from the orders each time, so that an order that is edited, cancelled or
moved to another member is right at once.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlmodel import Session, col

from bridge.consents.service import MEMBERSHIP, note
from bridge.inbox.codec import decoded
from bridge.kit.errors import BridgeError
from bridge.members.joining_rules import Bought, Standing, Word, bought_in, takes_part_since
from bridge.members.meant import NO_QUALITIES, Qualities, is_meant
from bridge.members.models import JoiningWord, Member
from bridge.members.qualities import chunks, qualities_of
from bridge.members.standing import identity, locked, not_erased
from bridge.orders.models import HandledOrder
from bridge.programme.document import Programme
from bridge.programme.rewards import Joining
from bridge.programme.service import current, in_force
from connectors.sales import Order
from connectors.sentences import sentence

BY_STAFF = "staff"


class NotTakenIn(BridgeError):
    """The programme takes nobody in by hand."""


def takes_part(
    session: Session, workspace_id: int, member_ids: Iterable[int], at: datetime
) -> set[int]:
    """Those of these members (themselves, not merged into others) who take part at this moment.

    Groups, segments and tiers count as they are now, whatever ``at``.
    """
    return set(taking_part(session, workspace_id, member_ids, at))


def taking_part(
    session: Session, workspace_id: int, member_ids: Iterable[int], at: datetime
) -> dict[int, datetime]:
    """The same, with the moment since when each takes part."""
    programme = in_force(session, workspace_id, at)
    joining = programme.joining if programme else None
    zone = ZoneInfo(programme.timezone if programme else "UTC")
    found: dict[int, datetime] = {}
    standings = _standings(session, workspace_id, sorted(set(member_ids)), programme, at)
    for member_id, standing in standings.items():
        since = takes_part_since(joining, standing, at, zone)
        if since is not None:
            found[member_id] = since
    return found


@dataclass(frozen=True, slots=True)
class Said:
    member_id: int
    is_new: bool
    """False: he took part already, or had left already; nothing was written."""


def take_in(
    session: Session,
    workspace_id: int,
    member_id: int,
    by: str,
    now: datetime,
    *,
    way: str = BY_STAFF,
) -> Said:
    """A person takes the member in, by invitation or again after he had left. ``way``: how he
    agreed, for the list of consents.

    Raises :class:`NotTakenIn` when he still would not take part.
    """
    member = locked(session, workspace_id, member_id)
    not_erased(member)
    if takes_part(session, workspace_id, [identity(member)], now):
        return Said(identity(member), is_new=False)
    _say(session, member, True, by, now, way)
    if not takes_part(session, workspace_id, [identity(member)], now):
        raise NotTakenIn(
            sentence(
                "Member #%(member_id)s cannot be taken in by hand: under joining, the "
                "programme names other ways in. Write invited: yes there, or let him come in "
                "by one of them.",
                member_id=f"{member.id}",
            )
        )
    return Said(identity(member), is_new=True)


def leave(
    session: Session,
    workspace_id: int,
    member_id: int,
    by: str,
    now: datetime,
    *,
    way: str = BY_STAFF,
) -> Said:
    """The member takes no part any more, however he came in. What points and vouchers he has
    stay his."""
    member = locked(session, workspace_id, member_id)
    word = _words(session, workspace_id, [identity(member)], now).get(identity(member))
    if word is not None and not word.takes_part:
        return Said(identity(member), is_new=False)
    _say(session, member, False, by, now, way)
    return Said(identity(member), is_new=True)


def _say(
    session: Session, member: Member, takes_part: bool, by: str, now: datetime, way: str
) -> None:
    session.add(
        JoiningWord(
            workspace_id=member.workspace_id,
            member_id=identity(member),
            at=now,
            takes_part=takes_part,
            by=by,
        )
    )
    session.flush()
    found = current(session, member.workspace_id)
    note(
        session,
        member.workspace_id,
        identity(member),
        MEMBERSHIP,
        now,
        is_given=takes_part,
        way=way,
        text=f"programme {found[0]}" if found and takes_part else "",
        by=by if way == BY_STAFF else "",
    )


# -- what decides it ------------------------------------------------------------------------


def _standings(
    session: Session,
    workspace_id: int,
    wanted: Sequence[int],
    programme: Programme | None,
    at: datetime,
) -> dict[int, Standing]:
    joining = programme.joining if programme else None
    words = _words(session, workspace_id, wanted, at)
    qualities: Mapping[int, Qualities] = {}
    if programme is not None and joining is not None and joining.when is not None:
        qualities = qualities_of(session, workspace_id, programme, wanted)
    bought = bought_of(session, workspace_id, wanted, joining)
    found: dict[int, Standing] = {}
    for some in chunks(wanted):
        rows = session.execute(
            select(col(Member.id), col(Member.joined_at)).where(
                col(Member.workspace_id) == workspace_id,
                col(Member.id).in_(some),
                col(Member.merged_into).is_(None),
            )
        )
        for member_id, joined_at in rows:
            holds = joining is not None and is_meant(
                joining.when, qualities.get(member_id, NO_QUALITIES)
            )
            found[member_id] = Standing(
                joined_at, words.get(member_id), holds, bought.get(member_id, ())
            )
    return found


def _words(
    session: Session, workspace_id: int, wanted: Sequence[int], at: datetime
) -> dict[int, Word]:
    """The last word on each, and on whom he was before."""
    words = words_of(session, workspace_id, wanted)
    last = {member_id: last_word(theirs, at) for member_id, theirs in words.items()}
    return {member_id: word for member_id, word in last.items() if word is not None}


def last_word(words: Sequence[Word], at: datetime) -> Word | None:
    """Of one member's, oldest first."""
    return next((word for word in reversed(words) if word.at <= at), None)


def words_of(
    session: Session, workspace_id: int, wanted: Sequence[int]
) -> dict[int, Sequence[Word]]:
    """All words on each, and on whom he was before, oldest first."""
    whose = merged_into(session, workspace_id, wanted)
    found: defaultdict[int, list[tuple[datetime, int, bool]]] = defaultdict(list)
    for some in chunks(sorted(whose)):
        rows = session.execute(
            select(
                col(JoiningWord.member_id),
                col(JoiningWord.at),
                col(JoiningWord.id),
                col(JoiningWord.takes_part),
            ).where(
                col(JoiningWord.workspace_id) == workspace_id,
                col(JoiningWord.member_id).in_(some),
            )
        )
        for member_id, said_at, id_, takes_part in rows:
            found[whose[member_id]].append((said_at, id_, takes_part))
    return {
        member_id: [Word(takes_part, at) for at, _, takes_part in sorted(said)]
        for member_id, said in found.items()
    }


def merged_into(session: Session, workspace_id: int, wanted: Sequence[int]) -> dict[int, int]:
    """Each of these members, and everybody who was merged into him, also through others, to
    him."""
    found = {member_id: member_id for member_id in wanted}
    newest, seen = list(wanted), set(wanted)
    while newest:
        below: list[int] = []
        for some in chunks(newest):
            rows = session.execute(
                select(col(Member.id), col(Member.merged_into)).where(
                    col(Member.workspace_id) == workspace_id, col(Member.merged_into).in_(some)
                )
            )
            for member_id, into in rows:
                found[member_id] = found[into]
                below.append(member_id)
        newest = [member_id for member_id in below if member_id not in seen]
        seen |= set(newest)
    return found


def bought_of(
    session: Session, workspace_id: int, wanted: Sequence[int], joining: Joining | None
) -> dict[int, list[Bought]]:
    """Memberships that members bought, over all stores."""
    if joining is None or joining.product is None:
        return {}
    sku = joining.product.sku
    # Orders are text: those that cannot hold the SKU need not be read.
    named = json.dumps(sku.strip(), ensure_ascii=False)[1:-1]
    found: defaultdict[int, list[Bought]] = defaultdict(list)
    for some in chunks(wanted):
        rows = session.execute(
            select(col(HandledOrder.member_id), col(HandledOrder.content)).where(
                col(HandledOrder.workspace_id) == workspace_id,
                col(HandledOrder.member_id).in_(some),
                col(HandledOrder.counts).is_(True),
                col(HandledOrder.content).icontains(named, autoescape=True),
            )
        )
        for member_id, content in rows:
            one = bought_in(decoded(Order, content), sku)
            if one is not None:
                found[member_id].append(one)
    return found
