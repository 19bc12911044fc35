"""People who were erased, known again by a keyed hash: what a shop still tells of them is let in
without them.

A shop goes on telling of an erased person: old orders are refunded, a pull lists its customers,
whoever has not erased him there yet changes his group. His old orders keep their points right, so
they come in, with nothing on them that says whose they were; the customer himself and what he did
(his points are gone) do not. What he does of his own accord after the erasure (an order placed
later) makes him a customer like any other: the hash is forgotten then, and he begins anew.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from sqlmodel import Session, col, delete, func, select

from bridge.db import insert_or_ignore
from bridge.kit.emails import folded_email
from bridge.privacy.models import ErasedKey, ErasureSalt
from bridge.programme.models import ProgrammeVersion
from connectors.base import Customer
from connectors.sales import Activity, Order

COMPANY = "erased"
"""In place of a company's name: rules that ask for a company at all decide as they did."""
_CHUNK = 400


class CustomerKey(NamedTuple):
    installation_id: int
    customer_id: str


# -- remembering ----------------------------------------------------------------------------


def remember(
    session: Session,
    workspace_id: int,
    customers: Iterable[CustomerKey],
    emails: Iterable[str],
    now: datetime,
) -> None:
    """Told again, it changes nothing. ``emails``: folded."""
    salt = _salt(session, workspace_id) or _new_salt(session, workspace_id)
    digests = {
        *(_of_customer(salt, one) for one in customers),
        *(_of_email(salt, one) for one in emails),
    }
    rows = [
        {"workspace_id": workspace_id, "digest": one, "erased_at": now} for one in sorted(digests)
    ]
    insert_or_ignore(session, ErasedKey, rows, ("workspace_id", "digest"))


class Known:
    """Who of these customers and addresses was erased, and when."""

    def __init__(self, salt: str, found: Mapping[str, datetime]) -> None:
        self._salt = salt
        self._found = found

    def customer(self, key: CustomerKey) -> datetime | None:
        return self._found.get(_of_customer(self._salt, key)) if self._found else None

    def email(self, email: str) -> datetime | None:
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
    found: dict[str, datetime] = {}
    for start in range(0, len(wanted), _CHUNK):
        rows = session.exec(
            select(ErasedKey.digest, ErasedKey.erased_at).where(
                col(ErasedKey.workspace_id) == workspace_id,
                col(ErasedKey.digest).in_(wanted[start : start + _CHUNK]),
            )
        )
        found |= dict(rows.all())
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
    return tuple(one for one in customer_ids if found.customer(keys[one]) is None)


# -- letting in -----------------------------------------------------------------------------


Told = Order | Customer | Activity


def let_in(
    session: Session,
    workspace_id: int,
    installation_id: int,
    told: Sequence[Told],
    *,
    forgets: bool = True,
) -> list[Told | None]:
    """What may be stored of each, in their order; ``None``: nothing. Who ordered since is no
    longer known as erased, if it ``forgets``; else nothing is written."""
    found = known(
        session,
        workspace_id,
        (key for one in told if (key := _customer_of(installation_id, one)) is not None),
        (one.email for one in told),
    )
    result: list[Told | None] = []
    back: list[tuple[CustomerKey | None, str]] = []
    for one in told:
        key = _customer_of(installation_id, one)
        erased_at = (found.customer(key) if key else None) or _by_address(found, one)
        if erased_at is None:
            result.append(one)
        elif isinstance(one, Order) and one.placed_at > erased_at:
            back.append((key, one.email))
            result.append(one)
        else:
            result.append(nameless(session, workspace_id, one) if isinstance(one, Order) else None)
    if back and forgets:
        _forget(session, workspace_id, back)
    return result


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


def _by_address(found: Known, one: Told) -> datetime | None:
    """Of who has no account there: a customer is known by his id, since somebody new may have
    the address now."""
    has_account = isinstance(one, Customer) or bool(one.customer_id)
    return None if has_account else found.email(one.email)


def _forget(
    session: Session, workspace_id: int, back: Iterable[tuple[CustomerKey | None, str]]
) -> None:
    salt = _salt(session, workspace_id)
    assert salt is not None, "somebody was found by it"
    digests = set()
    for key, email in back:
        digests |= {_of_customer(salt, key)} if key else {_of_email(salt, folded_email(email))}
    session.exec(
        delete(ErasedKey).where(
            col(ErasedKey.workspace_id) == workspace_id,
            col(ErasedKey.digest).in_(sorted(digests)),
        )
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
