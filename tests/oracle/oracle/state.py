"""An order as it stands at a moment: what its deeds up to then add up to."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction

from oracle.words import (
    NO_AMOUNT,
    Amount,
    Back,
    Bought,
    Cancelled,
    Completed,
    Deed,
    Edited,
    GaveBack,
    Paid,
    Placed,
    Purchase,
    Told,
)

SHIPPING = "shipping"
_CENT = Fraction(1, 100)


@dataclass(frozen=True)
class State:
    lines: tuple[Bought, ...]
    shipping: Amount
    shipping_off: Amount
    placed: datetime
    paid: datetime | None = None
    completed: datetime | None = None
    cancelled: bool = False
    backs: tuple[Back, ...] = ()
    is_untold: bool = False
    """Something was given back, and nobody knows how much."""


def state_at(purchase: Purchase, at: datetime) -> State | None:
    """``None``: it was not placed yet."""
    state: State | None = None
    for deed in purchase.deeds:
        if deed.at > at:
            break
        state = _after(state, deed)
    if state is None:
        return None
    untold = any(back.rest is None and not back.everything for back in state.backs)
    return replace(state, is_untold=untold)


def _after(state: State | None, deed: Deed) -> State:
    if isinstance(deed, Placed):
        return State(deed.lines, deed.shipping, deed.shipping_off, deed.at)
    assert state is not None
    if isinstance(deed, Edited):
        return replace(state, lines=deed.lines)
    if isinstance(deed, Paid):
        return replace(state, paid=deed.at)
    if isinstance(deed, Completed):
        return replace(state, completed=deed.at)
    if isinstance(deed, Cancelled):
        return replace(state, cancelled=True)
    if isinstance(deed, GaveBack):
        return replace(state, backs=(*state.backs, deed.back))
    assert isinstance(deed, Told)
    backs = tuple(
        replace(back, rest=deed.amount) if back.id == deed.refund else back for back in state.backs
    )
    return replace(state, backs=backs)


# --- what is left of it --------------------------------------------------------------------


def returned(state: State) -> dict[str, Fraction]:
    """Of each line, and of shipping: how much of what it earned is taken back, 0 to 1."""
    if state.cancelled or any(back.everything for back in state.backs):
        return {line.id: Fraction(1) for line in state.lines} | {SHIPPING: Fraction(1)}
    kept = {line.id: 1 - _returned_by_name(line, state.backs) for line in state.lines}
    value = {line.id: _cost(line) for line in state.lines if not line.is_gift}
    rest = sum((_given(back.rest) for back in state.backs), Fraction(0))
    left = sum((kept[line] * value[line] for line in value), Fraction(0))
    shrunk = max(1 - rest / left, Fraction(0)) if left else Fraction(0)
    found = {line: 1 - part * (shrunk if rest else 1) for line, part in kept.items()}
    found[SHIPPING] = _shipping_returned(state, max(rest - left, Fraction(0)))
    return found


def _returned_by_name(line: Bought, backs: tuple[Back, ...]) -> Fraction:
    """The pieces; or the money, where more was given than the pieces cost."""
    total = Fraction(0)
    for back in backs:
        pieces = back.pieces.get(line.id)
        money = back.money.get(line.id)
        if pieces is None and money is None:
            continue
        part = Fraction(pieces or 0) / Fraction(line.pieces)
        cost, given = _cost(line), _given(money)
        if cost and given > part * cost + _CENT * Fraction(pieces or 0):
            part = given / cost
        total += part
    return min(total, Fraction(1))


def _shipping_returned(state: State, more: Fraction) -> Fraction:
    cost = Fraction(state.shipping.gross) - Fraction(state.shipping_off.gross)
    given = more + sum((_given(back.shipping) for back in state.backs), Fraction(0))
    if not cost:
        return Fraction(1 if given else 0)
    return min(given / cost, Fraction(1))


def _cost(line: Bought) -> Fraction:
    return max(Fraction(line.price.gross) - Fraction(line.off.gross), Fraction(0))


def _given(amount: Amount | None) -> Fraction:
    return Fraction(max((amount or NO_AMOUNT).gross, 0))


# --- what it counts with, among a buyer's orders -------------------------------------------


def pieces_kept(state: State) -> Fraction:
    if state.cancelled or any(back.everything for back in state.backs):
        return Fraction(0)
    lines = {line.id for line in state.lines if not line.is_gift}
    bought = sum((Fraction(line.pieces) for line in state.lines if line.id in lines), Fraction(0))
    back = sum(
        (Fraction(n) for one in state.backs for line, n in one.pieces.items() if line in lines),
        Fraction(0),
    )
    return max(bought - back, Fraction(0))


def goods_kept(state: State, *, gross: bool) -> Fraction:
    """What goods cost after discounts, less what was given back for them."""
    if state.cancelled or any(back.everything for back in state.backs):
        return Fraction(0)

    def side(amount: Amount | None) -> Fraction:
        return Fraction(0) if amount is None else Fraction(amount.gross if gross else amount.net)

    bought = sum(
        (side(line.price) - side(line.off) for line in state.lines if not line.is_gift),
        Fraction(0),
    )
    back = sum(
        (side(money) for one in state.backs for money in one.money.values()), Fraction(0)
    ) + sum(
        (side(one.rest) for one in state.backs if one.rest is not None and one.rest.gross > 0),
        Fraction(0),
    )
    return max(bought - back, Fraction(0))


def counts(state: State) -> bool:
    """As an order: something was bought, and not all of it came back."""
    if state.cancelled or not any(not line.is_gift for line in state.lines):
        return False
    return pieces_kept(state) > 0 or goods_kept(state, gross=True) > 0
