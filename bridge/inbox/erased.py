"""People who were erased, known again by a keyed hash: what a shop still tells of them is let in
without them.

A shop goes on telling of an erased person: old orders are refunded, a pull lists its customers,
whoever has not erased him there yet changes his group. His old orders keep their points right, so
they come in, with nothing on them that says whose they were; the customer himself and what he did
(his points are gone) do not. Once he orders of his own accord after the erasure he is a customer
like any other, and begins anew: what is from before stays without him, however often it is told.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from sqlmodel import Session, col, func, select, update

from bridge.db import insert_or_ignore, upsert
from bridge.kit.emails import folded_email
from bridge.privacy.models import ErasedKey, ErasureSalt
from bridge.programme.models import ProgrammeVersion
from connectors.base import Customer
from connectors.sales import Activity, Order
from connectors.shop_pages import Award

COMPANY = "erased"
"""In place of a company's name: rules that ask for a company at all decide as they did."""
_CHUNK = 400


class CustomerKey(NamedTuple):
    installation_id: int
    customer_id: str


class Since(NamedTuple):
    erased_at: datetime
    back_at: datetime | None
    """``None``: he has not ordered since."""


# -- remembering ----------------------------------------------------------------------------


def remember(
    session: Session,
    workspace_id: int,
    customers: Iterable[CustomerKey],
    emails: Iterable[str],
    now: datetime,
) -> None:
    """Also of who was erased before and came back. ``emails``: folded."""
    salt = _salt(session, workspace_id) or _new_salt(session, workspace_id)
    digests = {
        *(_of_customer(salt, one) for one in customers),
        *(_of_email(salt, one) for one in emails),
    }
    rows = [
        {"workspace_id": workspace_id, "digest": one, "erased_at": now, "back_at": None}
        for one in sorted(digests)
    ]
    upsert(session, ErasedKey, rows)


class Known:
    """Who of these customers and addresses was erased, and when."""

    def __init__(self, salt: str, found: Mapping[str, Since]) -> None:
        self._salt = salt
        self._found = found

    def customer(self, key: CustomerKey) -> Since | None:
        return self._found.get(_of_customer(self._salt, key)) if self._found else None

    def email(self, email: str) -> Since | None:
        if not self._found or not email:
            return None
        return self._found.get(_of_email(self._salt, folded_email(email)))


def known(
    session: Session,
    workspace_id: int,
    customers: Iterable[CustomerKey] = (),
    emails: Iterable[str] = (),
) -> Known:
    """Nothing is asked of a workspace that never erased anybody."""
    salt = _salt(session, workspace_id)
    if salt is None:
        return Known("", {})
    wanted = sorted(
        {_of_customer(salt, one) for one in customers}
        | {_of_email(salt, folded_email(one)) for one in emails if one}
    )
    found: dict[str, Since] = {}
    for start in range(0, len(wanted), _CHUNK):
        rows = session.exec(
            select(ErasedKey.digest, ErasedKey.erased_at, ErasedKey.back_at).where(
                col(ErasedKey.workspace_id) == workspace_id,
                col(ErasedKey.digest).in_(wanted[start : start + _CHUNK]),
            )
        )
        found |= {digest: Since(erased_at, back_at) for digest, erased_at, back_at in rows}
    return Known(salt, found)


def is_erased(session: Session, workspace_id: int, emails: Iterable[str]) -> bool:
    """Whether one of these addresses was erased: who comes back by it is no new customer."""
    wanted = list(emails)
    found = known(session, workspace_id, (), wanted)
    return any(found.email(one) is not None for one in wanted)


def not_erased(
    session: Session, workspace_id: int, installation_id: int, customer_ids: Sequence[str]
) -> tuple[str, ...]:
    """Those of these customers who may be spoken of."""
    keys = {one: CustomerKey(installation_id, one) for one in customer_ids}
    found = known(session, workspace_id, keys.values())
    since = {one: found.customer(key) for one, key in keys.items()}
    return tuple(one for one in customer_ids if (told := since[one]) is None or told.back_at)


# -- letting in -----------------------------------------------------------------------------


Told = Order | Customer | Activity | Award


