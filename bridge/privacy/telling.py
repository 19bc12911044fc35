"""Everything that is known of one person, over all stores, for himself."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, SQLModel, col

from bridge.installations.models import Installation
from bridge.kit.spreadsheets import BOM, harmless
from bridge.points.exporting import one_view
from bridge.points.models import Entry
from bridge.points.origins import Origins, origins
from bridge.points.statement import line_of
from bridge.points.wording import sentence
from bridge.privacy.naming import MERGED, SPLIT
from bridge.privacy.person import person
from bridge.privacy.register import HELD, LEASES, Held

FORMAT = 1
_NEVER = frozenset({"workspace_id"}) | LEASES
_README = """\
What {workspace} knows of you, as of {made_at}.

data.json holds all of it; each other file is one part of it as a table (CSV, UTF-8).
Times are in UTC. Points are whole numbers.

{sections}
"""

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Told:
    """As it was at one moment."""

    member_id: int
    made_at: datetime
    workspace: str
    sections: Mapping[str, Sequence[Row]]
    """By name, those in which there is something; rows by column, in values that JSON knows."""


def tell(
    session: Session, workspace_id: int, workspace: str, member_id: int, now: datetime
) -> Told:
    """``member_id``: as he is now; ``session`` has read nothing yet, so that it is all of one
    moment. Raises KeyError when there is no such member."""
    one_view(session)
    him = person(session, workspace_id, member_id)
    stores = _stores(session, workspace_id)
    sections: dict[str, list[Row]] = {}
    for held in HELD:
        if not held.section:
            continue
        rows: list[Row] = [_row(held, row, stores) for row in _read(session, held, held.which(him))]
        if held.table is Entry:
            rows = _explained(session, workspace_id, rows)
        if rows:
            sections.setdefault(held.section, []).extend(rows)
    return Told(member_id, now, workspace, sections)


def as_json(told: Told) -> str:
    """The document ``data.json``: ``format``, ``workspace``, ``member``, ``made_at`` and the
    sections."""
    document = {
        "format": FORMAT,
        "workspace": told.workspace,
        "member": told.member_id,
        "made_at": told.made_at.isoformat(),
        "sections": told.sections,
    }
    return json.dumps(document, ensure_ascii=False, indent=2)


def as_zip(told: Told) -> bytes:
    """``data.json``, a table for each section, and a page that says what is what."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        lines = [f"{name}.csv: {len(rows):,} rows" for name, rows in told.sections.items()]
        archive.writestr(
            "README.txt",
            _README.format(
                workspace=told.workspace,
                made_at=f"{told.made_at:%Y-%m-%d %H:%M} UTC",
                sections="\n".join(lines),
            ),
        )
        archive.writestr("data.json", as_json(told))
        for name, rows in told.sections.items():
            archive.writestr(f"{name}.csv", _table(rows))
    return made.getvalue()


# -- reading --------------------------------------------------------------------------------


def _read(session: Session, held: Held, which: Any) -> Iterable[SQLModel]:
    keys = list(held.table.__table__.primary_key)  # type: ignore[attr-defined]
    return session.scalars(select(held.table).where(which).order_by(*keys))


def _row(held: Held, row: SQLModel, stores: Mapping[int, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in type(row).model_fields:
        if name in held.hides or name in _NEVER:
            continue
        value = getattr(row, name)
        if name == "installation_id":
            found["store"] = stores.get(value, "") if value else ""
        elif name in ("before", "after") and getattr(row, "action", "") in (MERGED, SPLIT):
            continue  # the other one is somebody else now, or may be
        elif name == "content" and isinstance(value, str):
            found[name] = json.loads(value) if value else None
        else:
            found[name] = _plain(value)
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, Decimal):
        return str(value)
    return value


def _stores(session: Session, workspace_id: int) -> dict[int, str]:
    rows = session.execute(
        select(col(Installation.id), col(Installation.name)).where(
            col(Installation.workspace_id) == workspace_id
        )
    )
    return {row[0]: row[1] for row in rows}


# -- entries --------------------------------------------------------------------------------


def _explained(session: Session, workspace_id: int, rows: Sequence[Row]) -> list[Row]:
    """Each with what it says in words, and with its calculation."""
    ids = [row["id"] for row in rows]
    entries = [
        entry
        for start in range(0, len(ids), 500)
        for entry in session.scalars(
            select(Entry)
            .where(
                col(Entry.workspace_id) == workspace_id,
                col(Entry.id).in_(ids[start : start + 500]),
            )
            .order_by(col(Entry.id))
        )
    ]
    known = origins(
        session,
        workspace_id,
        ((one.installation_id, one.source_kind, one.source_id) for one in entries),
    )
    words = {one.id: _sentence(one, known) for one in entries}
    return [{**row, "text": words[row["id"]], "why": _calculation(row)} for row in rows]


def _sentence(one: Entry, known: Origins) -> str:
    return sentence(line_of(one), known.of(one.installation_id, one.source_kind, one.source_id))


def _calculation(row: Row) -> Any:
    why = json.loads(row["why"] or "{}")
    return {name: value for name, value in why.items() if name != "by"}


# -- tables ---------------------------------------------------------------------------------


def _table(rows: Sequence[Row]) -> str:
    names = list(dict.fromkeys(name for row in rows for name in row))
    written = io.StringIO()
    written.write(BOM)
    writer = csv.writer(written)
    writer.writerow(names)
    for row in rows:
        writer.writerow([harmless(_cell(row.get(name))) for name in names])
    return written.getvalue()


def _cell(value: Any) -> object:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value
