"""A kept plan's rows, a page at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlmodel import Session, col, select

from bridge.plans.keeping import CHANGE
from bridge.plans.models import PlanRow


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows; empty: all."""

    what: str = CHANGE
    store: str = ""
    kind: str = ""
    operation: str = ""
    text: str = ""
    """A part of what a person calls it, in any capitals."""


def plan_rows(
    session: Session,
    workspace_id: int,
    plan_id: int,
    wanted: Wanted,
    *,
    above: int | None = None,
    below: int | None = None,
    limit: int = 50,
) -> list[PlanRow]:
    """In the order of sending; ``above`` the last position of the page before, or ``below`` the
    first of the page after."""
    statement = select(PlanRow).where(
        col(PlanRow.workspace_id) == workspace_id,
        col(PlanRow.plan_id) == plan_id,
        col(PlanRow.what) == wanted.what,
    )
    for column, value in (
        (PlanRow.store, wanted.store),
        (PlanRow.kind, wanted.kind),
        (PlanRow.operation, wanted.operation),
    ):
        if value:
            statement = statement.where(col(column) == value)
    if wanted.text:
        statement = statement.where(col(PlanRow.label).icontains(wanted.text, autoescape=True))
    if below is not None:
        statement = statement.where(col(PlanRow.position) < below)
        found = session.exec(statement.order_by(col(PlanRow.position).desc()).limit(limit))
        return list(found)[::-1]
    if above is not None:
        statement = statement.where(col(PlanRow.position) > above)
    return list(session.exec(statement.order_by(col(PlanRow.position)).limit(limit)))


def all_rows(
    session: Session, workspace_id: int, plan_id: int, wanted: Wanted
) -> Iterator[PlanRow]:
    """However many."""
    above: int | None = None
    while some := plan_rows(session, workspace_id, plan_id, wanted, above=above, limit=1000):
        yield from some
        above = some[-1].position


def rows_at(
    session: Session, workspace_id: int, plan_id: int, positions: list[int]
) -> list[PlanRow]:
    return list(
        session.exec(
            select(PlanRow).where(
                col(PlanRow.workspace_id) == workspace_id,
                col(PlanRow.plan_id) == plan_id,
                col(PlanRow.position).in_(positions),
            )
        )
    )
