"""What stands in members' menu: the first ones at the bottom of a phone, all others under More."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bridge.web.member.visit import Visit
from bridge.web.speaking import lazy


def _always(visit: Visit) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Entry:
    page: str
    """The function of the page it opens."""
    title: Any
    icon: str
    is_first: bool = False
    """At the bottom of a phone, where there is room for four."""
    is_shown: Callable[[Visit], bool] = _always
    """Asked for with every page: by what the visit knows, without the database."""


def _has_redemption(visit: Visit) -> bool:
    programme = visit.merchant.programme
    return programme is not None and programme.redemption is not None


def _has_rewards(visit: Visit) -> bool:
    programme = visit.merchant.programme
    return programme is not None and bool(programme.rewards)


def _has_prices(visit: Visit) -> bool:
    programme = visit.merchant.programme
    return programme is not None and bool(programme.price_lists)


def _has_referrals(visit: Visit) -> bool:
    programme = visit.merchant.programme
    return programme is not None and programme.referrals is not None


MENU = (
    Entry("home", lazy("Home"), "home", True),
    Entry("redeem", lazy("Redeem"), "coins", True, _has_redemption),
    Entry("rewards", lazy("Rewards"), "gift", True, _has_rewards),
    Entry("vouchers", lazy("Vouchers"), "ticket", True),
    Entry("prices", lazy("Your prices"), "tags", is_shown=_has_prices),
    Entry("referral", lazy("Bring a friend"), "users", is_shown=_has_referrals),
    Entry("history", lazy("History"), "history"),
    Entry("surveys", lazy("Surveys"), "mood-smile"),
    Entry("terms", lazy("Terms"), "info-circle"),
    Entry("privacy", lazy("Privacy"), "shield-lock"),
)


def entries(visit: Visit) -> list[Entry]:
    return [one for one in MENU if one.is_shown(visit)]
