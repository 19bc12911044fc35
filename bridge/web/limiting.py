"""How often one visitor may do something. In memory, for this process; nothing of it is stored."""

from __future__ import annotations

import threading
from collections import OrderedDict
from datetime import datetime
from ipaddress import IPv6Address, ip_address

_MOST_KEPT = 20_000
"""Visitors that are remembered; the longest silent one is forgotten first."""


class Limit:
    """At most ``most`` times in any ``seconds`` on the average, and as many at once."""

    def __init__(self, most: int, seconds: float) -> None:
        self._most = most
        self._rate = most / seconds
        self._left: OrderedDict[str, tuple[float, datetime]] = OrderedDict()
        self._lock = threading.Lock()

    def allows(self, who: str, now: datetime) -> bool:
        """Whether he may once more; it counts then."""
        with self._lock:
            left, since = self._left.pop(who, (float(self._most), now))
            passed = max((now - since).total_seconds(), 0.0)
            left = min(left + passed * self._rate, float(self._most))
            may = left >= 1.0
            self._left[who] = (left - 1.0 if may else left, now)
            while len(self._left) > _MOST_KEPT:
                self._left.popitem(last=False)
            return may


def visitor(address: str | None) -> str:
    """One line is one visitor: of IPv6 the network, since a line has a whole one."""
    try:
        known = ip_address(address or "")
    except ValueError:
        return "unknown"
    if isinstance(known, IPv6Address):
        if known.ipv4_mapped is not None:
            return str(known.ipv4_mapped)
        return str(IPv6Address(int(known) >> 64 << 64))
    return str(known)
