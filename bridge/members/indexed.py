"""Conditions that lead each database to the right index.

What begins with a text is found by a range of it: on SQLite as it is, on PostgreSQL by the
operators of ``text_pattern_ops``, which compare sign by sign, whatever the database's language."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, func, literal_column
from sqlmodel import Session

_LAST = "\U0010ffff"
"""Stands behind every other sign."""


def begins(session: Session, column: Any, part: str, *, small: bool = False) -> ColumnElement[bool]:
    """``column`` begins with ``part``: as a range, which an index answers also where the
    statement was prepared without knowing the text. ``small``: in small letters, both."""
    first: Any = part
    last: Any = part + _LAST
    if small:
        column, first, last = func.lower(column), func.lower(first), func.lower(last)
    if _is_postgresql(session):
        # Sign by sign, whatever the database's language: what text_pattern_ops indexes.
        return and_(column.op("~>=~")(first), column.op("~<~")(last))
    return and_(column >= first, column < last)


def behind(session: Session, column: Any, after: str) -> ColumnElement[bool]:
    behind: ColumnElement[bool] = (
        column.op("~>~")(after) if _is_postgresql(session) else column > after
    )
    return behind


def in_order(session: Session, column: Any) -> Any:
    """To sort by, sign by sign: as the index has it that finds what begins with a text."""
    if not _is_postgresql(session):
        return column
    return literal_column(f"{column.table.name}.{column.name} USING ~<~")


def by_no_index(session: Session, column: Any, otherwise: Any) -> Any:
    """The column, so that SQLite takes no index of it: what it is told of its tables makes it
    believe that any value is rare. PostgreSQL knows how many rows have which."""
    return column if _is_postgresql(session) else func.coalesce(column, otherwise)


def nobody(session: Session, column: Any) -> ColumnElement[bool]:
    """A reference to somebody else leads to nobody, as with nearly every row."""
    found: ColumnElement[bool] = (
        column.is_(None) if _is_postgresql(session) else func.coalesce(column, 0) == 0
    )
    return found


def _is_postgresql(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"
