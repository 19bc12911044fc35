"""What the book must say of a used voucher: computed from its uses, the difference posted."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from sqlmodel import Session

from bridge.earning.batch import Version, versions
from bridge.points.book import Book
from bridge.points.paying import settle
from bridge.programme.points import Debt
from bridge.vouchers.charging import GivingBack, Use, basket_points_kept, points_kept
from bridge.vouchers.models import Voucher
from bridge.vouchers.redeeming import cause_of


class Policies:
    """What the programme said when a voucher was issued. Read once for many."""

    def __init__(self, session: Session, workspace_id: int) -> None:
        self._versions = versions(session, workspace_id)

    def giving_back(self, voucher: Voucher) -> GivingBack:
        version = self._of(voucher)
        return GivingBack.of(version.programme.redemption if version else None)

    def forgives(self, voucher: Voucher) -> bool:
        """Whether points that are missing are let go rather than owed. Never for points in the
        basket: until the bridge has seen an order, the next basket takes them off once more."""
        if voucher.is_for_basket:
            return False
        version = self._of(voucher)
        points = version.programme.points if version else None
        return points is not None and points.debt is Debt.FORGIVE

    def share(self, voucher: Voucher) -> Decimal | None:
        """How much of an order it may pay, in percent; ``None``: all of it."""
        version = self._of(voucher)
        redemption = version.programme.redemption if version else None
        return redemption.of_order if redemption else None

    def _of(self, voucher: Voucher) -> Version | None:
        for version in self._versions.known:
            if version.number == voucher.programme_number:
                return version
        return self._versions.newest


def settle_voucher(book: Book, voucher: Voucher, uses: Sequence[Use], policies: Policies) -> int:
    """Makes a used voucher cost what its uses say; by how many points the cost grew. Its account
    is locked by :func:`bridge.vouchers.holding.lock_vouchers`."""
    if not voucher.points or voucher.account_id is None:
        return 0
    account = book.lock([voucher.account_id])[voucher.account_id]
    points = kept_of(voucher, uses, policies)
    cause = cause_of(voucher, book.now, voucher.programme_number)
    return settle(book, account, points, cause, forgive=policies.forgives(voucher))


def kept_of(voucher: Voucher, uses: Sequence[Use], policies: Policies) -> int:
    """What its uses cost in the end, by what the programme said when it was issued."""
    policy = policies.giving_back(voucher)
    if voucher.is_for_basket:
        return basket_points_kept(voucher.points, voucher.amount_minor or 1, uses, policy)
    return points_kept(voucher.points, uses, policy)
