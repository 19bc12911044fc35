"""Erasing one person over all stores.

It is done in steps, each a unit of work that may be repeated: what he has is ended
(:mod:`bridge.privacy.ending`), then his data is taken away, then his customers are unlinked.
Whatever stops it in between, the engine goes on with it. Entries are never changed or deleted:
the book keeps his account under a pseudonym, emptied by an entry of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, delete, func, or_, select
from sqlmodel import Session, col

from bridge.audit.service import Actor, Subject, record
from bridge.balances.models import ShownBalance
from bridge.db import Database
from bridge.kit.clock import Clock
from bridge.kit.errors import BridgeError
from bridge.members.standing import identity, locked
from bridge.points.models import Account, Holder
from bridge.privacy import ending, naming, scrubbing
from bridge.privacy.models import Erasure, ErasureState
from bridge.privacy.person import Person, person
from connectors.sentences import sentence

SHOPS_ARE_TOLD_FOR = timedelta(days=25)
"""How long a shop that cannot be told keeps the customer's id with the bridge: the law gives a
month."""
AT_ONCE = 100
_OPEN = (ErasureState.ASKED.value, ErasureState.BEGUN.value)


class NothingAsked(BridgeError):
    """It is not there, or was decided meanwhile."""

    def __init__(self) -> None:
        super().__init__(sentence("This request does not wait any more: it was decided before."))


# -- asking ---------------------------------------------------------------------------------


def ask(session: Session, workspace_id: int, member_id: int, by: str, now: datetime) -> Erasure:
    """The member wants to be erased: a person of the staff carries it out. Asked again, it is
    the same request. ``by``: ``member``. Raises KeyError when there is no such member."""
    member = locked(session, workspace_id, member_id)
    waiting = open_of(session, workspace_id, identity(member))
    if waiting is not None:
        return waiting
    made = Erasure(
        workspace_id=workspace_id,
        member_id=identity(member),
        state=ErasureState.ASKED.value,
        asked_at=now,
        asked_by=by,
    )
    session.add(made)
    session.flush()
    return made


def open_of(session: Session, workspace_id: int, member_id: int) -> Erasure | None:
    return session.scalars(
        select(Erasure)
        .where(
            col(Erasure.workspace_id) == workspace_id,
            col(Erasure.member_id) == member_id,
            col(Erasure.state).in_(_OPEN),
        )
        .order_by(col(Erasure.id))
    ).first()


def withdraw_request(session: Session, workspace_id: int, member_id: int) -> bool:
    """The member changed his mind before anybody carried it out. Whether there was a request."""
    found = open_of(session, workspace_id, member_id)
    if found is None or found.state != ErasureState.ASKED.value:
        return False
    session.delete(found)
    session.flush()
    return True


def refuse(
    session: Session, workspace_id: int, erasure_id: int, actor: Actor, note: str, now: datetime
) -> Erasure:
    """Says why not (the law knows reasons). Raises :class:`NothingAsked`."""
    found = session.scalars(
        select(Erasure)
        .where(col(Erasure.workspace_id) == workspace_id, col(Erasure.id) == erasure_id)
        .with_for_update()
    ).first()
    if found is None or found.state != ErasureState.ASKED.value:
        raise NothingAsked
    found.state, found.note = ErasureState.REFUSED.value, note
    found.decided_at, found.decided_by = now, actor.name
    subject = Subject("member", str(found.member_id), f"member #{found.member_id}")
    record(session, workspace_id, actor, "privacy.refused", subject, now)
    session.flush()
    return found


def how_many_asked(session: Session, workspace_id: int) -> int:
    """Requests that nobody has decided."""
    return int(
        session.execute(
            select(func.count())
            .select_from(Erasure)
            .where(
                col(Erasure.workspace_id) == workspace_id,
                col(Erasure.state) == ErasureState.ASKED.value,
            )
        ).scalar_one()
    )


def erasures(
    session: Session,
    workspace_id: int,
    *,
    states: Sequence[ErasureState] = (),
    below: int | None = None,
    limit: int = 50,
) -> list[Erasure]:
    """The newest first; ``below``: the last one's id on the page before."""
    statement = select(Erasure).where(col(Erasure.workspace_id) == workspace_id)
    if states:
        statement = statement.where(col(Erasure.state).in_([one.value for one in states]))
    if below is not None:
        statement = statement.where(col(Erasure.id) < below)
    return list(session.scalars(statement.order_by(col(Erasure.id).desc()).limit(limit)))


# -- doing ----------------------------------------------------------------------------------


def erase(
    database: Database, workspace_id: int, member_id: int, actor: Actor, clock: Clock
) -> Erasure:
    """Everything that can be done at once; goes on with what was begun before. Raises
    AlreadyErased and Busy (nothing was changed then), and KeyError when there is no such
    member."""
    with database.writing() as session:
        begun = open_of(session, workspace_id, member_id)
        if begun is None or begun.state == ErasureState.ASKED.value:
            begun = begin(session, workspace_id, member_id, actor, clock())
    return go_on(database, workspace_id, begun, clock)


def begin(
    session: Session, workspace_id: int, member_id: int, actor: Actor, now: datetime
) -> Erasure:
    """The first step. From here on there is no way back."""
    member = locked(session, workspace_id, member_id)
    asked = open_of(session, workspace_id, identity(member))
    erasure = asked or Erasure(
        workspace_id=workspace_id,
        member_id=identity(member),
        state=ErasureState.BEGUN.value,
        asked_at=now,
        asked_by=actor.name,
    )
    session.add(erasure)
    erasure.state = ErasureState.BEGUN.value
    erasure.decided_at, erasure.decided_by = now, actor.name
    session.flush()
    him = ending.end(session, workspace_id, identity(member), erasure, now)
    _drop_other_requests(session, erasure)
    subject = Subject("member", str(him.member_id), f"member #{him.member_id}")
    after = {**erasure.counts, "customers": len(him.customers)}
    record(session, workspace_id, actor, "privacy.erased", subject, now, after=after)
    return erasure


