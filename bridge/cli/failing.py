"""How a command ends that did not do its work. Imports little: Ctrl-C may come at once."""

from __future__ import annotations

from typing import IO, Any

import click

from bridge.logging import redacted

FAILED = 1
INTERRUPTED = 130
"""128 + SIGINT, as shells have it."""


class Failure(click.ClickException):
    """Ends the command with one line on standard error."""

    exit_code = FAILED

    def __init__(self, message: str) -> None:
        super().__init__(redacted(" ".join(message.split())))

    def show(self, file: IO[Any] | None = None) -> None:
        click.echo(f"Error: {self.message}", file=file, err=True)


class Interrupted(Failure):
    exit_code = INTERRUPTED

    def __init__(self) -> None:
        super().__init__("Interrupted.")

    def show(self, file: IO[Any] | None = None) -> None:
        click.echo(self.message, file=file, err=True)
