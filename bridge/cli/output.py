"""What a command says: results to standard output, everything else to standard error."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bridge.cli.progress import LiveProgress, PlainProgress
from bridge.kit.progress import Progress
from bridge.logging import without_credentials

STYLES = {"ok": "green", "note": "cyan", "warning": "yellow", "error": "bold red"}


class Output:
    """Rich on a terminal, plain lines elsewhere.

    Nothing it prints is read as markup, and stored credentials are masked even where a shop
    repeats them.
    """

    def __init__(self) -> None:
        self._out = Console(file=sys.stdout, highlight=False, soft_wrap=True)
        self._err = Console(file=sys.stderr, stderr=True, highlight=False, soft_wrap=True)

    @property
    def is_interactive(self) -> bool:
        """Whether a person can be asked: input and questions are both on a terminal."""
        return sys.stdin.isatty() and self._err.is_terminal

    def line(self, text: str = "", style: str = "") -> None:
        """One line of the result."""
        self._print(self._out, text, style)

    def note(self, text: str, style: str = "") -> None:
        """One line beside the result, to standard error."""
        self._print(self._err, text, style)

    def warn(self, text: str) -> None:
        self.note(f"Warning: {text}", "yellow")

    def json(self, value: Any) -> None:
        """The whole result of a command with ``--json``."""
        click.echo(json.dumps(_masked(value), indent=2, ensure_ascii=False))

    def table(
        self,
        columns: Sequence[str],
        rows: Iterable[Sequence[str]],
        *,
        right: Sequence[str] = (),
    ) -> None:
        """A table on a terminal; elsewhere one line a row with tabs between, headed likewise.

        ``right``: the columns that hold numbers.
        """
        if self._out.is_terminal:
            self._rich_table(columns, _masked(list(rows)), right)
            return
        for row in (columns, *_masked(list(rows))):
            click.echo("\t".join(" ".join(cell.split()) for cell in row))

    def progress(self) -> Progress:
        """Tells on standard error how far long work is, until the command ends."""
        if not self._err.is_terminal:
            return PlainProgress(self.note)
        live = LiveProgress(self._err)
        click.get_current_context().call_on_close(live.close)
        return live

    def confirm(self, question: str, *, otherwise: str) -> bool:
        """Asks on a terminal; elsewhere raises a usage error that names ``otherwise``."""
        if not self.is_interactive:
            raise click.UsageError(f"{question} Nobody can be asked here: add {otherwise}.")
        return click.confirm(question, default=False, err=True)

    def _rich_table(
        self, columns: Sequence[str], rows: Iterable[Sequence[str]], right: Sequence[str]
    ) -> None:
        table = Table(box=None, header_style="bold", pad_edge=False)
        for column in columns:
            table.add_column(column, justify="right" if column in right else "left")
        for row in rows:
            table.add_row(*(Text(cell) for cell in row))
        self._out.print(table)

    @staticmethod
    def _print(console: Console, text: str, style: str) -> None:
        text = without_credentials(text)
        if console.is_terminal:
            console.print(Text(text, style=style))
        else:
            click.echo(text, file=console.file)


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return without_credentials(value)
    if isinstance(value, dict):
        return {key: _masked(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_masked(item) for item in value]
    return value


def plural(count: int, one: str, many: str = "") -> str:
    """``1 price``, ``2,000 prices``."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"
