"""Stores, as people and programmes name them: ``installation/store``, or the installation alone
where it has one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlmodel import Session, col

from bridge.installations.models import Installation, ShopFacts
from bridge.kit.errors import BridgeError
from bridge.kit.suggestions import did_you_mean
from connectors.sentences import sentence


@dataclass(frozen=True, slots=True, order=True)
class StorePlace:
    """One store of one installation."""

    installation_id: int
    installation: str
    store_id: str
    code: str
    currency: str
    """ISO 4217; vouchers of this store are worth money of it."""

    @property
    def name(self) -> str:
        """``installation/store``."""
        return f"{self.installation}/{self.code}"


class UnknownStore(BridgeError):
    """No store, or more than one, goes by this name."""


def stores_of(session: Session, workspace_id: int) -> list[StorePlace]:
    """Every store of the connected installations, by name, as their shops last told."""
    rows = session.execute(
        select(col(Installation.id), col(Installation.name), col(ShopFacts.stores))
        .join(ShopFacts, col(ShopFacts.installation_id) == col(Installation.id))
        .where(
            col(Installation.workspace_id) == workspace_id,
            col(ShopFacts.workspace_id) == workspace_id,
            col(Installation.removed_at).is_(None),
        )
    )
    found = [
        StorePlace(installation_id, name, store["id"], store["code"], store["currency"])
        for installation_id, name, stores in rows
        for store in stores
    ]
    return sorted(found, key=lambda place: place.name)


def store_named(session: Session, workspace_id: int, name: str) -> StorePlace:
    """Raises :class:`UnknownStore`, naming the stores there are."""
    known = stores_of(session, workspace_id)
    wanted = name.strip().casefold()
    whole = [place for place in known if place.name.casefold() == wanted]
    if whole:
        return whole[0]
    of_shop = [place for place in known if place.installation.casefold() == wanted]
    if len(of_shop) == 1:
        return of_shop[0]
    if of_shop:
        raise UnknownStore(
            sentence(
                "%(name)s has %(count)s stores; name one: %(listed)s.",
                name=name,
                count=len(of_shop),
                listed=_listed(of_shop),
            )
        )
    hint = did_you_mean(
        name,
        [place.name for place in known],
        nothing=sentence("None is known yet: connect a shop with `loyalty-bridge store add`."),
    )
    raise UnknownStore(sentence("There is no store `%(name)s`. %(hint)s", name=name, hint=hint))


def store_with_id(
    session: Session, workspace_id: int, installation_id: int, store_id: str
) -> StorePlace | None:
    """``None``: the shop does not tell of it, or is not connected any more."""
    for place in stores_of(session, workspace_id):
        if (place.installation_id, place.store_id) == (installation_id, store_id):
            return place
    return None


def _listed(places: Sequence[StorePlace]) -> str:
    return ", ".join(place.name for place in places)
