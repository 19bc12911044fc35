"""Files of opening balances, read row by row: however long, they never lie in memory whole."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, TextIO

from bridge.kit.errors import BridgeError
from bridge.kit.suggestions import did_you_mean
from bridge.points.opening import COLUMNS
from connectors.sentences import sentence

_DELIMITERS = (";", "\t", ",")


class FileRow(NamedTuple):
    line: int
    cells: dict[str, str]
    """By column; empty ones are left out."""
    fault: str
    """Why the row as a whole cannot be trusted; empty when it can."""


class UnreadableFile(BridgeError):
    """The file as a whole is none of opening balances."""


def read_rows(path: Path) -> Iterator[FileRow]:
    """Comma, semicolon or tab, a header, UTF-8. A column whose name begins with ``#`` is the
    merchant's own. Raises :class:`UnreadableFile` and OSError."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        try:
            yield from _rows(file, path.name)
        except UnicodeDecodeError:
            raise UnreadableFile(
                sentence(
                    "%(path_name)s is not UTF-8: save it as CSV UTF-8. Nothing was imported.",
                    path_name=path.name,
                )
            ) from None


def _rows(file: TextIO, name: str) -> Iterator[FileRow]:
    first = next((line for line in file if line.strip()), "")
    delimiter = max(_DELIMITERS, key=first.count)
    file.seek(0)
    reader = csv.reader(file, delimiter=delimiter, strict=True)
    header: list[str] | None = None
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if header is None:
                header = _header(cells, f"{name}:{reader.line_num}")
            else:
                yield _row(reader.line_num, header, cells)
    except csv.Error as error:
        raise UnreadableFile(
            sentence(
                "%(name)s:%(line_num)s: this is no valid CSV: %(error)s. Nothing was imported.",
                name=name,
                line_num=str(reader.line_num),
                error=error,
            )
        ) from None
    if header is None:
        raise UnreadableFile(
            sentence(
                "%(name)s is empty: it needs a header with the columns email, points.", name=name
            )
        )


def _header(cells: list[str], place: str) -> list[str]:
    header = [cell.strip().lower() for cell in cells]
    while header and not header[-1]:
        header.pop()
    used = [column for column in header if not column.startswith("#")]
    for column in used:
        if column not in COLUMNS:
            raise UnreadableFile(
                sentence(
                    '%(place)s: the column "%(column)s" is not known. %(did_you_mean)s Put # '
                    "before the name of a column of your own.",
                    place=place,
                    column=column,
                    did_you_mean=did_you_mean(column, COLUMNS),
                )
            )
        if used.count(column) > 1:
            raise UnreadableFile(
                sentence(
                    "%(place)s: the column %(column)s is there twice: keep one of them.",
                    place=place,
                    column=column,
                )
            )
    if "points" not in used or not {"email", "company"} & set(used):
        raise UnreadableFile(
            sentence("%(place)s: the header needs the columns email and points.", place=place)
        )
    return header


def _row(line: int, header: list[str], cells: list[str]) -> FileRow:
    fault = ""
    if any(cell.strip() for cell in cells[len(header) :]):
        fault = f"has {len(cells)} cells where the header has {len(header)}"
    filled = {
        column: cell.strip()
        for column, cell in zip(header, cells, strict=False)
        if cell.strip() and not column.startswith("#")
    }
    return FileRow(line, filled, fault)
