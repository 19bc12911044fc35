"""What is wrong with a row beyond the types of its fields."""

from __future__ import annotations

from typing import Any

from connectors.shopware.sandbox import errors
from connectors.shopware.sandbox.database import Database, Key

Violations = list[dict[str, Any]]


def promotion(database: Database, key: Key, values: dict[str, Any], pointer: str) -> Violations:
    """Another promotion has the code, or the pattern (recorded: promotions.json #1, #4)."""
    found = []
    table = database["promotion"]
    for name, code, word in (
        ("code", "DUPLICATED_CODE", "Code"),
        ("individualCodePattern", "DUPLICATE_PATTERN", "Code Pattern"),
    ):
        value = values.get(name)
        if not value or not [other for other in table.where(name, value) if other != key]:
            continue
        text = (
            f"{word} already exists in other promotion. Please provide a different "
            f"{word.rpartition(' ')[2].lower()}."
        )
        full = f"PROMOTION_{code}_VIOLATION"
        found.append(errors.violation(f"{pointer}/{name}", full, text, "", {"value": value}))
    return found


def state(entity: str, pointer: str) -> Violations:
    """The state of an order or its part changes by a transition alone (Shopware
    StateMachineStateFieldSerializer)."""
    if not entity.startswith("order"):
        return []
    template = (
        "Changing the state-machine-state of this entity is not allowed for scope {{ scope }}. "
        "Either change the state-machine-state via a state-transition or use a different scope."
    )
    text, parameters = template.replace("{{ scope }}", "crud"), {"{{ scope }}": "crud"}
    code = errors.CONSTRAINT_CODE
    return [errors.violation(f"{pointer}/stateId", code, text, template, parameters)]
