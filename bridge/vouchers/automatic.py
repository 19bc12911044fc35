"""Every full so many points become a voucher by themselves, where the programme says so.

Once a person withdrew such a voucher, only what is earned since then does: see
:mod:`bridge.vouchers.automatic_withdrawn`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session, col

from bridge.db import Database
from bridge.kit.clock import Clock
from bridge.kit.encryption import KeyRing
from bridge.kit.errors import BridgeError
from bridge.members.holding import account_holder
from bridge.members.joining import takes_part
from bridge.members.meant import NO_QUALITIES, is_meant
from bridge.members.models import Company, Member
from bridge.members.qualities import qualities_of
from bridge.members.standing import locked
from bridge.orders.models import HandledOrder
from bridge.points.book import Book, NotEnoughPoints
from bridge.points.models import Account, Holder
from bridge.programme.document import Programme
from bridge.programme.rewards import Redemption
from bridge.vouchers.automatic_withdrawn import AUTOMATIC, due_after_withdrawal
from bridge.vouchers.codes import workspace_secret
from bridge.vouchers.models import Voucher, VoucherKind
from bridge.vouchers.redeeming import Request, redeem, redemption_at
from bridge.vouchers.rules import NotRedeemable
from bridge.vouchers.stores import StorePlace, UnknownStore, store_named, stores_of

_TOGETHER = 200
_MOST_EACH = 50
"""Vouchers of one account at a time."""
_LAST_ORDERS = 20
"""Among so many of a member's last orders a store is looked for."""


@dataclass(frozen=True, slots=True)
class Made:
    vouchers: int = 0
    problems: tuple[str, ...] = ()
    """What kept some from becoming vouchers, each once."""


@dataclass(frozen=True, slots=True)
class _Wallet:
    account_id: int
    member_id: int
    """Whose voucher it becomes; of a company, of whoever of its people bought last."""
    store: StorePlace
    most: int
    """What a person withdraws from now on is not among it."""
    was_withdrawn: bool
    """Whether a person withdrew one of the account's before."""


def make_automatic(
    database: Database, workspace_id: int, keys: Callable[[], KeyRing], clock: Clock
) -> Made:
    """One unit of work each. Repeating it changes nothing; several may do it at once."""
    now = clock()
    with database.writing() as session:
        try:
            version, redemption = redemption_at(session, workspace_id, now)
        except NotRedeemable:
            return Made()
        if redemption.automatic is None:
            return Made()
        secret = workspace_secret(session, workspace_id, keys, now)
    points = redemption.automatic.points
    made, problems = 0, dict[str, None]()
    for wallet in _wallets(database, workspace_id, version.programme, redemption, points, now):
        try:
            made += _empty(database, workspace_id, secret, wallet, points, clock)
        except BridgeError as error:
            problems[f"Points become no vouchers in {wallet.store.name}: {error}"] = None
    return Made(made, tuple(problems))


def _empty(
    database: Database,
    workspace_id: int,
    secret: bytes,
    wallet: _Wallet,
    points: int,
    clock: Clock,
) -> int:
    for made in range(wallet.most):
        with database.writing() as session:
            if wallet.was_withdrawn and not _is_due(session, workspace_id, wallet, points, clock()):
                return made
            # Whoever counts the same at this moment asks for the same voucher.
            number = _made_before(session, workspace_id, wallet.account_id) + 1
            request = Request(
                wallet.member_id,
                points,
                wallet.store,
                f"{wallet.account_id}/{number}",
                AUTOMATIC,
            )
            try:
                redeem(session, workspace_id, secret, request, clock())
            except NotEnoughPoints:
                return made
    return wallet.most


def _is_due(
    session: Session, workspace_id: int, wallet: _Wallet, points: int, now: datetime
) -> bool:
    """Under the locks that :func:`bridge.vouchers.redeeming.redeem` takes, so that two who ask at
    once do not both make the last one."""
    holder = account_holder(session, locked(session, workspace_id, wallet.member_id))
    Book(session, workspace_id, now).open([holder])
    due = due_after_withdrawal(session, workspace_id, [wallet.account_id], points, now)
    return due.get(wallet.account_id, 0) > 0


def _made_before(session: Session, workspace_id: int, account_id: int) -> int:
    return int(
        session.execute(
            select(func.count()).where(
                col(Voucher.workspace_id) == workspace_id,
                col(Voucher.kind) == VoucherKind.POINTS.value,
                col(Voucher.rule) == "",
                col(Voucher.source_kind) == AUTOMATIC,
                col(Voucher.source_id).like(f"{account_id}/%"),
            )
        ).scalar_one()
    )


# -- whose ----------------------------------------------------------------------------------


def _wallets(
    database: Database,
    workspace_id: int,
    programme: Programme,
    redemption: Redemption,
    points: int,
    now: datetime,
) -> Iterator[_Wallet]:
    last = 0
    while True:
        with database.reading() as session:
            rows = session.execute(
                select(
                    col(Account.id),
                    col(Account.holder),
                    col(Account.holder_id),
                    col(Account.available),
                )
                .where(
                    col(Account.workspace_id) == workspace_id,
                    col(Account.id) > last,
                    col(Account.available) >= points,
                )
                .order_by(col(Account.id))
                .limit(_TOGETHER)
            ).all()
            due = due_after_withdrawal(session, workspace_id, [row.id for row in rows], points, now)
            people = _people(session, workspace_id, rows)
            meant = _meant(session, workspace_id, programme, redemption, people, now)
            found = [
                _Wallet(row.id, member_id, store, most, row.id in due)
                for row in rows
                if (most := min(_MOST_EACH, row.available // points, due.get(row.id, _MOST_EACH)))
                if (theirs := [one for one in people.get(row.id, ()) if one in meant])
                if (place := _place(session, workspace_id, redemption, theirs)) is not None
                for member_id, store in (place,)
            ]
        yield from found
        if len(rows) < _TOGETHER:
            return
        last = rows[-1].id


def _people(session: Session, workspace_id: int, rows: Sequence[Any]) -> dict[int, list[int]]:
    """Members by account: its holder, or all of the company that holds it."""
    found: dict[int, list[int]] = {}
    firms: dict[int, int] = {}
    members: dict[int, int] = {}
    for row in rows:
        (firms if row.holder == Holder.COMPANY.value else members)[row.holder_id] = row.id
    present = select(col(Member.id), col(Member.company_id)).where(
        col(Member.workspace_id) == workspace_id, col(Member.merged_into).is_(None)
    )
    alone = present.outerjoin(Company, col(Company.id) == col(Member.company_id)).where(
        col(Member.id).in_(sorted(members)),
        func.coalesce(col(Company.holds_points), False).is_(False),
    )
    for member_id, _ in session.execute(alone):
        found[members[member_id]] = [member_id]
    together = present.join(Company, col(Company.id) == col(Member.company_id)).where(
        col(Member.company_id).in_(sorted(firms)), col(Company.holds_points).is_(True)
    )
    for member_id, company_id in session.execute(together):
        found.setdefault(firms[company_id], []).append(member_id)
    return found


def _meant(
    session: Session,
    workspace_id: int,
    programme: Programme,
    redemption: Redemption,
    people: Mapping[int, Sequence[int]],
    now: datetime,
) -> set[int]:
    everyone = {one for some in people.values() for one in some}
    part = takes_part(session, workspace_id, everyone, now)
    if redemption.when is None:
        return part
    known = qualities_of(session, workspace_id, programme, part)
    return {one for one in part if is_meant(redemption.when, known.get(one, NO_QUALITIES))}


def _place(
    session: Session, workspace_id: int, redemption: Redemption, members: Sequence[int]
) -> tuple[int, StorePlace] | None:
    """Whose it becomes and where; ``None``: nobody bought where points become vouchers."""
    rows = session.execute(
        select(
            col(HandledOrder.member_id),
            col(HandledOrder.installation_id),
            col(HandledOrder.store_id),
        )
        .where(
            col(HandledOrder.workspace_id) == workspace_id,
            col(HandledOrder.member_id).in_(members),
        )
        .order_by(col(HandledOrder.placed_at).desc(), col(HandledOrder.order_id))
        .limit(_LAST_ORDERS)
    ).all()
    named = redemption.automatic.store if redemption.automatic else None
    if named is not None:
        try:
            store = store_named(session, workspace_id, named)
        except UnknownStore:
            return None
        return (rows[0].member_id if rows else min(members)), store
    places = {(one.installation_id, one.store_id): one for one in stores_of(session, workspace_id)}
    for member_id, installation_id, store_id in rows:
        found = places.get((installation_id, store_id))
        if found is not None and redemption.holds_in(found.installation, found.code):
            return member_id, found
    return None
