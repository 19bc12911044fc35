"""Files of opening balances, read row by row: however long, they never lie in memory whole."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, TextIO

from bridge.kit.errors import BridgeError
from bridge.kit.suggestions import did_you_mean
from bridge.points.opening import COLUMNS

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
                f"{path.name} is not UTF-8: save it as CSV UTF-8. Nothing was imported."
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
            f"{name}:{reader.line_num}: this is no valid CSV: {error}. Nothing was imported."
        ) from None
    if header is None:
        raise UnreadableFile(f"{name} is empty: it needs a header with the columns email, points.")


def _header(cells: list[str], place: str) -> list[str]:
    header = [cell.strip().lower() for cell in cells]
    while header and not header[-1]:
        header.pop()
    used = [column for column in header if not column.startswith("#")]
    for column in used:
        if column not in COLUMNS:
            raise UnreadableFile(
                f'{place}: the column "{column}" is not known. {did_you_mean(column, COLUMNS)} '
                "Put # before the name of a column of your own."
            )
        if used.count(column) > 1:
            raise UnreadableFile(f"{place}: the column {column} is there twice: keep one of them.")
    if "points" not in used or not {"email", "company"} & set(used):
        raise UnreadableFile(f"{place}: the header needs the columns email and points.")
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