def let_in(
    session: Session,
    workspace_id: int,
    installation_id: int,
    told: Sequence[Told],
    *,
    notes: bool = True,
) -> list[Told | None]:
    """What may be stored of each, in their order; ``None``: nothing. Who ordered since is noted as
    back, if it ``notes``; else nothing is written."""
    found = known(
        session,
        workspace_id,
        (key for one in told if (key := _customer_of(installation_id, one)) is not None),
        (_email_of(one) for one in told),
    )
    result: list[Told | None] = []
    back: list[tuple[CustomerKey | None, Order]] = []
    for one in told:
        key = _customer_of(installation_id, one)
        since = (found.customer(key) if key else None) or _by_address(found, one)
        if since is None:
            result.append(one)
        elif not isinstance(one, Order):
            result.append(one if _is_since(one, since) else None)
        elif one.placed_at > since.erased_at:
            result.append(one)
            if since.back_at is None:
                back.append((key, one))
        else:
            result.append(nameless(session, workspace_id, one))
    if back and notes:
        _note_back(session, workspace_id, back)
    return result


def _is_since(one: Customer | Activity | Award, since: Since) -> bool:
    """What he did before he was erased stays forgotten, also when he is back."""
    if since.back_at is None:
        return False
    return isinstance(one, Customer) or one.at > since.erased_at


def nameless(session: Session, workspace_id: int, order: Order) -> Order:
    """The order as it is kept of somebody who was erased."""
    company = order.company
    if company and not is_named(session, workspace_id, company):
        company = COMPANY
    return replace(order, customer_id="", email="", vat_id="", company=company)


def is_named(session: Session, workspace_id: int, company: str) -> bool:
    """Whether a version of the programme names this company: then its rules ask for it, and it
    is the merchant's word rather than the person's."""
    return bool(
        session.exec(
            select(func.count())
            .select_from(ProgrammeVersion)
            .where(
                col(ProgrammeVersion.workspace_id) == workspace_id,
                col(ProgrammeVersion.document).icontains(company, autoescape=True),
            )
        ).one()
    )


def _customer_of(installation_id: int, one: Told) -> CustomerKey | None:
    customer_id = one.id if isinstance(one, Customer) else one.customer_id
    return CustomerKey(installation_id, customer_id) if customer_id else None


def _by_address(found: Known, one: Told) -> Since | None:
    """Of who has no account there: a customer is known by his id, since somebody new may have
    the address now."""
    has_account = isinstance(one, Customer) or bool(one.customer_id)
    return None if has_account else found.email(_email_of(one))


def _email_of(one: Told) -> str:
    """An award names a customer alone."""
    return "" if isinstance(one, Award) else one.email


def _note_back(
    session: Session, workspace_id: int, back: Iterable[tuple[CustomerKey | None, Order]]
) -> None:
    salt = _salt(session, workspace_id)
    assert salt is not None, "somebody was found by it"
    first: dict[str, datetime] = {}
    for key, order in back:
        digest = _of_customer(salt, key) if key else _of_email(salt, folded_email(order.email))
        first[digest] = min(order.placed_at, first.get(digest, order.placed_at))
    for digest, at in sorted(first.items()):
        session.exec(
            update(ErasedKey)
            .where(
                col(ErasedKey.workspace_id) == workspace_id,
                col(ErasedKey.digest) == digest,
                col(ErasedKey.back_at).is_(None),
            )
            .values(back_at=at)
        )


# -- hashes ---------------------------------------------------------------------------------


def _salt(session: Session, workspace_id: int) -> str | None:
    return session.exec(
        select(ErasureSalt.salt).where(col(ErasureSalt.workspace_id) == workspace_id)
    ).first()


def _new_salt(session: Session, workspace_id: int) -> str:
    row = {"workspace_id": workspace_id, "salt": secrets.token_hex(32)}
    insert_or_ignore(session, ErasureSalt, [row], ("workspace_id",))
    found = _salt(session, workspace_id)
    assert found is not None, "it was there, or was written"
    return found


def _of_customer(salt: str, key: CustomerKey) -> str:
    return _hashed(salt, f"customer/{key.installation_id}/{key.customer_id}")


def _of_email(salt: str, email: str) -> str:
    return _hashed(salt, f"email/{email}")


def _hashed(salt: str, text: str) -> str:
    return hmac.new(bytes.fromhex(salt), text.encode(), hashlib.sha256).hexdigest()
