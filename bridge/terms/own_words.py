"""The merchant's own words, as he types them: paragraphs, lists and links. Pure.

A blank line ends a paragraph, ``-`` begins an entry of a list, ``[text](https://…)`` is a link, and
so is a bare address. Everything else stays the text it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bridge.terms.blocks import Block, Break, Bullets, Link, Paragraph, Piece

_LINK = re.compile(
    r"\[(?P<text>[^\[\]\n]{1,200})\]\((?P<to>(?:https?://|mailto:)[^\s()<>\"']{1,500})\)"
    r"|(?P<bare>https?://[^\s<>\"'\[\]]{1,500})",
    re.IGNORECASE,
)
_ENTRY = re.compile(r"^[-*•]\s+")
_ENDING = ".,;:!?)"
"""What ends a sentence rather than an address."""


def blocks(text: str) -> tuple[Block, ...]:
    """Lists and paragraphs in the order they were typed; none for text that is blank."""
    found: list[Block] = []
    for part in re.split(r"\n\s*\n", text.replace("\r\n", "\n").replace("\r", "\n")):
        found += _part([line.strip() for line in part.split("\n") if line.strip()])
    return tuple(found)


def _part(lines: list[str]) -> Iterator[Block]:
    entries: list[tuple[Piece, ...]] = []
    plain: list[str] = []
    for line in [*lines, ""]:
        is_entry = bool(_ENTRY.match(line))
        if entries and not is_entry:
            yield Bullets(tuple(entries))
            entries = []
        if plain and (is_entry or not line):
            yield Paragraph(_lines(plain))
            plain = []
        if is_entry:
            entries.append(tuple(_pieces(_ENTRY.sub("", line))))
        elif line:
            plain.append(line)


def _lines(lines: list[str]) -> tuple[Piece, ...]:
    found: list[Piece] = []
    for line in lines:
        found += [Break.LINE] * bool(found)
        found += _pieces(line)
    return tuple(found)


def _pieces(line: str) -> Iterator[Piece]:
    at = 0
    for match in _LINK.finditer(line):
        if match.start() > at:
            yield line[at : match.start()]
        at = match.end()
        if match["bare"]:
            address = match["bare"].rstrip(_ENDING)
            at -= len(match["bare"]) - len(address)
            yield Link(address, address)
        else:
            yield Link(match["text"].strip(), match["to"])
    if at < len(line):
        yield line[at:]
