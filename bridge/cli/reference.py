"""Writes ``docs/reference/``: commands, settings, tables, errors and the API,
as the code has them.

``python -m bridge.cli.reference`` writes the files anew; a test compares them with the code.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import click
from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from bridge.cli import main
from bridge.cli.frame import Command, Group
from bridge.cli.reference_api import api_page
from bridge.cli.reference_events import events_page
from bridge.cli.reference_privacy import privacy_page
from bridge.cli.reference_tables import errors_page, tables_page
from bridge.config import Settings

FOLDER = Path(__file__).parents[2] / "docs" / "reference"
_MADE = "<!-- Made by `python -m bridge.cli.reference`; change the code instead. -->"


def pages() -> dict[str, str]:
    """The text of each page by file name."""
    return {
        "commands.md": commands_page(),
        "settings.md": settings_page(),
        "tables.md": tables_page(_MADE),
        "errors.md": errors_page(_MADE),
        "api.md": api_page(_MADE),
        "webhooks-out.md": events_page(_MADE),
        "privacy.md": privacy_page(_MADE),
    }


def commands_page() -> str:
    sections = [_section(path, context) for path, context in _walk("loyalty-bridge", main)]
    return "\n\n".join(["# Commands", _MADE, *sections]) + "\n"


def settings_page() -> str:
    intro = (
        "Every setting is an environment variable. The options `--home`, `--workspace`, "
        "`--database-url` and `--verbose`, in front of a command's name, go before them."
    )
    rows = [_setting(name, field) for name, field in Settings.model_fields.items()]
    table = "\n".join(["| variable | default | what it is |", "|---|---|---|", *rows])
    return "\n\n".join(["# Settings", _MADE, intro, table]) + "\n"


def _walk(path: str, command: click.Command) -> Iterator[tuple[str, click.Context]]:
    context = click.Context(command, info_name=path)
    yield path, context
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            if below is not None:
                yield from _walk(f"{path} {name}", below)


def _section(path: str, context: click.Context) -> str:
    command = context.command
    usage = " ".join([path, *command.collect_usage_pieces(context)])
    parts = [f"## {path}", f"```\n{usage}\n```", inspect.cleandoc(command.help or "")]
    options = [
        record
        for parameter in command.get_params(context)
        if isinstance(parameter, click.Option)
        and (record := parameter.get_help_record(context))
        and "--help" not in record[0]
    ]
    if options:
        parts.append("\n".join(["| option | |", "|---|---|", *map(_option, options)]))
    if isinstance(command, Command | Group) and command.example:
        parts.append("\n".join(["```sh", *command.example, "```"]))
    return "\n\n".join(part for part in parts if part)


def _option(record: tuple[str, str]) -> str:
    names, text = record
    return f"| `{_cell(names)}` | {_cell(text)} |"


def _setting(name: str, field: FieldInfo) -> str:
    default = field.default
    shown = "" if default is None or default is PydanticUndefined else f"`{default}`"
    assert not isinstance(default, SecretStr), "a secret has no default"
    return f"| `LOYALTY_BRIDGE_{name.upper()}` | {shown} | {_cell(field.description or '')} |"


def _cell(text: str) -> str:
    return re.sub(r"\s+", " ", text).replace("|", "\\|")


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
        sys.stdout.write(f"{FOLDER / name}\n")
