"""What holds for every command: help with an example, and pages that say what the code does."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import click
import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner

from bridge.cli import main
from bridge.cli.frame import Group
from bridge.cli.reference import FOLDER, pages


def found(
    command: click.Command, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None
            yield from found(below, (*path, name))


@pytest.mark.parametrize("path", [path for path, _ in found(main)], ids=" ".join)
def test_help_explains_and_shows_an_example(path: tuple[str, ...]) -> None:
    result = CliRunner().invoke(main, [*path, "--help"])
    assert result.exit_code == 0
    assert "Example" in result.output
    example = result.output.split("Example")[1]
    assert " ".join(("loyalty-bridge", *path)) in example


@pytest.mark.parametrize("name", list(pages()))
def test_the_reference_is_what_the_code_says(name: str) -> None:
    assert (FOLDER / name).read_text("utf-8") == pages()[name], (
        "Run `python -m bridge.cli.reference` and commit what it writes."
    )


def test_an_unknown_command_is_wrong_usage() -> None:
    result = CliRunner().invoke(main, ["stroe"])
    assert result.exit_code == 2
    assert "stroe" in result.output
    assert "Did you mean `store`?" in result.output


@pytest.mark.parametrize(
    ("said", "allowed"),
    [
        (("redeem", "ada@example.com", "-100", "--store", "shop"), "1<=x<="),
        (("rewards", "fulfil", "-1"), "1<=x<="),
        (("points", "adjust", "ada@example.com", "-0", "--reason", "x"), "-50 to take"),
    ],
)
def test_a_negative_number_is_answered_with_what_is_allowed(
    said: tuple[str, ...], allowed: str
) -> None:
    result = CliRunner().invoke(main, said)
    assert result.exit_code == 2
    assert allowed in " ".join(result.output.split())
    assert "option" not in result.output


def test_a_misspelt_option_is_told_as_one() -> None:
    result = CliRunner().invoke(main, ["points", "adjust", "ada@example.com", "+5", "--reson", "x"])
    assert result.exit_code == 2
    assert "No such option '--reson'" in result.output


@pytest.mark.parametrize(
    ("name", "group"),
    [
        pytest.param(name, group, id=" ".join((*path, name)))
        for path, group in found(main)
        if isinstance(group, Group)
        for name in group.lazy
    ],
)
def test_a_list_tells_a_command_as_its_own_help_does(name: str, group: Group) -> None:
    command = group.get_command(click.Context(group), name)
    assert command is not None
    assert not command.hidden
    assert group.lazy[name][1] == command.get_short_help_str(limit=1000)


def test_completion_tells_commands_with_what_they_do() -> None:
    completed = ShellComplete(main, {}, "loyalty-bridge", "_").get_completions(["store"], "li")
    assert [(item.value, item.help) for item in completed] == [
        ("list", "Show the connected shops and what they..."),
        ("link-secret", "Make the secret that the shop NAME signs..."),
    ]


def imported(code: str) -> set[str]:
    """Modules there are in a process of its own after it ran this."""
    told = subprocess.run(
        [sys.executable, "-c", f"import sys\n{code}\nprint(*sys.modules, file=sys.stderr)"],
        capture_output=True,
        text=True,
        check=True,
    )
    return set(told.stderr.split())


def test_help_and_completion_import_no_command_and_nothing_heavy() -> None:
    modules = imported(
        "from bridge.cli import main\n"
        "from click.shell_completion import ShellComplete\n"
        "main(['--help'], standalone_mode=False)\n"
        "ShellComplete(main, {}, 'loyalty-bridge', '_').get_completions([], '')"
    )
    heavy = {"sqlalchemy", "pydantic_settings", "requests", "flask", "apscheduler"}
    assert heavy & modules == set()
    assert {name for name in modules if name.startswith("bridge.cli.")} == {
        "bridge.cli.commands",
        "bridge.cli.failing",
        "bridge.cli.frame",
    }


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_command_that_only_reads_loads_no_web_app_no_scheduler_and_no_migrations(cli) -> None:
    modules = imported(
        "from bridge.cli import main\n"
        f"main(['--home', {str(cli.home)!r}, 'users', 'list'], standalone_mode=False)"
    )
    late = {"alembic", "apscheduler", "bridge.engine", "bridge.web.app", "bridge.migrations"}
    assert late & modules == set()


def test_version() -> None:
    assert CliRunner().invoke(main, ["--version"]).output.startswith("loyalty-bridge, version 0.")
