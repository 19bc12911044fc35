"""Who is new in the programme: by registering, by a person's word, by a membership he bought."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from bridge.kit.calendar import day_of
from bridge.letters.models import LetterKind
from bridge.letters.queue import NewLetter
from bridge.mailing.rules import is_news
from bridge.mailing.walking import Look, walk_numbers, walk_times
from bridge.members.joining import taking_part
from bridge.members.models import JoiningWord, Member
from bridge.orders.models import HandledOrder


def look_for_new_members(look: Look) -> None:
    """A letter that comes too early waits; a member is welcomed once."""
    _registered(look)
    _taken_in(look)
    joining = look.programme.joining
    if joining is not None and joining.product is not None:
        _bought(look)


def _registered(look: Look) -> None:
    statement: Any = select(col(Member.id).label("id"), col(Member.joined_at)).where(
        col(Member.workspace_id) == look.app.workspace_id
    )

    def causes(session: Session, rows: Sequence[Any]) -> list[NewLetter]:
        return [NewLetter(str(row.id), row.id) for row in rows if is_news(row.joined_at, look.now)]

    walk_numbers(look, LetterKind.WELCOME, statement, col(Member.id), causes)


def _taken_in(look: Look) -> None:
    statement: Any = select(
        col(JoiningWord.id).label("id"), col(JoiningWord.takes_part), col(JoiningWord.member_id)
    ).where(col(JoiningWord.workspace_id) == look.app.workspace_id)

    def causes(session: Session, rows: Sequence[Any]) -> list[NewLetter]:
        return _newly_in(look, session, (row.member_id for row in rows if row.takes_part))

    walk_numbers(look, LetterKind.WELCOME, statement, col(JoiningWord.id), causes, "words")


def _bought(look: Look) -> None:
    """Of orders that came in together, a member's count as one row."""
    orders: Any = select(
        col(HandledOrder.fetched_at).label("at"),
        col(HandledOrder.member_id).label("id"),
    ).where(
        col(HandledOrder.workspace_id) == look.app.workspace_id,
        col(HandledOrder.member_id).is_not(None),
    )

    def causes(session: Session, rows: Sequence[Any]) -> list[NewLetter]:
        return _newly_in(look, session, (row.id for row in rows))

    columns = (col(HandledOrder.fetched_at), col(HandledOrder.member_id))
    walk_times(look, LetterKind.WELCOME, orders, columns, causes, "orders")


def _newly_in(look: Look, session: Session, member_ids: Iterable[int]) -> list[NewLetter]:
    found = taking_part(session, look.app.workspace_id, member_ids, look.now)
    return [
        NewLetter(f"{member_id}/{day_of(since, look.zone)}", member_id)
        for member_id, since in found.items()
        if is_news(since, look.now)
    ]
