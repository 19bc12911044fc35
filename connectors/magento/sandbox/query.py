"""Query strings the way PHP reads them: brackets make arrays."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qsl


def php_query(query: str) -> dict[str, Any]:
    """``a[b][0]=1`` becomes ``{"a": {"b": {"0": "1"}}}``; ``a[]=1`` counts up."""
    tree: dict[str, Any] = {}
    for key, value in parse_qsl(query, keep_blank_values=True):
        head, _, rest = key.partition("[")
        names = [head, *re.findall(r"\[?([^\[\]]*)\]", "[" + rest)] if rest else [head]
        _put(tree, names, value)
    return tree


def _put(tree: dict[str, Any], names: list[str], value: str) -> None:
    for name in names[:-1]:
        below = tree.get(name)
        if not isinstance(below, dict):
            below = tree[name] = {}
        tree = below
    tree[names[-1] or str(len(tree))] = value
