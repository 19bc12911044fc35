"""What the shop says, in words: its messages are templates with parameters beside them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

_PLACEHOLDER = re.compile(r"%(\w+)")


def parameters_by_name(template: str, parameters: Any) -> dict[str, str]:
    """The parameters under the names the template gives them.

    A map names them itself, a list goes by position: ``%1`` is the first; lists for named
    placeholders come in the order of each name's *last* place in the template (recorded:
    tier_prices.json #7, where "Website ID = %websiteId. Row ID: SKU = %SKU, Website ID:
    %websiteId…" comes with the SKU first).
    """
    if isinstance(parameters, Mapping):
        return {str(name): _text(value) for name, value in parameters.items()}
    if not isinstance(parameters, Sequence) or isinstance(parameters, str):
        return {}
    named = {str(place): _text(value) for place, value in enumerate(parameters, start=1)}
    last_place = {match.group(1): match.start() for match in _PLACEHOLDER.finditer(template)}
    names = [name for name in last_place if not name.isdecimal()]
    ordered = sorted(names, key=lambda name: last_place[name])
    named.update(zip(ordered, (_text(value) for value in parameters), strict=False))
    return named


def expanded(template: str, parameters: Any) -> str:
    """The template with its placeholders filled in; one without a parameter stays."""
    named = parameters_by_name(template, parameters)
    return _PLACEHOLDER.sub(lambda match: named.get(match.group(1), match.group(0)), template)


def message_of(body: Any) -> str:
    """All that an error body says, or an empty text when it is none of Magento's."""
    if not isinstance(body, Mapping) or not isinstance(body.get("message"), str):
        return ""
    said = [expanded(body["message"], body.get("parameters"))]
    details = body.get("errors")
    if isinstance(details, Sequence) and not isinstance(details, str):
        said += [message_of(detail) for detail in details]
    return " ".join(part for part in said if part)


def _text(value: Any) -> str:
    return "" if value is None else str(value)
