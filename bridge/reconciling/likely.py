"""In what circumstances an order came, told by what it earned: for where they are not kept any
more, or were changed past the bridge."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from bridge.earning.batch import segments_of, versions
from bridge.earning.circumstances import Circumstances, written
from bridge.groups.models import ShopGroup
from bridge.members.models import Company, Member
from bridge.orders.models import HandledOrder
from bridge.reconciling.judging import OrderKey, judged, kept


def likely_circumstances(session: Session, workspace_id: int, key: OrderKey) -> str | None:
    """Those that explain to the point what is posted, where the ones that are kept do not.
    ``None``: there is nothing to explain, or nothing explains it."""
    row = session.execute(
        select(HandledOrder.__table__).where(  # type: ignore[attr-defined]
            col(HandledOrder.workspace_id) == workspace_id,
            col(HandledOrder.installation_id) == key[0],
            col(HandledOrder.order_id) == key[1],
        )
    ).first()
    if row is None or row.member_id is None or not _differs(session, workspace_id, row):
        return None
    for candidate in _candidates(session, workspace_id, row):
        text = written(candidate)
        if not _differs(session, workspace_id, _Row(row, text)):
            return text
    return None


class _Row:
    """A row with other circumstances."""

    def __init__(self, row: Any, circumstances: str) -> None:
        self._row = row
        self.circumstances = circumstances

    def __getattr__(self, name: str) -> Any:
        return getattr(self._row, name)


def _differs(session: Session, workspace_id: int, row: Any) -> bool:
    found = judged(session, workspace_id, [row])
    return bool(found) and bool(found[0].all_differences)


def _candidates(session: Session, workspace_id: int, row: Any) -> Iterator[Circumstances]:
    """Each tier of the programme, in no segment, in those he is in, in those that were kept."""
    known = kept(row.circumstances) or _as_now(session, workspace_id, row)
    tiers = {known.tier, ""}
    for version in versions(session, workspace_id).known:
        tiers |= version.programme.tiers.keys()
    now = segments_of(session, workspace_id, [row.member_id]).get(row.member_id, frozenset())
    for segments in dict.fromkeys((known.segments, now, frozenset[str]())):
        for company in dict.fromkeys((known.company, "")):
            for tier in sorted(tiers):
                yield replace(known, tier=tier, segments=segments, company=company)


def _as_now(session: Session, workspace_id: int, row: Any) -> Circumstances:
    found = session.execute(
        select(col(Member.tier), col(Company.name))
        .outerjoin(Company, col(Company.id) == col(Member.company_id))
        .where(col(Member.workspace_id) == workspace_id, col(Member.id) == row.member_id)
    ).first()
    order = judged(session, workspace_id, [row])[0].order
    group = session.execute(
        select(col(ShopGroup.name)).where(
            col(ShopGroup.workspace_id) == workspace_id,
            col(ShopGroup.installation_id) == row.installation_id,
            col(ShopGroup.group_id) == order.group_id,
        )
    ).scalar_one_or_none()
    return Circumstances(
        row.member_id,
        found.tier if found else "",
        frozenset(),
        (found.name or "") if found else "",
        order.group_id,
        group or "",
    )
