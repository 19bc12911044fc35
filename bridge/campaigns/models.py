"""Who was given what by which campaign, once for each time it came for him."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel

from bridge.kit.columns import UtcDateTime


class CampaignGift(SQLModel, table=True):
    __tablename__ = "campaign_gifts"

    workspace_id: int = Field(foreign_key="workspaces.id", primary_key=True)
    campaign: str = Field(primary_key=True)
    """The programme's key."""
    member_id: int = Field(foreign_key="members.id", primary_key=True)
    """As he was then; he may have been merged into another since."""
    which: str = Field(primary_key=True)
    """Tells times apart: the year of a birthday, the order since which he was quiet."""
    at: datetime = Field(sa_type=UtcDateTime)
    """When it was given."""
    points: int = Field(default=0, sa_type=BigInteger)
    voucher_id: int | None = Field(default=None, foreign_key="vouchers.id")
    """``None``: it was points."""
