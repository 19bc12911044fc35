"""Where vouchers can be had at all: in stores whose shop's connector makes some."""

from __future__ import annotations

from contextlib import closing

from bridge.application import Application
from bridge.installations.service import installation
from bridge.kit.errors import BridgeError
from bridge.vouchers.stores import StorePlace, store_named


def voucher_store(app: Application, name: str) -> StorePlace:
    """``name``: ``installation/store``. Sends nothing to the shop. Raises BridgeError where no
    code could ever get to: points are not reserved for that."""
    with app.database.reading() as session:
        place = store_named(session, app.workspace_id, name)
        shop = installation(session, app.workspace_id, place.installation)
    with closing(app.connect(shop)) as connector:
        if connector.promotions is None:
            raise BridgeError(
                f"Vouchers cannot be had in {place.name}: the connector for {shop.platform} makes "
                "none. Choose another store."
            )
    return place
