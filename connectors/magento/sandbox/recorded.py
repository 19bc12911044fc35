"""What is the shop's own and never changes, as it was recorded: modules, attributes, products.

Kept in ``recorded.json`` beside this file.
"""

from __future__ import annotations

import json
from functools import lru_cache
from importlib import resources
from typing import Any


@lru_cache(maxsize=1)
def recorded() -> dict[str, Any]:
    text = resources.files(__package__).joinpath("recorded.json").read_text("utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded
