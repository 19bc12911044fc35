"""A last look before a voucher ends: what a worker that died had sent may have come in late."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlmodel import Session, col

from bridge.db import Database
from bridge.vouchers.models import Voucher, VoucherState
from bridge.vouchers.queue import Place
from connectors.rewards import Promotions

PER_LOOK = 200


def look_again(database: Database, place: Place, promotions: Promotions, through: datetime) -> int:
    """Looks into the shop for the codes of vouchers that seem proven to be unused. What is there
    again is taken out again, and proven anew; how many. Raises ConnectorError."""
    with database.reading() as session:
        rows = session.execute(
            select(col(Voucher.id), col(Voucher.code))
            .where(
                col(Voucher.workspace_id) == place.workspace_id,
                col(Voucher.installation_id) == place.installation_id,
                col(Voucher.basket_minor).is_(None),
                col(Voucher.state) == VoucherState.ENDING.value,
                col(Voucher.is_there).is_(False),
                col(Voucher.removed_at) < through,
            )
            .order_by(col(Voucher.id))
        ).all()
    back = 0
    for some in _parts(rows, min(PER_LOOK, promotions.codes_per_call)):
        held = promotions.codes([code for _, code in some])
        again = [id_ for id_, code in some if code in held]
        if again:
            with database.writing() as session:
                _is_back(session, place, again)
        back += len(again)
    return back


def _is_back(session: Session, place: Place, ids: Iterable[int | None]) -> None:
    session.execute(
        update(Voucher)
        .where(
            col(Voucher.workspace_id) == place.workspace_id,
            col(Voucher.id).in_(list(ids)),
            col(Voucher.is_wanted).is_(False),
        )
        .values(is_there=True, removed_at=None, not_before=None)
        .execution_options(synchronize_session=False)
    )


def _parts(
    rows: Sequence[tuple[int | None, str]], size: int
) -> Iterable[Sequence[tuple[int | None, str]]]:
    return (rows[at : at + size] for at in range(0, len(rows), size))
