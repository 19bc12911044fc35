"""What each role may do. Pure."""

from __future__ import annotations

from enum import StrEnum


class Permission(StrEnum):
    """One thing that a page or a button does; every route names the one it needs."""

    LOOK = "look"
    """Overview, stores, groups, prices, plans, programme, work and reports."""
    SEE_MEMBERS = "see-members"
    """All of them; without it, only those who are his accounts."""
    SEE_ACCOUNTS = "see-accounts"
    """Members he looks after."""
    ADJUST_POINTS = "adjust-points"
    REDEEM = "redeem"
    CHANGE_MEMBERS = "change-members"
    FULFIL = "fulfil"
    """Provide rewards, and see to what members answered."""
    CHANGE_STORES = "change-stores"
    CHANGE_PRICES = "change-prices"
    APPLY = "apply"
    """Approve a plan, undo a run, settle a conflict."""
    CHANGE_PROGRAMME = "change-programme"
    RETRY = "retry"
    DECIDE = "decide"
    """The second person of a change that waits."""
    SEE_AUDIT = "see-audit"
    CHANGE_USERS = "change-users"
    CHANGE_SETTINGS = "change-settings"


class Role(StrEnum):
    OWNER = "owner"
    MANAGER = "manager"
    SUPPORT = "support"
    SALES = "sales"
    VIEWER = "viewer"


_LOOKS = frozenset({Permission.LOOK, Permission.SEE_MEMBERS, Permission.SEE_ACCOUNTS})
_EVERYTHING = frozenset(Permission)
PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.OWNER: _EVERYTHING,
    Role.MANAGER: _EVERYTHING - {Permission.CHANGE_USERS, Permission.CHANGE_SETTINGS},
    Role.SUPPORT: _LOOKS
    | {Permission.ADJUST_POINTS, Permission.REDEEM, Permission.FULFIL, Permission.RETRY},
    Role.SALES: frozenset({Permission.SEE_ACCOUNTS, Permission.REDEEM}),
    Role.VIEWER: _LOOKS,
}


def may(role: Role, permission: Permission) -> bool:
    return permission in PERMISSIONS[role]
