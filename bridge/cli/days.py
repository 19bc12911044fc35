"""Days that are given on the command line."""

from __future__ import annotations

from datetime import datetime

import click


class Day(click.ParamType[datetime]):
    """A day of the calendar, at its midnight and without a time zone: the command knows which."""

    name = "date"

    def convert(
        self, value: str | datetime, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            return datetime.strptime(value, "%Y-%m-%d")  # noqa: DTZ007 - the command adds the zone
        except ValueError:
            self.fail(f"{value!r} is no day: write it like 2027-12-31", param, ctx)
