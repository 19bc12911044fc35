"""Subscribers and messages in words."""

from __future__ import annotations

from typing import Any

from bridge.subscribers.event_types import TEST, EventType
from bridge.subscribers.models import Disabled, MessageState, Subscriber
from bridge.web.speaking import lazy

TYPES: dict[EventType, Any] = {
    EventType.POINTS_POSTED: lazy("Points were earned, spent, expired or moved otherwise"),
    EventType.TIER_CHANGED: lazy("A member has another tier"),
    EventType.VOUCHER_ISSUED: lazy("A voucher can be used"),
    EventType.VOUCHER_USED: lazy("A voucher was used"),
    EventType.VOUCHER_ENDED: lazy("A voucher ended without being used"),
    EventType.CLAIM_MADE: lazy("A member took a reward of the catalogue"),
    EventType.CLAIM_FULFILLED: lazy("The reward was provided"),
    EventType.CLAIM_CANCELLED: lazy("The claim of a reward was cancelled"),
    EventType.MEMBER_CREATED: lazy("There is a new member"),
    EventType.MEMBER_MERGED: lazy("Two members became one"),
    EventType.MEMBER_ERASED: lazy("A member was erased; only his number is told"),
}
"""What each type tells, in full."""
NAMES: dict[str, Any] = {
    EventType.POINTS_POSTED.value: lazy("Points"),
    EventType.TIER_CHANGED.value: lazy("Tier changed"),
    EventType.VOUCHER_ISSUED.value: lazy("Voucher issued"),
    EventType.VOUCHER_USED.value: lazy("Voucher used"),
    EventType.VOUCHER_ENDED.value: lazy("Voucher ended"),
    EventType.CLAIM_MADE.value: lazy("Reward taken"),
    EventType.CLAIM_FULFILLED.value: lazy("Reward provided"),
    EventType.CLAIM_CANCELLED.value: lazy("Reward cancelled"),
    EventType.MEMBER_CREATED.value: lazy("New member"),
    EventType.MEMBER_MERGED.value: lazy("Members merged"),
    EventType.MEMBER_ERASED.value: lazy("Member erased"),
    TEST: lazy("Test"),
}
"""The same in a table."""
STATES = {
    MessageState.WAITING.value: lazy("waits for its turn"),
    MessageState.DELIVERED.value: lazy("delivered"),
    MessageState.FAILED.value: lazy("not taken"),
}
COLOURS = {
    MessageState.WAITING.value: "bg-blue-lt",
    MessageState.DELIVERED.value: "bg-green-lt",
    MessageState.FAILED.value: "bg-red-lt",
}
_DISABLED = {
    Disabled.BY_HAND.value: (lazy("switched off"), "bg-secondary-lt"),
    Disabled.GONE.value: (lazy("off: it wants no more"), "bg-red-lt"),
    Disabled.FAILING.value: (lazy("off: it took nothing for five days"), "bg-red-lt"),
}


def standing(row: Subscriber) -> tuple[Any, str]:
    """The word for how it is, and its badge."""
    if row.disabled:
        return _DISABLED[row.disabled]
    if row.failing_since is not None:
        return lazy("takes nothing now"), "bg-yellow-lt"
    return lazy("in order"), "bg-green-lt"


def place(row: Subscriber) -> str:
    """Its address without what may be a token."""
    return row.url.partition("?")[0]
