"""The sections of the programme in the order of its page."""

from __future__ import annotations

from bridge.web.admin.programme.earning_sheets import RULES
from bridge.web.admin.programme.member_sheets import (
    COMPANIES,
    GENERAL,
    JOINING,
    SEGMENTS,
    TIERS,
)
from bridge.web.admin.programme.points_sheet import POINTS
from bridge.web.admin.programme.reward_sheets import CAMPAIGNS, GIFTS, NEXT_PURCHASE, REDEMPTION
from bridge.web.admin.programme.sheets import Sheet
from bridge.web.admin.programme.thanks_sheets import PARTNERS, REFERRALS, REWARDS

SHEETS: dict[str, Sheet] = {
    sheet.name: sheet
    for sheet in (
        GENERAL,
        POINTS,
        RULES,
        TIERS,
        SEGMENTS,
        REDEMPTION,
        NEXT_PURCHASE,
        CAMPAIGNS,
        GIFTS,
        REFERRALS,
        PARTNERS,
        REWARDS,
        JOINING,
        COMPANIES,
    )
}
"""By name in addresses. Groups and price lists have pages of their own; exchange rates stand in
the text."""
