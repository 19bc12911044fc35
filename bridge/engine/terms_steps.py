"""The programme's terms in the shops. As in :mod:`bridge.engine.steps`, every step may run beside
itself and says why."""

from __future__ import annotations

from bridge.engine.bench import Bench
from bridge.engine.protocol import NOTHING_DONE, Done
from bridge.installations.models import Installation
from bridge.terms.one_page import Desk
from bridge.terms.publishing import has_work, publish
from bridge.terms.service import catalogue_address


def terms_to_shop(bench: Bench, shop: Installation) -> Done:
    """Brings the pages with the terms up to date where a shop shows them; looks once a day whether
    somebody changed one. Safe: one works on a page at a time, and what is written is noted before
    it is sent."""
    app = bench.app
    catalogue = catalogue_address(app.settings.public_url, app.workspace)
    with app.database.reading() as session:
        if not has_work(session, app.workspace_id, shop, app.now(), catalogue):
            return NOTHING_DONE
    with bench.connectors.using(shop) as connector:
        done = publish(Desk(app.database, app.workspace_id, app.now, catalogue), shop, connector)
    changed = done.written + done.hidden
    return Done(
        {"terms pages": changed},
        tuple(done.problems),
        failed=bool(done.problems) and not changed,
    )
