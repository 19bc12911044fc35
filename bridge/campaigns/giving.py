"""Giving a campaign's points or vouchers to members, once each time it comes for them."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlmodel import Session

from bridge.campaigns.judging import Running, Winner, judged
from bridge.campaigns.models import CampaignGift
from bridge.campaigns.offering import Offered, offered
from bridge.db import insert_or_ignore
from bridge.earning.batch import Buyer, members
from bridge.earning.dates import expires_at
from bridge.kit.errors import BridgeError
from bridge.points.book import Book, Cause
from bridge.points.granting import earn
from bridge.programme.points import PointsSettings
from bridge.vouchers.issuing import issue
from bridge.vouchers.models import VoucherKind
from bridge.vouchers.stores import StorePlace

CAMPAIGN = "campaign"
"""The book's word for the cause."""
OCCASION = "occasion"

Secret = Callable[[Session], bytes]
"""What voucher codes are made of (:func:`bridge.vouchers.codes.workspace_secret`)."""


@dataclass(frozen=True, slots=True)
class Given:
    """How many members got something, and who could not."""

    vouchers: int = 0
    points: int = 0
    """Members who got points."""
    without_store: int = 0
    problems: tuple[str, ...] = field(default_factory=tuple)
    """Why nobody can be given it as things stand, a line each."""

    def __add__(self, other: Given) -> Given:
        return Given(
            self.vouchers + other.vouchers,
            self.points + other.points,
            self.without_store + other.without_store,
            tuple(dict.fromkeys((*self.problems, *other.problems))),
        )


def give(
    session: Session,
    workspace_id: int,
    running: Running,
    member_ids: Sequence[int],
    secret: Secret,
    now: datetime,
) -> Given:
    """Gives it to those of these members for whom it has come, in this unit of work. Told
    again, or by two at once, each gets it once: members are locked, and what was given is kept.
    """
    locked = members(session, workspace_id, member_ids)
    known = judged(
        session,
        workspace_id,
        running,
        [one for one, buyer in locked.items() if not buyer.is_merged],
        now,
    )
    missed = Given(without_store=len(known.without_store))
    if running.campaign.give.points is not None:
        return missed + _give_points(session, workspace_id, running, known.winners, locked, now)
    return missed + _give_vouchers(session, workspace_id, running, known.winners, secret, now)


# -- points ---------------------------------------------------------------------------------


def _give_points(
    session: Session,
    workspace_id: int,
    running: Running,
    winners: Sequence[Winner],
    locked: dict[int, Buyer],
    now: datetime,
) -> Given:
    points = running.campaign.give.points
    if not winners or points is None:
        return Given()
    book = Book(session, workspace_id, now)
    holders = {one: (locked[one].holder, locked[one].holder_id) for one in map(_id, winners)}
    accounts = book.open(set(holders.values()))
    settings = running.programme.points or PointsSettings()
    expires = expires_at(settings, now, running.zone)
    why = {"kind": running.campaign.occasion, "of": points}
    for one in winners:
        account = accounts[holders[one.member_id]]
        source_id = source_of(one.member_id, running.key, one.which)
        lot = book.new_lot(
            account, (0, CAMPAIGN, source_id, ""), now, expires_at=expires, is_ripe=True
        )
        told = why | ({"which": one.which} if one.which else {})
        cause = Cause(
            CAMPAIGN,
            source_id,
            now,
            line=str(one.member_id),
            rule=running.key,
            programme=running.number,
            why=json.dumps(told, ensure_ascii=False, sort_keys=True),
        )
        earn(book, account, lot, points, cause)
    book.write()
    for one in winners:
        _note(session, workspace_id, running, one, now, points=points)
    return Given(points=len(winners))


# -- vouchers -------------------------------------------------------------------------------


def _give_vouchers(
    session: Session,
    workspace_id: int,
    running: Running,
    winners: Sequence[Winner],
    secret: Secret,
    now: datetime,
) -> Given:
    if not winners:
        return Given()
    key = secret(session)
    offers: dict[StorePlace, Offered | str] = {}
    total = Given()
    # In the order of the stores: pools are locked until the commit.
    in_order = sorted((one.store, one.member_id, one) for one in winners if one.store is not None)
    for store, member_id, one in in_order:
        if store not in offers:
            offers[store] = _offered(running, store, now)
        worth = offers[store]
        if isinstance(worth, str):
            total += Given(problems=(worth,))
            continue
        new = worth.voucher(
            VoucherKind.CAMPAIGN,
            running.key,
            OCCASION,
            source_of(member_id, running.key, one.which),
            member_id,
            running.number,
            first_order_only=running.campaign.first_order_only,
        )
        voucher = issue(session, workspace_id, key, new, now)
        _note(session, workspace_id, running, one, now, voucher_id=voucher.id)
        total += Given(vouchers=1)
    return total


def _offered(running: Running, store: StorePlace, now: datetime) -> Offered | str:
    """Or why there can be none in this store."""
    try:
        return offered(running.campaign, running.programme, store, now)
    except BridgeError as error:
        return f"Campaign {running.key}, {store.name}: {error}"


def source_of(member_id: int, key: str, which: str) -> str:
    return f"{member_id}/{key}/{which}"


def _note(
    session: Session,
    workspace_id: int,
    running: Running,
    one: Winner,
    now: datetime,
    *,
    points: int = 0,
    voucher_id: int | None = None,
) -> None:
    row = {
        "workspace_id": workspace_id,
        "campaign": running.key,
        "member_id": one.member_id,
        "which": one.which,
        "at": now,
        "points": points,
        "voucher_id": voucher_id,
    }
    insert_or_ignore(
        session, CampaignGift, [row], ("workspace_id", "campaign", "member_id", "which")
    )


def _id(winner: Winner) -> int:
    return winner.member_id
