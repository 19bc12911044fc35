"""What is said of a shop's health: a word, what is wrong, and what to do about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bridge.figures.health_rules import Level, Remark, Trouble
from bridge.installations.models import AppState
from bridge.web.speaking import _, lazy, ngettext, speech

LEVELS: dict[Level, tuple[Any, str]] = {
    Level.OK: (lazy("in order"), "bg-green-lt"),
    Level.WARNING: (lazy("look at it"), "bg-yellow-lt"),
    Level.ERROR: (lazy("needs you"), "bg-red-lt"),
}
"""The word, and the badge's colours."""

WEBHOOKS: dict[AppState | None, Any] = {
    None: lazy("polled only"),
    AppState.OFFERED: lazy("not connected yet"),
    AppState.ACTIVE: lazy("on"),
    AppState.INACTIVE: lazy("switched off"),
    AppState.DELETED: lazy("removed"),
}

_Count = Callable[[int], str]

_WRONG: dict[Trouble, _Count] = {
    Trouble.NEVER_READ: lambda _n: _("The store was not asked for news yet."),
    Trouble.CANNOT_BE_READ: lambda n: ngettext(
        "The store could not be read the last time.",
        "The store could not be read %(number)s times in a row.",
        n,
    ),
    Trouble.BEHIND: lambda n: _(
        "What happened there in the last %(time)s is not known here.",
        time=speech().lasting(timedelta(seconds=n)),
    ),
    Trouble.INBOX_FAILED: lambda n: ngettext(
        "One thing that came in could not be handled.",
        "%(number)s things that came in could not be handled.",
        n,
    ),
    Trouble.DELIVERIES_REFUSED: lambda n: ngettext(
        "The store refused one change.", "The store refused %(number)s changes.", n
    ),
    Trouble.DELIVERIES_IN_CONFLICT: lambda n: ngettext(
        "Somebody changed something in the store that the bridge wants to change, too.",
        "Somebody changed %(number)s things in the store that the bridge wants to change, too.",
        n,
    ),
    Trouble.BALANCES_REFUSED: lambda n: ngettext(
        "The store does not take one member's balance.",
        "The store does not take the balances of %(number)s members.",
        n,
    ),
    Trouble.VOUCHERS_REFUSED: lambda n: ngettext(
        "One voucher could not be put into the store, or taken out of it.",
        "%(number)s vouchers could not be put into the store, or taken out of it.",
        n,
    ),
    Trouble.PROMOTIONS_CHANGED: lambda n: ngettext(
        "Somebody changed one promotion that vouchers hang on.",
        "Somebody changed %(number)s promotions that vouchers hang on.",
        n,
    ),
    Trouble.WEBHOOKS_OFF: lambda _n: _("The store sends no news: its app is off or removed."),
    Trouble.PLUGIN_GONE: lambda _n: _(
        "The plugin is gone from the store, switched off, or was made to forget its rules: no gift "
        "comes into a basket by itself."
    ),
    Trouble.PLUGIN_NOT_TOLD: lambda _n: _("The plugin in the store does not know the bridge."),
}

_REMEDIES: dict[Trouble, Any] = {
    Trouble.NEVER_READ: lazy("It is asked within minutes. If this stays, check the store."),
    Trouble.CANNOT_BE_READ: lazy(
        "See that the store can be reached and that its credentials still hold: check the store."
    ),
    Trouble.BEHIND: lazy("See that the bridge runs. It catches up by itself; nothing is lost."),
    Trouble.INBOX_FAILED: lazy("Read the reason of each under Work, mend it, and try again."),
    Trouble.DELIVERIES_REFUSED: lazy("Read the reason of each under Work, mend it, and try again."),
    Trouble.DELIVERIES_IN_CONFLICT: lazy("Decide in the plan which of the two holds."),
    Trouble.BALANCES_REFUSED: lazy("Read the reason of each under Work, and try again."),
    Trouble.VOUCHERS_REFUSED: lazy("Read the reason of each under Work, and try again."),
    Trouble.PROMOTIONS_CHANGED: lazy(
        "Put the promotion back as it was, or decide with `loyalty-bridge vouchers pools`."
    ),
    Trouble.WEBHOOKS_OFF: lazy(
        "Switch the app on in the store's administration. Until then, polling finds everything."
    ),
    Trouble.PLUGIN_GONE: lazy(
        "Install it again or switch it on; or apply the plan, so that the shop's own promotions "
        "give them."
    ),
    Trouble.PLUGIN_NOT_TOLD: lazy("See the page of the plugin in the store for what to do."),
}


_STORE = frozenset(
    {
        Trouble.NEVER_READ,
        Trouble.CANNOT_BE_READ,
        Trouble.BEHIND,
        Trouble.WEBHOOKS_OFF,
        Trouble.PLUGIN_GONE,
        Trouble.PLUGIN_NOT_TOLD,
    }
)
"""What is looked at on the store's own page."""


@dataclass(frozen=True, slots=True)
class SaidRemark:
    word: str
    badge: str
    wrong: str
    remedy: str
    detail: str
    """The shop's own words; may be empty."""
    page: str
    """Where it is mended: ``store``, ``plan``, or empty."""


def said(remark: Remark) -> SaidRemark:
    word, badge = LEVELS[remark.level]
    return SaidRemark(
        str(word),
        badge,
        _WRONG[remark.trouble](remark.count),
        str(_REMEDIES[remark.trouble]),
        remark.detail,
        _page(remark.trouble),
    )


def _page(trouble: Trouble) -> str:
    if trouble in _STORE:
        return "store"
    return "plan" if trouble is Trouble.DELIVERIES_IN_CONFLICT else ""
