"""Whose vouchers are, as far as a shop that guards codes can be told: his accounts there, or his
address."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from bridge.members.models import Company, Member, MemberCustomer, MemberEmail
from bridge.points.models import Account, Holder
from bridge.vouchers.models import Voucher, VoucherOwner
from bridge.vouchers.queue import Place
from connectors.plugins import Owner

_CHUNK = 500
_NOBODY = Owner(customer_ids=("0",))
"""Neither a customer of this shop nor an address: it waits until he is known."""


@dataclass(frozen=True, slots=True)
class OwnedCode:
    id: int
    code: str
    owner: Owner
    before: tuple[str, ...] = ()
    """Customers that the shop was told last."""


def untold(session: Session, place: Place, voucher_ids: Sequence[int]) -> list[OwnedCode]:
    """Those of which the shop was told nothing, or something else than holds now."""
    rows = session.execute(
        select(
            col(Voucher.id),
            col(Voucher.code),
            col(Voucher.member_id),
            col(Voucher.email),
            col(Voucher.account_id),
            col(VoucherOwner.told),
            col(VoucherOwner.customers),
        )
        .outerjoin(VoucherOwner, col(VoucherOwner.voucher_id) == col(Voucher.id))
        .where(*here(Voucher, place), col(Voucher.id).in_(voucher_ids))
        .order_by(col(Voucher.id))
    ).all()
    staff = _staff(session, place, {row.account_id for row in rows if row.account_id})
    people = {row.id: staff.get(row.account_id) or {row.member_id} - {None} for row in rows}
    everybody = {one for many in people.values() for one in many}
    customers = _customers(session, place, everybody)
    addresses = _addresses(session, place, everybody)
    found = []
    for row in rows:
        owner = _owner(people[row.id], row.member_id, row.email, customers, addresses)
        if mark_of(owner) != row.told:
            found.append(OwnedCode(row.id, row.code, owner, listed(row.customers)))
    return found


def mark_of(owner: Owner) -> str:
    """The same for the same owner, and nothing that tells who he is."""
    text = json.dumps([owner.customer_ids, owner.email])
    return hashlib.sha256(text.encode()).hexdigest()


def listed(customers: str | None) -> tuple[str, ...]:
    return tuple(json.loads(customers)) if customers else ()


def _owner(
    members: Iterable[int],
    member_id: int | None,
    email: str,
    customers: Mapping[int, Sequence[str]],
    addresses: Mapping[int, str],
) -> Owner:
    ids = sorted({one for member in members for one in customers.get(member, ())})
    if ids:
        return Owner(customer_ids=tuple(ids))
    if member_id is None:
        return Owner(email=email)
    address = addresses.get(member_id, "")
    return Owner(email=address) if address else _NOBODY


def _staff(session: Session, place: Place, accounts: Iterable[int]) -> dict[int, set[int]]:
    """The members of companies that hold their points together, by account."""
    rows = session.execute(
        select(col(Account.id), col(Member.id))
        .join(Company, col(Company.id) == col(Account.holder_id))
        .join(Member, col(Member.company_id) == col(Company.id))
        .where(
            col(Account.workspace_id) == place.workspace_id,
            col(Account.id).in_(sorted(accounts)),
            col(Account.holder) == Holder.COMPANY.value,
            col(Company.holds_points).is_(True),
            col(Member.merged_into).is_(None),
        )
    )
    found: defaultdict[int, set[int]] = defaultdict(set)
    for account_id, member_id in rows:
        found[account_id].add(member_id)
    return dict(found)


def _customers(session: Session, place: Place, members: Iterable[int]) -> dict[int, list[str]]:
    found: defaultdict[int, list[str]] = defaultdict(list)
    wanted = sorted(members)
    for some in (wanted[start : start + _CHUNK] for start in range(0, len(wanted), _CHUNK)):
        rows = session.execute(
            select(col(MemberCustomer.member_id), col(MemberCustomer.customer_id)).where(
                *here(MemberCustomer, place), col(MemberCustomer.member_id).in_(some)
            )
        )
        for member_id, customer_id in rows:
            found[member_id].append(customer_id)
    return dict(found)


def _addresses(session: Session, place: Place, members: Iterable[int]) -> dict[int, str]:
    """A confirmed one, if there is; of several the first by the alphabet."""
    found: dict[int, str] = {}
    wanted = sorted(members)
    for some in (wanted[start : start + _CHUNK] for start in range(0, len(wanted), _CHUNK)):
        rows = session.execute(
            select(col(MemberEmail.member_id), col(MemberEmail.email))
            .where(
                col(MemberEmail.workspace_id) == place.workspace_id,
                col(MemberEmail.member_id).in_(some),
            )
            .order_by(col(MemberEmail.is_confirmed).desc(), col(MemberEmail.email))
        )
        for member_id, email in rows:
            found.setdefault(member_id, email)
    return found


def here(table: Any, place: Place) -> tuple[Any, ...]:
    return (
        col(table.workspace_id) == place.workspace_id,
        col(table.installation_id) == place.installation_id,
    )
