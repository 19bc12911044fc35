"""How far a walk got, and what may be said of it. Pure.

A row that the shop commits late carries an older time than what was read meanwhile. Each walk
therefore begins an *overlap* before the end of the last one, and what is called complete ends an
overlap before the walk that saw it began.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from connectors.sales import Mark


@dataclass
class Reach:
    """One walk. Times are of the shop's clock.

    ``stored``: the cursor so far. ``began``: the shop's time when the walk began, or ours where
    the shop does not tell its own (``is_known`` is false). ``in_order``: whether the walk
    promises the oldest change first.
    """

    stored: Mark | None
    began: datetime
    is_known: bool
    overlap: timedelta
    in_order: bool = True
    _latest: Mark | None = field(default=None, init=False)

    def since(self, beginning: datetime, asked: datetime | None = None) -> Mark:
        """Where it begins: at ``beginning`` the first time, then an overlap before the cursor;
        earlier where somebody asks for it. A cursor that lies in the shop's future (its clock
        was set back) counts as now."""
        start = beginning if self.stored is None else min(self.stored.at, self.began) - self.overlap
        return Mark(start if asked is None else min(start, asked))

    def told(self, marks: Iterable[Mark]) -> None:
        """The changes at these marks are stored."""
        for mark in marks:
            if self._latest is None or mark >= self._latest:
                self._latest = mark
            else:
                self.in_order = False

    def so_far(self) -> Mark | None:
        """The cursor while the walk goes on: never behind what it was, never in the shop's
        future, and where it was while the order of what comes cannot be relied on."""
        if self._latest is None or not self.in_order:
            return self.stored
        reached = self._capped(self._latest)
        return reached if self.stored is None else max(self.stored, reached)

    def at_end(self) -> Mark | None:
        """The cursor of a walk that ended well."""
        if self.is_known:
            return Mark(self.began)
        known = [mark for mark in (self.stored, self._latest) if mark is not None]
        return self._capped(max(known)) if known else None

    def complete_through(self) -> datetime | None:
        """Everything that was committed in the shop with a time before this was seen, once the
        walk ended well. Where the shop does not tell its time, it is at least as late there as
        the latest change says."""
        end = self.at_end()
        return None if end is None else end.at - self.overlap

    def _capped(self, mark: Mark) -> Mark:
        return mark if mark.at <= self.began else Mark(self.began)
