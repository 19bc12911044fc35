"""Charts for pages: what Chart.js draws, and the same figures as a table.

The macro `chart` shows one; numbers in the table are written as the reader's language does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from bridge.web.speaking import speech

COLOURS = ("blue", "orange", "teal", "purple", "yellow", "pink", "cyan", "red")
"""Names of the kit's colours, in the order in which series of equal standing get them; light and
dark pages have their own shade of each."""

_LONGEST = 18


@dataclass(frozen=True, slots=True)
class Chart:
    id: str
    """Its own on the page."""
    title: str
    drawn: dict[str, Any]
    """For Chart.js; a dataset's ``colour`` is a name of the kit's."""
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...] = field(repr=False)
    """The first cell of each names it."""
    height: str = ""
    """``tall`` for many bars below each other."""
    links: tuple[str, ...] = ()
    """Where the first cell of each row leads; empty: nowhere."""


@dataclass(frozen=True, slots=True)
class Series:
    name: str
    colour: str
    """A name of the kit's: ``blue``."""
    values: Sequence[int]
    """One for each label."""


@dataclass(frozen=True, slots=True)
class Table:
    """What stands behind a chart, where it says more than the chart draws."""

    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    links: Sequence[str] = ()


def columns(
    id_: str,
    title: str,
    labels: Sequence[str],
    series: Sequence[Series],
    first: str,
    *,
    stacked: bool = False,
    table: Table | None = None,
) -> Chart:
    """Columns beside each other along time. ``first`` heads the labels in the table."""
    options = _options(across=False, stacked=stacked, legend=len(series) > 1)
    return _chart(id_, title, labels, series, first, options, table, "")


def bars(
    id_: str,
    title: str,
    labels: Sequence[str],
    series: Sequence[Series],
    first: str,
    *,
    table: Table | None = None,
) -> Chart:
    """Bars below each other: for few things with names."""
    options = _options(across=True, stacked=False, legend=len(series) > 1)
    height = "tall" if len(labels) > 6 else ""
    return _chart(id_, title, labels, series, first, options, table, height)


def _chart(
    id_: str,
    title: str,
    labels: Sequence[str],
    series: Sequence[Series],
    first: str,
    options: dict[str, Any],
    table: Table | None,
    height: str,
) -> Chart:
    datasets = [
        {"label": one.name, "colour": one.colour, "data": list(one.values), "maxBarThickness": 28}
        for one in series
    ]
    told = table or _plain(labels, series, first)
    drawn_labels = [_short(label) for label in labels]
    return Chart(
        id_,
        title,
        {
            "type": "bar",
            "data": {"labels": drawn_labels, "datasets": datasets},
            "options": options,
        },
        tuple(told.heads),
        tuple(tuple(row) for row in told.rows),
        height,
        tuple(told.links),
    )


def _short(label: str) -> str:
    """For an axis: half a telephone is for the bars."""
    return label if len(label) <= _LONGEST else f"{label[: _LONGEST - 1]}\u2026"


def _plain(labels: Sequence[str], series: Sequence[Series], first: str) -> Table:
    """Exactly what is drawn."""
    said = speech()
    return Table(
        (first, *(one.name for one in series)),
        [
            (label, *(said.number(one.values[place]) for one in series))
            for place, label in enumerate(labels)
        ],
    )


def _options(*, across: bool, stacked: bool, legend: bool) -> dict[str, Any]:
    names, numbers = ("y", "x") if across else ("x", "y")
    return {
        "indexAxis": names,
        "locale": speech().locale.language,
        "plugins": {"legend": {"display": legend, "position": "bottom"}},
        "scales": {
            names: {"stacked": stacked, "grid": {"display": False}},
            # Points and people are whole: no half of one at an axis.
            numbers: {"stacked": stacked, "beginAtZero": True, "ticks": {"precision": 0}},
        },
    }
