"""What every command shares: its settings, its output, its help with an example, its errors."""

from __future__ import annotations

import difflib
import errno
import gc
import importlib
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import update_wrapper
from types import ModuleType
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, cast

import click

from bridge import logging
from bridge.cli.failing import Interrupted

if TYPE_CHECKING:
    # Imported in the call: only there does Ctrl-C end with a line instead of a trace.
    from click.shell_completion import CompletionItem

    from bridge.application import Application
    from bridge.cli.output import Output
    from bridge.config import Settings

P = ParamSpec("P")
_NEGATIVE = re.compile(r"-\d.*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Invocation:
    """What the options in front of the command's name said."""

    settings: Settings
    output: Output


class Command(click.Command):
    """A command whose help ends with an example, one shell line each. No option begins with a
    digit: -50 is an argument's value, and that argument says what it takes."""

    def __init__(self, *args: Any, example: Sequence[str] = (), **rest: Any) -> None:
        super().__init__(*args, **rest)
        self.example = (example,) if isinstance(example, str) else tuple(example)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        # Only then: otherwise click says which option a misspelt one may have meant.
        ctx.ignore_unknown_options = any(_NEGATIVE.fullmatch(arg) for arg in args)
        return super().parse_args(ctx, args)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        _write_example(self.example, formatter)
        super().format_epilog(ctx, formatter)


class Group(click.Group):
    """A group of commands, each imported when it is called.

    ``lazy`` maps a name to ``module:attribute``, and to the sentence that lists tell the command
    by: to import all commands for one list takes seconds.
    """

    command_class = Command

    def __init__(
        self,
        *args: Any,
        example: Sequence[str] = (),
        lazy: Mapping[str, tuple[str, str]] | None = None,
        **rest: Any,
    ) -> None:
        super().__init__(*args, **rest)
        self.example = (example,) if isinstance(example, str) else tuple(example)
        self.lazy = lazy or {}

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order they are used, not by the alphabet."""
        return [*self.lazy, *(name for name in self.commands if name not in self.lazy)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.lazy:
            return super().get_command(ctx, cmd_name)
        module, _, attribute = self.lazy[cmd_name][0].partition(":")
        return cast(click.Command, getattr(_imported(module), attribute))

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        listed = dict(self._listed(ctx))
        limit = formatter.width - 6 - max(map(len, listed), default=0)  # as click does it
        rows = [(name, command.get_short_help_str(limit)) for name, command in listed.items()]
        with formatter.section("Commands"):
            formatter.write_dl(rows)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        from click.shell_completion import CompletionItem

        found = [
            CompletionItem(name, help=command.get_short_help_str())
            for name, command in self._listed(ctx)
            if name.startswith(incomplete)
        ]
        return [*found, *click.Command.shell_complete(self, ctx, incomplete)]

    def _listed(self, ctx: click.Context) -> Iterator[tuple[str, click.Command]]:
        """Each command by name; of one to be imported, a stand-in that knows its sentence."""
        for name in self.list_commands(ctx):
            lazy = self.lazy.get(name)
            command = click.Command(name, help=lazy[1]) if lazy else self.get_command(ctx, name)
            if command is not None and not command.hidden:
                yield name, command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            near = difflib.get_close_matches(args[0], self.list_commands(ctx), n=1)
            if not near or "Did you mean" in error.message:
                raise
            raise click.UsageError(f"{error.message} Did you mean `{near[0]}`?", ctx) from None

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        _write_example(self.example, formatter)
        super().format_epilog(ctx, formatter)


class CommandLine(Group):
    """The whole command line: the one place where errors become one line and an exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        # What fails before the settings are read must not print its trace, with all it held.
        logging.configure("warning")
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit):
            raise
        except (KeyboardInterrupt, click.Abort) as error:
            raise Interrupted from error
        except Exception as error:
            if isinstance(error, OSError) and error.errno == errno.EPIPE:
                raise  # click ends quietly: nobody reads on
            from bridge.cli.errors import failure

            raise failure(error) from error


def with_application(
    function: Callable[Concatenate[Application, Output, P], None],
) -> Callable[P, None]:
    """Gives the command the opened bridge and its output, and closes the bridge at its end."""

    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        context = click.get_current_context()
        from bridge.application import Application

        found = invocation(context)
        application = context.with_resource(Application.open(found.settings))
        function(application, found.output, *args, **kwargs)

    return update_wrapper(run, function)


def with_invocation(
    function: Callable[Concatenate[Invocation, P], None],
) -> Callable[P, None]:
    """For commands that do without an opened bridge."""

    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        function(invocation(click.get_current_context()), *args, **kwargs)

    return update_wrapper(run, function)


def invocation(context: click.Context) -> Invocation:
    found = context.find_object(Invocation)
    assert found is not None, "the main group makes it"
    return found


def _imported(name: str) -> ModuleType:
    """The module. While it is imported with all it needs nearly nothing becomes garbage, and all
    of it stays: to look for garbage there, then and at the end, took a quarter of the time."""
    if name in sys.modules:
        return importlib.import_module(name)  # waits where another thread is still at it
    collects = gc.isenabled()
    gc.disable()
    try:
        return importlib.import_module(name)
    finally:
        gc.freeze()
        if collects:
            gc.enable()


json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for a script.")
yes_option = click.option("--yes", is_flag=True, help="Do not ask.")


def _write_example(example: Sequence[str], formatter: click.HelpFormatter) -> None:
    if example:
        with formatter.section("Examples" if len(example) > 1 else "Example"):
            for line in example:
                formatter.write(f"{'':>{formatter.current_indent}}{line}\n")
