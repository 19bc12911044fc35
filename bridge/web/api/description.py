"""The API's description: an OpenAPI 3.1 document, made of the operations themselves."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from bridge.api_tokens.scopes import Scope
from bridge.web.api.operations import PREFIX, Nothing, Operation
from bridge.web.api.problems import PROBLEM_TYPE, TITLES, ProblemDetails

_REFERENCE = "#/components/schemas/{model}"


def document(operations: Sequence[Operation]) -> dict[str, Any]:
    sent = {one.body for one in operations if one.body is not None}
    answered = {one.answers for one in operations} | {ProblemDetails}
    names, schemas = models_json_schema(
        [
            *((model, "validation") for model in sorted(sent, key=_name)),
            *((model, "serialization") for model in sorted(answered, key=_name)),
        ],
        ref_template=_REFERENCE,
    )
    paths: dict[str, dict[str, Any]] = {}
    for one in operations:
        paths.setdefault(PREFIX + one.path, {})[one.method.lower()] = _operation(one, names)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Loyalty Bridge",
            "version": version("loyalty-bridge"),
            "description": (
                "Members, points and rewards of one workspace. A token of the workspace opens "
                "it; its scopes say what it may do."
            ),
        },
        "security": [{"token": []}],
        "tags": [{"name": topic} for topic in dict.fromkeys(one.topic for one in operations)],
        "paths": paths,
        "components": {
            "schemas": schemas.get("$defs", {}),
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "Scopes: " + ", ".join(f"`{scope.value}`" for scope in Scope),
                }
            },
        },
    }


def _operation(one: Operation, names: Any) -> dict[str, Any]:
    told: dict[str, Any] = {
        "operationId": one.name,
        "summary": one.summary,
        "tags": [one.topic],
        "description": "\n\n".join(
            part for part in (one.description, f"Scope: `{one.scope.value}`.") if part
        ),
        "parameters": _parameters(one),
        "responses": {
            str(one.status): {
                "description": "Done." if one.body is not None else "Found.",
                "content": {"application/json": {"schema": names[one.answers, "serialization"]}},
            },
            **{str(status): _problem(status, names) for status in _statuses(one)},
        },
    }
    if one.body is not None:
        told["requestBody"] = {
            "required": one.body is not Nothing,
            "content": {"application/json": {"schema": names[one.body, "validation"]}},
        }
    return told


def _parameters(one: Operation) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [
        {
            "name": place,
            "in": "path",
            "required": True,
            "schema": {"type": "integer", "minimum": 0, "maximum": 2**31 - 1},
        }
        for place in one.places
    ]
    schema = one.query.model_json_schema()
    required = schema.get("required", [])
    for name, value in schema.get("properties", {}).items():
        found.append(
            {
                "name": name,
                "in": "query",
                "required": name in required,
                "description": value.get("description", ""),
                "schema": {key: part for key, part in value.items() if key != "description"},
            }
        )
    if one.body is not None:
        found.append(
            {
                "name": "Idempotency-Key",
                "in": "header",
                "required": False,
                "description": (
                    "A value of your own for this request. Sent again within seven days, the "
                    "request is not done again but answered as it was."
                ),
                "schema": {"type": "string", "maxLength": 200, "pattern": "^[ -~]*$"},
            }
        )
    return found


def _statuses(one: Operation) -> list[int]:
    statuses = [401, 403, 409, 422]
    if one.places:
        statuses.append(404)
    if one.body is not None:
        statuses += [400, 413, 415]
    return sorted(statuses)


def _problem(status: int, names: Any) -> dict[str, Any]:
    return {
        "description": TITLES[status][0] + ".",
        "content": {PROBLEM_TYPE: {"schema": names[ProblemDetails, "serialization"]}},
    }


def _name(model: type[BaseModel]) -> str:
    return model.__name__
