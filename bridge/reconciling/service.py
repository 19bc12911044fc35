"""Reconciliation: every check in its order, each repair on its own, then a second look.

The order matters where one mistake shows in several places: entries first, then what they add up
to, then what they were posted for, then who people are, then what follows from all of it.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from itertools import islice
from typing import TypeAlias

import structlog
from sqlalchemy.exc import DBAPIError

from bridge.application import Application
from bridge.balances.pushing import Pusher
from bridge.inbox.conflicts import is_conflict
from bridge.installations.models import Installation
from bridge.installations.service import selected
from bridge.kit.encryption import UnreadableSecret
from bridge.kit.errors import BridgeError
from bridge.kit.progress import NoProgress, Progress
from bridge.reconciling import (
    activities,
    attribution,
    balances,
    cursors,
    entries,
    guards,
    missing,
    news,
    orders,
    overdue,
    people,
    shops,
    shown,
    tiers,
    waiting,
)
from bridge.reconciling.books import Books
from bridge.reconciling.findings import Finding, Report
from bridge.reconciling.shops import Shop, open_shop
from bridge.tiers.service import review
from connectors.base import Connector
from connectors.errors import ConnectorError

Check: TypeAlias = Callable[[Books], Iterator[Finding]]
CHECKS: Sequence[tuple[str, Check]] = (
    ("what the database watches over", guards.find),
    ("accounts of entries", missing.find_accounts),
    ("lots of entries", missing.find_lots),
    ("entries in another's lot", entries.find_misplaced),
    ("entries", entries.find_forms),
    ("accounts and lots", balances.find),
    ("what came in", news.find),
    ("members", people.find),
    ("whose orders are", attribution.find),
    ("orders", orders.find),
    ("activities", activities.find),
    ("what time brings", overdue.find),
    ("tiers", tiers.find),
    ("balances shown", shown.find),
    ("cursors", cursors.find),
    ("what waits", waiting.find),
)
MOST = 1_000
"""Findings of one check that are listed; repairs go on beyond."""
PASSES = 4
"""A repair may uncover what another mistake had hidden."""
TRIES = 5
"""Of one repair, when it loses a race against the bridge at work."""

log = structlog.get_logger(__name__)


def reconcile(
    app: Application,
    names: Sequence[str] = (),
    *,
    repair: bool = False,
    ask_shops: bool = True,
    window: timedelta = timedelta(days=30),
    progress: Progress | None = None,
) -> Report:
    """Looks for everything that is wrong in the books, and between them and these shops (all,
    where none is named); ``repair``: mends what can be mended, and looks again.

    ``window``: how far back the shops' orders are looked through. It may run beside everything
    else. Raises UnknownInstallation.
    """
    books = Books(app.database, app.workspace_id, app.now)
    with app.database.reading() as session:
        installations = selected(session, app.workspace_id, names)
    run = _Run(app, books, installations if ask_shops else (), window, progress or NoProgress())
    return run.repair() if repair else run.look()


@dataclass
class _Run:
    app: Application
    books: Books
    installations: Sequence[Installation]
    window: timedelta
    progress: Progress
    report: Report = field(default_factory=Report)

    def look(self) -> Report:
        self._each_check(self._list)
        return self.report

    def repair(self) -> Report:
        repaired: dict[tuple[str, str, str], Finding] = {}
        for _ in range(PASSES):
            again: list[Finding] = []
            self._each_check(partial(self._mend, again))
            repaired |= {_key(one): one for one in again}
            if not again:
                break
            # Orders may count otherwise now; and who counts on a tier decides what he earns.
            review(self.books.database, self.books.workspace_id, self.books.clock)
        self.report.left.clear()
        self.report.more.clear()
        self._push()
        self._each_check(self._list)
        left = {_key(one) for one in self.report.left}
        self.report.repaired = [one for key, one in repaired.items() if key not in left]
        # What was mended after all, by another repair or at another try.
        self.report.failures = {
            key: reason
            for key, reason in self.report.failures.items()
            if any((one.check, one.where) == key for one in self.report.left)
        }
        return self.report

    # -- checks -----------------------------------------------------------------------------

    def _each_check(self, act: Callable[[str, Callable[[], Iterator[Finding]]], None]) -> None:
        total = len(CHECKS) + len(self.installations)
        with self.progress.task("Reconciling", total, "checks") as task:
            for name, check in CHECKS:
                act(name, partial(check, self.books))
                task.advance()
            for installation in self.installations:
                self._ask(installation, act)
                task.advance()

    def _ask(
        self,
        installation: Installation,
        act: Callable[[str, Callable[[], Iterator[Finding]]], None],
    ) -> None:
        assert installation.id is not None
        try:
            with closing(self.app.connect(installation)) as connector:
                shop = open_shop(
                    self.books, installation.id, installation.name, connector, self.window
                )
                for check in (shops.find_orders, shops.find_groups):
                    act(installation.name, partial(check, shop))
                act(installation.name, partial(_balances, shop, connector))
        except (ConnectorError, BridgeError, UnreadableSecret) as error:
            self.report.unasked[installation.name] = str(error)

    def _list(self, name: str, find: Callable[[], Iterator[Finding]]) -> None:
        found = list(islice(find(), MOST + 1))
        if len(found) > MOST:
            self.report.more[found[0].check] = MOST
        self.report.left += found[:MOST]

    def _mend(
        self, mended: list[Finding], name: str, find: Callable[[], Iterator[Finding]]
    ) -> None:
        """Some at a time, until a look finds nothing that a repair still changes."""
        done: set[tuple[str, str, str]] = set()
        while True:
            fresh = (one for one in find() if one.fix is not None and _key(one) not in done)
            found = list(islice(fresh, MOST))
            for one in found:
                done.add(_key(one))
                if self._fix(one):
                    mended.append(replace(one, fix=None))
            if len(found) < MOST:
                return

    def _fix(self, finding: Finding) -> bool:
        assert finding.fix is not None
        for _ in range(TRIES):
            try:
                return finding.fix()
            except DBAPIError as error:
                if is_conflict(error):
                    reason = "Others were at work on it."
                    continue
                log.error("a repair failed", check=finding.check, exc_info=error)
                reason = f"The database refused it: {type(error).__name__}. The log says more."
                break
            except ConnectorError as error:
                reason = str(error)
                break
            except (BridgeError, LookupError, ValueError, AssertionError) as error:
                log.error("a repair failed", check=finding.check, exc_info=error)
                reason = str(error)
                break
        self.report.failures[finding.check, finding.where] = reason
        return False

    # -- shops ------------------------------------------------------------------------------

    def _push(self) -> None:
        """Shops are told at once what they should show; what fails stays due."""
        lease = timedelta(seconds=self.app.settings.lease_seconds)
        owner = f"reconcile-{uuid.uuid4()}"
        pusher = Pusher(
            self.books.database, self.books.workspace_id, self.books.clock, owner, lease
        )
        for installation in self.installations:
            assert installation.id is not None
            try:
                with closing(self.app.connect(installation)) as connector:
                    if connector.balances is not None:
                        pusher.push(installation.id, connector)
            except (ConnectorError, BridgeError, UnreadableSecret) as error:
                self.report.unasked[installation.name] = str(error)


def _balances(shop: Shop, connector: Connector) -> Iterator[Finding]:
    if connector.balances is not None:
        yield from shown.find_in_shop(shop.books, shop.id, shop.name, connector.balances)


def _key(finding: Finding) -> tuple[str, str, str]:
    return finding.check, finding.store, finding.where
