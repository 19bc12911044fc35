"""Whatever a person can do by command a program can do, or somebody decided that it cannot."""

from __future__ import annotations

from collections.abc import Iterator

import click

from bridge.cli import main
from bridge.cli.api_routes import ROUTES, WITHOUT
from bridge.web.api.serving import operations


def commands(command: click.Command, path: str = "") -> Iterator[str]:
    """Every command that does something, without the program's name."""
    if not isinstance(command, click.Group) or command.invoke_without_command:
        yield path
    if isinstance(command, click.Group):
        context = click.Context(command, info_name=path)
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None
            yield from commands(below, f"{path} {name}".strip())


def test_every_command_has_an_operation_or_a_reason_why_not() -> None:
    """A new command is to be listed in bridge/cli/api_routes.py."""
    known = [*ROUTES, *WITHOUT]
    assert sorted(known) == sorted(commands(main))


def test_the_operations_that_are_named_exist() -> None:
    named = {name for names in ROUTES.values() for name in names}
    assert named <= {one.name for one in operations()}
    assert all(ROUTES.values())


def test_each_reason_is_a_sentence() -> None:
    assert [one for one in WITHOUT.values() if not one.endswith(".")] == []


def test_every_operation_does_what_some_command_does() -> None:
    named = {name for names in ROUTES.values() for name in names}
    assert {one.name for one in operations()} - named == set()
