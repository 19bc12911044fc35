"""Which gifts belong into a basket: the table that the module's own code is judged by as well."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from connectors.magento.sandbox.module_gifts import Basket, Line, decide, declined, read_rule

TABLE = Path(__file__).parents[2] / "connectors/magento/module/gift_examples.json"
EXAMPLES: list[dict[str, Any]] = json.loads(TABLE.read_text("utf-8"))


def rules(told: dict[str, Any]) -> list[Any]:
    texts = {key: one if isinstance(one, str) else json.dumps(one) for key, one in told.items()}
    found = (read_rule(text, key) for key, text in texts.items())
    return [rule for rule in found if rule is not None]


def basket(told: dict[str, Any]) -> Basket:
    amounts = ("net", "gross", "net_discount", "gross_discount")
    return Basket(
        **{name: Decimal(told[name]) for name in amounts},
        **{name: told[name] for name in ("currency", "group", "tier", "now", "declined")},
        lines=[
            Line(str(one["id"]), one["sku"], Decimal(one["quantity"]), one["gift"])
            for one in told["lines"]
        ],
    )


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda one: one["name"])
def test_what_has_to_be_done(example: dict[str, Any]) -> None:
    changes = decide(rules(example["rules"]), basket(example["basket"]))
    assert {
        "add": [rule.key for rule in changes.add],
        "remove": list(changes.remove),
        "fix": dict(changes.fix),
    } == example["wanted"]


def test_what_is_declined_from_now_on() -> None:
    """A gift that was taken out by hand, while the basket is worth it and not empty."""
    [example] = [one for one in EXAMPLES if one["name"] == "it is there already"]
    given, there = rules(example["rules"]), example["basket"]
    assert declined(given, basket(there), ["gift-mug", "gift-other"]) == ["gift-mug"]
    earlier = basket({**there, "declined": ["gift-old"]})
    assert declined(given, earlier, ["gift-mug"]) == ["gift-old", "gift-mug"]
    assert declined(given, basket({**there, "net": "1", "gross": "1"}), ["gift-mug"]) == []
    assert declined(given, basket({**there, "lines": []}), ["gift-mug"]) == []
