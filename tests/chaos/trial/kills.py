"""Killing the real process while it works, and what the sandbox's log proves about it."""

from __future__ import annotations

import random
from dataclasses import dataclass

from trial.command import Ran
from trial.merchant import Ending, Merchant


@dataclass(frozen=True)
class Undisturbed:
    """A run that nobody hurt: what every other must come to."""

    ending: Ending
    calls: int
    rows_written: int
    seconds_per_call: float


@dataclass(frozen=True)
class Moment:
    """After so many calls reached the shop, and then so many seconds."""

    calls: int
    seconds: float


@dataclass(frozen=True)
class Killed:
    ran: Ran
    calls: int
    """That had reached the shop by then."""
    open: int
    """Deliveries that were not finished."""

    def is_mid_run(self, whole: Undisturbed) -> bool:
        """Calls of this run came before, and some that it needs never came."""
        return self.ran.was_killed and 0 < self.calls < whole.calls


LATENCY = {"per_call_ms": 40.0, "per_row_ms": 0.2}
"""Of the shop, so that a run lasts long enough to be hit."""


def undisturbed(merchant: Merchant) -> Undisturbed:
    merchant.shop.running.faults.set(latency=LATENCY)
    ran = merchant.apply()
    assert ran.code == 0, ran
    log = merchant.shop.running.log
    spent = sum(call.ms for call in log.calls()) / 1000
    whole = Undisturbed(
        merchant.ending(), log.total, merchant.shop.rows_written(), spent / log.total
    )
    assert merchant.shop.twice() == []
    return whole


def moments(whole: Undisturbed, count: int, seed: int) -> list[Moment]:
    """Spread over the whole run, at random within their part of it."""
    chance = random.Random(seed)
    share = whole.calls / count
    return [
        Moment(
            calls=int(share * (part + chance.random())),
            seconds=chance.uniform(0, whole.seconds_per_call),
        )
        for part in range(count)
    ]


def kill(merchant: Merchant, moment: Moment, *command: str) -> Killed:
    """Runs the command (default: ``apply --yes``) and kills it then, counted from its start."""
    log = merchant.shop.running.log
    earlier = log.total
    process = merchant.bridge.start(*(command or ("apply", "--yes")))
    process.wait_until(lambda: log.total - earlier >= moment.calls)
    process.ends_within(moment.seconds)
    ran = process.kill()
    return Killed(ran, log.total - earlier, merchant.open_deliveries())


def recovered(merchant: Merchant, whole: Undisturbed) -> list[str]:
    """What is not as it should be after one more ``apply``; empty: all is well."""
    ran = merchant.apply()
    wrong = [] if ran.code == 0 else [f"apply ended with {ran.code}: {ran.out}{ran.err}"]
    wrong += merchant.ending().unlike(whole.ending)
    wrong += [f"twice in the shop: {row}" for row in merchant.shop.twice()]
    written = merchant.shop.rows_written()
    if written != whole.rows_written:
        wrong.append(f"{written} rows written where {whole.rows_written} are enough")
    return wrong
