"""What a token may be used for. Pure."""

from __future__ import annotations

from enum import StrEnum


class Scope(StrEnum):
    READ_STORES = "stores:read"
    READ_MEMBERS = "members:read"
    WRITE_MEMBERS = "members:write"
    EXPORT_MEMBERS = "members:export"
    """Be told everything that is known of a member."""
    ERASE_MEMBERS = "members:erase"
    """For good."""
    WRITE_POINTS = "points:write"
    """Give and take points."""
    WRITE_VOUCHERS = "vouchers:write"
    """Redeem, withdraw, exchange."""
    WRITE_ACTIVITIES = "activities:write"
    """Tell what members did elsewhere, which may earn points."""
    READ_PROGRAMME = "programme:read"
    READ_FIGURES = "figures:read"
    WRITE_REWARDS = "rewards:write"
    """Take rewards of the catalogue for members, provide and cancel them."""
    READ_WORK = "work:read"
    """What is waiting, failed and done."""
    WRITE_WORK = "work:write"
    """Have what failed tried again."""
