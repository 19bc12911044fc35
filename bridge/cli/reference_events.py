"""The page ``docs/reference/webhooks-out.md``: what other systems are told, from the shapes."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from bridge.subscribers.event_types import SHAPES, VERSION, Movement

_MOVEMENTS = {
    Movement.EARNED: "somebody earned them",
    Movement.REVERSED: "taken back from what was earned: an order was cancelled or returned",
    Movement.REDEEMED: "spent",
    Movement.RESTORED: "of what was spent, given back",
    Movement.EXPIRED: "gone, because their time was over",
    Movement.ADJUSTED: "a person gave or took them, or let a debt go",
    Movement.IMPORTED: "brought along as an opening balance",
    Movement.RIPENED: "were pending, and can be spent now",
    Movement.RESERVED: "held for a voucher or a reward",
    Movement.RELEASED: "no longer held",
    Movement.SETTLED: "moved between what can be spent and what is owed",
    Movement.MOVED: "from or to another holder: a merge, a split, a company",
}


def events_page(made: str) -> str:
    intro = (
        "What [subscribers](../how-to/outgoing-webhooks.md) are sent: one event a request, as "
        "JSON in UTF-8, with the headers of [Standard Webhooks]"
        "(https://www.standardwebhooks.com/). Every message has these fields:"
    )
    envelope = "\n".join(
        [
            "| field | type | |",
            "|---|---|---|",
            "| `type` | text | The event's type, as below; `test` for a message to try it. |",
            "| `timestamp` | time | When it happened, and not when it is sent. |",
            f"| `version` | integer | Of these shapes: {VERSION}. Fields may be added to one; "
            "none is renamed or removed. |",
            "| `data` | object | As below. |",
        ]
    )
    sections = [_section(kind.value, shape) for kind, shape in SHAPES.items()]
    told = "\n".join(
        ["| movement | |", "|---|---|", *(f"| `{one}` | {_MOVEMENTS[one]} |" for one in Movement)]
    )
    tail = ["## Movements", told]
    return "\n\n".join(["# Outgoing webhooks", made, intro, envelope, *sections, *tail]) + "\n"


def _section(name: str, shape: type[BaseModel]) -> str:
    schema = shape.model_json_schema(mode="serialization")
    rows = list(_rows(schema, schema.get("$defs", {}), ""))
    head = ["| field of `data` | type | |", "|---|---|---|"]
    about = " ".join(inspect.cleandoc(shape.__doc__ or "").split())
    return "\n\n".join([f"## {name}", about, "\n".join([*head, *rows])])


def _rows(schema: dict[str, Any], known: dict[str, Any], above: str) -> Iterator[str]:
    for name, told in schema["properties"].items():
        path = f"{above}{name}"
        kind, below = _kind(told, known)
        about = " ".join(str(told.get("description", "")).split()).replace("|", "\\|")
        yield f"| `{path}` | {kind} | {about} |"
        if below is not None:
            yield from _rows(below, known, f"{path}{'[]' if 'list' in kind else ''}.")


def _kind(told: dict[str, Any], known: dict[str, Any]) -> tuple[str, dict[str, Any] | None]:
    """A type in words, and the fields of an object."""
    if "anyOf" in told:
        some = [_kind(one, known) for one in told["anyOf"] if one.get("type") != "null"]
        kind, below = some[0]
        return f"{kind} or null", below
    if "$ref" in told:
        found = known[told["$ref"].rpartition("/")[2]]
        return ("text", None) if "enum" in found else ("object", found)
    if told.get("type") == "array":
        kind, below = _kind(told["items"], known)
        return f"list of {kind}s", below
    if told.get("format") == "date-time":
        return "time", None
    return {"string": "text", "integer": "integer"}[told["type"]], None
