"""What entries can look like: which effect moves points from where to where. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from bridge.points.models import Place

Legs: TypeAlias = tuple[str, str]
"""From, to."""

_P, _A, _R, _D = "pending", "available", "reserved", "debt"
_ISSUED, _REDEEMED, _EXPIRED, _ADJUSTED, _MOVED = (
    "issued",
    "redeemed",
    "expired",
    "adjusted",
    "moved",
)
PLACES = frozenset(place.value for place in Place)
FORMS: Mapping[str, frozenset[Legs]] = {
    "earn": frozenset({(_ISSUED, _P), (_ISSUED, _A)}),
    "take_back_pending": frozenset({(_P, _ISSUED)}),
    "take_back": frozenset({(_A, _ISSUED)}),
    "take_back_expired": frozenset({(_EXPIRED, _ISSUED)}),
    "take_back_as_debt": frozenset({(_D, _ISSUED)}),
    "take_back_forgiven": frozenset({(_ADJUSTED, _ISSUED)}),
    "ripen": frozenset({(_P, _A)}),
    "expire": frozenset({(_A, _EXPIRED)}),
    "settle_debt": frozenset({(_A, _D)}),
    "spend": frozenset({(_A, _REDEEMED)}),
    "reserve": frozenset({(_A, _R)}),
    "capture": frozenset({(_R, _REDEEMED)}),
    "release": frozenset({(_R, _A)}),
    "restore": frozenset({(_REDEEMED, _A)}),
    "spend_as_debt": frozenset({(_D, _REDEEMED)}),
    "spend_forgiven": frozenset({(_ADJUSTED, _REDEEMED)}),
    "restore_owed": frozenset({(_REDEEMED, _D), (_REDEEMED, _A)}),
    "restore_forgiven": frozenset({(_REDEEMED, _ADJUSTED)}),
    "adjust": frozenset({(_ADJUSTED, _A), (_A, _ADJUSTED)}),
    "import": frozenset({(_ADJUSTED, _A), (_ADJUSTED, _P), (_D, _ADJUSTED)}),
    "write_off": frozenset({(_P, _ADJUSTED), (_A, _ADJUSTED), (_ADJUSTED, _D)}),
    "move_out": frozenset({(_P, _MOVED), (_A, _MOVED)}),
    "move_in": frozenset({(_MOVED, _P), (_MOVED, _A)}),
    "move_debt": frozenset({(_MOVED, _D), (_D, _MOVED), (_A, _D)}),
}
"""Effects of later releases are not among them: of those only the places are looked at."""
FILLS = frozenset({("earn", _ISSUED), ("adjust", _ADJUSTED), ("import", _ADJUSTED)})
"""Effect and place of entries that fill the lot of their own source, and no other."""

ONCE = frozenset({"adjust", "import", "ripen"})
"""Effects that one cause has once, in its revision 0."""


def fault(effect: str, debit: str, credit: str) -> str:
    """What is wrong with the form; empty: nothing."""
    unknown = sorted({debit, credit} - PLACES)
    if unknown:
        return f'"{unknown[0]}" is no place where points can be'
    if effect in FORMS and (debit, credit) not in FORMS[effect]:
        return f"`{effect}` does not move points from {debit} to {credit}"
    return ""
