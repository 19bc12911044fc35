"""The first step of an erasure, in one unit of work: what he has is ended, and nothing more comes
of him. From then on the rest can be repeated until it is done."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from datetime import datetime

from sqlalchemy import and_, func, or_, select, update
from sqlmodel import Session, col

from bridge.approvals.models import WaitingChange, WaitingState
from bridge.inbox import entities, erased
from bridge.inbox.entities import EntityKey
from bridge.kit.errors import BridgeError
from bridge.letters.models import Letter, LetterState
from bridge.letters.refusing import refuse
from bridge.member_sign_in.sessions import forget_member
from bridge.members import companies
from bridge.members.joining import leave
from bridge.members.models import Company, Member
from bridge.members.standing import identity, locked, locked_all
from bridge.outbox.models import Delivery, DeliveryState
from bridge.points.book import Book, Cause
from bridge.points.writing_off import ERASURE, write_off
from bridge.privacy import conditions, naming, scrubbing
from bridge.privacy.models import Erasure
from bridge.privacy.person import AlreadyErased, Person, person
from bridge.rewards.fulfilling import cancel
from bridge.rewards.models import FulfilmentState, RewardClaim
from bridge.vouchers.ending import OPEN, CannotEnd, withdraw
from bridge.vouchers.models import Ending, Voucher, VoucherState
from connectors.sentences import sentence

BY = "erasure"
_WHY = "His data was erased."


class Busy(BridgeError):
    """Something of his is just being sent to a shop."""

    def __init__(self) -> None:
        super().__init__(
            sentence(
                "A change of this member is being sent to a shop right now. Try again in a "
                "minute; nothing was erased."
            )
        )


def end(
    session: Session, workspace_id: int, member_id: int, erasure: Erasure, now: datetime
) -> Person:
    """Whom it is about, as known before. Raises AlreadyErased, :class:`Busy`, and KeyError when
    there is no such member."""
    him = person(session, workspace_id, member_id)
    # Whoever handles what shops told of him has them: it is waited for, then nothing follows.
    entities.lock(session, [EntityKey(*_entity(key)) for key in him.customers])
    _lock_company(session, him)
    member = locked(session, workspace_id, member_id)
    locked_all(session, workspace_id, him.ids)
    him = person(session, workspace_id, identity(member))
    if member.erased_at is not None:
        raise AlreadyErased(identity(member))
    _refuse_if_busy(session, him, now)
    counts: Counter[str] = Counter()
    _leave_company(session, him, member, now)
    _end_vouchers(session, him, now, counts)
    _cancel_claims(session, him, now, counts)
    counts["points"] = write_off_points(session, him.workspace_id, him.accounts, erasure, now)
    leave(session, workspace_id, him.member_id, BY, now, way=BY)
    for one in him.ids:
        refuse(session, workspace_id, one, None, now, way=BY)
    forget_member(session, workspace_id, him.ids)
    _drop_letters(session, him, counts)
    _withdraw_changes(session, him, now)
    erased.remember(session, workspace_id, him.customers, him.emails, now)
    _make_pseudonym(session, him, now)
    erasure.counts = dict(counts)
    session.flush()
    return him


def write_off_points(
    session: Session, workspace_id: int, accounts: tuple[int, ...], erasure: Erasure, now: datetime
) -> int:
    """How many points were taken."""
    if not accounts:
        return 0
    book = Book(session, workspace_id, now)
    why = json.dumps({"reason": _WHY})
    cause = Cause(ERASURE, str(erasure.id), now, why=why)
    opened = book.lock(accounts)
    taken = 0
    for account_id in sorted(opened):
        taken += write_off(book, opened[account_id], cause)
    book.write()
    return taken


def _entity(key: erased.CustomerKey) -> tuple[int, str, str]:
    return key.installation_id, "customer", key.customer_id


def _refuse_if_busy(session: Session, him: Person, now: datetime) -> None:
    leased = session.execute(
        select(func.count())
        .select_from(Delivery)
        .where(
            col(Delivery.kind) == "customer",
            him.has_customer(Delivery, Delivery.key),
            col(Delivery.state) == DeliveryState.LEASED.value,
            col(Delivery.lease_until) > now,
        )
    ).scalar_one()
    if leased:
        raise Busy


def _lock_company(session: Session, him: Person) -> None:
    """Before its people, as everybody who changes one does."""
    session.execute(
        select(col(Company.id))
        .where(conditions.company(him))
        .order_by(col(Company.id))
        .with_for_update(key_share=True)
    )


def _leave_company(session: Session, him: Person, member: Member, now: datetime) -> None:
    """Points that the company holds stay there."""
    if member.company_id is None:
        return
    firm = session.get_one(Company, member.company_id)
    companies.remove(session, firm, member, BY, now)
    alone = not companies.people(session, him.workspace_id, member.company_id or firm.id or 0)
    if alone and not erased.is_named(session, him.workspace_id, firm.name):
        _forget_company(session, him, firm)


def _forget_company(session: Session, him: Person, firm: Company) -> None:
    """It was his alone: its name tells who he is. At once, since nothing leads to it later."""
    names = {firm.name, *him.companies}
    vat_ids = {*him.vat_ids, *([firm.vat_id] if firm.vat_id else [])}
    former = replace(him, companies=tuple(names), vat_ids=tuple(vat_ids))
    scrubbing.scrub_circumstances(session, former)
    naming.scrub_texts(session, former)
    firm.name, firm.vat_id = f"erased #{firm.id}", None
    session.flush()


def _end_vouchers(session: Session, him: Person, now: datetime, counts: Counter[str]) -> None:
    ids = session.scalars(
        select(col(Voucher.id))
        .where(
            or_(
                him.has_member(Voucher),
                and_(him.has_email(Voucher), col(Voucher.member_id).is_(None)),
            ),
            or_(
                col(Voucher.state) == OPEN,
                and_(
                    col(Voucher.state) == VoucherState.ENDING.value,
                    col(Voucher.ending) == Ending.EXCHANGED.value,
                ),
            ),
        )
        .order_by(col(Voucher.id))
    ).all()
    for voucher_id in ids:
        assert voucher_id is not None
        try:
            withdraw(session, him.workspace_id, voucher_id, _WHY, now)
        except CannotEnd:
            continue  # it was used meanwhile
        counts["vouchers"] += 1


def _cancel_claims(session: Session, him: Person, now: datetime, counts: Counter[str]) -> None:
    numbers = session.scalars(
        select(col(RewardClaim.id))
        .where(him.has_member(RewardClaim), col(RewardClaim.state) == FulfilmentState.OPEN.value)
        .order_by(col(RewardClaim.id))
    ).all()
    for number in numbers:
        assert number is not None
        cancel(session, him.workspace_id, number, BY, "", now)
        counts["rewards"] += 1


def _drop_letters(session: Session, him: Person, counts: Counter[str]) -> None:
    done = session.execute(
        update(Letter)
        .where(him.has_member(Letter), col(Letter.state) == LetterState.WAITING.value)
        .values(state=LetterState.DROPPED.value)
        .execution_options(synchronize_session=False)
    )
    counts["letters"] += int(getattr(done, "rowcount", 0))


def _withdraw_changes(session: Session, him: Person, now: datetime) -> None:
    session.execute(
        update(WaitingChange)
        .where(
            col(WaitingChange.workspace_id) == him.workspace_id,
            col(WaitingChange.subject_kind) == "member",
            col(WaitingChange.subject_id).in_([str(one) for one in him.ids]),
            col(WaitingChange.state) == WaitingState.WAITING.value,
        )
        .values(state=WaitingState.WITHDRAWN.value, decided_at=now, note=_WHY)
        .execution_options(synchronize_session=False)
    )


def _make_pseudonym(session: Session, him: Person, now: datetime) -> None:
    for one in locked_all(session, him.workspace_id, him.ids).values():
        one.birthday, one.erased_at = None, now
        one.tier, one.tier_since, one.tier_until = "", None, None
        one.tier_override, one.tier_override_until = "", None
    session.flush()
