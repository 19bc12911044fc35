"""What of vouchers, campaigns, gifts, referrals, the catalogue and joining can only be judged
with the whole programme in view. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from bridge.kit.money import exponent
from bridge.programme.amounts import decimals
from bridge.programme.document import Programme
from bridge.programme.giving import Give, Offer, VoucherOffer, Who
from bridge.programme.issues import Fault, Loc, unknown
from connectors.sentences import sentence


def rewards_faults(programme: Programme) -> list[Fault]:
    """Everything that is wrong between these sections and the others."""
    return [*_who_faults(programme), *_money_faults(programme)]


def offers(programme: Programme) -> Iterator[tuple[Loc, Offer]]:
    """Everything that is offered under conditions, and where it is written."""
    if programme.redemption is not None:
        yield ("redemption",), programme.redemption
    if programme.referrals is not None:
        yield ("referrals", "friend"), programme.referrals.friend
    for section in ("next_purchase", "campaigns", "gifts", "partners", "rewards"):
        for key, offer in getattr(programme, section).items():
            yield (section, key), offer


def stores_named(programme: Programme) -> Iterator[tuple[Loc, str]]:
    """Stores that these sections name."""
    for loc, offer in offers(programme):
        for position, name in enumerate(offer.stores):
            yield (*loc, "stores", position), name
    if programme.referrals is not None:
        for position, name in enumerate(programme.referrals.stores):
            yield ("referrals", "stores", position), name
    automatic = programme.redemption.automatic if programme.redemption else None
    if automatic is not None and automatic.store is not None:
        yield ("redemption", "automatic", "store"), automatic.store


def skus_named(programme: Programme) -> Iterator[tuple[Loc, str, Offer | None]]:
    """SKUs that these sections name, and the offer that says in which stores; ``None``:
    everywhere."""
    for key, gift in programme.gifts.items():
        yield ("gifts", key, "sku"), gift.sku, gift
    for key, campaign in programme.campaigns.items():
        for position, sku in enumerate(campaign.together):
            yield ("campaigns", key, "together", position), sku, campaign
    if programme.joining is not None and programme.joining.product is not None:
        yield ("joining", "product", "sku"), programme.joining.product.sku, None


def conditions(programme: Programme) -> Iterator[tuple[Loc, Who]]:
    """Conditions on members, and where they are written."""
    for loc, offer in offers(programme):
        if offer.when is not None:
            yield (*loc, "when"), offer.when
    if programme.joining is not None and programme.joining.when is not None:
        yield ("joining", "when"), programme.joining.when


# --- who -----------------------------------------------------------------------------------


def _who_faults(programme: Programme) -> Iterator[Fault]:
    for loc, who in conditions(programme):
        for position, name in enumerate(who.segment):
            if name not in programme.segments:
                yield unknown((*loc, "segment", position), "segment", name, programme.segments)
        for position, name in enumerate(who.tier):
            if name not in programme.tiers:
                yield unknown((*loc, "tier", position), "tier", name, programme.tiers)


# --- money ---------------------------------------------------------------------------------


def _money_faults(programme: Programme) -> Iterator[Fault]:
    """Vouchers are worth whole cents."""
    most = exponent(programme.currency)
    for loc, value in _faces(programme):
        if decimals(value) > most:
            yield Fault(
                loc,
                sentence(
                    "%(value)s is no amount of %(currency)s, which has %(part)s decimals: write a "
                    "whole number of its smallest units",
                    value=value,
                    currency=programme.currency,
                    part=most or "no",
                ),
            )


def _faces(programme: Programme) -> Iterator[tuple[Loc, Decimal]]:
    redemption = programme.redemption
    if redemption is not None:
        for name in ("step", "minimum", "maximum"):
            value = getattr(redemption, name)
            if value is not None:
                yield ("redemption", name), value
        for position, value in enumerate(redemption.values):
            yield ("redemption", "values", position), value
    for loc, offer in offers(programme):
        if isinstance(offer, VoucherOffer):
            yield from _of_give((*loc, "give"), offer.give)
            if offer.basket is not None:
                yield (*loc, "basket"), offer.basket
    for key, gift in programme.gifts.items():
        yield ("gifts", key, "basket"), gift.basket
    if programme.referrals is not None:
        yield from _of_give(("referrals", "referrer"), programme.referrals.referrer)


def _of_give(loc: Loc, give: Give) -> Iterator[tuple[Loc, Decimal]]:
    for name in ("amount", "maximum"):
        value = getattr(give, name)
        if value is not None:
            yield (*loc, name), value
