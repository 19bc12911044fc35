"""Vouchers that some shops cannot make, to be tried before anybody is promised one. Pure.

A voucher is made when a member is to have it: too late to find out that his shop has no such
promotion. What every shop can say (an amount, a plain percentage) needs no trial.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from bridge.programme.document import Programme
from bridge.programme.giving import Give
from bridge.programme.kinds import Stores
from connectors.base import Store
from connectors.rewards import Discount, Promotion, PromotionKind

_SOME = Decimal(1)


@dataclass(frozen=True, slots=True)
class Sample:
    """A promotion as the vouchers of this rule would hang on; it is never written."""

    source: str
    """The rule, as the programme writes it: ``campaigns.welcome``."""
    store: str
    """The store's code."""
    promotion: Promotion


def samples(programme: Programme, installation: str, stores: Sequence[Store]) -> tuple[Sample, ...]:
    """One for each rule and store that is to be tried."""
    return tuple(
        Sample(source, store.code, _promotion(source, store, give))
        for source, give, names in _offers(programme)
        if give.percent is not None and give.maximum is not None
        for store in stores
        if not names or {installation, f"{installation}/{store.code}"} & {*names}
    )


def _offers(programme: Programme) -> Iterator[tuple[str, Give, Stores]]:
    for key, after in programme.next_purchase.items():
        yield f"next_purchase.{key}", after.give, after.stores
    for key, campaign in programme.campaigns.items():
        if campaign.occasion not in ("instant", "together"):
            yield f"campaigns.{key}", campaign.give, campaign.stores
    if programme.referrals is not None:
        yield "referrals.friend", programme.referrals.friend.give, programme.referrals.stores
        yield "referrals.referrer", programme.referrals.referrer, ()


def _promotion(source: str, store: Store, give: Give) -> Promotion:
    return Promotion(
        key=f"sample:{source}",
        kind=PromotionKind.CODES,
        name=source,
        label=source,
        store_id=store.id,
        currency=store.currency,
        discount=Discount(percent=give.percent, maximum=_SOME),
    )
