"""Turns JSON into what a service takes, refusing what Magento's input processor refuses."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from connectors.magento.sandbox.errors import (
    Refused,
    internal,
    required,
    while_reading,
    wrong_type,
)
from connectors.magento.sandbox.values import numeric, text, whole


@dataclass(frozen=True, slots=True)
class Type:
    """A data interface: its class in Magento and the types of its properties.

    A type is ``int``, ``float``, ``string``, ``bool``, ``any``, one of these with ``[]``, another
    Type, or a list with a Type in it.
    """

    interface: str
    properties: Mapping[str, Any]


def parameter(body: Mapping[str, Any], name: str, kind: Any, *, most: int = 0) -> Any:
    """The named parameter of a service, converted.

    ``most``: how many objects a list may have, 0 for any number. Raises Refused.
    """
    value = body.get(name, body.get(re.sub(r"(?=[A-Z])", "_", name).lower()))
    if value is None:
        raise required(name)
    return convert(value, kind, most=most)


def convert(value: Any, kind: Any, *, most: int = 0) -> Any:
    """Raises Refused naming the value that does not fit its type."""
    if value is None or kind == "any":
        return value
    if isinstance(kind, Type):
        return _object(value, kind, most)
    if isinstance(kind, list):
        return _objects(value, kind[0], most)
    if kind.endswith("[]"):
        entries = _entries(value, kind)
        return [_simple(entry, kind[:-2]) for entry in entries]
    return _simple(value, kind)


def _entries(value: Any, kind: str) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    if not isinstance(value, list):
        raise wrong_type(text(value), kind)
    return value


def _objects(value: Any, kind: Type, most: int) -> list[Any]:
    if not isinstance(value, (list, dict)):
        raise internal()
    entries = list(value.values()) if isinstance(value, dict) else value
    if most and len(entries) > most:
        raise Refused(
            400,
            'Maximum items of type "%type" is %max',
            {"type": kind.interface, "max": most},
        )
    return [_object(entry, kind, most) for entry in entries]


def _object(value: Any, kind: Type, most: int) -> dict[str, Any]:
    """What is no object counts as an empty one; ``customerGroup`` is ``customer_group``."""
    taken = {}
    for given, entry in value.items() if isinstance(value, dict) else ():
        name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", given).lower()
        if name not in kind.properties:
            # 'Property "X" does not have accessor method' is for the log: no API error
            raise internal()
        try:
            taken[name] = convert(entry, kind.properties[name], most=most)
        except Refused as refusal:
            if refusal.status != 400 or refusal.parameters is not None:
                raise
            raise while_reading(given, refusal) from None
    return taken


def _simple(value: Any, kind: str) -> Any:
    if isinstance(value, (dict, list)):
        raise wrong_type("Array", kind)
    return _CASTS[kind](value)


def _float(value: Any) -> float | int:
    if not numeric(value):
        raise wrong_type(text(value), "float")
    return value if isinstance(value, (int, float)) else float(value)


def _bool(value: Any) -> bool:
    return value not in (False, 0, "0", "", "false", None)


def _string(value: Any) -> str:
    if isinstance(value, bool):
        return "1" if value else ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


_CASTS = {"int": whole, "float": _float, "bool": _bool, "string": _string}
