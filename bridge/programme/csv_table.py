"""CSV files as spreadsheets write them: comma, semicolon or tab, a header, UTF-8."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from bridge.programme.issues import Issue, Place, ProgrammeError, did_you_mean, issue
from bridge.programme.source import read_text

DELIMITERS = (";", "\t", ",")
_HARMLESS = re.compile(r"'(?='*[=+\-@])")
"""The apostrophe that our own files have before what a spreadsheet would take for a formula."""


class NamedAt(NamedTuple):
    """Where the programme names the file."""

    place: Place
    field: str


class TableRow(NamedTuple):
    line: int
    cells: dict[str, str]
    """By column; empty cells are left out."""
    fault: str
    """Why the row as a whole cannot be trusted; empty when it can."""


class Table(NamedTuple):
    name: str
    delimiter: str
    rows: tuple[TableRow, ...]


def read_table(
    path: Path, name: str, columns: Sequence[str], required: Sequence[str], named_at: NamedAt
) -> Table:
    """Reads a file whose header names some of ``columns`` and all of ``required``.

    A column whose name starts with ``#`` is for people and ignored. Raises ProgrammeError when
    the file is missing, is not UTF-8, has no rows, or a header that is not understood.
    """
    return table_of(read_text(path, name, *named_at), name, columns, required)


def table_of(text: str, name: str, columns: Sequence[str], required: Sequence[str]) -> Table:
    """The same of a text; ``name``: what messages call it."""
    delimiter = _delimiter(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    header: list[str] | None = None
    rows: list[TableRow] = []
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if header is None:
                header = _header(cells, columns, required, Place(name, reader.line_num))
            else:
                rows.append(_row(reader.line_num, header, cells, delimiter))
    except csv.Error as error:
        place = Place(name, reader.line_num)
        raise ProgrammeError([issue(place, "", f"this is no valid CSV: {error}")]) from None
    if not rows:
        message = "has no rows below a header: did an export fail? The file is not used"
        raise ProgrammeError([issue(Place(name), "", message)])
    return Table(name, delimiter, tuple(rows))


def _delimiter(text: str) -> str:
    header = next((line for line in text.splitlines() if line.strip()), "")
    return max(DELIMITERS, key=header.count)


def _header(
    cells: list[str], columns: Sequence[str], required: Sequence[str], place: Place
) -> list[str]:
    header = [cell.strip().lower() for cell in cells]
    while header and not header[-1]:
        header.pop()
    used = [column for column in header if not column.startswith("#")]
    issues = [_unknown(column, columns, place) for column in used if column not in columns]
    issues += [
        issue(place, column, f"the column {column} is there twice: keep one of them")
        for column in sorted(set(used))
        if used.count(column) > 1
    ]
    issues += [
        issue(
            place,
            column,
            f"the column {column} is missing from the header ({place.file} "
            f"needs {', '.join(required)})",
        )
        for column in required
        if column not in used
    ]
    if issues:
        raise ProgrammeError(issues)
    return header


def _unknown(column: str, columns: Sequence[str], place: Place) -> Issue:
    message = (
        f'the column "{column}" is not known.{did_you_mean(column, columns)} '
        f"Known are {', '.join(columns)}; put # before a column's name to have it ignored"
    )
    return issue(place, column, message)


def _row(line: int, header: list[str], cells: list[str], delimiter: str) -> TableRow:
    fault = ""
    if any(cell.strip() for cell in cells[len(header) :]):
        fault = f"has {len(cells)} cells where the header has {len(header)}"
        if delimiter == ",":
            fault += ": numbers with a decimal comma need semicolons between the columns"
    filled = {
        column: _written(cell.strip())
        for column, cell in zip(header, cells, strict=False)
        if cell.strip() and not column.startswith("#")
    }
    return TableRow(line, filled, fault)


def _written(cell: str) -> str:
    return _HARMLESS.sub("", cell, count=1) if cell.startswith("'") else cell
