"""Calls per second to one installation."""

from __future__ import annotations

from pyrate_limiter import Decision, Duration, InMemoryStateStore, Rate, TokenBucket


class CallRate:
    """A token bucket that holds one second's worth. It only computes; the caller sleeps."""

    def __init__(self, per_second: int) -> None:
        self._bucket = InMemoryStateStore()
        self._rates = [Rate(per_second, Duration.SECOND)]
        self._algorithm = TokenBucket()

    def pause(self, now: float) -> float:
        """Takes a token and returns 0, or returns the seconds until one is there.

        ``now`` is in seconds on a monotonic clock.
        """
        decision: Decision = self._bucket.check(  # type: ignore[no-untyped-call]
            self._algorithm, self._rates, int(now * 1000), 1
        )
        return 0.0 if decision.allowed else (decision.retry_after_ms or 1) / 1000
