"""Visits of a code's page, by day."""

from __future__ import annotations

from datetime import date

from sqlalchemy import func, select, update
from sqlmodel import Session, col

from bridge.db import insert_or_ignore
from bridge.referrals.models import ReferralClicks, ReferralCode


def count_click(session: Session, code: ReferralCode, day: date) -> None:
    """One more. ``day``: in the programme's time zone."""
    insert_or_ignore(
        session,
        ReferralClicks,
        [{"code_id": code.id, "day": day, "workspace_id": code.workspace_id, "clicks": 0}],
        ("code_id", "day"),
    )
    session.execute(
        update(ReferralClicks)
        .where(
            col(ReferralClicks.workspace_id) == code.workspace_id,
            col(ReferralClicks.code_id) == code.id,
            col(ReferralClicks.day) == day,
        )
        .values(clicks=col(ReferralClicks.clicks) + 1)
    )


def clicks_of(session: Session, workspace_id: int, code_ids: list[int]) -> int:
    return int(
        session.execute(
            select(func.coalesce(func.sum(col(ReferralClicks.clicks)), 0)).where(
                col(ReferralClicks.workspace_id) == workspace_id,
                col(ReferralClicks.code_id).in_(code_ids),
            )
        ).scalar_one()
    )
