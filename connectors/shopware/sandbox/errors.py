"""The shop's refusals, word for word (recorded, where a file is named)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

BLANK_CODE = "c1051bb4-d103-4f74-8988-acbcafc7fdc3"
TYPE_CODE = "ba785a8c-82cb-4283-967c-3cf342181b40"
EMAIL_CODE = "bd79c0ab-ddba-46cc-a703-a7a4b08de310"
LENGTH_CODE = "d94b19cc-114f-4f44-9cc4-4138e80a87b9"
MISSING_FIELD_CODE = "2fa2158c-2a7f-484b-98aa-975522539ff8"
CHOICE_CODE = "8e179f1b-97aa-4560-a02f-2a8b42e49df7"
CONSTRAINT_CODE = "FRAMEWORK__WRITE_CONSTRAINT_VIOLATION"

TITLES = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    409: "Conflict",
    412: "Precondition Failed",
    500: "Internal Server Error",
}


class ShopError(Exception):
    """An answer with ``errors``; ``status`` is that of the answer."""

    def __init__(self, status: int, errors: list[dict[str, Any]]) -> None:
        super().__init__(errors[0].get("detail"))
        self.status = status
        self.errors = errors


def plain(status: int, detail: str, title: str = "") -> ShopError:
    """A refusal of the framework itself, code ``"0"`` (recorded: oauth.json #7 to #9)."""
    error = {"code": "0", "status": str(status), "title": title or TITLES[status]}
    return ShopError(status, [{**error, "detail": detail}])


def coded(
    status: int,
    code: str,
    detail: str,
    parameters: dict[str, Any] | None = None,
    pointer: str = "",
) -> ShopError:
    error: dict[str, Any] = {
        "status": str(status),
        "code": code,
        "title": TITLES[status],
        "detail": detail,
    }
    if pointer:
        error["source"] = {"pointer": pointer}
    error["meta"] = {"parameters": parameters or []}
    return ShopError(status, [error])


def sql(number: int, text: str) -> ShopError:
    """The database's own refusal, told as a fault of the shop (recorded: customers.json #10)."""
    detail = (
        "An exception occurred while executing a query: SQLSTATE[23000]: "
        f"Integrity constraint violation: {number} {text}"
    )
    error = {"code": str(number), "status": "500", "title": TITLES[500], "detail": detail}
    return ShopError(500, [error])


def not_found(entity: str, entity_id: str) -> ShopError:
    key = f"id({entity_id})"
    return coded(
        404,
        "FRAMEWORK__RESOURCE_NOT_FOUND",
        f"The {entity} resource with the following primary key was not found: {key}",
        {"type": entity, "primaryKey": {"id": entity_id}, "primaryKeyString": key},
    )


_COMMANDS = "Shopware\\Core\\Framework\\DataAbstractionLayer\\Write\\Command\\"


def wrong_intent(entity: str, *, expected: str, actual: str) -> ShopError:
    """``Insert`` where ``Update`` was expected, or the other way round."""
    wanted, got = f"{_COMMANDS}{expected}Command", f"{_COMMANDS}{actual}Command"
    hint = "Hint: Use POST method to create new entities." if actual == "Insert" else ""
    return coded(
        400,
        "FRAMEWORK__WRITE_TYPE_INTEND_ERROR",
        f'Expected command for "{entity}" to be "{wanted}". (Got: {got}){hint}',
        {"definition": entity, "expectedClass": wanted, "actualClass": got},
    )


def restricted(entity: str, usages: Sequence[tuple[str, int]]) -> ShopError:
    text = ", ".join(f"{name} ({count})" for name, count in usages)
    return coded(
        409,
        "FRAMEWORK__DELETE_RESTRICTED",
        f"The delete request for {entity} was denied due to a conflict. "
        f"The entity is currently in use by: {text}",
        {
            "entity": entity,
            "usagesString": text,
            "usages": [{"entityName": name, "count": count} for name, count in usages],
        },
    )


def no_stateful(entity: str, entity_id: str) -> ShopError:
    """Recorded: orders.json #12."""
    return coded(
        400,
        "SYSTEM__STATE_MACHINE_INVALID_ENTITY_ID",
        f'Unable to read entity "{entity}" with id "{entity_id}".',
        {"entityName": entity, "entityId": entity_id},
    )


def illegal_transition(action: str, state_id: str, possible: Sequence[str]) -> ShopError:
    """Recorded: orders.json #5."""
    names = ", ".join(possible)
    return coded(
        400,
        "SYSTEM__ILLEGAL_STATE_TRANSITION",
        f'Illegal transition "{action}" from state "{state_id}". Possible transitions are: {names}',
        {
            "transition": action,
            "currentState": state_id,
            "possibleTransitionsString": names,
            "possibleTransitions": list(possible),
        },
    )


def unmapped(path: str, entity: str) -> ShopError:
    name = path.rpartition(".")[2]
    return coded(
        400,
        "FRAMEWORK__UNMAPPED_FIELD",
        f'Field "{name}" in entity "{entity}" was not found.',
        {"field": name, "entity": entity},
    )


def no_language(name: str) -> ShopError:
    return coded(
        412,
        "FRAMEWORK__LANGUAGE_NOT_FOUND",
        f'The language "{name}" was not found.',
        {"languageId": name},
    )


def no_association(name: str) -> ShopError:
    return coded(
        500,
        "FRAMEWORK__ASSOCIATION_NOT_FOUND",
        f"Can not find association by name {name}",
        {"association": name},
    )


def not_a_uuid(value: object) -> ShopError:
    return coded(
        400,
        "FRAMEWORK__INVALID_UUID",
        f"Value is not a valid UUID: {value}",
        {"input": value},
    )


def no_such_choice(name: str, entity: str, value: object) -> ShopError:
    """What a shopper cannot choose (Shopware EntityExists constraint)."""
    text = f'The "{entity}" entity with id "{value}" does not exist.'
    error = {
        "code": "VIOLATION::ENTITY_DOES_NOT_EXISTS",
        "status": "400",
        "title": "Constraint violation error",
        "detail": text,
        "source": {"pointer": f"/{name}"},
        "meta": {"parameters": {"{{ id }}": f'"{value}"', "{{ entity }}": f'"{entity}"'}},
    }
    return ShopError(400, [error])


def missing_privileges(privileges: Sequence[str]) -> ShopError:
    """Recorded: app_configuration.json #5 to #7."""
    detail = {"message": "Missing privilege", "missingPrivileges": list(privileges)}
    return coded(
        403,
        "FRAMEWORK__MISSING_PRIVILEGE_ERROR",
        json.dumps(detail, separators=(",", ":")),
    )


# -- violations: what is wrong with one field, named by a pointer ----------------------------


def violation(
    pointer: str, code: str, detail: str, template: str, parameters: dict[str, Any] | None
) -> dict[str, Any]:
    return {
        "code": code,
        "status": "400",
        "detail": detail,
        "template": template,
        "meta": {"parameters": parameters or []},
        "source": {"pointer": pointer},
    }


def shown(value: Any) -> str:
    """A value as a violation shows it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, list | dict):
        return "array"
    return str(value)


def blank(pointer: str, value: Any = None) -> dict[str, Any]:
    text = "This value should not be blank."
    return violation(pointer, BLANK_CODE, text, text, {"{{ value }}": shown(value)})


def wrong_type(pointer: str, value: Any, wanted: str) -> dict[str, Any]:
    return violation(
        pointer,
        TYPE_CODE,
        f"This value should be of type {wanted}.",
        "This value should be of type {{ type }}.",
        {"{{ value }}": shown(value), "{{ type }}": wanted},
    )


def too_long(pointer: str, value: str, limit: int) -> dict[str, Any]:
    template = (
        "This value is too long. It should have {{ limit }} character or less.|"
        "This value is too long. It should have {{ limit }} characters or less."
    )
    parameters = {
        "{{ value }}": shown(value),
        "{{ limit }}": str(limit),
        "{{ value_length }}": str(len(value)),
    }
    detail = f"This value is too long. It should have {limit} characters or less."
    return violation(pointer, LENGTH_CODE, detail, template, parameters)


def bad_uuid(pointer: str, value: Any) -> dict[str, Any]:
    """Recorded: customer_groups.json #7."""
    return violation(
        pointer,
        CONSTRAINT_CODE,
        f'The string "{value}" is not a valid uuid.',
        'The string "{{ string }}" is not a valid uuid.',
        {"{{ string }}": value},
    )


def no_system_translation(pointer: str, language: str) -> dict[str, Any]:
    """Shopware MissingSystemTranslationException."""
    return violation(
        f"{pointer}/translations/{language}",
        "MISSING-SYSTEM-TRANSLATION",
        f"Translation required for system language {language}",
        "Translation required for system language {{ systemLanguage }}",
        {"{{ systemLanguage }}": language},
    )


def write_protected(pointer: str, name: str, *, by_system: bool) -> dict[str, Any]:
    """Shopware WriteCommandExtractor::validateContextHasPermission; the path of the violation
    already ends with the field, which is then named once more."""
    text, wanted = "This field is write-protected.", "system" if by_system else ""
    template = f'{text} (Got: "%s" scope and "%s" is required)' if by_system else text
    detail = template.replace("%s", "crud", 1).replace("%s", wanted, 1)
    error = violation(f"{pointer}/{name}{name}", CONSTRAINT_CODE, detail, template, None)
    error["meta"] = {"parameters": ["crud", wanted]}
    return error


def bad_email(pointer: str, value: Any) -> dict[str, Any]:
    text = "This value is not a valid email address."
    return violation(pointer, EMAIL_CODE, text, text, {"{{ value }}": shown(value)})


def missing_field(pointer: str, name: str) -> dict[str, Any]:
    text = "This field is missing."
    return violation(pointer, MISSING_FIELD_CODE, text, text, {"{{ field }}": f'"{name}"'})


def said(pointer: str, text: str, code: str = CONSTRAINT_CODE) -> dict[str, Any]:
    """A violation without parameters (recorded: products_and_advanced_prices.json #13)."""
    return violation(pointer, code, text, text, None)
