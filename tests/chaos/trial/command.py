"""The bridge as what an admin starts: a process with an exit code and two streams."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import forked

LONGEST = 240.0
"""Seconds a command may take before the test gives up."""
TICK = 0.002
"""Seconds between two looks at a process and at the sandbox's log."""

NORMAL = (sys.executable, "-m", "bridge.cli")
DYING = (sys.executable, str(Path(__file__).with_name("dying.py")))
"""The same command line, which kills itself at the place that ``DIE_AT`` names."""


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str

    @property
    def was_killed(self) -> bool:
        return self.code == -signal.SIGKILL

    @property
    def error_lines(self) -> list[str]:
        return self.err.splitlines()


@dataclass
class Process:
    """A command that runs."""

    popen: subprocess.Popen[bytes]
    out: Path
    err: Path

    def ends_within(self, seconds: float) -> bool:
        try:
            self.popen.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def wait_until(self, condition: Callable[[], bool]) -> bool:
        """Whether it came true while the process ran."""
        ticks = int(LONGEST / TICK)
        for _ in range(ticks):
            if condition():
                return True
            if self.ends_within(TICK):
                return condition()
        raise TimeoutError("It neither happened nor did the command end.")

    def kill(self) -> Ran:
        self.popen.kill()
        return self.ended()

    def ended(self) -> Ran:
        try:
            code = self.popen.wait(LONGEST)
        except subprocess.TimeoutExpired:
            self.popen.kill()
            self.popen.wait()
            raise
        return Ran(code, self.out.read_text("utf-8"), self.err.read_text("utf-8"))


@dataclass
class Command:
    """The command line in a home folder of its own; nothing of the visitor's environment."""

    home: Path
    database_url: str | None = None
    extra: Mapping[str, str] = field(default_factory=dict)
    _started: list[Process] = field(default_factory=list)

    def start(
        self,
        *arguments: str,
        stdin: str = "",
        program: Sequence[str] = NORMAL,
        **environment: str,
    ) -> Process:
        out, err = (self.home / f"{len(self._started)}.{name}" for name in ("out", "err"))
        with out.open("wb") as to_out, err.open("wb") as to_err:
            popen = forked.Popen(
                [*program, "--home", str(self.home), *arguments],
                stdin=subprocess.PIPE,
                stdout=to_out,
                stderr=to_err,
                env={**self._environment(), **environment},
            )
        assert popen.stdin is not None
        popen.stdin.write(stdin.encode())
        popen.stdin.close()
        process = Process(popen, out, err)
        self._started.append(process)
        return process

    def run(self, *arguments: str, stdin: str = "", **environment: str) -> Ran:
        return self.start(*arguments, stdin=stdin, **environment).ended()

    def ok(self, *arguments: str, stdin: str = "") -> str:
        ran = self.run(*arguments, stdin=stdin)
        assert ran.code == 0, f"{arguments} ended with {ran.code}: {ran.out}{ran.err}"
        return ran.out

    def dies_at(self, place: str, *arguments: str) -> Ran:
        """Runs the command until it comes to the place (see ``dying.py``) and is killed there."""
        ran = self.start(*arguments, program=DYING, DIE_AT=place).ended()
        assert ran.was_killed, f"It never came to {place}: {ran.code} {ran.out}{ran.err}"
        return ran

    def json(self, *arguments: str) -> Any:
        """What a command says with ``--json``, whatever its exit code."""
        ran = self.run(*arguments, "--json")
        return json.loads(ran.out) if ran.out.strip() else pytest_fail(ran)

    def everything_said(self) -> str:
        return "".join(
            path.read_text("utf-8") for one in self._started for path in (one.out, one.err)
        )

    def _environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "LANG", "HOME") if name in os.environ}
        own = {"PYTHONPATH": str(Path(__file__).parents[3])}
        if self.database_url is not None:
            own["LOYALTY_BRIDGE_DATABASE_URL"] = self.database_url
        return kept | own | dict(self.extra)


def pytest_fail(ran: Ran) -> Any:
    raise AssertionError(f"Nothing was printed: {ran}")
