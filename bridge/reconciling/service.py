"""Reconciliation: every check in its order, each repair on its own, then a second look.

The order matters where one mistake shows in several places: entries first, then what they add up
to, then what they were posted for, then who people are, then what follows from all of it.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
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
    claims,
    cursors,
    entries,
    guards,
    links,
    missing,
    news,
    orders,
    overdue,
    people,
    referrals,
    shop_codes,
    shop_rewards,
    shops,
    shown,
    tiers,
    unheld,
    voucher_kin,
    voucher_uses,
    vouchers,
    waiting,
    waiting_rewards,
)
from bridge.reconciling.books import Books
from bridge.reconciling.findings import Finding, Report
from bridge.reconciling.shops import Shop, open_shop
from bridge.tiers.service import review
from connectors.base import Connector
from connectors.errors import ConnectorError
from connectors.sales import can_hold

Check: TypeAlias = Callable[[Books], Iterator[Finding]]
Key: TypeAlias = tuple[str, str, str]
"""Check, store, place."""
CHECKS: Sequence[Check] = (
    guards.find,
    missing.find_accounts,
    missing.find_lots,
    entries.find_misplaced,
    entries.find_forms,
    unheld.find,
    balances.find,
    news.find,
    people.find,
    links.find,
    attribution.find,
    orders.find,
    activities.find,
    voucher_uses.find,
    voucher_kin.find,
    vouchers.find,
    claims.find,
    referrals.find,
    overdue.find,
    tiers.find,
    shown.find,
    cursors.find,
    waiting.find,
    waiting_rewards.find,
)
"""Repaired in this order."""
IN_SHOPS = frozenset(
    {
        shops.UNSEEN,
        shops.CHANGED,
        shops.GROUP,
        shown.IN_SHOP,
        shop_codes.POOL,
        shop_codes.MISSING,
        shop_codes.LEFT,
        shop_codes.USED,
        shop_rewards.PROMOTION,
        shop_rewards.GIFT,
    }
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
    with closing(run):
        return run.repair() if repair else run.look()


@dataclass
class _Run:
    app: Application
    books: Books
    installations: Sequence[Installation]
    window: timedelta
    progress: Progress
    report: Report = field(default_factory=Report)
    _connectors: dict[int, Connector] = field(default_factory=dict)

    def look(self) -> Report:
        self.report.left.clear()
        self.report.more.clear()
        self._each_check(self._list)
        for installation in self.installations:
            self._ask(installation)
        self._list(self._held_for_nothing)
        return self.report

    def repair(self) -> Report:
        found: dict[Key, Finding] = {}
        for _ in range(PASSES):
            self.look()
            found |= {_key(one): one for one in self.report.left if _key(one) not in found}
            if not self._mend_all(found):
                break
        left = {_key(one) for one in self.report.left}
        self.report.repaired = [one for key, one in found.items() if key not in left]
        # Another repair, or another try, may have mended what failed first.
        for key in self.report.failures.keys() - {(one[0], one[2]) for one in left}:
            del self.report.failures[key]
        return self.report

    def _mend_all(self, found: dict[Key, Finding]) -> bool:
        """Whether anything was mended, so that another look is due."""
        tried = [one for one in self.report.left if one.fix is not None]
        if not tried:
            return False
        mended: list[Finding] = []
        self._each_check(partial(self._mend, mended))
        in_shops = {one.name for one in self.installations}
        # What shops told is not asked for again.
        told = (
            one
            for one in tried
            if (one.store in in_shops and one.check in IN_SHOPS) or one.check == voucher_kin.MISSING
        )
        mended += [one for one in told if self._fix(one)]
        for one in mended:
            found.setdefault(_key(one), one)
        if mended:
            # Orders may count otherwise now.
            review(self.books.database, self.books.workspace_id, self.books.clock)
            self._push()
        return bool(mended)

    # -- checks -----------------------------------------------------------------------------

    def _each_check(self, act: Callable[[Callable[[], Iterator[Finding]]], None]) -> None:
        with self.progress.task("Reconciling the books", len(CHECKS), "checks") as task:
            for check in CHECKS:
                act(partial(check, self.books))
                task.advance()

    def _ask(self, installation: Installation) -> None:
        assert installation.id is not None
        try:
            with (
                self.progress.task(f"{installation.name}: comparing with the shop"),
                self._connected(installation) as connector,
            ):
                shop = open_shop(
                    self.books, installation.id, installation.name, connector, self.window
                )
                for check in IN_SHOP_CHECKS:
                    self._list(partial(check, shop))
        except (ConnectorError, BridgeError, UnreadableSecret) as error:
            self.report.unasked[installation.name] = str(error)

    def _held_for_nothing(self) -> Iterator[Finding]:
        """Points come back only where no shop can hold a code for them any more."""
        asked = {one.name for one in self.installations} - self.report.unasked.keys()
        unknown = any(one.check == shop_codes.UNKNOWN for one in self.report.left)
        are_clean = asked >= set(self.books.stores().values()) and not unknown
        yield from voucher_kin.find_missing(self.books, are_shops_clean=are_clean)

    @contextmanager
    def _connected(self, installation: Installation) -> Iterator[Connector]:
        """The same one in every pass: repairs may ask it again. Closed at the end of the run."""
        assert installation.id is not None
        if installation.id not in self._connectors:
            self._connectors[installation.id] = self.app.connect(installation)
        yield self._connectors[installation.id]

    def close(self) -> None:
        for connector in self._connectors.values():
            connector.close()

    def _list(self, find: Callable[[], Iterator[Finding]]) -> None:
        found = list(islice(find(), MOST + 1))
        if len(found) > MOST:
            self.report.more[found[0].check] = MOST
        self.report.left += found[:MOST]

    def _mend(self, mended: list[Finding], find: Callable[[], Iterator[Finding]]) -> None:
        """Some at a time, until a look finds nothing that a repair still changes."""
        done: set[Key] = set()
        while True:
            fresh = (one for one in find() if one.fix is not None and _key(one) not in done)
            found = list(islice(fresh, MOST))
            for one in found:
                done.add(_key(one))
                if self._fix(one):
                    mended.append(one)
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
                with self._connected(installation) as connector:
                    if connector.balances is not None:
                        pusher.push(installation.id, connector)
            except (ConnectorError, BridgeError, UnreadableSecret) as error:
                self.report.unasked[installation.name] = str(error)


def _balances(shop: Shop) -> Iterator[Finding]:
    balances = shop.connector.balances
    if balances is not None and can_hold(balances):
        yield from shown.find_in_shop(shop.books, shop.id, shop.name, balances)


IN_SHOP_CHECKS: Sequence[Callable[[Shop], Iterator[Finding]]] = (
    shops.find_orders,
    shops.find_groups,
    _balances,
    shop_codes.find,
    shop_rewards.find_promotions,
    shop_rewards.find_gifts,
)


def _key(finding: Finding) -> Key:
    return finding.check, finding.store, finding.where
