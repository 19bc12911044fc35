"""The sandbox's short description of the entities says what the shop's own says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from connectors.shopware.sandbox.definitions import Association, definitions

_FILE = Path(__file__).parents[2] / "contracts" / "shopware-6.6.7.1" / "entities.json"
_RECORDED: dict[str, Any] = json.loads(_FILE.read_text("utf-8"))
_FLAGS = (
    "required",
    "primary_key",
    "translatable",
    "write_protected",
    "runtime",
    "computed",
    "inherited",
    "cascade_delete",
    "restrict_delete",
    "set_null_on_delete",
    "no_constraint",
)


@pytest.mark.parametrize("entity", sorted(_RECORDED))
def test_fields_flags_and_associations_are_those_of_the_shop(entity: str) -> None:
    recorded = _RECORDED[entity]["properties"]
    ours = definitions()[entity].fields
    assert list(ours) == list(recorded)
    for name, field in ours.items():
        theirs = recorded[name]
        flags = theirs["flags"] or {}
        assert {flag for flag in _FLAGS if flag in flags} == field.flags & set(_FLAGS), name
        if isinstance(field, Association):
            target = (theirs["relation"], theirs["entity"], theirs.get("mapping") or "")
            assert (field.kind, field.entity, field.mapping) == target, name
        else:
            assert theirs["type"].endswith(field.type) or field.type == "remote_address", name


def test_what_the_store_api_may_show_is_told_as_well() -> None:
    product = definitions()["product"].fields
    assert product["name"].has("store_readable")
    assert not product["price"].has("store_readable")