def _drop_other_requests(session: Session, erasure: Erasure) -> None:
    """Each of two members asked, and then they were merged: it is one wish."""
    session.execute(
        delete(Erasure)
        .where(
            col(Erasure.workspace_id) == erasure.workspace_id,
            col(Erasure.member_id) == erasure.member_id,
            col(Erasure.state) == ErasureState.ASKED.value,
            col(Erasure.id) != erasure.id,
        )
        .execution_options(synchronize_session=False)
    )


def go_on(database: Database, workspace_id: int, erasure: Erasure, clock: Clock) -> Erasure:
    """What is left of an erasure that was begun. Repeating it changes nothing."""
    assert erasure.id is not None
    with database.reading() as session:
        him = person(session, workspace_id, erasure.member_id)
    with database.writing() as session:
        # First: what is being handled just now ends before, and its orders are found then.
        scrubbing.scrub_told(session, him)
    after: scrubbing.OrderKey | None = None
    while True:
        with database.writing() as session:
            after = scrubbing.scrub_orders(session, him, after)
        if after is None:
            break
    with database.writing() as session:
        scrubbing.scrub_work(session, him, clock())
    with database.writing() as session:
        naming.scrub_texts(session, him)
        naming.scrub_letters(session, him)
        naming.scrub_referrals(session, him)
    with database.writing() as session:
        return _unlink(session, him, erasure.id, clock())


def _unlink(session: Session, him: Person, erasure_id: int, now: datetime) -> Erasure:
    """Last: until then the steps before know by it what to look for."""
    locked(session, him.workspace_id, him.member_id)
    naming.tell_shops(session, him)
    scrubbing.scrub_registered(session, him)
    found = session.scalars(
        select(Erasure).where(
            col(Erasure.workspace_id) == him.workspace_id, col(Erasure.id) == erasure_id
        )
    ).one()
    if found.state == ErasureState.BEGUN.value:
        found.state = ErasureState.FINISHING.value
    session.flush()
    _finish(session, found, now)
    return found


# -- what is left for the engine ------------------------------------------------------------


def pass_time(database: Database, workspace_id: int, clock: Clock) -> int:
    """Goes on with erasures that something stopped, lets go of customers that shops were told
    of, and writes off what came free since. How many it did something for."""
    with database.reading() as session:  # mostly there is nothing: nobody is held up by a lock
        begun = erasures(session, workspace_id, states=[ErasureState.BEGUN], limit=AT_ONCE)
        finishing = erasures(session, workspace_id, states=[ErasureState.FINISHING], limit=1)
        left = _left_over(session, workspace_id)
    for one in begun:
        go_on(database, workspace_id, one, clock)
    done = len(begun)
    if begun or finishing:
        with database.writing() as session:
            waiting = erasures(
                session, workspace_id, states=[ErasureState.FINISHING], limit=10 * AT_ONCE
            )
            done += sum(_finish(session, one, clock()) for one in waiting)
    if left:
        with database.writing() as session:
            done += sweep(session, workspace_id, clock())
    return done


def sweep(session: Session, workspace_id: int, now: datetime) -> int:
    """Points that came to an erased member since (a voucher's that was proven to be unused, an
    order's that was edited) are written off, and so is what he owes after a refund. How many
    accounts."""
    rows = _left_over(session, workspace_id)
    for account_id, erasure in rows:
        ending.write_off_points(session, workspace_id, (account_id,), erasure, now)
    return len(rows)


def _left_over(session: Session, workspace_id: int) -> Sequence[Any]:
    """Accounts of erased members with something in them, and the erasure of each."""
    return session.execute(
        select(col(Account.id), Erasure)
        .join(Erasure, col(Erasure.member_id) == col(Account.holder_id))
        .where(
            col(Erasure.workspace_id) == workspace_id,
            col(Erasure.state).in_([ErasureState.FINISHING.value, ErasureState.DONE.value]),
            col(Account.workspace_id) == workspace_id,
            col(Account.holder) == Holder.MEMBER.value,
            or_(col(Account.available) > 0, col(Account.pending) > 0, col(Account.debt) > 0),
        )
        .order_by(col(Account.id))
        .limit(AT_ONCE)
    ).all()


def _finish(session: Session, erasure: Erasure, now: datetime) -> bool:
    """Lets go of customers whose shop was told, or could not be told for too long."""
    assert erasure.decided_at is not None
    his = and_(
        col(ShownBalance.workspace_id) == erasure.workspace_id,
        col(ShownBalance.member_id) == erasure.member_id,
    )
    told = and_(
        col(ShownBalance.is_due).is_(False),
        or_(col(ShownBalance.lease_until).is_(None), col(ShownBalance.lease_until) <= now),
    )
    is_over = now >= erasure.decided_at + SHOPS_ARE_TOLD_FOR
    session.execute(
        delete(ShownBalance)
        .where(his, *(() if is_over else (told,)))
        .execution_options(synchronize_session=False)
    )
    left = session.execute(select(col(ShownBalance.customer_id)).where(his).limit(1)).first()
    if left is None:
        erasure.state, erasure.finished_at = ErasureState.DONE.value, now
        session.flush()
    return left is None
