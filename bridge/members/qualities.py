"""What conditions ask of members (:mod:`bridge.members.meant`), read for many at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from bridge.groups.models import ShopGroup
from bridge.installations.models import Installation
from bridge.members.meant import Qualities, names_of_group
from bridge.members.models import Company, Member, MemberCustomer, Segment, ShopCustomer
from bridge.programme.document import Programme

_CHUNK = 500
"""How many members one statement names; SQLite has a limit."""


def qualities_of(
    session: Session, workspace_id: int, programme: Programme, member_ids: Iterable[int]
) -> dict[int, Qualities]:
    """As they are now, by member, for each of ``member_ids``: members nobody was merged into
    others. Groups as their shops last told."""
    wanted = sorted(set(member_ids))
    groups = _groups(session, workspace_id, programme, wanted)
    segments = _segments(session, workspace_id, wanted)
    found: dict[int, Qualities] = {}
    for some in chunks(wanted):
        rows = session.execute(
            select(col(Member.id), col(Member.tier), col(Company.name))
            .outerjoin(Company, col(Company.id) == col(Member.company_id))
            .where(col(Member.workspace_id) == workspace_id, col(Member.id).in_(some))
        )
        for member_id, tier, company in rows:
            found[member_id] = Qualities(
                frozenset(groups[member_id]),
                frozenset(segments[member_id]),
                tier,
                company or "",
            )
    return found


def _groups(
    session: Session, workspace_id: int, programme: Programme, wanted: Sequence[int]
) -> defaultdict[int, set[str]]:
    found: defaultdict[int, set[str]] = defaultdict(set)
    names: dict[tuple[str, str], frozenset[str]] = {}
    for some in chunks(wanted):
        for member_id, installation, group in session.execute(_groups_of(workspace_id, some)):
            if (installation, group) not in names:
                names[installation, group] = names_of_group(programme, installation, group)
            found[member_id] |= names[installation, group]
    return found


def _groups_of(workspace_id: int, member_ids: Sequence[int]) -> Any:
    same_customer = (col(ShopCustomer.installation_id) == col(MemberCustomer.installation_id)) & (
        col(ShopCustomer.customer_id) == col(MemberCustomer.customer_id)
    )
    same_group = (col(ShopGroup.installation_id) == col(ShopCustomer.installation_id)) & (
        col(ShopGroup.group_id) == col(ShopCustomer.group_id)
    )
    return (
        select(col(MemberCustomer.member_id), col(Installation.name), col(ShopGroup.name))
        .join(ShopCustomer, same_customer)
        .join(ShopGroup, same_group)
        .join(Installation, col(Installation.id) == col(MemberCustomer.installation_id))
        .where(
            col(MemberCustomer.workspace_id) == workspace_id,
            col(MemberCustomer.member_id).in_(member_ids),
            col(Installation.removed_at).is_(None),
        )
        .distinct()
    )


def _segments(
    session: Session, workspace_id: int, wanted: Sequence[int]
) -> defaultdict[int, set[str]]:
    found: defaultdict[int, set[str]] = defaultdict(set)
    for some in chunks(wanted):
        rows = session.execute(
            select(col(Segment.member_id), col(Segment.segment)).where(
                col(Segment.workspace_id) == workspace_id, col(Segment.member_id).in_(some)
            )
        )
        for member_id, segment in rows:
            found[member_id].add(segment)
    return found


def chunks(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    """Parts that one statement can name."""
    return (ids[start : start + _CHUNK] for start in range(0, len(ids), _CHUNK))
