"""Long price lists and member lists in CSV files."""

from __future__ import annotations

from pathlib import Path

from bridge.programme import tiers
from bridge.programme.amounts import parse_comma_decimal, parse_decimal
from bridge.programme.csv_table import NamedAt, Table, read_table, table_of
from bridge.programme.emails import normal_email
from bridge.programme.issues import Issue, Place, ProgrammeError, issue
from bridge.programme.kinds import clean_text
from bridge.programme.screening import Row
from connectors.base import Severity

PRICE_COLUMNS = ("sku", *tiers.FIELDS)
MEMBER_COLUMNS = ("email", "company")
_REQUIRED = ("sku", "from")


def read_prices(
    path: Path, name: str, named_at: NamedAt, field: str
) -> tuple[dict[str, list[Row]], list[Issue]]:
    """Rows by SKU, in file order, and the rows that name no usable SKU.

    ``field`` is the path of the price list's prices, for messages. Raises ProgrammeError as
    :func:`~bridge.programme.csv_table.read_table` does, and when no row names a SKU at all.
    """
    return _prices(read_table(path, name, PRICE_COLUMNS, _REQUIRED, named_at), field)


def prices_of(text: str, name: str, field: str) -> tuple[dict[str, list[Row]], list[Issue]]:
    """The same of a text; ``name``: what messages call it."""
    return _prices(table_of(text, name, PRICE_COLUMNS, _REQUIRED), field)


def _prices(table: Table, field: str) -> tuple[dict[str, list[Row]], list[Issue]]:
    name = table.name
    number = parse_comma_decimal if _has_decimal_commas(table) else parse_decimal
    rows: dict[str, list[Row]] = {}
    problems: list[Issue] = []
    for row in table.rows:
        place = Place(name, row.line)
        try:
            sku = clean_text(row.cells.get("sku", ""))
        except ValueError as error:
            message = f"the SKU {error}; the row is not used"
            problems.append(issue(place, f"{field}.sku", message))
            continue
        cells = {} if row.fault else row.cells
        fields = {column: cells.get(column) for column in tiers.FIELDS}
        rows.setdefault(sku, []).append(Row(fields, place, f"{field}.{sku}", row.fault, number))
    if not rows:
        raise ProgrammeError(problems)
    return rows, problems


def _has_decimal_commas(table: Table) -> bool:
    if table.delimiter == ",":
        return False
    return any(
        "," in row.cells.get(column, "") for row in table.rows for column in ("price", "percent")
    )


def read_members(
    path: Path, name: str, named_at: NamedAt, field: str
) -> tuple[list[str], list[str], list[Issue]]:
    """E-mail addresses, companies, and rows that name nobody; a row may name both."""
    table = read_table(path, name, MEMBER_COLUMNS, (), named_at)
    emails: list[str] = []
    companies: list[str] = []
    problems: list[Issue] = []
    for row in table.rows:
        try:
            if row.fault:
                raise ValueError(row.fault)
            found = {column: clean_text(cell) for column, cell in row.cells.items()}
            if "email" in found:
                emails.append(normal_email(found["email"]))
            if "company" in found:
                companies.append(found["company"])
        except ValueError as error:
            message = f"{error}; the row is not used"
            problems.append(issue(Place(name, row.line), field, message, Severity.ERROR))
    return emails, companies, problems
