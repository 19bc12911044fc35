"""Whether one step may run for one shop now. Pure: times are given.

A slot is idle, running, or running and asked for once more. After a failure it is left alone for
a while that doubles, and a step that looks at everybody rests after each run.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bridge.engine.protocol import Done, Step
from bridge.inbox.pauses import pause_after


@dataclass
class Slot:
    step: Step
    installation_id: int | None
    is_running: bool = False
    is_wanted: bool = False
    """Asked for while it ran or paused."""
    failures: int = 0
    """In a row."""
    not_before: datetime | None = None
    told: tuple[str, ...] = ()
    """The problems of the last run: the same again is not logged again."""
    _began: datetime | None = None

    @property
    def name(self) -> str:
        if self.installation_id is None:
            return self.step.name
        return f"{self.step.name}/{self.installation_id}"

    def wants(self, now: datetime) -> bool:
        """Asked for: whether to run it now. It is then running."""
        paused = self.not_before is not None and now < self.not_before
        if self.is_running or paused:
            self.is_wanted = True
            return False
        self.is_running, self.is_wanted, self._began = True, False, now
        return True

    def ended(self, now: datetime, done: Done) -> datetime | None:
        """It ran: when to ask for it again, because it failed or somebody asked meanwhile."""
        self.is_running = False
        self.failures = self.failures + 1 if done.failed else 0
        took = now - (self._began or now)
        pause = max(took, timedelta(0)) * self.step.rests
        if done.failed:
            pause = max(pause, pause_after(self.failures, self.name))
        self.not_before = now + pause if pause else None
        return (self.not_before or now) if self.is_wanted or done.failed else None

    @property
    def resumes_at(self) -> datetime | None:
        """When to ask again for what was asked for just now and paused; ``None``: it runs, and
        its end says when."""
        return None if self.is_running else self.not_before
