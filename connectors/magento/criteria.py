"""Magento's search criteria, as query parameters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Filter:
    field: str
    value: str
    condition: str = "eq"
    """``eq``, ``gt``, ``gteq``, ``lteq``, ``in``…"""


@dataclass(frozen=True, slots=True)
class Criteria:
    filters: tuple[Filter, ...] = ()
    """All of them must hold."""
    sort: tuple[str, ...] = ()
    """Fields, ascending unless ``descending``."""
    size: int = 20
    page: int = 1
    descending: bool = False

    def params(self, fields: str = "") -> list[tuple[str, str | int]]:
        """``fields`` cuts the answer down: ``items[id,sku],total_count``."""
        found: list[tuple[str, str | int]] = [
            ("searchCriteria[currentPage]", self.page),
            ("searchCriteria[pageSize]", self.size),
        ]
        for place, one in enumerate(self.filters):
            at = f"searchCriteria[filter_groups][{place}][filters][0]"
            found += [
                (f"{at}[field]", one.field),
                (f"{at}[value]", one.value),
                (f"{at}[condition_type]", one.condition),
            ]
        direction = "DESC" if self.descending else "ASC"
        for place, name in enumerate(self.sort):
            at = f"searchCriteria[sortOrders][{place}]"
            found += [(f"{at}[field]", name), (f"{at}[direction]", direction)]
        if fields:
            found.append(("fields", fields))
        return found


def where(
    *filters: Filter,
    sort: Sequence[str] = (),
    size: int = 20,
    page: int = 1,
    descending: bool = False,
) -> Criteria:
    return Criteria(filters, tuple(sort), size, page, descending)
