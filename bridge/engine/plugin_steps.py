"""The bridge's own plugins in the shops. As in :mod:`bridge.engine.steps`, every step may run
beside itself and says why."""

from __future__ import annotations

from bridge.catalogue.pulling import Source, pull
from bridge.engine import intake
from bridge.engine.bench import Bench
from bridge.engine.protocol import NOTHING_DONE, Done
from bridge.installations.models import Installation
from bridge.shop_plugins import telling
from connectors.errors import ConnectorError


def plugin_in_shop(bench: Bench, shop: Installation) -> Done:
    """Sees whether the plugin is there and tells it what it does not hold; once it came or went,
    reads the shop anew, so that the next plan moves the gifts. Safe: telling sets values, and what
    was told is read back."""
    app = bench.app
    with bench.connectors.using(shop) as connector:
        if not telling.has_work(app, shop, connector):
            return NOTHING_DONE
        try:
            looked = telling.look(app, shop, connector)
        except ConnectorError as error:
            if not telling.is_watched(app, shop):
                raise
            return Done(problems=(f"{shop.name}: {error}",))  # with the next tick, without a pause
        products = 0
        if looked.has_changed:
            if intake.is_being_pulled(bench, shop):
                return _done(
                    shop, looked, 0
                )  # which may have begun before: the next run sees to it
            if shop.pulled_at is not None:
                source = Source(app.database, shop, connector, app.now, bench.interruptible)
                products = pull(source).products
            telling.settle(app, shop, looked)
    return _done(shop, looked, products)


def _done(shop: Installation, looked: telling.Looked, products: int) -> Done:
    is_new = looked.has_changed or looked.has_told
    follow = frozenset({"balances", "vouchers", "owners"}) if is_new else frozenset[str]()
    problems = (f"{shop.name}: {looked.problem}",) if looked.problem else ()
    is_settings = looked.problem == telling.NO_ADDRESS
    return Done(
        {"plugins told": int(looked.has_told), "products": products},
        problems,
        follow=follow,
        failed=bool(looked.problem) and not is_settings,
    )
