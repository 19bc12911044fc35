"""Faults for every shop that is served by :mod:`connectors.sandbox`."""

from __future__ import annotations

import re
from collections.abc import Mapping

from connectors.conformance.shop import Target, Trouble
from connectors.sandbox.server import RunningSandbox


class SandboxFaults:
    """The suite's :class:`~connectors.conformance.Faults` over a running sandbox.

    ``lines`` says for each target which calls are meant, as a regular expression on
    ``"METHOD /path"``. :attr:`Target.ANY` is every call.
    """

    def __init__(self, sandbox: RunningSandbox, lines: Mapping[Target, str]) -> None:
        self._sandbox = sandbox
        self._lines = {Target.ANY: "", **lines}

    def strike(self, target: Target, *troubles: Trouble, retry_after: int | None = None) -> None:
        self._sandbox.faults.set(
            paths=self._lines[target],
            script=[trouble.value for trouble in troubles],
            retry_after=retry_after,
        )

    def poison(self, *skus: str) -> None:
        self._sandbox.faults.set(poisoned_skus=list(skus))

    def calls(self, target: Target) -> int:
        line = re.compile(self._lines[target])
        return sum(
            bool(line.search(f"{call.method} {call.path}")) for call in self._sandbox.log.calls()
        )

    def clear(self) -> None:
        self._sandbox.faults.clear()
        self._sandbox.log.clear()
