"""`demo`: the main job on two sandbox shops, step by step, each of them checked."""

from __future__ import annotations

import os
import shlex
import signal
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from email.message import EmailMessage
from functools import partial
from pathlib import Path
from types import FrameType
from typing import NoReturn

import click

from bridge.cli.failing import Failure
from bridge.cli.frame import Command, Invocation, with_invocation
from bridge.cli.live import live_table
from bridge.cli.output import Output
from bridge.cli.plan_output import show_plan
from bridge.config import Settings
from bridge.demo.office import NEW_SHOP, Office, office
from bridge.demo.part import Rows, StepFailed
from bridge.demo.sample import PROMOTION
from bridge.demo.stage import Stage, stage
from bridge.demo.story import Story
from bridge.plans.parts import Change
from bridge.plans.summary import PlanSummary

SHOWN = 2
"""Changes of one store and kind that the demo's plan shows."""


@click.command(cls=Command, example=("loyalty-bridge demo", "loyalty-bridge demo --exit"))
@click.option("--exit", "exit_", is_flag=True, help="End after the last step, also on a terminal.")
@with_invocation
def demo(invocation: Invocation, exit_: bool) -> None:
    """Show the main job on two sandbox shops: prices; points and tiers; rewards; plugins.

    Everything happens in this process and in a temporary folder: no stored data, no settings
    and no shop of yours are used. Exit code 0: each step did what it should; 1: one did not,
    and it is said what was expected and what was found.

    On a terminal the shops then stay up, with the web app over them, to try things on, until
    Ctrl-C. With --exit, or
    when standard output is no terminal, the demo ends by itself.
    """
    output = invocation.output
    stay = sys.stdout.isatty() and not exit_
    with _ended_in_order(), stage() as scene:
        try:
            Story(scene, _Telling(output, scene)).tell()
        except StepFailed as failed:
            raise Failure(f"The demo's step failed. {failed}.") from failed
        output.line()
        output.line("Every step did what it should.", "bold green")
        if stay:
            with office(scene, partial(_tell_of, output)) as open_:
                _announce(output, scene, open_)
                _wait()
            output.note("Stopped; the demo's folder is gone.")


class _Telling:
    """The story on the command line."""

    def __init__(self, output: Output, scene: Stage) -> None:
        self._output = output
        self._scene = scene
        self._commands = click.get_current_context().find_root().command

    def step(self, number: int, of: int, title: str, why: str) -> None:
        self._output.line()
        self._output.line(f"[{number}/{of}] {title}. {why}", "bold")

    def command(self, *command: str) -> None:
        self._output.line(f"$ loyalty-bridge {shlex.join(command)}", "dim")

    def run(self, *command: str) -> int:
        self.command(*command)
        sys.stdout.flush()
        assert isinstance(self._commands, click.Group)
        found = self._commands.get_command(click.get_current_context(), command[0])
        assert found is not None
        code = found.main(
            list(command[1:]),
            prog_name=f"loyalty-bridge {command[0]}",
            standalone_mode=False,
            obj=Invocation(self._scene.settings, self._output),
        )
        return code if isinstance(code, int) else 0

    def plan(self, summary: PlanSummary) -> None:
        self.command("plan")
        show_plan(self._output, _shortened(summary), everything=False)

    def table(self, columns: Sequence[str], rows: Rows, right: Sequence[str]) -> None:
        self._output.table(columns, rows, right=right)

    @contextmanager
    def live(
        self, columns: Sequence[str], rows: Callable[[], Rows], right: Sequence[str]
    ) -> Iterator[None]:
        if sys.stdout.isatty():
            with live_table(columns, rows, right):
                yield
            return
        yield
        self.table(columns, rows(), right)

    def say(self, text: str) -> None:
        self._output.line(text)

    def passed(self, text: str) -> None:
        self._output.line(f"  ok: {text}", "green")


def _shortened(summary: PlanSummary) -> PlanSummary:
    seen: Counter[tuple[str, str]] = Counter()
    shown: list[Change] = []
    for change in summary.changes:
        seen[change.installation, change.kind] += 1
        if seen[change.installation, change.kind] <= SHOWN:
            shown.append(change)
    return replace(summary, changes=shown)


# -- afterwards -----------------------------------------------------------------------------


def _announce(output: Output, scene: Stage, open_: Office) -> None:
    output.line()
    output.line(f"The web app: {open_.url}", "bold")
    output.line(f"  sign in as {open_.email} with the password {open_.password}")
    output.line(f"  a third shop to connect there, {NEW_SHOP}, is at {open_.shop_url}")
    for name, value in open_.shop_credentials.items():
        click.echo(f"    {name}={value}")
    output.line("  what the plugins do in the shops: Stores, a store, Plugin in the shop")
    output.line(f"Members' pages: {open_.member_url}", "bold")
    output.line(f"  sign in as {open_.member_email}; the code of the letter is shown here")
    output.line()
    output.line("The shops stay up until Ctrl-C, as the last step left them:")
    for shop in scene.shops.values():
        output.line(f"  {shop.name}: {shop.sandbox.label} sandbox at {shop.url}")
        for name, value in shop.sandbox.credentials.items():
            click.echo(f"    {name}={value}")  # plainly: they guard nothing, and are to be tried
    output.line("To go on with them, in another terminal:")
    for line in _lines_to_try(scene):
        output.line(f"  {line}")
    sys.stdout.flush()


def _tell_of(output: Output, letter: EmailMessage) -> None:
    output.line(f"A letter to {letter['To']}: {letter['Subject']}")
    sys.stdout.flush()


def _lines_to_try(scene: Stage) -> list[str]:
    name = shlex.quote(_program())
    in_the_way = [
        f"LOYALTY_BRIDGE_{field.upper()}"
        for field in Settings.model_fields
        if field != "home" and f"LOYALTY_BRIDGE_{field.upper()}" in os.environ
    ]
    unset = [f"unset {' '.join(in_the_way)}"] if in_the_way else []
    return [
        f"export LOYALTY_BRIDGE_HOME={shlex.quote(str(scene.settings.home))}",
        *unset,
        f"{name} points show {PROMOTION.buyer}",
        f"{name} tiers list",
        f"{name} vouchers list",
        f"{name} gifts status",
        f"{name} plan",
        f"{name} runs",
        f"{name} program load {shlex.quote(str(scene.programme))}   # after a change to the file",
        f"{name} undo 3",
    ]


def _program() -> str:
    """The command as it can be typed in the folder the demo was started in."""
    started = Path(sys.argv[0])
    if not started.is_file():
        return "loyalty-bridge"
    here = Path.cwd()
    return str(started.relative_to(here)) if started.is_relative_to(here) else str(started)


def _wait() -> None:
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        return


@contextmanager
def _ended_in_order() -> Iterator[None]:
    """SIGTERM ends the demo like Ctrl-C does, so that its folder goes with it."""

    def on_signal(_number: int, _frame: FrameType | None) -> NoReturn:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, on_signal)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
