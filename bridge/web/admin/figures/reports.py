"""What is owed in points: by store, currency and the month in which they expire."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from bridge.figures.keeping import Known
from bridge.figures.liability import Liability, LiabilityRow
from bridge.figures.overview import current_terms, liability_known
from bridge.kit.calendar import day_of, months_later
from bridge.users.roles import Permission
from bridge.web.admin.charts import COLOURS, Chart, Series, columns
from bridge.web.admin.csv_files import csv_file
from bridge.web.admin.figures.overview_charts import amount, month
from bridge.web.admin.routes import Pages
from bridge.web.admin.shown import page
from bridge.web.admin.visit import Visit
from bridge.web.speaking import _

pages = Pages()

_MONTHS = 36
"""That are drawn one by one; later ones are drawn together."""
_STORES = len(COLOURS) - 1
"""That are drawn one by one, those with most points first."""


@pages.get("/reports", Permission.LOOK)
def reports(visit: Visit) -> Any:
    found = _liability(visit)
    shown = found.value
    return page(
        "reports.html",
        found=shown,
        as_of=found.as_of,
        is_older=found.as_of < visit.app.now() - timedelta(minutes=1),
        chart=_chart(shown.rows, day_of(visit.app.now(), _terms(visit).zone)),
        amount=amount,
        expires=expires,
    )


@pages.get("/reports/liability.csv", Permission.LOOK)
def liability_file(visit: Visit) -> Any:
    """Amounts and months as machines read them, in any language the same."""
    found = _liability(visit)
    heads = (
        _("Store"),
        _("Currency"),
        _("Expire in"),
        _("Available"),
        _("Pending"),
        _("Reserved"),
        _("Points"),
        _("Value"),
        _("Currency of the value"),
    )
    name = f"liability-{day_of(found.as_of, _terms(visit).zone).isoformat()}"
    return csv_file(name, heads, _cells(found.value.rows))


def _cells(rows: Iterable[LiabilityRow]) -> Iterator[Sequence[object]]:
    for row in rows:
        yield (
            row.store,
            row.currency,
            "" if row.month is None else f"{row.month:%Y-%m}",
            row.available,
            row.pending,
            row.reserved,
            row.points,
            "" if row.value is None else row.value.amount,
            "" if row.value is None else row.value.currency,
        )


def _liability(visit: Visit) -> Known[Liability]:
    app = visit.app
    return liability_known(app.database, app.workspace_id, _terms(visit), app.now())


def _terms(visit: Visit) -> Any:
    return current_terms(visit.app.database, visit.app.workspace_id, visit.app.now())


def _chart(rows: Sequence[LiabilityRow], today: date) -> Chart | None:
    """Points by the month in which they expire, a colour for each store. ``None``: there are no
    open points."""
    if not rows:
        return None
    last = months_later(today.replace(day=1), _MONTHS - 1)
    by_store: defaultdict[str, int] = defaultdict(int)
    for row in rows:
        by_store[row.store] += row.points
    stores = sorted(by_store, key=lambda store: (-by_store[store], store))
    named = stores if len(stores) <= _STORES + 1 else stores[:_STORES]
    periods = _periods(rows, last)
    sums: defaultdict[tuple[str | None, date | None], int] = defaultdict(int)
    for row in rows:
        sums[row.store if row.store in named else None, _period(row.month, last)] += row.points
    shown: list[tuple[str | None, str]] = [(one, one or _("Of no store")) for one in named]
    if len(named) < len(stores):
        shown.append((None, _("Other stores")))
    return columns(
        "liability",
        _("Open points by the month in which they expire"),
        [_period_label(one, last) for one in periods],
        [
            Series(name, COLOURS[place], [sums[key, period] for period in periods])
            for place, (key, name) in enumerate(shown)
        ],
        _("Expire in"),
        stacked=True,
    )


def expires(row: LiabilityRow) -> str:
    """Pending points get their date when they become available."""
    if row.month is not None:
        return month(row.month)
    if not row.pending:
        return _("Never")
    return _("Not known yet") if row.pending == row.points else _("Never, or not known yet")


def _period(found: date | None, last: date) -> date | None:
    """The month; the one after the last for all later ones."""
    return found if found is None or found <= last else months_later(last, 1)


def _periods(rows: Sequence[LiabilityRow], last: date) -> list[date | None]:
    """From the first month to the last with points in it, those between without any too; then
    points that never expire."""
    months = sorted({_period(row.month, last) or date.max for row in rows} - {date.max})
    found: list[date | None] = []
    if months:
        at = months[0]
        while at <= months[-1]:
            found.append(at)
            at = months_later(at, 1)
    return [*found, None] if any(row.month is None for row in rows) else found


def _period_label(one: date | None, last: date) -> str:
    if one is None:
        return _("No date")
    return _("Later") if one > last else month(one)
