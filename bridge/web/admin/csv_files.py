"""Tables as CSV files to be opened in a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from flask import Response, stream_with_context

from bridge.kit.spreadsheets import BOM, harmless

_TOGETHER = 500
"""Rows that are sent at a time."""


def csv_file(name: str, heads: Sequence[Any], rows: Iterable[Sequence[object]]) -> Response:
    """A download. ``name`` without its ending, as ASCII without quotes; rows are read while they
    are sent, so that many need no memory."""
    sent = stream_with_context(csv_lines(heads, rows))
    answer = Response(sent, mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return answer


def csv_lines(heads: Sequence[Any], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """The file in pieces: commas, quotes where needed, lines ended as RFC 4180 wants them."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    buffer.write(BOM)
    writer.writerow([harmless(str(head)) for head in heads])
    for number, row in enumerate(rows, 1):
        writer.writerow([harmless(cell) for cell in row])
        if number % _TOGETHER == 0:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()
