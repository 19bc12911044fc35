"""How patiently a client calls one installation."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Policy:
    """All times in seconds."""

    connect_timeout: float = 10.0
    read_timeout: float = 120.0
    """The longest silence while an answer is due. A bulk write is silent until it is done."""
    total_timeout: float = 300.0
    """The longest one call can take with its waits and retries. A lease that covers a call
    must be longer than this."""
    attempts: int = 5
    backoff_base: float = 0.25
    backoff_cap: float = 20.0
    """A wait is drawn evenly from 0 to min(cap, base * 2 ** tries) (full jitter)."""
    retry_after_cap: float = 60.0
    """A shop that asks for a longer pause is not waited for: the call ends in Throttled."""
    longest_pause_of_a_change: float = 1.0
    """All waits together of a call that changes something. What it changes was read right before
    it: after a longer pause the caller has to read again, or it overwrites what somebody else
    did meanwhile. Such a call ends in what kept it from being done: Throttled, Unreachable."""
    calls_per_second: int = 50
    slots: int = 4
    """Calls at once to begin with; adapts between 1 and ``max_slots``."""
    max_slots: int = 8
    slow_after: float = 10.0
    """An answer that took longer does not make the client ask more at once."""

    @property
    def timeouts(self) -> tuple[float, float]:
        return (self.connect_timeout, self.read_timeout)
