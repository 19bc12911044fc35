"""Which customers are still to be told, and who is telling them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, bindparam, delete, or_, select, update
from sqlmodel import Session, col

from bridge.balances.models import ShownBalance
from bridge.balances.places import places
from bridge.db import insert_or_ignore
from bridge.members.models import Company, Member, MemberCustomer
from bridge.points.models import Account, Holder

MOST = 500
"""Accounts looked at in one go."""
DEAD_AFTER = 10
"""Refusals in a row."""


@dataclass(frozen=True, slots=True)
class Told:
    """One customer to tell."""

    customer_id: str
    member_id: int
    version: int
    shown: str | None
    attempts: int


@dataclass(frozen=True, slots=True)
class PutBack:
    """One that was not told."""

    told: Told
    reason: str
    not_before: datetime
    counts: bool
    """Against him."""
    shown: str | None
    """What the shop was seen to hold afterwards; ``None``: nobody looked."""


def enqueue(session: Session, workspace_id: int, installation_ids: Sequence[int]) -> int:
    """Makes what changed due in the shops that can show it: in these, and where a plugin holds
    the balances (:mod:`bridge.balances.places`); how many accounts there were."""
    accounts = session.execute(
        select(col(Account.id), col(Account.holder), col(Account.holder_id))
        .where(col(Account.workspace_id) == workspace_id, col(Account.push_due).is_(True))
        .order_by(col(Account.id))
        .limit(MOST)
        .with_for_update(skip_locked=True)
    ).all()
    if not accounts:
        return 0
    members = _people(session, workspace_id, accounts)
    # Read once the accounts are locked: one that changed after a plugin came sees it here.
    able = [*installation_ids, *places(session, workspace_id)]
    _make_due(session, workspace_id, able, members)
    session.execute(
        update(Account)
        .where(
            col(Account.workspace_id) == workspace_id,
            col(Account.id).in_([row.id for row in accounts]),
        )
        .values(push_due=False)
    )
    return len(accounts)


def _people(session: Session, workspace_id: int, accounts: Sequence[Any]) -> list[int]:
    own = [row.holder_id for row in accounts if row.holder == Holder.MEMBER.value]
    companies = [row.holder_id for row in accounts if row.holder == Holder.COMPANY.value]
    if not companies:
        return own
    staff = session.scalars(
        select(col(Member.id))
        .join(Company, col(Company.id) == col(Member.company_id))
        .where(
            col(Member.workspace_id) == workspace_id,
            col(Company.id).in_(companies),
            col(Company.holds_points).is_(True),
        )
    )
    return [*own, *(one for one in staff if one is not None)]


def _make_due(
    session: Session, workspace_id: int, installation_ids: Sequence[int], members: Sequence[int]
) -> None:
    rows = session.execute(
        select(
            col(MemberCustomer.installation_id),
            col(MemberCustomer.customer_id),
            col(MemberCustomer.member_id),
        ).where(
            col(MemberCustomer.workspace_id) == workspace_id,
            col(MemberCustomer.installation_id).in_(installation_ids),
            col(MemberCustomer.member_id).in_(members),
        )
    ).all()
    insert_or_ignore(
        session,
        ShownBalance,
        [
            {
                "installation_id": row.installation_id,
                "customer_id": row.customer_id,
                "workspace_id": workspace_id,
                "member_id": row.member_id,
                "version": 0,
                "is_due": False,
                "attempts": 0,
                "lease_owner": "",
                "error": "",
                "is_dead": False,
            }
            for row in rows
        ],
        ("installation_id", "customer_id"),
    )
    if rows:
        session.connection().execute(
            update(ShownBalance.__table__)  # type: ignore[attr-defined]
            .where(
                col(ShownBalance.installation_id) == bindparam("at"),
                col(ShownBalance.customer_id) == bindparam("who"),
            )
            .values(
                member_id=bindparam("whose"),
                version=col(ShownBalance.version) + 1,
                is_due=True,
                is_dead=False,
            ),
            # In order: two who do so never wait for each other in a circle.
            sorted(
                (
                    {"at": row.installation_id, "who": row.customer_id, "whose": row.member_id}
                    for row in rows
                ),
                key=lambda row: (row["at"], row["who"]),
            ),
        )


def claim(
    session: Session,
    workspace_id: int,
    installation_id: int,
    owner: str,
    now: datetime,
    lease: timedelta,
    size: int,
) -> list[Told]:
    """Leases up to ``size`` due customers: nobody else tells them anything until it ends."""
    rows = session.execute(
        select(
            col(ShownBalance.customer_id),
            col(ShownBalance.member_id),
            col(ShownBalance.version),
            col(ShownBalance.shown),
            col(ShownBalance.attempts),
        )
        .where(
            _here(workspace_id, installation_id),
            col(ShownBalance.is_due).is_(True),
            col(ShownBalance.is_dead).is_(False),
            or_(col(ShownBalance.not_before).is_(None), col(ShownBalance.not_before) <= now),
            or_(col(ShownBalance.lease_until).is_(None), col(ShownBalance.lease_until) <= now),
        )
        .order_by(col(ShownBalance.customer_id))
        .limit(size)
        .with_for_update(skip_locked=True)
    ).all()
    told = [Told(*row) for row in rows]
    session.execute(
        update(ShownBalance)
        .where(
            _here(workspace_id, installation_id),
            col(ShownBalance.customer_id).in_([one.customer_id for one in told]),
        )
        .values(lease_owner=owner, lease_until=now + lease)
    )
    return told


def begin(
    session: Session, workspace_id: int, installation_id: int, customer_ids: Iterable[str]
) -> None:
    """What these are shown is not known until :func:`settle`: a call may have been carried out
    though its answer was lost, or its worker was killed."""
    session.execute(
        update(ShownBalance)
        .where(
            _here(workspace_id, installation_id),
            col(ShownBalance.customer_id).in_(sorted(customer_ids)),
        )
        .values(shown=None)
    )


def is_somebody_due(session: Session, workspace_id: int, installation_id: int) -> bool:
    """Now or later."""
    found = session.scalars(
        select(col(ShownBalance.customer_id))
        .where(
            _here(workspace_id, installation_id),
            col(ShownBalance.is_due).is_(True),
            col(ShownBalance.is_dead).is_(False),
        )
        .limit(1)
    )
    return found.first() is not None


def settle(
    session: Session,
    workspace_id: int,
    installation_id: int,
    owner: str,
    shown: Mapping[str, tuple[int, str]],
    now: datetime,
) -> None:
    """``shown``: by customer, the version and the text that the shop holds now. One that
    changed meanwhile stays due."""
    if not shown:
        return
    session.connection().execute(
        update(ShownBalance.__table__)  # type: ignore[attr-defined]
        .where(
            _here(workspace_id, installation_id),
            col(ShownBalance.customer_id) == bindparam("who"),
            col(ShownBalance.lease_owner) == owner,
        )
        .values(
            shown=bindparam("text"),
            shown_at=now,
            is_due=col(ShownBalance.version) > bindparam("made_for"),
            attempts=0,
            not_before=None,
            error="",
            lease_owner="",
            lease_until=None,
        ),
        [
            {"who": customer_id, "text": text, "made_for": version}
            for customer_id, (version, text) in shown.items()
        ],
    )


def put_back(
    session: Session,
    workspace_id: int,
    installation_id: int,
    owner: str,
    refused: Iterable[PutBack],
) -> None:
    """Customers that were not told."""
    for one in refused:
        attempts = one.told.attempts + one.counts
        session.execute(
            update(ShownBalance)
            .where(
                _here(workspace_id, installation_id),
                col(ShownBalance.customer_id) == one.told.customer_id,
                col(ShownBalance.lease_owner) == owner,
            )
            .values(
                shown=one.shown,
                attempts=attempts,
                not_before=one.not_before,
                error=one.reason,
                is_dead=attempts >= DEAD_AFTER,
                lease_owner="",
                lease_until=None,
            )
        )


def forget(
    session: Session, workspace_id: int, installation_id: int, customer_ids: Sequence[str]
) -> None:
    """Customers that the shop has no more."""
    session.execute(
        delete(ShownBalance).where(
            _here(workspace_id, installation_id), col(ShownBalance.customer_id).in_(customer_ids)
        )
    )


def retry(session: Session, workspace_id: int, installation_id: int | None = None) -> int:
    """Tells the dead ones again; how many."""
    which = [col(ShownBalance.workspace_id) == workspace_id, col(ShownBalance.is_dead).is_(True)]
    if installation_id is not None:
        which.append(col(ShownBalance.installation_id) == installation_id)
    done: Any = session.execute(
        update(ShownBalance).where(*which).values(is_dead=False, attempts=0, not_before=None)
    )
    return int(done.rowcount)


def _here(workspace_id: int, installation_id: int) -> Any:
    return and_(
        col(ShownBalance.workspace_id) == workspace_id,
        col(ShownBalance.installation_id) == installation_id,
    )
