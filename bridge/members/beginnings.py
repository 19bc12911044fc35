"""What begins with a text, as an index answers it: on SQLite as it is, on PostgreSQL by the
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


def _is_postgresql(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"
