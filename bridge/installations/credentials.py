"""Credentials as an admin hands them over, and whether a platform can use them.

No message of this module repeats a value.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from bridge.kit.errors import BridgeError
from bridge.kit.suggestions import did_you_mean
from connectors.base import Platform

_ASSIGNMENT = re.compile(r"(?:export\s+)?([A-Za-z][\w-]*)\s*=\s*(.*)")
_FORMS = "Write JSON, YAML, or one NAME=VALUE a line."


def read_credentials(text: str) -> dict[str, str]:
    """Fields by name (lower case, underscores), from JSON, YAML or ``NAME=VALUE`` lines.

    Values stay the text that was written: ``0123`` is no number. Raises BridgeError.
    """
    stripped = text.strip().removeprefix("\ufeff")
    if not stripped:
        raise BridgeError(f"The credentials are empty. {_FORMS}")
    fields = _assignments(stripped)
    if fields is None:
        fields = _json(stripped) if stripped.startswith("{") else _yaml(stripped)
    return _checked(fields)


def match_credentials(platform: Platform, given: Mapping[str, str]) -> str:
    """The kind of credentials these fields are. Raises BridgeError listing what is accepted."""
    names = {name for name, value in given.items() if value}
    for accepted in platform.credentials:
        if names == set(accepted.fields):
            return accepted.kind
    raise BridgeError(f"{_misfit(platform, names)} {accepted_credentials(platform)}")


def accepted_credentials(platform: Platform) -> str:
    sets = "; or ".join(
        f"{', '.join(accepted.fields)} ({accepted.text.rstrip('.')})"
        for accepted in platform.credentials
    )
    return f"{platform.label} accepts: {sets}."


def _misfit(platform: Platform, names: set[str]) -> str:
    known = {field for accepted in platform.credentials for field in accepted.fields}
    unknown = sorted(names - known)
    if unknown:
        hint = did_you_mean(unknown[0], known)
        return f"The credentials have a field `{unknown[0]}` that is not known. {hint}".rstrip()
    if not names:
        return "The credentials name no field with a value."
    nearest = max(platform.credentials, key=lambda accepted: len(names & set(accepted.fields)))
    missing = [field for field in nearest.fields if field not in names]
    if missing:
        return f"The credentials lack {', '.join(f'`{field}`' for field in missing)}."
    return f"The credentials mix several kinds ({', '.join(sorted(names))})."


def _assignments(text: str) -> dict[str, Any] | None:
    """``None`` when these are no ``NAME=VALUE`` lines."""
    fields: dict[str, Any] = {}
    for line in text.splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        found = _ASSIGNMENT.fullmatch(line.strip())
        if found is None:
            return None
        name, value = found.groups()
        if name in fields:
            raise BridgeError(f"The credentials name `{name}` twice.")
        fields[name] = _unquoted(value.strip())
    return fields


def _unquoted(value: str) -> str:
    quoted = len(value) >= 2 and value[0] == value[-1] and value[0] in "'\""
    return value[1:-1] if quoted else value


def _json(text: str) -> Any:
    try:
        return json.loads(text, parse_int=str, parse_float=str)
    except ValueError as error:
        line = f" (line {error.lineno})" if isinstance(error, json.JSONDecodeError) else ""
        raise BridgeError(f"The credentials are no valid JSON{line}.") from None


def _yaml(text: str) -> Any:
    try:
        return YAML(typ="base", pure=True).load(text)
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f" (line {mark.line + 1})" if mark is not None else ""
        raise BridgeError(f"The credentials cannot be read{line}. {_FORMS}") from None


def _checked(fields: Any) -> dict[str, str]:
    if not isinstance(fields, Mapping):
        raise BridgeError(f"The credentials name no fields. {_FORMS}")
    checked: dict[str, str] = {}
    for name, value in fields.items():
        if not isinstance(value, str):
            raise BridgeError(f"The credentials' field `{name}` must be a text.")
        checked[str(name).strip().lower().replace("-", "_")] = value.strip()
    return checked
