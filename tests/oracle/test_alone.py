"""The oracle is worth something because it shares nothing with what it judges."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ORACLE = Path(__file__).with_name("oracle")
SOURCES = sorted(ORACLE.glob("*.py"))


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_it_imports_the_standard_library_and_itself_alone(source: Path) -> None:
    imported = {
        name.split(".")[0]
        for node in ast.walk(ast.parse(source.read_text("utf-8")))
        for name in _named(node)
    }
    assert imported <= {"oracle", *sys.stdlib_module_names}


def test_it_runs_where_there_is_nothing_else() -> None:
    """In a bare interpreter, without the packages and folders of this project."""
    program = (
        "import oracle.books;"
        "print(sorted(n for n in sys.modules if n.split('.')[0] in ('bridge', 'connectors')))"
    )
    ran = subprocess.run(
        [
            sys.executable,
            "-I",
            "-S",
            "-c",
            f"import sys; sys.path.insert(0, {str(ORACLE.parent)!r});{program}",
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.strip() == "[]"


def _named(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        assert node.level == 0
        return [node.module or ""]
    return []
