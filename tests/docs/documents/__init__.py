"""README and docs/ as the tests read them: pages, fenced blocks, links, tables."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[3]
DOCS = ROOT / "docs"
PAGES = (ROOT / "README.md", *sorted(DOCS.rglob("*.md")))
IDS = [str(page.relative_to(ROOT)) for page in PAGES]

_FENCE = re.compile(r"^```([^\n]*)\n(.*?)^```$", re.M | re.S)


@dataclass(frozen=True)
class Block:
    page: Path
    language: str
    about: str
    """What stands behind the language: a file's name, ``exit=2``, ``background``."""
    text: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}: {self.text.splitlines()[0]}"


def blocks(page: Path) -> list[Block]:
    found = []
    for fence in _FENCE.finditer(page.read_text("utf-8")):
        language, _, about = fence[1].partition(" ")
        found.append(Block(page, language, about, fence[2]))
    return found


def all_blocks(language: str) -> list[Block]:
    return [block for page in PAGES for block in blocks(page) if block.language == language]


def prose(page: Path) -> str:
    """The page without its fenced blocks."""
    return _FENCE.sub("", page.read_text("utf-8"))


def anchors(page: Path) -> set[str]:
    """As GitHub makes them from headings."""
    headings = re.findall(r"^#+ (.+)$", prose(page), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def table_below(page: Path, head: str) -> list[list[str]]:
    """The rows of the table whose first line is ``head``; cells without backticks."""
    lines = page.read_text("utf-8").splitlines()
    rows = []
    for line in lines[lines.index(head) + 2 :]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip().replace("`", "") for cell in line.strip("|").split("|")])
    return rows


def bridge_commands(text: str) -> Iterator[list[str]]:
    """The arguments of every `loyalty-bridge` of a shell text."""
    for line in text.splitlines():
        words = shlex.split(line, comments=True)
        if words[:1] == ["loyalty-bridge"]:
            cut = next((n for n, word in enumerate(words) if word in ("<", ">", "|")), len(words))
            yield words[1:cut]
