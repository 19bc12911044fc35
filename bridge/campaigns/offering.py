"""A voucher that the programme offers, as one store says it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from bridge.kit.calendar import day_of
from bridge.programme.document import Programme
from bridge.programme.giving import VoucherOffer
from bridge.vouchers.issuing import NewVoucher
from bridge.vouchers.models import VoucherKind
from bridge.vouchers.rules import in_currency, valid_until
from bridge.vouchers.stores import StorePlace
from connectors.base import Basis

_LABEL = "Voucher"


@dataclass(frozen=True, slots=True)
class Offered:
    """A voucher offer as one store says it."""

    offer: VoucherOffer
    programme: Programme
    store: StorePlace
    now: datetime

    def voucher(
        self,
        kind: VoucherKind,
        rule: str,
        source_kind: str,
        source_id: str,
        member_id: int,
        number: int,
        *,
        amount: Decimal | None = None,
        first_order_only: bool = False,
    ) -> NewVoucher:
        """``amount``: in the store's currency; by default what the offer says."""
        give = self.offer.give
        zone = ZoneInfo(self.programme.timezone)
        return NewVoucher(
            kind,
            source_kind,
            source_id,
            self.store,
            rule,
            amount=self._money(give.amount) if amount is None else amount,
            percent=give.percent,
            maximum=self._money(give.maximum) if give.percent is not None else None,
            member_id=member_id,
            basket=self._money(self.offer.basket),
            basket_is_gross=self.programme.prices_are is Basis.GROSS,
            valid_until=valid_until(self.offer.valid, self.now, zone),
            zone=zone,
            label=self.offer.label or _LABEL,
            first_order_only=first_order_only,
            programme_number=number,
        )

    def _money(self, value: Decimal | None) -> Decimal | None:
        return None if value is None else in_store(value, self.programme, self.store, self.now)


def in_store(value: Decimal, programme: Programme, store: StorePlace, moment: datetime) -> Decimal:
    """An amount of the programme in the store's currency, by the rate of that day. Raises
    MissingVoucherRate, and NotRedeemable for an amount that is nothing there."""
    day = day_of(moment, ZoneInfo(programme.timezone))
    return in_currency(value, programme.currency, store.currency, programme.rates, day)


def offered(offer: VoucherOffer, programme: Programme, store: StorePlace, now: datetime) -> Offered:
    """Raises BridgeError when its amounts cannot be said in the store's currency."""
    found = Offered(offer, programme, store, now)
    found.voucher(VoucherKind.CAMPAIGN, "", "", "", 0, 0)
    return found
