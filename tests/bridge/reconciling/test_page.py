"""The page that says what each check looks at."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import bridge.reconciling

PAGE = Path(__file__).parents[3] / "docs" / "operations" / "reconcile.md"
_NAME = re.compile(r"[a-z]+(-[a-z]+)+")


def _names_in_the_code() -> set[str]:
    found = set()
    for path in Path(bridge.reconciling.__path__[0]).glob("*.py"):
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
                name = str(node.value.value)
                if _NAME.fullmatch(name):
                    found.add(name)
    return found


def test_every_check_is_on_the_page_and_no_other() -> None:
    rows = [line.split("|")[1] for line in PAGE.read_text("utf-8").splitlines() if "| `" in line]
    named = {name for row in rows for name in re.findall(r"`([a-z-]+)`", row)}
    assert named == _names_in_the_code()
