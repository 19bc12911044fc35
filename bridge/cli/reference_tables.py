"""The reference pages of the database's tables and of the shops' errors, from the code."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Iterator
from typing import Any

from sqlalchemy import JSON, Boolean, Column, Integer, LargeBinary, Table, UniqueConstraint
from sqlmodel import SQLModel

from bridge.kit.columns import UtcDateTime
from bridge.models import TABLES
from connectors import errors
from connectors.errors import ConnectorError

_ROLE = re.compile(r":[a-z]+:`~?(?:[\w.]+\.)?([\w.]+)`")


def tables_page(made: str) -> str:
    intro = (
        "The same on SQLite and PostgreSQL, made and changed by migrations only. Unit prices are "
        "integers in millionths, times are UTC. Every row belongs to a workspace."
    )
    return "\n\n".join(["# Tables", made, intro, *(_table(model) for model in TABLES)]) + "\n"


def errors_page(made: str) -> str:
    intro = (
        "What a connector raises, classed by what one can do about it and not by status code "
        "(`connectors/errors.py`). Messages name what happened, where, and what to do.\n\n"
        "*Passes by itself*: the same call may succeed later, and the bridge tries it again. "
        "*May have happened*: the shop may have done what was asked, so it is read before "
        "anything is sent again."
    )
    rows = [_error(kind) for kind in _error_kinds()]
    head = [
        "| error | when | passes by itself | may have happened | advice |",
        "|---|---|---|---|---|",
    ]
    return "\n\n".join(["# Errors of shops", made, intro, "\n".join([*head, *rows])]) + "\n"


# -- tables ---------------------------------------------------------------------------------


def _table(model: type[SQLModel]) -> str:
    table: Table = model.__table__  # type: ignore[attr-defined]
    notes = _notes(model)
    rows = [_column(column, notes.get(column.name, "")) for column in table.columns]
    parts = [
        f"## {table.name}",
        _text(model.__dict__.get("__doc__") or inspect.getmodule(model).__doc__ or ""),
        "\n".join(["| column | type | | |", "|---|---|---|---|", *rows]),
    ]
    unique = [
        ", ".join(f"`{column.name}`" for column in constraint.columns)
        for constraint in table.constraints
        if isinstance(constraint, UniqueConstraint)
    ]
    if unique:
        parts.append("Unique: " + "; ".join(sorted(unique)) + ".")
    return "\n\n".join(parts)


def _column(column: Column[Any], note: str) -> str:
    marks = []
    if column.primary_key:
        marks.append("key")
    marks += [
        f"→ [{key.column.table.name}](#{key.column.table.name})" for key in column.foreign_keys
    ]
    if column.nullable:
        marks.append("or nothing")
    return f"| `{column.name}` | {_type(column)} | {', '.join(marks)} | {_cell(_text(note))} |"


def _type(column: Column[Any]) -> str:
    kinds = (
        (UtcDateTime, "time"),
        (JSON, "JSON"),
        (Boolean, "yes or no"),
        (Integer, "integer"),
        (LargeBinary, "bytes"),
    )
    return next((name for kind, name in kinds if isinstance(column.type, kind)), "text")


def _notes(model: type[SQLModel]) -> dict[str, str]:
    """The text below each field, by the field's name."""
    (body,) = ast.parse(textwrap.dedent(inspect.getsource(model))).body
    assert isinstance(body, ast.ClassDef)
    found: dict[str, str] = {}
    for field, after in zip(body.body, body.body[1:], strict=False):
        is_text = isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant)
        if is_text and isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
            found[field.target.id] = str(after.value.value)  # type: ignore[attr-defined]
    return found


# -- errors ---------------------------------------------------------------------------------


def _error_kinds() -> Iterator[type[ConnectorError]]:
    """In the order they are written, which groups them by who can act."""
    for found in vars(errors).values():
        if isinstance(found, type) and issubclass(found, ConnectorError):
            yield found


def _error(kind: type[ConnectorError]) -> str:
    is_top = kind in (ConnectorError, *ConnectorError.__subclasses__())
    name = f"`{kind.__name__}`" + ("" if is_top else f", a `{kind.__bases__[0].__name__}`")
    cells = (
        _text(kind.__doc__ or ""),
        "yes" if kind.transient else "",
        "yes" if kind.outcome_unknown else "",
        kind.advice,
    )
    return f"| {name} | " + " | ".join(map(_cell, cells)) + " |"


def _text(docstring: str) -> str:
    """Plain Markdown: one paragraph a paragraph, references as code."""
    text = _ROLE.sub(r"`\1`", inspect.cleandoc(docstring)).replace("``", "`")
    return "\n\n".join(" ".join(part.split()) for part in text.split("\n\n"))


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
