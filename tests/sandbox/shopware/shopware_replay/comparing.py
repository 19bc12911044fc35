"""What differs between a recorded answer and ours: every key, type and value.

Ids and context tokens are mapped: the first meeting of a recorded one fixes its partner, and
from then on they must stay together. Times of the recording's own day, hashes and running
numbers are compared by form alone. Everything else must be equal.
"""

from __future__ import annotations

import re
from typing import Any

_ID = re.compile(r"[0-9a-f]{32}")
_TOKEN = re.compile(r"[A-Za-z0-9]{32}")
_HASH = re.compile(r"[0-9a-f]{64}")
_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d\.\d{3}(\+00:00)?")
_DAY_OF_RECORDING = re.compile(r"2026-11-2[2-5]")
_MASK = re.compile(r"<[a-z-]+>")
_BY_FORM = frozenset({"autoIncrement", "dataContextHash", "deepLinkCode", "errorHash"})


class Partners:
    """Recorded ids and ours, one to one."""

    def __init__(self) -> None:
        self._ours: dict[str, str] = {}
        self._recorded: dict[str, str] = {}

    def join(self, recorded: str, ours: str) -> bool:
        """Whether the two belong together; makes them so when neither is taken."""
        if recorded not in self._ours and ours not in self._recorded:
            self._ours[recorded], self._recorded[ours] = ours, recorded
        return self._ours.get(recorded) == ours

    def translate(self, text: str) -> str:
        """A recorded text with our ids in the place of recorded ones."""
        return _ID.sub(lambda match: self._ours.get(match[0], match[0]), text)


def differences(recorded: Any, ours: Any, partners: Partners, path: str = "") -> list[str]:
    if isinstance(recorded, dict) and isinstance(ours, dict):
        return _objects(recorded, ours, partners, path)
    if isinstance(recorded, list) and isinstance(ours, list):
        return _lists(recorded, ours, partners, path)
    if _kind(recorded) != _kind(ours):
        return [f"{path}: {_kind(recorded)} recorded, {_kind(ours)} here ({ours!r})"]
    if path.rpartition("/")[2] in _BY_FORM:
        return []
    if isinstance(recorded, str):
        return _texts(recorded, ours, partners, path)
    return [] if recorded == ours else [f"{path}: {recorded!r} recorded, {ours!r} here"]


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    names = {dict: "object", list: "list", str: "text", type(None): "null"}
    return names[type(value)]


def _objects(
    recorded: dict[str, Any], ours: dict[str, Any], partners: Partners, path: str
) -> list[str]:
    expected = {partners.translate(name): name for name in recorded}  # a key may hold an id
    found = [f"{path}/{name}: missing here" for name in expected if name not in ours]
    found += [f"{path}/{name}: not recorded" for name in ours if name not in expected]
    for name, as_recorded in expected.items():
        if name in ours:
            found += differences(recorded[as_recorded], ours[name], partners, f"{path}/{name}")
    return found


def _lists(recorded: list[Any], ours: list[Any], partners: Partners, path: str) -> list[str]:
    found = []
    if len(recorded) != len(ours):
        found.append(f"{path}: {len(recorded)} entries recorded, {len(ours)} here")
    for index, (one, other) in enumerate(zip(recorded, ours, strict=False)):
        found += differences(one, other, partners, f"{path}/{index}")
    return found


def _texts(recorded: str, ours: str, partners: Partners, path: str) -> list[str]:
    if _MASK.fullmatch(recorded) and ours:
        return []
    for form in (_HASH, _TIME):
        same_day = form is _HASH or _DAY_OF_RECORDING.match(recorded)
        if form.fullmatch(recorded) and form.fullmatch(ours) and same_day:
            return []
    if _TOKEN.fullmatch(recorded) and _TOKEN.fullmatch(ours):
        joined = partners.join(recorded, ours)
        return [] if joined else [f"{path}: another id than before"]
    expected = _joined_inside(recorded, ours, partners)
    return [] if expected == ours else [f"{path}: {expected!r} recorded, {ours!r} here"]


def _joined_inside(recorded: str, ours: str, partners: Partners) -> str:
    """Ids within a text (a pointer, a message) are partners as well."""
    pairs = zip(_ID.findall(recorded), _ID.findall(ours), strict=False)
    for one, other in pairs:
        partners.join(one, other)
    return partners.translate(recorded)
