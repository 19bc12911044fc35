"""Whether a voucher's code works in a store at this moment, as far as the bridge knows. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from bridge.kit.money import from_millionths, from_minor
from bridge.vouchers.models import Ending, Voucher, VoucherState

FOREIGN = (
    "It is no code of the bridge. If the shop's own people made it, the shop may take it; what it "
    "is worth is not known here."
)
_ENDED = {
    Ending.EXPIRED.value: "It has expired",
    Ending.WITHDRAWN.value: "It was withdrawn",
    Ending.EXCHANGED.value: "It was exchanged for another one",
    Ending.CAUSE_GONE.value: "What it was given for was cancelled or returned",
}


@dataclass(frozen=True, slots=True)
class Place:
    installation_id: int
    store_id: str


def obstacle(
    voucher: Voucher | None, place: Place, name_of_its_store: str, orders: str, now: datetime
) -> str:
    """Why the code does not work; empty: nothing the bridge knows stands against it.

    ``orders``: numbers of the orders it was used on, for people.
    """
    if voucher is None:
        return FOREIGN
    if Place(voucher.installation_id, voucher.store_id) != place:
        can_move = voucher.state == VoucherState.OPEN.value and voucher.points
        hint = ": exchange it with `vouchers exchange`" if can_move else ""
        return f"It holds in {name_of_its_store}{hint}."
    if voucher.state == VoucherState.USED.value:
        return f"It was used on order {orders}." if orders else "It was used."
    if voucher.state != VoucherState.OPEN.value:
        return f"{_ENDED.get(voucher.ending, 'It has ended')}."
    if voucher.valid_until is not None and voucher.valid_until <= now:
        return "It has expired, and is about to be taken out of the shop."
    if not voucher.is_there:
        return "It is not in the shop yet: `vouchers list` says why."
    return ""


def worth(voucher: Voucher) -> str:
    """``10.00 EUR``; ``15 %, at most 30.00 EUR``."""
    if voucher.amount_minor is not None:
        return f"{from_minor(voucher.amount_minor, voucher.currency):f} {voucher.currency}"
    percent = f"{from_millionths(voucher.percent_millionths or 0):f} %"
    if voucher.maximum_minor is None:
        return percent
    most = from_minor(voucher.maximum_minor, voucher.currency)
    return f"{percent}, at most {most:f} {voucher.currency}"


def face(voucher: Voucher) -> Decimal:
    return from_minor(voucher.amount_minor or 0, voucher.currency)
