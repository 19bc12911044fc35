"""What states and kinds are called on the pages of members."""

from __future__ import annotations

from bridge.kit.money import from_millionths, from_minor
from bridge.rewards.models import FulfilmentState
from bridge.vouchers.models import Voucher, VoucherKind, VoucherState
from bridge.web.speaking import _, lazy, speech

STATES = {
    VoucherState.OPEN: lazy("open"),
    VoucherState.USED: lazy("used"),
    VoucherState.ENDING: lazy("ending"),
    VoucherState.ENDED: lazy("ended"),
}
KINDS = {
    VoucherKind.POINTS: lazy("for points"),
    VoucherKind.CASHBACK: lazy("cashback"),
    VoucherKind.NEXT_PURCHASE: lazy("for the next purchase"),
    VoucherKind.CAMPAIGN: lazy("of a campaign"),
    VoucherKind.FRIEND: lazy("for a friend"),
    VoucherKind.REFERRER: lazy("thanks for a referral"),
}
CLAIM_STATES = {
    FulfilmentState.OPEN: lazy("to be provided"),
    FulfilmentState.FULFILLED: lazy("provided"),
    FulfilmentState.CANCELLED: lazy("cancelled"),
}
LINKED = {
    "email": lazy("by his address"),
    "new": lazy("as the first"),
    "unconfirmed": lazy("for the time being"),
    "order": lazy("known from an order"),
}
"""How a customer came to his member; what is not here are a person's words."""


def worth(voucher: Voucher) -> str:
    """``€10.00``; ``15%, at most €30.00``."""
    if voucher.amount_minor is not None:
        return _money(voucher.amount_minor, voucher.currency)
    percent = speech().percent(from_millionths(voucher.percent_millionths or 0) / 100, 2)
    if voucher.maximum_minor is None:
        return percent
    most = _money(voucher.maximum_minor, voucher.currency)
    return _("%(percent)s, at most %(most)s", percent=percent, most=most)


def standing_of(voucher: Voucher) -> tuple[str, str]:
    """What one can do with it now, and a colour for it."""
    if voucher.state == VoucherState.USED:
        return _("used"), "secondary"
    if voucher.state == VoucherState.ENDED:
        return _("ended unused"), "secondary"
    if voucher.state == VoucherState.ENDING:
        return _("being taken back"), "yellow"
    if voucher.is_there and voucher.is_for_basket:
        return _("in the basket"), "green"
    if voucher.is_there:
        return _("can be used"), "green"
    return _("on its way to the store"), "blue"


def _money(minor: int, currency: str) -> str:
    return speech().money(from_minor(minor, currency), currency)
