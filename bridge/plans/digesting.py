"""One text for what a plan changes, so that what is done is just what was approved. Pure.

The order of the changes does not matter. Which member moves to which group is left out: members
are moved by themselves whenever they come to belong elsewhere, and no price changes by it.
"""

from __future__ import annotations

import hashlib

from bridge.plans.parts import Change

_ALL = 1 << 256


class PlanDigest:
    """Takes changes one by one."""

    def __init__(self) -> None:
        self._sum = 0
        self._count = 0

    def add(self, change: Change) -> None:
        if change.kind == "customer":
            return
        said = repr(
            (change.installation_id, change.kind, change.key, change.before, change.after)
        ).encode()
        # A sum, unlike a chain, is the same in any order; the count guards against none at all.
        self._sum = (self._sum + int.from_bytes(hashlib.sha256(said).digest())) % _ALL
        self._count += 1

    @property
    def text(self) -> str:
        return f"{self._count}-{self._sum:064x}"
