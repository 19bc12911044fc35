"""The balance after each entry, as a bank statement has it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import case, func, select
from sqlmodel import Session, col

from bridge.points.models import Entry, Place
from bridge.points.statement import Line


class After(NamedTuple):
    available: int
    pending: int


def running(
    session: Session, workspace_id: int, account_id: int, newest_first: Sequence[Line]
) -> list[After]:
    """For each line; ``newest_first`` has no gaps. Summed from the entries up to the newest of
    them, so that what is posted meanwhile shifts nothing."""
    if not newest_first:
        return []
    newest = newest_first[0].id
    available = _sum(session, workspace_id, account_id, newest, Place.AVAILABLE)
    pending = _sum(session, workspace_id, account_id, newest, Place.PENDING)
    found = []
    for line in newest_first:
        found.append(After(available, pending))
        available -= line.change
        pending -= _change(line, Place.PENDING)
    return found


def _change(line: Line, place: Place) -> int:
    return line.points * ((line.credit is place) - (line.debit is place))


def _sum(session: Session, workspace_id: int, account_id: int, newest: int, place: Place) -> int:
    credited = case((col(Entry.credit) == place.value, col(Entry.points)), else_=0)
    debited = case((col(Entry.debit) == place.value, col(Entry.points)), else_=0)
    total = session.execute(
        select(func.coalesce(func.sum(credited - debited), 0)).where(
            col(Entry.workspace_id) == workspace_id,
            col(Entry.account_id) == account_id,
            col(Entry.id) <= newest,
        )
    ).scalar_one()
    return int(total)
