"""What holds for every command: help with an example, and pages that say what the code does."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from bridge.cli import main
from bridge.cli.reference import FOLDER, pages


def commands(path: tuple[str, ...], command: click.Command) -> Iterator[tuple[str, ...]]:
    yield path
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None
            yield from commands((*path, name), below)


@pytest.mark.parametrize("path", list(commands((), main)), ids=" ".join)
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


def test_little_is_imported_before_ctrl_c_is_caught() -> None:
    late = "{'sqlalchemy', 'pydantic_settings', 'requests'}"
    code = f"import sys, bridge.cli; print({late} & set(sys.modules))"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout == "set()\n"


def test_version() -> None:
    assert CliRunner().invoke(main, ["--version"]).output.startswith("loyalty-bridge, version 0.")
