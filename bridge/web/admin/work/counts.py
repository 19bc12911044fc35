"""How much waits for a person: counted with every page, so each count stops soon."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlmodel import Session, col

from bridge.balances.models import ShownBalance
from bridge.inbox.models import InboxRow
from bridge.inbox.review import FAILED
from bridge.letters.models import Letter, LetterState
from bridge.outbox.models import Delivery, DeliveryState
from bridge.vouchers.models import Voucher, VoucherPool

MOST = 100
"""Nobody reads how many more there are."""
STUCK = (DeliveryState.DEAD.value, DeliveryState.CONFLICT.value)


@dataclass(frozen=True, slots=True)
class Counts:
    """Each up to :data:`MOST`."""

    inbox: int
    deliveries: int
    balances: int
    vouchers: int
    letters: int

    @property
    def total(self) -> int:
        return self.inbox + self.deliveries + self.balances + self.vouchers + self.letters


def counts(session: Session, workspace_id: int) -> Counts:
    mine = col(VoucherPool.workspace_id) == workspace_id
    changed = col(VoucherPool.found).is_not(None), col(VoucherPool.is_wanted).is_(True)
    return Counts(
        _some(session, InboxRow, workspace_id, col(InboxRow.state).in_(FAILED)),
        _some(session, Delivery, workspace_id, col(Delivery.state).in_(STUCK)),
        _some(session, ShownBalance, workspace_id, col(ShownBalance.is_dead).is_(True)),
        _some(session, Voucher, workspace_id, col(Voucher.is_dead).is_(True))
        + _some(session, VoucherPool, workspace_id, mine, col(VoucherPool.is_dead).is_(True))
        + _some(session, VoucherPool, workspace_id, mine, *changed),
        _some(session, Letter, workspace_id, col(Letter.state) == LetterState.FAILED.value),
    )


def stuck(session: Session, workspace_id: int) -> int:
    """All of it together, for the menu."""
    return counts(session, workspace_id).total


def _some(session: Session, table: Any, workspace_id: int, *conditions: ColumnElement[bool]) -> int:
    few = (
        select(col(table.workspace_id))
        .where(col(table.workspace_id) == workspace_id, *conditions)
        .limit(MOST)
        .subquery()
    )
    return int(session.execute(select(func.count()).select_from(few)).scalar_one())
