"""Which gifts a shop makes free at this moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlmodel import Session, col

from bridge.db import Database
from bridge.gifts.rules import GiftOffer, offer_from
from bridge.outbox.models import Binding
from bridge.promotions.models import ShopPromotion
from bridge.promotions.texts import meanings
from bridge.promotions.wanted import GIFT_PREFIX
from connectors.rewards import HeldPromotion, Promotions

PER_READ = 100


@dataclass(frozen=True, slots=True)
class Offers:
    offers: tuple[GiftOffer, ...]
    """What a basket may be given: rules that a plugin in the shop gives are not among them."""
    moved: frozenset[tuple[str, str]] = frozenset()
    """Rules and stores of those: what was put in before is not free any more, and stands beside
    what the plugin gives."""
    unknown: tuple[str, ...] = ()
    """Keys of promotions of ours that say something the bridge did not write: changed by hand.
    Whether they make anything free is not known, and nothing is given for them."""


def offers_in(
    database: Database, workspace_id: int, installation_id: int, promotions: Promotions
) -> Offers:
    """Asks the shop: a gift that is put into a basket must be free there, whatever the programme
    says by now, and whoever switched the promotion off a moment ago. Raises ConnectorError."""
    with database.reading() as session:
        keys = _keys(session, workspace_id, installation_id)
    held: dict[str, HeldPromotion] = {}
    for start in range(0, len(keys), PER_READ):
        held |= promotions.read(keys[start : start + PER_READ])
    moved = frozenset(_place_of(key) for key, one in held.items() if one.by_plugin)
    active = (one for one in held.values() if one.is_active and not one.by_plugin)
    natives = {one.key: one.native for one in active}
    with database.reading() as session:
        meant = meanings(session, workspace_id, installation_id, natives)
    offers = (offer_from(rule_of(key), meant[key].promotion) for key in sorted(meant))
    return Offers(
        tuple(offer for offer in offers if offer is not None),
        moved,
        tuple(sorted(natives.keys() - meant.keys())),
    )


def rule_of(key: str) -> str:
    """The gift rule of a promotion with this key."""
    return key.removeprefix(GIFT_PREFIX).partition(":")[0]


def _place_of(key: str) -> tuple[str, str]:
    """Rule and store, which its keys are made of (:func:`bridge.promotions.wanted.prefix_of`)."""
    rule, _, store_id = key.removeprefix(GIFT_PREFIX).partition(":")
    return rule, store_id


def _keys(session: Session, workspace_id: int, installation_id: int) -> Sequence[str]:
    bound = session.scalars(
        select(col(Binding.key)).where(
            col(Binding.workspace_id) == workspace_id,
            col(Binding.installation_id) == installation_id,
            col(Binding.kind) == "promotion",
            col(Binding.key).startswith(GIFT_PREFIX, autoescape=True),
        )
    )
    shown = session.scalars(
        select(col(ShopPromotion.key)).where(
            col(ShopPromotion.workspace_id) == workspace_id,
            col(ShopPromotion.installation_id) == installation_id,
            col(ShopPromotion.key).startswith(GIFT_PREFIX, autoescape=True),
        )
    )
    return sorted({*bound, *shown})
