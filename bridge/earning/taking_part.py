"""Whether a buyer took part in the programme when he bought: who did not earns nothing.

What a person said of him and whether he met the conditions is kept with the order, as its other
circumstances are. What memberships he bought is read from the orders each time, so that one that
is told late, given back or cancelled is right at once.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from bridge.earning.batch import Version, Versions
from bridge.earning.circumstances import Circumstances
from bridge.members.joining_rules import Part, bought_in
from bridge.members.participation import Participation
from bridge.programme.document import Programme
from connectors.sales import Order


def part_then(
    who: Participation,
    version: Version | None,
    member_id: int,
    at: datetime,
    kept: Circumstances | None,
) -> str:
    """What is kept with an order of that moment."""
    if version is None:
        return ""
    programme = version.programme
    if kept is not None and (kept.part or programme.joining is None):
        return kept.part
    part = who.part(programme, member_id, at)
    return "" if programme.joining is None and part is Part.IN else part.value


def took_part(
    who: Participation, programme: Programme, member_id: int, at: datetime, part: str
) -> bool:
    """``part``: see :func:`part_then`."""
    return not part or who.is_in(programme, member_id, at, Part(part))


def membership_products(versions: Versions) -> frozenset[str]:
    """SKUs of products that make whoever buys them take part."""
    return frozenset(
        joining.product.sku
        for version in versions.known
        if (joining := version.programme.joining) is not None and joining.product is not None
    )


def membership_since(before: Order | None, after: Order, skus: Iterable[str]) -> datetime | None:
    """From when on the buyer may take part otherwise than before; ``None``: as before."""
    found: list[datetime] = []
    for sku in skus:
        was = bought_in(before, sku) if before is not None else None
        now = bought_in(after, sku)
        if was != now:
            found += [one.at for one in (was, now) if one is not None]
    return min(found, default=None)
