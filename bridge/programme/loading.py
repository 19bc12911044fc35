"""From the files on disk to a programme that can be used, with everything that is wrong.

What is wrong with the *shape* (YAML, unknown fields, wrong types, unknown groups, missing
files) stops: nothing may be read into a file that is not understood. What is wrong with a
*row* (a tier dearer than the one before, a discount over 100 %) leaves out that ladder alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from pydantic import ValidationError

from bridge.programme import tiers
from bridge.programme.canonical import canonical_text, digest
from bridge.programme.csv_prices import read_members, read_prices
from bridge.programme.csv_table import NamedAt
from bridge.programme.document import Hold, Programme
from bridge.programme.issues import (
    Fault,
    Issue,
    Loc,
    Place,
    ProgrammeError,
    did_you_mean,
    field_path,
    issue,
    listed,
)
from bridge.programme.kinds import clean_text
from bridge.programme.loyalty_references import loyalty_faults
from bridge.programme.references import group_faults, list_faults, unknown_groups
from bridge.programme.rewards_references import rewards_faults
from bridge.programme.screening import Row, holds, screen
from bridge.programme.source import Plain, Source, read_text, read_yaml
from bridge.programme.validation import model_issues
from connectors.base import Severity

RawFields = dict[str, Plain]


@dataclass(frozen=True)
class LoadedProgramme:
    document: Programme
    problems: tuple[Issue, ...]
    """Errors: what they name is left as it is in the shops. Warnings and notes: it is done."""
    text: str
    """The canonical form: what is stored as a version. It needs no other file."""
    digest: str
    """SHA-256 of ``text``, in hexadecimal."""
    places: Mapping[str, Place] = field(repr=False)
    """Where price lists, SKUs and rules are written, by field path."""


def load(path: Path) -> LoadedProgramme:
    """Reads a programme file and the CSV files it names.

    Raises ProgrammeError, with all problems at once, when it cannot be used.
    """
    return _loaded(read_text(path, path.name, Place(path.name)), path.name, path.parent)


def load_text(text: str, name: str) -> LoadedProgramme:
    """Reads a programme that stands in one text; ``name``: what messages call it. A CSV file that
    it names is refused: there is no folder to look in.

    Raises ProgrammeError, with all problems at once, when it cannot be used.
    """
    return _loaded(text, name, None)


def _loaded(text: str, name: str, folder: Path | None) -> LoadedProgramme:
    source = read_yaml(text, name)
    raw = source.plain()
    if not isinstance(raw, dict):
        message = "must have fields, like programme: Acme B2B"
        raise ProgrammeError([issue(Place(name, 1), "", message)])
    reading = _Reading(source, folder)
    reading.members(raw)
    reading.price_lists(raw)
    document = _validated(raw, reading)
    canonical = canonical_text(document)
    problems = reading.in_order(reading.problems)
    return LoadedProgramme(document, problems, canonical, digest(canonical), reading.places)


def _validated(raw: RawFields, reading: _Reading) -> Programme:
    try:
        document = Programme.model_validate(raw, by_alias=True, by_name=False)
    except ValidationError as error:
        reading.fatal += model_issues(error, reading.source)
        reading.note(_raw_unknown_groups(raw))
    else:
        reading.note(fatal_faults(document))
        if not reading.fatal:
            reading.note(list_faults(document))
            return document
    raise ProgrammeError(reading.in_order([*reading.fatal, *reading.problems]))


def fatal_faults(document: Programme) -> list[Fault]:
    """What its sections say of each other; one error, and it cannot be used."""
    groups = {key: entry.groups for key, entry in document.price_lists.items()}
    return [
        *unknown_groups(document.groups, groups),
        *group_faults(document),
        *loyalty_faults(document),
        *rewards_faults(document),
    ]


def _raw_unknown_groups(raw: RawFields) -> list[Fault]:
    named = {key: _texts(entry.get("groups")) for key, entry in _sections(raw, "price_lists")}
    return unknown_groups([key for key, _ in _sections(raw, "groups")], named)


class _Reading:
    """Replaces in the raw document what only files have (CSV, bad rows), and keeps account."""

    def __init__(self, source: Source, folder: Path | None) -> None:
        self.source = source
        self.fatal: list[Issue] = []
        self.problems: list[Issue] = []
        self.places: dict[str, Place] = {}
        self._folder = folder
        self._default_currency: Plain = None

    def note(self, faults: Sequence[Fault]) -> None:
        for fault in faults:
            path = field_path(fault.loc)
            place = self.places.get(path) or self.source.place(fault.loc)
            found = issue(place, path, fault.message, fault.severity)
            (self.fatal if fault.severity is Severity.ERROR else self.problems).append(found)

    def stop(self, loc: Loc, message: str) -> None:
        self.fatal.append(issue(self.source.place(loc), field_path(loc), message))

    def in_order(self, problems: Sequence[Issue]) -> tuple[Issue, ...]:
        """The programme's own file first, then line by line."""

        def place(problem: Issue) -> tuple[bool, str, int]:
            return problem.file != self.source.name, problem.file, problem.line or 0

        return tuple(sorted(problems, key=place))

    # -- groups and segments ----------------------------------------------------------------

    def members(self, raw: RawFields) -> None:
        for key, group in _sections(raw, "groups"):
            members = group.get("members")
            if isinstance(members, dict) and "file" in members:
                self._members_file(("groups", key, "members"), members)
        for key, segment in _sections(raw, "segments"):
            if "file" in segment:
                self._members_file(("segments", key), segment)

    def _members_file(self, loc: Loc, members: RawFields) -> None:
        named = self._file((*loc, "file"), members.pop("file"))
        if named is None:
            return
        try:
            emails, companies, problems = read_members(*named, field_path(loc))
        except ProgrammeError as error:
            self.fatal += error.problems
            return
        self.problems += problems
        members["emails"] = [*_texts(members.get("emails")), *emails]
        members["companies"] = [*_texts(members.get("companies")), *companies]

    def _file(self, loc: Loc, name: Plain) -> tuple[Path, str, NamedAt] | None:
        if self._folder is None:
            self.stop(loc, "no other file can be read here: write its rows into the programme")
            return None
        if isinstance(name, str) and name.strip():
            named_at = NamedAt(self.source.place(loc), field_path(loc))
            return self._folder / name.strip(), name.strip(), named_at
        self.stop(loc, "must be the name of a CSV file, like prices.csv")
        return None

    # -- price lists ------------------------------------------------------------------------

    def price_lists(self, raw: RawFields) -> None:
        self._default_currency = raw.get("currency")
        for key, entry in _sections(raw, "price_lists"):
            loc: Loc = ("price_lists", key)
            self.places[field_path(loc)] = self.source.place(loc)
            self._prices(loc, entry)
            self._rules(loc, entry)

    def _prices(self, loc: Loc, entry: RawFields) -> None:
        groups = _texts(entry.get("groups"))
        rows = self._yaml_prices((*loc, "prices"), entry)
        prices: dict[str, tuple[tiers.Tier, ...]] = {}
        held: list[Hold] = []
        for sku, found in self._with_csv(loc, entry, rows).items():
            self.places[field_path((*loc, "prices", sku))] = found[0].place
            try:
                clean_text(sku)
            except ValueError as error:
                self.stop((*loc, "prices", sku), f"the SKU {error}")
                continue
            known = self._in_groups(found, groups)
            kept = f"; until it is mended the shops keep what they have for {sku}"
            screened = screen(known, kept, self._currency(entry))
            self.problems += screened.problems
            held += holds(sku, screened, groups)
            if screened.tiers:
                prices[sku] = screened.tiers
        if not isinstance(entry.get("prices", {}), dict | None):
            return
        entry["prices"] = cast(Plain, prices)
        if held:
            entry["hold"] = cast(Plain, [*_items(entry.get("hold")), *held])

    def _currency(self, entry: RawFields) -> str:
        currency = entry.get("currency") or self._default_currency
        return currency.strip().upper() if isinstance(currency, str) else ""

    def _yaml_prices(self, loc: Loc, entry: RawFields) -> dict[str, list[Row]]:
        prices = entry.get("prices")
        if not isinstance(prices, dict):
            return {}
        rows: dict[str, list[Row]] = {}
        for sku, written in prices.items():
            found = self._tiers((*loc, sku), written)
            if found:
                rows.setdefault(sku.strip(), []).extend(found)
        return rows

    def _with_csv(
        self, loc: Loc, entry: RawFields, rows: dict[str, list[Row]]
    ) -> dict[str, list[Row]]:
        named = self._file((*loc, "file"), entry.pop("file")) if "file" in entry else None
        if named is None:
            return rows
        try:
            listed_rows, problems = read_prices(*named, field_path((*loc, "prices")))
        except ProgrammeError as error:
            self.fatal += error.problems
            return rows
        self.problems += problems
        for sku, found in listed_rows.items():
            if sku in rows:
                message = f"is in {rows[sku][0].place} and in {found[0].place}: keep it in one"
                first = found[0]
                rows[sku] = [Row({}, first.place, first.field, message)]
            else:
                rows[sku] = found
        return rows

    def _rules(self, loc: Loc, entry: RawFields) -> None:
        groups = _texts(entry.get("groups"))
        rules = entry.get("rules")
        for position, rule in enumerate(rules if isinstance(rules, list) else []):
            where: Loc = (*loc, "rules", position)
            self.places[field_path(where)] = self.source.place(where)
            if not isinstance(rule, dict) or rule.get("tiers") is None:
                continue
            rows = self._in_groups(self._tiers((*where, "tiers"), rule["tiers"]), groups)
            kept = "; until it is mended the shops keep what they have where this rule matches"
            screened = screen(rows, kept, self._currency(entry))
            self.problems += screened.problems
            rule["tiers"] = cast(Plain, () if screened.bad_groups else screened.tiers)
            if screened.bad_groups:
                rule["hold"] = "yes"

    # -- tiers ------------------------------------------------------------------------------

    def _tiers(self, loc: Loc, written: Plain) -> list[Row]:
        """Rows as they were written; what has not the shape of a row stops."""
        if isinstance(written, dict):
            return self._tier(loc, written)
        if not isinstance(written, list) or not written:
            self.stop(loc, "must be a list of tiers, like - {from: 10, price: 8.90}")
            return []
        return [
            row
            for position, item in enumerate(written)
            for row in self._tier((*loc, position), item)
        ]

    def _tier(self, loc: Loc, written: Plain) -> list[Row]:
        if not isinstance(written, dict):
            self.stop(loc, "must be a tier, like {from: 10, price: 8.90}")
            return []
        shaped = True
        for name, value in written.items():
            if name not in tiers.FIELDS:
                known = f"{did_you_mean(name, tiers.FIELDS)} Known are {', '.join(tiers.FIELDS)}"
                self.stop((*loc, name), f'the field "{name}" is not known.{known}')
                shaped = False
            elif isinstance(value, list | dict):
                self.stop((*loc, name), "must be one value")
                shaped = False
        fields = {name: value.strip() for name, value in written.items() if isinstance(value, str)}
        return [Row(fields, self.source.place(loc), field_path(loc))] if shaped else []

    def _in_groups(self, rows: Sequence[Row], groups: Sequence[str]) -> list[Row]:
        known = []
        for row in rows:
            group = row.fields.get("group")
            if group and group not in groups:
                message = (
                    f'"{group}" is not one of the groups of this price list.'
                    f"{did_you_mean(group, groups)} They are {listed(list(groups))}"
                )
                self.fatal.append(issue(row.place, f"{row.field}.group", message))
            else:
                known.append(row)
        return known


def _sections(raw: RawFields, name: str) -> list[tuple[str, RawFields]]:
    found = raw.get(name)
    if not isinstance(found, dict):
        return []
    return [(key, entry) for key, entry in found.items() if isinstance(entry, dict)]


def _texts(value: Plain) -> list[str]:
    return [item for item in _items(value) if isinstance(item, str)]


def _items(value: Plain) -> list[Plain]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
