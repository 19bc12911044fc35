"""What the parts have in common in which people shop: every balance is checked by hand."""

from __future__ import annotations

from dataclasses import dataclass

from bridge.demo import standings
from bridge.demo.part import Part
from bridge.demo.shopping import Shopping


@dataclass
class BookPart(Part):
    shopping: Shopping

    def check_book(self, what: str) -> None:
        """All members' points are what the shoppers' own list comes to."""
        with self.open() as app:
            self.check(what, *standings.wrong(self.shopping.owed(), standings.points(app)))
