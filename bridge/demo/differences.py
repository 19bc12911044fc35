"""How two dumps of a sandbox differ, row by row. Pure."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

BOOKKEEPING = frozenset({"updated_at", "region_id"})
"""What a shop writes by itself when a customer is saved: Magento's time of the save, and the
region's number beside its name (recorded: customers.json #12)."""


@dataclass(frozen=True, slots=True)
class Difference:
    table: str
    sign: str
    """``+``: only in the later dump; ``-``: only in the earlier one."""
    row: Mapping[str, Any]

    def __str__(self) -> str:
        return f"{self.sign} {self.table} {json.dumps(self.row, ensure_ascii=False)}"


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    """Rows that are in one dump and not in the other; a changed row is one of each. ``None`` is
    a table that is not there."""
    found: list[Difference] = []
    for table in sorted(before.keys() | after.keys()):
        earlier, later = _rows(before.get(table) or ()), _rows(after.get(table) or ())
        found += _only(table, "-", earlier - later)
        found += _only(table, "+", later - earlier)
    return found


def _rows(table: Mapping[str, Any] | Sequence[Any]) -> Counter[str]:
    rows: Iterable[Any] = table
    if isinstance(table, Mapping):
        rows = ({"key": key, "value": value} for key, value in table.items())
    return Counter(json.dumps(_without_bookkeeping(row), sort_keys=True) for row in rows)


def _without_bookkeeping(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {
            name: _without_bookkeeping(part)
            for name, part in value.items()
            if name not in BOOKKEEPING
        }
    if isinstance(value, list):
        return [_without_bookkeeping(part) for part in value]
    return value


def _only(table: str, sign: str, rows: Counter[str]) -> list[Difference]:
    return [Difference(table, sign, json.loads(row)) for row in rows.elements()]
