"""Changes a value in a programme's text and keeps the rest as its author wrote it. Pure."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError

from bridge.programme.issues import Loc, ProgrammeError
from bridge.programme.source import Plain, read_yaml

LONGEST = 200_000
"""Characters of a text that is kept: to read one with its remarks takes a second for so many."""


def rewritten(text: str, changes: Mapping[Loc, Plain]) -> str:
    """``text`` with other values at these places; ``None`` removes what is there.

    Remarks, quotes and order stay where nothing changes; blanks may not. Empty where that cannot
    be done without saying something else: then write the programme anew
    (:func:`bridge.programme.writing.dump`).
    """
    if not text or len(text) > LONGEST:
        return ""
    try:
        told = read_yaml(text, "").plain()
        if not isinstance(told, dict):
            return ""
        tree = _yaml().load(text)
        for loc, value in changes.items():
            _put(tree, told, loc, value)
        stream = io.StringIO()
        _yaml().dump(tree, stream)
        written = stream.getvalue()
        return written if read_yaml(written, "").plain() == told else ""
    except (YAMLError, ProgrammeError, LookupError, TypeError, ValueError):
        # A text of which ruamel makes something else than we do: an anchor, an odd tag.
        return ""


def _yaml() -> Any:
    yaml = YAML(typ="rt")
    yaml.preserve_quotes = True
    yaml.width = 1_000_000
    yaml.indent(mapping=2, sequence=4, offset=2)
    return yaml


def _put(tree: Any, told: Any, loc: Loc, value: Plain) -> None:
    """In both: what ruamel writes, and what it shall say."""
    *way, last = loc
    if value is None:
        for part in way:
            if part not in told:
                return
            tree, told = tree[_key(tree, part)], told[part]
        if last in told:
            del tree[_key(tree, last)]
            del told[last]
        return
    for part in way:
        if told.get(part) is None:
            told[part] = {}
            tree[_key(tree, part)] = CommentedMap()
        tree, told = tree[_key(tree, part)], told[part]
    _set(tree, told, last, value)


def _set(tree: Any, told: Any, name: str | int, value: Plain) -> None:
    if name in told and told[name] == value:
        return
    key = _key(tree, name)
    if isinstance(value, dict) and isinstance(told.get(name), dict):
        below, said = tree[key], told[name]
        for gone in [one for one in said if one not in value]:
            del below[_key(below, gone)]
            del said[gone]
        for one, item in value.items():
            _set(below, said, one, item)
        return
    told[name] = value
    tree[key] = _written(value)


def _key(tree: Any, name: str | int) -> Any:
    """ruamel reads ``2024`` and ``yes`` as other than texts; the text that was written is ours."""
    if name in tree:
        return name
    return next((key for key in tree if str(key) == str(name)), name)


def _written(value: Plain) -> Any:
    if isinstance(value, Mapping):
        found = CommentedMap()
        for name, item in value.items():
            found[name] = _written(item)
        if all(not isinstance(item, dict | list) for item in value.values()):
            found.fa.set_flow_style()
        return found
    if isinstance(value, Sequence) and not isinstance(value, str):
        items = CommentedSeq([_written(item) for item in value])
        if all(not isinstance(item, list) for item in value):
            items.fa.set_flow_style()
        return items
    return _scalar(value)


def _scalar(text: str | None) -> Any:
    """Numbers and days without quotes, as people write them."""
    if text is None or not text or text.strip() != text:
        return text
    if text[0] not in "0123456789" or not set(text) <= set("0123456789.-"):
        return text
    try:
        return _yaml().load(text)
    except YAMLError:
        return text
