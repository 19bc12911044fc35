"""Telling shops their members' points: what changed is sent once, as it is at that moment.

A push sets values, so that one that is repeated after a crash changes nothing. Each customer is
told by one worker at a time, under a lease that is longer than any call: an older value never
overtakes a newer one.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta

from bridge.balances import queue
from bridge.balances.places import came, is_place, went
from bridge.balances.queue import PutBack, Told
from bridge.balances.standing import balances_of
from bridge.db import Database
from bridge.installations import plugin_states
from bridge.kit.clock import Clock
from bridge.programme.service import current
from connectors.base import Connector
from connectors.errors import ConnectorError
from connectors.sales import Balance, Balances, HeldByPlugin, as_held

BATCH = 100
LONGEST_PAUSE = timedelta(hours=1)


@dataclass
class Pushed:
    """What became of the customers that were due."""

    sent: int = 0
    unchanged: int = 0
    """The shop showed it already."""
    gone: int = 0
    failed: int = 0
    problems: dict[int, str] = field(default_factory=dict)
    """By installation: why its customers wait for the next try."""


@dataclass
class Pusher:
    """Keeps in mind which shops are prepared. Share it between threads."""

    database: Database
    workspace_id: int
    clock: Clock
    owner: str
    lease: timedelta
    jitter: Callable[[float, float], float] = random.uniform
    _prepared: set[int] = field(default_factory=set)

    def enqueue(self, connectors: Mapping[int, Connector]) -> None:
        """Notes what changed for the shops that can show it."""
        able = [id_ for id_, connector in connectors.items() if always_shows(connector)]
        while True:
            with self.database.writing() as session:
                done = queue.enqueue(session, self.workspace_id, able)
            if done < queue.MOST:
                return

    def push(self, installation_id: int, connector: Connector) -> Pushed:
        """Sends what is due in one shop, until nothing is. Where a plugin in the shop holds the
        balances it is looked for first; raises ConnectorError where that cannot be done, and
        somebody waits."""
        result = Pushed()
        shop = self._place(installation_id, connector.balances)
        while shop is not None:
            told, wanted = self._claim(installation_id)
            if not told:
                break
            try:
                self._send(installation_id, shop, told, wanted, result)
            except ConnectorError as error:
                self._put_back_all(installation_id, told, error, result)
                break
        return result

    def _place(self, installation_id: int, balances: Balances | None) -> Balances | None:
        """``None``: nobody can be told anything now."""
        if not isinstance(balances, HeldByPlugin):
            return balances
        place = (self.workspace_id, installation_id)
        with self.database.reading() as session:
            was_there = is_place(session, *place)
            is_forgotten = plugin_states.state_of(session, *place).is_forgotten
            somebody_waits = queue.is_somebody_due(session, *place)
        try:
            # One that was made to forget is told nothing until a person wants it again.
            is_there = balances.can_hold() and not is_forgotten
        except ConnectorError:
            if somebody_waits:
                raise
            return None
        if is_there and not was_there:
            with self.database.writing() as session:
                came(session, *place, self.clock())
        elif not is_there and (was_there or somebody_waits):
            with self.database.writing() as session:
                went(session, *place)
        return balances if is_there else None

    def _claim(self, installation_id: int) -> tuple[list[Told], dict[str, Balance]]:
        """What is sent is read in the transaction that takes the lease, and noted there to be on
        its way."""
        with self.database.writing() as session:
            told = queue.claim(
                session,
                self.workspace_id,
                installation_id,
                self.owner,
                self.clock(),
                self.lease,
                BATCH,
            )
            found = current(session, self.workspace_id)
            by_member = balances_of(
                session,
                self.workspace_id,
                found[1] if found else None,
                (one.member_id for one in told),
            )
            wanted = {one.customer_id: by_member.get(one.member_id, Balance(0, 0)) for one in told}
            queue.begin(session, self.workspace_id, installation_id, _fresh(told, wanted))
        return told, wanted

    def _send(
        self,
        installation_id: int,
        shop: Balances,
        told: Sequence[Told],
        wanted: Mapping[str, Balance],
        result: Pushed,
    ) -> None:
        fresh = _fresh(told, wanted)
        refused: Mapping[str, ConnectorError] = {}
        if fresh:
            if installation_id not in self._prepared:
                shop.prepare()
                self._prepared.add(installation_id)
            refused = shop.write({one: wanted[one] for one in fresh})
        held = shop.read(sorted(fresh)) if fresh else {}
        now = self.clock()
        shown = {
            one.customer_id: (one.version, text_of(wanted[one.customer_id]))
            for one in told
            if one.customer_id not in fresh
            or held.get(one.customer_id) == as_held(shop, wanted[one.customer_id])
        }
        gone = [one for one in fresh if one not in held]
        left = [one for one in told if one.customer_id not in shown and one.customer_id not in gone]
        with self.database.writing() as session:
            place = (session, self.workspace_id, installation_id)
            queue.settle(*place, self.owner, shown, now)
            queue.forget(*place, gone)
            queue.put_back(
                *place,
                self.owner,
                [
                    PutBack(
                        one,
                        _reason(refused.get(one.customer_id)),
                        self._next(one, now),
                        True,
                        _seen(held[one.customer_id]),
                    )
                    for one in left
                ],
            )
        result.sent += len(fresh.intersection(shown))
        result.unchanged += len(shown) - len(fresh.intersection(shown))
        result.gone += len(gone)
        result.failed += len(left)

    def _put_back_all(
        self, installation_id: int, told: Sequence[Told], error: ConnectorError, result: Pushed
    ) -> None:
        """The shop as a whole could not be told: that counts against nobody."""
        now = self.clock()
        with self.database.writing() as session:
            queue.put_back(
                session,
                self.workspace_id,
                installation_id,
                self.owner,
                [PutBack(one, str(error), self._next(one, now), False, None) for one in told],
            )
        result.failed += len(told)
        result.problems[installation_id] = str(error)

    def _next(self, told: Told, now: datetime) -> datetime:
        pause = min(timedelta(seconds=15 * 2**told.attempts), LONGEST_PAUSE)
        return now + pause * self.jitter(0.5, 1.0)


def always_shows(connector: Connector) -> bool:
    """Whether its shop can be told balances whatever is installed there; asks nothing."""
    balances = connector.balances
    return balances is not None and not isinstance(balances, HeldByPlugin)


def text_of(balance: Balance) -> str:
    return json.dumps(asdict(balance), ensure_ascii=False, sort_keys=True)


def _fresh(told: Sequence[Told], wanted: Mapping[str, Balance]) -> set[str]:
    """Customers whom the shop was not seen to show just that."""
    return {one.customer_id for one in told if one.shown != text_of(wanted[one.customer_id])}


def _seen(balance: Balance | None) -> str | None:
    return None if balance is None else text_of(balance)


def _reason(error: ConnectorError | None) -> str:
    return "The shop shows something else than it was told." if error is None else str(error)
