"""Refusals in Magento's own words: a template and what is to be put into it."""

from __future__ import annotations

import secrets
from typing import Any


class Refused(Exception):
    """Ends a call with ``status`` and ``{"message": …, "parameters": …}``."""

    def __init__(
        self, status: int, message: str, parameters: dict[str, Any] | list[Any] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.parameters = parameters
        self.errors: list[dict[str, Any]] = []

    def as_json(self) -> dict[str, Any]:
        body: dict[str, Any] = {"message": self.message}
        if self.errors:
            body["errors"] = self.errors
        if self.parameters is not None:
            body["parameters"] = self.parameters
        return body


def no_such(field: str, value: Any) -> Refused:
    return Refused(
        404,
        "No such entity with %fieldName = %fieldValue",
        {"fieldName": field, "fieldValue": value},
    )


def required(field: str) -> Refused:
    return Refused(400, '"%fieldName" is required. Enter and try again.', {"fieldName": field})


def all_required(fields: list[str]) -> Refused:
    """One missing field is named in the message, several in a list below it."""
    single = [required(field) for field in fields]
    if len(single) == 1:
        return single[0]
    several = Refused(400, "One or more input exceptions have occurred.")
    several.errors = [one.as_json() for one in single]
    return several


def wrong_type(value: Any, expected: str) -> Refused:
    return Refused(
        400,
        f'The "{value}" value\'s type is invalid. The "{expected}" type was expected. '
        "Verify and try again.",
    )


def not_allowed(resource: str) -> Refused:
    return Refused(
        401,
        "The consumer isn't authorized to access %resources.",
        {"resources": resource},
    )


def while_reading(name: str, refusal: Refused) -> Refused:
    """A value below ``name`` did not fit its type; each level adds its own name."""
    return Refused(400, f'Error occurred during "{name}" processing. {refusal.message}')


def internal() -> Refused:
    """What the shop did not foresee: the caller gets a number, the log the rest."""
    report = secrets.token_hex(7)[:13]
    return Refused(
        500,
        f"Internal Error. Details are available in Magento log file. Report ID: webapi-{report}",
    )


def unknown_attribute(name: str) -> Refused:
    """Of customers, products and categories (recorded: customers.json #10)."""
    return Refused(400, 'The "%1" attribute name is invalid. Reset the name and try again.', [name])


def no_product() -> Refused:
    return Refused(
        404, "The product that was requested doesn't exist. Verify the product and try again."
    )
