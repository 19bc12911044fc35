"""Where vouchers can be had at all: in stores whose shop's connector makes some."""

from __future__ import annotations

from contextlib import closing

from bridge.application import Application
from bridge.installations.models import Installation
from bridge.installations.service import installation, installations
from bridge.kit.encryption import UnreadableSecret
from bridge.kit.errors import BridgeError
from bridge.vouchers.stores import StorePlace, store_named, stores_of


def voucher_store(app: Application, name: str) -> StorePlace:
    """``name``: ``installation/store``. Sends nothing to the shop. Raises BridgeError where no
    code could ever get to: points are not reserved for that."""
    with app.database.reading() as session:
        place = store_named(session, app.workspace_id, name)
        shop = installation(session, app.workspace_id, place.installation)
    if not _makes_vouchers(app, shop):
        raise BridgeError(
            f"Vouchers cannot be had in {place.name}: the connector for {shop.platform} makes "
            "none. Choose another store."
        )
    return place


def voucher_stores(app: Application) -> list[StorePlace]:
    """All of them. Sends nothing to any shop; leaves out those whose connector is not there."""
    with app.database.reading() as session:
        places = stores_of(session, app.workspace_id)
        shops = {shop.id: shop for shop in installations(session, app.workspace_id)}
    makes: dict[int | None, bool] = {}
    for id_, shop in shops.items():
        try:
            makes[id_] = _makes_vouchers(app, shop)
        except (BridgeError, UnreadableSecret):
            makes[id_] = False
    return [place for place in places if makes.get(place.installation_id)]


def _makes_vouchers(app: Application, shop: Installation) -> bool:
    with closing(app.connect(shop)) as connector:
        return connector.promotions is not None
