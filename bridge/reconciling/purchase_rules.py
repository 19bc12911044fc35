"""What the book must say of what is bought with points, and what a row that contradicts it and
its orders should be. Pure."""

from __future__ import annotations

from typing import NamedTuple

from bridge.rewards.models import FulfilmentState
from bridge.vouchers.models import VoucherState


class Said(NamedTuple):
    """Points that the book has under one cause."""

    held: int = 0
    paid: int = 0
    """What it cost, less what was given back; what is owed or was forgiven counts."""


NOTHING = Said()


def voucher_should(state: str, points: int, kept: int) -> Said:
    """``kept``: what its uses cost in the end (:func:`bridge.vouchers.charging.points_kept`)."""
    if state in (VoucherState.OPEN.value, VoucherState.ENDING.value):
        return Said(held=points)
    return Said(paid=kept) if state == VoucherState.USED.value else NOTHING


def claim_should(state: str, points: int) -> Said:
    if state == FulfilmentState.OPEN.value:
        return Said(held=points)
    return Said(paid=points) if state == FulfilmentState.FULFILLED.value else NOTHING


def voucher_is(state: str, said: Said, *, has_uses: bool, was_paid: bool, was_freed: bool) -> str:
    """The state that its orders and the book speak of: ``state``, where they do not contradict
    it. ``was_paid``, ``was_freed``: whether the book ever spent or freed what was held for it.

    What is said to have ended while its points are held is ending: its code may still be in the
    shop, and only a proof frees them.
    """
    if has_uses:
        return VoucherState.USED.value
    is_alive = state in (VoucherState.OPEN.value, VoucherState.ENDING.value)
    if is_alive and was_paid:
        return VoucherState.USED.value
    if is_alive and was_freed and not said.held:
        return VoucherState.ENDED.value
    if state == VoucherState.ENDED.value and said.held > 0:
        return VoucherState.ENDING.value
    if state == VoucherState.USED.value and said.held > 0 and not was_paid:
        return VoucherState.OPEN.value
    return state


def claim_is(state: str, said: Said, points: int, *, was_freed: bool) -> str:
    """The same for a claim, whose points move in the very moment its state does."""
    if said == claim_should(state, points):
        return state
    if said.paid == points and not said.held:
        return FulfilmentState.FULFILLED.value
    if said == NOTHING and was_freed:
        return FulfilmentState.CANCELLED.value
    return FulfilmentState.OPEN.value if said == Said(held=points) else state
