"""Bringing one voucher to its shop at once, for who waits for it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta

from bridge.application import Application
from bridge.installations.models import Installation
from bridge.kit.encryption import UnreadableSecret
from bridge.kit.errors import BridgeError
from bridge.outbox.workers import Worker
from bridge.vouchers.adopting import Unknown
from bridge.vouchers.basket_delivery import deliver_baskets
from bridge.vouchers.delivering import deliver, survey
from bridge.vouchers.desk import Desk
from bridge.vouchers.models import Voucher
from bridge.vouchers.review import Wanted, vouchers
from connectors.base import Connector
from connectors.errors import ConnectorError

LOOK_EVERY = 0.5
"""Seconds between two looks at what another process does with it."""


@dataclass(frozen=True, slots=True)
class AtOnce:
    voucher: Voucher
    """As it is now."""
    problem: str = ""
    """Why its code is not where it shall be yet; it gets there by itself."""


def bring(
    app: Application,
    voucher_id: int,
    *,
    wait: float = 20.0,
    pause: Callable[[float], None] = time.sleep,
) -> AtOnce:
    """Puts the voucher's code into its shop, or takes it out; waits at most ``wait`` seconds for
    another process that is at it. Never raises for a shop that is out."""
    with app.database.reading() as session:
        voucher = session.get_one(Voucher, voucher_id)
        shop = session.get_one(Installation, voucher.installation_id)
    problem = "" if _is_settled(voucher) else _deliver(app, shop, voucher)
    waited = 0.0
    while True:
        found = _now(app, voucher_id)
        if _is_settled(found.voucher) or found.problem or problem or waited >= wait:
            return AtOnce(found.voucher, found.problem or problem)
        pause(LOOK_EVERY)
        waited += LOOK_EVERY


def _deliver(app: Application, shop: Installation, voucher: Voucher) -> str:
    """Why it did not come to it; empty: it did, or another process is at it."""
    assert shop.id is not None and voucher.id is not None
    try:
        with _at(app, shop) as (desk, connector):
            if voucher.is_for_basket:
                return next(iter(deliver_baskets(desk, shop.id, connector).problems), "")
            if connector.promotions is None:
                return f"{shop.name} ({shop.platform}) has no vouchers: its connector makes none."
            delivered = deliver(desk, shop.id, connector, only=[voucher.id], at_once=True)
    except (BridgeError, ConnectorError, UnreadableSecret) as error:
        return str(error)
    return next(iter(delivered.problems), "")


def look(app: Application, shop: Installation) -> list[Unknown]:
    """Compares the shop's promotions of vouchers with what was agreed; what is there of the
    bridge's own and not in its database. Raises ConnectorError, BridgeError, UnreadableSecret."""
    assert shop.id is not None
    with _at(app, shop) as (desk, connector):
        return survey(desk, shop.id, connector)


@contextmanager
def _at(app: Application, shop: Installation) -> Iterator[tuple[Desk, Connector]]:
    with closing(app.connect(shop)) as connector, closing(Worker(app.settings.home)) as worker:
        lease = timedelta(seconds=app.settings.lease_seconds)
        home = app.settings.home
        desk = Desk(app.database, app.workspace_id, home, worker.id, app.now, lease)
        yield desk, connector


def _now(app: Application, voucher_id: int) -> AtOnce:
    with app.database.reading() as session:
        wanted = Wanted(ids=(voucher_id,))
        (found,) = vouchers(session, app.workspace_id, wanted, 1)
    return AtOnce(found.voucher, found.problem)


def _is_settled(voucher: Voucher) -> bool:
    if voucher.is_wanted:
        return voucher.is_there
    return voucher.intended_at is None or voucher.removed_at is not None
