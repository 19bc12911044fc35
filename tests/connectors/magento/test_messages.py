"""Templates with parameters, as a map or as a list."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.magento.messages import expanded, message_of, parameters_by_name

ROW = "Row ID: SKU = %SKU, Website ID: %websiteId, Customer Group: %customerGroup, Quantity: %qty."


def test_every_recorded_failure_names_its_row(recorded: Any) -> None:
    exchange = recorded("tier_prices", 7)
    bad = [row for place, row in enumerate(exchange["request"]["body"]["prices"]) if place > 0]
    named = [
        parameters_by_name(one["message"], one["parameters"])
        for one in exchange["response"]["body"]
    ]
    assert [(one["SKU"], one["websiteId"], one["customerGroup"], one["qty"]) for one in named] == [
        (row["sku"], str(row["website_id"]), row["customer_group"], str(row["quantity"]))
        for row in bad
    ]


def test_the_bad_value_is_in_the_message(recorded: Any) -> None:
    said = [
        expanded(one["message"], one["parameters"])
        for one in recorded("tier_prices", 7)["response"]["body"]
    ]
    assert said[2].startswith("Invalid attribute Price = -5. Row ID: SKU = 24-MB03")
    assert said[6].startswith("Invalid attribute Price Type = bogus. Row ID: SKU = 24-MB03")
    assert not [one for one in said if "%" in one]


@pytest.mark.parametrize(
    ("template", "parameters", "said"),
    [
        ("No such entity with %fieldName = %fieldValue", {"fieldName": "id", "fieldValue": 4},
         "No such entity with id = 4"),
        ('The "%1" attribute name is invalid.', ["no_such_field"],
         'The "no_such_field" attribute name is invalid.'),
        ("%1 and %2, %1", ["a", "b"], "a and b, a"),
        ("%1 of %10", ["a"] + ["x"] * 8 + ["ten"], "a of ten"),
        (f"Bad %SKU. {ROW}", {"SKU": "A", "websiteId": 0, "customerGroup": "G", "qty": 2.5},
         "Bad A. Row ID: SKU = A, Website ID: 0, Customer Group: G, Quantity: 2.5."),
        ("50 % off %SKU", {}, "50 % off %SKU"),
        ("Nothing to fill", None, "Nothing to fill"),
        (f"Missing. {ROW}", ["A", None, None, None],
         "Missing. Row ID: SKU = A, Website ID: , Customer Group: , Quantity: ."),
    ],
)  # fmt: skip
def test_placeholders(template: str, parameters: Any, said: str) -> None:
    assert expanded(template, parameters) == said


def test_all_of_several_errors_are_said() -> None:
    body = {
        "message": "One or more input exceptions have occurred.",
        "errors": [
            {"message": "%fieldName is required", "parameters": {"fieldName": "code"}},
            {"message": "Second"},
        ],
    }
    assert message_of(body) == (
        "One or more input exceptions have occurred. code is required Second"
    )


@pytest.mark.parametrize("body", [None, [], "text", {"error": "other"}, {"message": 5}])
def test_what_is_not_magentos_says_nothing(body: Any) -> None:
    assert message_of(body) == ""
