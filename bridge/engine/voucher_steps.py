"""Vouchers: bringing their codes into shops and out of them, and ending them. As in
:mod:`bridge.engine.steps`, every step may run beside itself and says why."""

from __future__ import annotations

from sqlalchemy import select
from sqlmodel import Session, col

from bridge.engine import intake
from bridge.engine.bench import Bench
from bridge.engine.protocol import Done
from bridge.inbox.known import ReadThrough, read_through
from bridge.installations import plugin_states
from bridge.installations.models import Installation
from bridge.installations.service import installations
from bridge.kit.encryption import UnreadableSecret
from bridge.kit.errors import BridgeError
from bridge.vouchers.basket_delivery import deliver_baskets, waits
from bridge.vouchers.basket_delivery import look_again as look_into_baskets
from bridge.vouchers.clockwork import pass_time
from bridge.vouchers.delivering import deliver
from bridge.vouchers.desk import Delivered, Desk
from bridge.vouchers.models import VoucherPool
from bridge.vouchers.owning import Owners, forget_told, guard_of, let_go
from bridge.vouchers.queue import Place
from bridge.vouchers.readying import has_pools
from bridge.vouchers.watching import look_again
from connectors.errors import ConnectorError
from connectors.plugins import GuardsCodes, TakesPoints, plugin_of

_MOST_NAMED = 5


def desk_of(bench: Bench) -> Desk:
    app = bench.app
    return Desk(
        app.database,
        app.workspace_id,
        app.settings.home,
        bench.worker.id,
        app.now,
        bench.lease,
        app.settings.delivery_threads,
        stopping=bench.stopping.is_set,
    )


def vouchers_to_shop(bench: Bench, shop: Installation) -> Done:
    """Puts the codes of new vouchers into the shop, takes those out that ended. Safe: codes are
    leased, set and read back; what a dead worker left is done again."""
    assert shop.id is not None
    with bench.connectors.using(shop) as connector:
        delivered = deliver(desk_of(bench), shop.id, connector, at_once=bench.at_once)
    return Done(
        {"vouchers issued": delivered.added, "vouchers removed": delivered.removed},
        problems_of(delivered),
        tuple(delivered.remarks),
        # Whoever took a voucher back may have meant one that is held for a basket.
        frozenset({"baskets"}) if waits(desk_of(bench), shop.id) else frozenset(),
        failed=delivered.shop_is_out,
    )


def voucher_owners(bench: Bench, shop: Installation) -> Done:
    """Tells a shop that guards codes whose they are now. Safe: owners are set, and told once."""
    assert shop.id is not None
    app, place = bench.app, Place(bench.app.workspace_id, shop.id)
    with app.database.reading() as session:
        if not has_pools(session, place):
            return Done()
    with bench.connectors.using(shop) as connector:
        if not isinstance(connector, GuardsCodes):
            return Done()
        if plugin_of(connector) is None or _is_forgotten(bench, place):
            return Done({"voucher owners forgotten": let_go(app.database, place, connector)})
        guard = guard_of(app.database, place, connector)
        if guard is None:
            with app.database.writing() as session:
                forget_told(session, place)
            return Done()
        told = Owners(app.database, place, guard, app.now).tell_all()
    problems = tuple(f"{code}: {error}" for code, error in sorted(told.refused.items()))
    counts = {"voucher owners told": told.told, "voucher owners forgotten": told.forgotten}
    return Done(counts, problems[:_MOST_NAMED])


def _is_forgotten(bench: Bench, place: Place) -> bool:
    with bench.app.database.reading() as session:
        state = plugin_states.state_of(session, place.workspace_id, place.installation_id)
    return state.is_forgotten


def baskets_to_shop(bench: Bench, shop: Installation) -> Done:
    """Writes what is held for customers' baskets into their fields, and clears what was used or
    is over. Safe: each customer is leased, what stands there is set and read back."""
    assert shop.id is not None
    desk = desk_of(bench)
    if not waits(desk, shop.id):
        return Done()
    with bench.connectors.using(shop) as connector:
        delivered = deliver_baskets(desk, shop.id, connector)
    return Done(
        {"held for baskets": delivered.added, "taken from baskets": delivered.removed},
        problems_of(delivered),
        failed=delivered.shop_is_out,
    )


def problems_of(delivered: Delivered) -> tuple[str, ...]:
    """The first of them; a shop that refuses one code may refuse a thousand."""
    problems = delivered.problems
    more = len(problems) - _MOST_NAMED
    if more <= 0:
        return tuple(problems)
    rest = f"{more:,} more like these: see `loyalty-bridge vouchers list --waiting`."
    return (*problems[:_MOST_NAMED], rest)


def pass_vouchers_time(bench: Bench) -> Done:
    """Ends vouchers whose time is over, gives points back of those that nobody can have used,
    issues what was exchanged or is made by itself. Safe: each voucher is looked at again under
    its lock, and a cause has one voucher."""
    app = bench.app
    passed = pass_time(app.database, app.workspace_id, app.keyring, _read(bench), app.now)
    counts = {
        "vouchers expired": passed.expired,
        "vouchers ended": passed.ended,
        "vouchers exchanged": passed.exchanged,
        "vouchers issued anew": passed.reissued,
        "automatic vouchers": passed.automatic,
    }
    follow = frozenset({"vouchers", "baskets", "due"}) if passed.did_anything else frozenset[str]()
    return Done(counts, passed.problems, follow=follow)


def _read(bench: Bench) -> dict[int, ReadThrough]:
    """How far each shop's orders are known. Nothing is asked where no voucher was ever issued. Not
    of shops that cannot show that the codes are gone: what hangs on it waits, and the shop's own
    steps say that it is out."""
    app = bench.app
    with app.database.reading() as session:
        if not _has_vouchers(session, app.workspace_id):
            return {}
    walks, _ = intake.order_walks(bench)
    with app.database.reading() as session:
        shops = {shop.id: shop for shop in installations(session, app.workspace_id)}
        read = read_through(session, app.workspace_id, walks)
    seen = {}
    for installation_id, known in read.items():
        place = Place(app.workspace_id, installation_id)
        try:
            with bench.connectors.using(shops[installation_id]) as connector:
                if connector.promotions is not None:
                    look_again(app.database, place, connector.promotions, known.at)
                if isinstance(connector, TakesPoints):
                    look_into_baskets(app.database, place, connector, known.at)
        except (BridgeError, ConnectorError, UnreadableSecret):
            continue
        seen[installation_id] = known
    return seen


def _has_vouchers(session: Session, workspace_id: int) -> bool:
    found = session.execute(
        select(col(VoucherPool.id)).where(col(VoucherPool.workspace_id) == workspace_id).limit(1)
    )
    return found.first() is not None
