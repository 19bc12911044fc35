"""Price lists as people change them: tiers from forms and files, read with the checks of a
programme that is loaded. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from bridge.programme.amounts import parse_comma_decimal, parse_decimal
from bridge.programme.csv_prices import PRICE_COLUMNS, prices_of
from bridge.programme.document import PriceList
from bridge.programme.issues import Issue, Place, did_you_mean, issue, listed
from bridge.programme.screening import Row, screen
from bridge.programme.source import Plain
from bridge.programme.tiers import FIELDS, Tier
from connectors.base import Severity

TierFields = Mapping[str, str]
"""One tier as it was typed, by :data:`bridge.programme.tiers.FIELDS`."""
_POSITION = re.compile(r"\[(\d+)\]")


@dataclass(frozen=True, slots=True)
class ReadTiers:
    tiers: tuple[Tier, ...]
    """Empty when anything is wrong."""
    problems: Mapping[int, tuple[str, ...]]
    """What is wrong, by the position of the row that was typed, counted from 0."""
    warnings: tuple[str, ...] = ()


def read_tiers(rows: Sequence[TierFields], groups: Sequence[str], currency: str) -> ReadTiers:
    """Rows of a form; those without anything in them are passed over.

    ``currency``: the price list's. Numbers may have a decimal comma.
    """
    problems: dict[int, list[str]] = {}
    found: list[Row] = []
    for position, fields in enumerate(rows):
        told = {name: fields.get(name, "").strip() for name in FIELDS}
        if not any(told[name] for name in ("from", "price", "percent")):
            continue
        if told["group"] and told["group"] not in groups:
            problems.setdefault(position, []).append(_no_group(told["group"], groups))
        found.append(Row(told, Place(""), f"[{position + 1}]", number=_number))
    screened = screen(found, "", currency)
    warnings = []
    for problem in screened.problems:
        if problem.severity is not Severity.ERROR:
            warnings.append(problem.message)
            continue
        match = _POSITION.match(problem.field)
        problems.setdefault(int(match[1]) - 1 if match else 0, []).append(problem.message)
    told_of = {position: tuple(messages) for position, messages in problems.items()}
    return ReadTiers(() if problems else screened.tiers, told_of, tuple(warnings))


def _number(text: str) -> Decimal:
    return parse_comma_decimal(text) if "," in text else parse_decimal(text)


def tier_fields(tier: Tier) -> dict[str, str]:
    """As it is typed, and as a programme's file has it."""
    return {
        "from": str(tier.quantity),
        "price": "" if tier.price is None else format(tier.price, "f"),
        "percent": "" if tier.percent is None else format(tier.percent, "f"),
        "group": tier.group or "",
        "currency": tier.currency or "",
    }


def plain_tiers(tiers: Sequence[Tier]) -> Plain:
    """As a programme's file has them."""
    return [
        {name: text for name, text in tier_fields(tier).items() if text}
        for tier in sorted(
            tiers, key=lambda tier: (tier.group or "", tier.currency or "", tier.quantity)
        )
    ]


def plain_rules(entry: PriceList) -> list[Plain]:
    """All rules of a list as a programme's file has them."""
    found: list[Plain] = []
    for rule in entry.rules:
        plain: dict[str, Any] = {
            name: list(value)
            for name in ("category", "sku", "exclude")
            if (value := getattr(rule, name))
        }
        if rule.tiers:
            plain["tiers"] = plain_tiers(rule.tiers)
        if rule.hold:
            plain["hold"] = "yes"
        found.append(plain)
    return found


# --- files ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PriceFile:
    """What a CSV file would make of a price list. Nothing is stored yet."""

    prices: Mapping[str, tuple[Tier, ...]]
    """What can be used, by SKU."""
    problems: tuple[Issue, ...]
    """By line. What they name is left out: the list keeps what it has for it."""
    kept: frozenset[str]
    """SKUs with a problem."""
    rows: int
    """Of the file that can be used."""


def read_file(text: str, name: str, entry: PriceList, currency: str) -> PriceFile:
    """Raises ProgrammeError when the file as a whole cannot be read."""
    by_sku, found = prices_of(text, name, "")
    problems: list[Issue] = [_tidied(one) for one in found]
    prices: dict[str, tuple[Tier, ...]] = {}
    kept: set[str] = set()
    for sku, rows in by_sku.items():
        wrong = [_tidied(one) for one in _unknown_groups(rows, entry)]
        screened = screen(rows, "", currency)
        wrong += [_tidied(one) for one in screened.problems]
        problems += wrong
        if any(one.severity is Severity.ERROR for one in wrong):
            kept.add(sku)
        else:
            prices[sku] = screened.tiers
    problems.sort(key=lambda one: one.line or 0)
    used = sum(map(len, prices.values()))
    return PriceFile(prices, tuple(problems), frozenset(kept), used)


@dataclass(frozen=True, slots=True)
class FileChanges:
    """A file against the list as it is: SKUs."""

    new: tuple[str, ...]
    changed: tuple[str, ...]
    same: int
    removed: tuple[str, ...]

    @property
    def total(self) -> int:
        return len(self.new) + len(self.changed) + len(self.removed)


def file_changes(found: PriceFile, entry: PriceList, *, replaces: bool) -> FileChanges:
    """``replaces``: what the file does not name is taken out of the list."""
    new, changed, same = [], [], 0
    for sku, tiers in found.prices.items():
        if sku not in entry.prices:
            new.append(sku)
        elif set(entry.prices[sku]) != set(tiers):
            changed.append(sku)
        else:
            same += 1
    removed = (
        [sku for sku in entry.prices if sku not in found.prices and sku not in found.kept]
        if replaces
        else []
    )
    return FileChanges(tuple(new), tuple(changed), same, tuple(removed))


def prices_after(found: PriceFile, entry: PriceList, *, replaces: bool) -> dict[str, Plain]:
    """All prices of the list as a programme's file has them."""
    merged = {
        sku: tiers
        for sku, tiers in entry.prices.items()
        if not replaces or sku in found.prices or sku in found.kept
    }
    merged.update(found.prices)
    return {sku: plain_tiers(tiers) for sku, tiers in merged.items()}


HEADS = PRICE_COLUMNS


def file_rows(entry: PriceList) -> list[tuple[str, ...]]:
    """A list's prices as rows of a CSV file, in the order of :data:`HEADS`."""
    return [
        (sku, *(tier_fields(tier)[name] for name in FIELDS))
        for sku, tiers in entry.prices.items()
        for tier in tiers
    ]


def _unknown_groups(rows: Sequence[Row], entry: PriceList) -> list[Issue]:
    return [
        issue(row.place, row.field, _no_group(group, entry.groups))
        for row in rows
        if (group := row.fields.get("group")) and group not in entry.groups
    ]


def _no_group(group: str, groups: Sequence[str]) -> str:
    return (
        f'"{group}" is not one of the groups of this price list.{did_you_mean(group, groups)} '
        f"They are {listed(list(groups))}"
    )


def _tidied(problem: Issue) -> Issue:
    """Fields are told by their SKU and column, without the path of the whole programme."""
    return Issue(
        problem.severity,
        problem.file,
        problem.line,
        problem.field.lstrip("."),
        problem.message.removesuffix("; the row is not used"),
    )
