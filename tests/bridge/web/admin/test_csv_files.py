"""Tables to be opened in a spreadsheet: what came from a shop must not run there."""

from __future__ import annotations

import csv
import io
from decimal import Decimal

import pytest

from bridge.web.admin.csv_files import csv_lines, harmless


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
        ("+49 30", "'+49 30"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("A=1", "A=1"),
        ("", ""),
        (None, ""),
        (-12, "-12"),
        (Decimal("-0.50"), "-0.50"),
    ],
)
def test_what_begins_like_a_formula_is_text(value: object, cell: str) -> None:
    assert harmless(value) == cell


def test_the_file_is_read_back_as_it_was_told() -> None:
    rows = [(f'Müller, "{number}"', number) for number in range(1_234)]
    text = "".join(csv_lines(("name", "=points"), rows))
    assert text.startswith("\ufeff")
    read = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))
    assert read == [["name", "'=points"], *([name, str(points)] for name, points in rows)]
