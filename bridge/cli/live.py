"""A table that follows what happens while something else works."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

Rows = Sequence[tuple[str, ...]]
A_SECOND = 5
"""How often it is drawn anew."""


@contextmanager
def live_table(
    columns: Sequence[str], rows: Callable[[], Rows], right: Sequence[str]
) -> Iterator[None]:
    """On standard output, which is to be a terminal. The table stays as it is at the end.

    ``rows`` is called from another thread. Nothing else may be printed meanwhile.
    """

    def drawn() -> Table:
        table = Table(box=None, header_style="bold", pad_edge=False)
        for column in columns:
            table.add_column(column, justify="right" if column in right else "left")
        for row in rows():
            table.add_row(*(Text(cell) for cell in row))
        return table

    console = Console(file=sys.stdout, highlight=False)
    with Live(get_renderable=drawn, console=console, refresh_per_second=A_SECOND):
        yield
