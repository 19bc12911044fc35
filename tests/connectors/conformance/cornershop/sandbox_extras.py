"""Fields of customers that whoever declares them may fill, in a Corner Shop to try things on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cornershop.refused import Refused

Fields = dict[str, Any]


class Extras:
    def __init__(self, customers: Mapping[str, Any]) -> None:
        self._customers = customers
        self.declared: set[str] = set()
        self.values: dict[str, Fields] = {}

    def declare(self, name: str) -> list[str]:
        self.declared.add(name)
        return sorted(self.declared)

    def drop(self, name: str) -> list[str]:
        """The field, and what it held of anybody."""
        self.declared.discard(name)
        for fields in self.values.values():
            fields.pop(name, None)
        return sorted(self.declared)

    def read(self, customers: Sequence[str]) -> dict[str, Fields]:
        return {id_: self.values.get(id_, {}) for id_ in customers if id_ in self._customers}

    def merge(self, given: Mapping[str, Fields]) -> dict[str, str]:
        """Sets the fields that are named; says of whom not, and why."""
        refused = {id_: f"No customer {id_}" for id_ in given if id_ not in self._customers}
        for id_, fields in given.items():
            for name in fields:
                if name not in self.declared:
                    raise Refused(400, "", f"There is no field {name}")
            if id_ not in refused:
                self.values.setdefault(id_, {}).update(fields)
        return refused

    def replace(self, given: Mapping[str, Fields]) -> dict[str, str]:
        """The same, with everything else forgotten."""
        for id_ in given:
            self.values.pop(id_, None)
        return self.merge(given)
