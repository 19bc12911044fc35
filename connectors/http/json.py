"""JSON whose numbers stay exact: a price never passes through a binary float."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NoReturn


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def loads(text: str | bytes) -> Any:
    """Parses JSON; numbers with a fraction or exponent become Decimal. Raises ValueError."""
    return json.loads(text, parse_float=Decimal, parse_constant=_refuse_constant)


def dumps(value: object) -> str:
    """Writes JSON; a Decimal becomes the very number it is (``Decimal("1.10")`` → ``1.10``).

    Raises TypeError for a float, so that none slips in, and for anything JSON has no word for;
    ValueError for a Decimal that is not finite.
    """
    if isinstance(value, Decimal):
        return _number(value)
    if value is None or isinstance(value, str | int):
        return json.dumps(value)
    if isinstance(value, Mapping):
        return "{" + ",".join(_member(key, item) for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(dumps(item) for item in value) + "]"
    raise TypeError(f"{type(value).__name__} has no place in a request body")


def _member(key: object, value: object) -> str:
    if not isinstance(key, str):
        raise TypeError("the names in a JSON object are text")
    return f"{json.dumps(key)}:{dumps(value)}"


def _number(value: Decimal) -> str:
    if not value.is_finite():
        raise ValueError("a number that is not finite cannot be sent")
    return format(value, "f")
