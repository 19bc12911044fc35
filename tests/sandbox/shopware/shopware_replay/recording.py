"""The recordings, as they are and with other names, numbers and ids."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DUE = (
    "oauth",
    "customer_groups",
    "customers",
    "products_and_advanced_prices",
    "reference_data",
    "sync_bulk",
    "variants_and_prices_seen",
    "orders",
    "promotions",
    "app_configuration",
    "activities",
    "changes_a_poller_sees",
)
RECORDED_HOST = "http://127.0.0.1:8000"
_FOLDER = Path(__file__).parents[3] / "contracts" / "shopware-6.6.7.1"
_ID = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Exchange:
    index: int
    name: str
    request: dict[str, Any]
    response: dict[str, Any]

    def __str__(self) -> str:
        return f"#{self.index} {self.name}"


@dataclass(frozen=True, slots=True)
class Renaming:
    """Replaces texts wherever they stand, and every id that ``kept`` does not hold."""

    words: tuple[tuple[str, str], ...] = ()
    kept: frozenset[str] | None = None
    """``None``: all ids are kept."""

    def of(self, text: str) -> str:
        for old, new in self.words:
            text = text.replace(old, new)
        return _ID.sub(lambda match: self.id(match[0]), text)

    def id(self, recorded: str) -> str:
        """Another id that sorts where the old one did: its first half stays."""
        if self.kept is None or recorded in self.kept:
            return recorded
        return recorded[:16] + "".join(f"{15 - int(digit, 16):x}" for digit in recorded[16:])

    def value(self, value: Any) -> Any:
        return json.loads(self.of(json.dumps(value, ensure_ascii=False)))


AS_RECORDED = Renaming()


def exchanges(scenario: str, renaming: Renaming = AS_RECORDED) -> list[Exchange]:
    text = (_FOLDER / f"{scenario}.json").read_text("utf-8")
    recorded = renaming.value(json.loads(text)["exchanges"])
    return [
        Exchange(index, one["name"], one["request"], one["response"])
        for index, one in enumerate(recorded)
    ]
