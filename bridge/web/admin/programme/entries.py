"""Finding what a form of the programme is about, and what it may choose from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import abort

from bridge.programme.editing import Present, present
from bridge.programme.source import Plain
from bridge.web.admin.programme.forms import Entry
from bridge.web.admin.programme.sections import SHEETS
from bridge.web.admin.programme.sheets import Sheet, Variant
from bridge.web.admin.programme.words import variant_of
from bridge.web.admin.visit import Visit


@dataclass(frozen=True, slots=True)
class Desk:
    """The programme as it is now, to be changed."""

    present: Present
    said: dict[str, Plain]

    def entry(self, section: str, key: str = "", kind: str = "") -> Entry:
        """Aborts with 404 where there is none. ``key`` empty, of a section with many: a new one
        of this kind."""
        sheet = sheet_of(section)
        said = self.section(sheet)
        if not sheet.is_keyed:
            return Entry(sheet, None, "", said, self.known())
        if not key:
            return Entry(sheet, _kind(sheet, kind), "", None, self.known())
        if not isinstance(said, dict) or key not in said:
            abort(404)
        found = said[key]
        return Entry(sheet, variant_of(sheet, found), key, found, self.known())

    def section(self, sheet: Sheet) -> Plain:
        place: Plain = self.said
        for name in sheet.loc:
            place = place.get(name) if isinstance(place, dict) else None
        return place

    def known(self) -> Mapping[str, Sequence[tuple[str, str]]]:
        programme = self.present.programme
        if programme is None:
            return {}
        rules = programme.points.rules if programme.points else {}
        return {
            "tiers": [(key, one.name) for key, one in programme.tiers.items()],
            "segments": [(key, key) for key in programme.segments],
            "groups": [(key, one.name) for key, one in programme.groups.items()],
            "points.rules": [(key, key) for key in rules],
        }


def desk(visit: Visit) -> Desk:
    with visit.app.database.reading() as session:
        found = present(session, visit.app.workspace_id)
    return Desk(found, found.said())


def sheet_of(section: str) -> Sheet:
    found = SHEETS.get(section)
    if found is None:
        abort(404)
    return found


def _kind(sheet: Sheet, kind: str) -> Variant | None:
    found = sheet.variant(kind)
    if found is None and sheet.variants:
        abort(404)
    return found
