"""Writes a programme as the YAML file that a merchant would have written."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from bridge.programme.document import Programme
from bridge.programme.earning_rules import EarningRule
from bridge.programme.kinds import EVERYWHERE
from bridge.programme.tiers import FIELDS
from connectors.base import Basis

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_./@+-]*( [A-Za-z0-9_./@+-]+)*", re.ASCII)
_GUESSED = frozenset(["y", "n", "yes", "no", "on", "off", "true", "false", "null"])
"""Words that other YAML readers take for something else than text."""

_ESCAPES = {'"': '\\"', "\\": "\\\\"}
_WIDTH = 88
_ROW_FIELDS = frozenset((*FIELDS, "sku", "at", "points", "rate"))
_ONE_OR_MANY = frozenset(
    ("category", "sku", "group", "email_domain", "segment", "tier", "store", "company")
)
"""Fields of rules that are written without brackets when they hold one text."""


def dump(programme: Programme) -> str:
    """YAML that :func:`~bridge.programme.loading.load` reads back to an equal programme.

    What is as by default is left out. Long lists that came from a CSV file are written out.
    """
    plain = programme.model_dump(by_alias=True, exclude_defaults=True, exclude_none=True)
    for group in plain.get("groups", {}).values():
        for field in ("base", "move_from"):
            if field in group:
                group[field] = _without_star(group[field])
    for entry in plain.get("price_lists", {}).values():
        if "hold" in entry:
            entry["hold"] = [hold if "group" in hold else hold["sku"] for hold in entry["hold"]]
    if "points" in plain:
        _leave_open(plain["points"], programme.prices_are)
    return "\n".join(_section(plain, "")) + "\n"


def rule_text(key: str, rule: EarningRule) -> str:
    """One rule as it stands in a programme's file, below ``points: rules:``."""
    plain = rule.model_dump(by_alias=True, exclude_defaults=True, exclude_none=True)
    return "\n".join(_section({key: plain}, ""))


def value_text(name: str, value: Any) -> str:
    """What stands in a file behind ``name:``, on one line or below it."""
    if isinstance(value, Mapping):
        return "\n".join(_section(value, "")) if value else "{}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        if all(map(_is_scalar, value)):
            return ", ".join(map(_scalar, value))
        return "\n".join(_items(value, ""))
    return str(value) if isinstance(value, str) else _scalar(value, name)


def _leave_open(points: dict[str, Any], price: Basis) -> None:
    """Does not write what points count (net, gross) where the programme says it already."""
    if points.get("basis", {}).get("price") == price:
        del points["basis"]["price"]
        if not points["basis"]:
            del points["basis"]


def _without_star(setting: Mapping[str, Any]) -> Any:
    return setting[EVERYWHERE] if list(setting) == [EVERYWHERE] else setting


def _section(fields: Mapping[str, Any], indent: str) -> Iterator[str]:
    for name, value in fields.items():
        yield from _field(name, value, indent)


def _field(name: str, value: Any, indent: str) -> Iterator[str]:
    head = f"{indent}{_scalar(name)}:"
    if isinstance(value, Mapping):
        if value:
            yield head
            yield from _section(value, f"{indent}  ")
        else:
            yield f"{head} {{}}"
    elif isinstance(value, Sequence) and not isinstance(value, str):
        if name in _ONE_OR_MANY and len(value) == 1 and _is_scalar(value[0]):
            yield f"{head} {_scalar(value[0])}"
            return
        line = f"{head} {_flow(value)}" if all(map(_is_scalar, value)) else ""
        if line and len(line) <= _WIDTH:
            yield line
        else:
            yield head
            yield from _items(value, f"{indent}  ")
    else:
        yield f"{head} {_scalar(value, name)}"


def _items(values: Sequence[Any], indent: str) -> Iterator[str]:
    for value in values:
        if _is_scalar(value):
            yield f"{indent}- {_scalar(value)}"
        elif set(value) <= _ROW_FIELDS:
            yield f"{indent}- {_row(value)}"
        else:
            lines = _section(value, f"{indent}  ")
            yield f"{indent}- {next(lines).lstrip()}"
            yield from lines


def _row(fields: Mapping[str, Any]) -> str:
    return (
        "{" + ", ".join(f"{name}: {_scalar(value, name)}" for name, value in fields.items()) + "}"
    )


def _flow(values: Sequence[Any]) -> str:
    return f"[{', '.join(map(_scalar, values))}]"


def _is_scalar(value: Any) -> bool:
    return not isinstance(value, Mapping)


def _scalar(value: Any, name: str = "") -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        return _price(value) if name == "price" else format(value, "f")
    if isinstance(value, int | date):
        return str(value)
    return _text(str(value))


def _price(price: Decimal) -> str:
    """At least two decimals, as prices are read: 9.9 -> 9.90."""
    exponent = price.as_tuple().exponent
    return format(price, "f" if isinstance(exponent, int) and exponent < -2 else ".2f")


def _text(text: str) -> str:
    if _PLAIN.fullmatch(text) and text.lower() not in _GUESSED:
        return text
    return f'"{"".join(map(_escaped, text))}"'


def _escaped(sign: str) -> str:
    if sign in _ESCAPES:
        return _ESCAPES[sign]
    if unicodedata.category(sign)[0] in "CZ" and sign != " ":
        return f"\\U{ord(sign):08X}"
    return sign
