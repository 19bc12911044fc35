"""Campaigns as time goes by: what has come for whom is given, what an order brings for the next
purchase is given and taken back. Each in batches, each repeatable, beside itself too."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session

from bridge.campaigns.giving import Given, Secret, give
from bridge.campaigns.judging import BATCH, Judged, Running, candidates, judged
from bridge.campaigns.next_purchase import give_for_orders
from bridge.campaigns.rules import COME_BY_THEMSELVES, Window
from bridge.campaigns.settling import NextGiven
from bridge.campaigns.trying import again_when_lost
from bridge.db import Database, upsert
from bridge.earning.batch import Version, versions
from bridge.earning.models import FollowedClock
from bridge.kit.calendar import day_of
from bridge.kit.clock import Clock
from bridge.kit.encryption import KeyRing
from bridge.kit.errors import BridgeError
from bridge.kit.progress import Progress
from bridge.kit.suggestions import did_you_mean
from bridge.programme.rewards import Campaign
from bridge.vouchers.codes import workspace_secret
from connectors.sentences import sentence

CLOCK = "campaigns"
LOOK_BACK = timedelta(days=3)
"""Days are looked at again: a member may be read later than the day that came for him."""
MOST_BEHIND = timedelta(days=30)
"""What the bridge slept through for longer is not given any more."""


@dataclass(frozen=True, slots=True)
class CampaignsDone:
    vouchers: int = 0
    points: int = 0
    """Members who got points."""
    ended: int = 0
    """Vouchers that were taken back: the order that gave them was undone."""
    without_store: int = 0
    """Members who have no store in which a voucher could be used; see `campaigns run`."""
    problems: tuple[str, ...] = field(default_factory=tuple)
    """One line each."""


def campaigns_due(
    database: Database,
    workspace_id: int,
    keys: Callable[[], KeyRing],
    clock: Clock,
    *,
    known_through: datetime | None,
    new_only: bool = False,
) -> CampaignsDone:
    """Gives what is due by now. Repeatable, and safe beside itself.

    ``known_through``: every order placed before, in any store, was handled; ``None``: nobody
    knows, and nobody is taken to have been quiet. ``new_only``: welcomes and what orders bring
    for the next purchase; else, once a day, everything that days bring.
    """

    def secret(session: Session) -> bytes:
        return workspace_secret(session, workspace_id, keys, clock())

    given = Given()
    now = clock()
    with database.reading() as session:
        some = running(session, workspace_id, now, known_through)
    for one in some:
        if one.campaign.sign_up or not new_only:
            given += _give_all(database, workspace_id, one, secret, clock)
    if not new_only:
        _follow(database, workspace_id, now)
    brought = give_for_orders(database, workspace_id, secret, clock)
    return _done(given, brought)


def _done(given: Given, brought: NextGiven) -> CampaignsDone:
    return CampaignsDone(
        given.vouchers + brought.issued,
        given.points,
        brought.ended,
        given.without_store,
        (*given.problems, *brought.problems),
    )


# -- by a person ----------------------------------------------------------------------------


def run_campaign(
    database: Database,
    workspace_id: int,
    keys: Callable[[], KeyRing],
    clock: Clock,
    key: str,
    *,
    known_through: datetime | None,
    progress: Progress,
) -> Given:
    """Gives one campaign now to everybody for whom it has come in the last thirty days and who
    did not get it. Raises BridgeError for one that gives nothing by itself."""

    def secret(session: Session) -> bytes:
        return workspace_secret(session, workspace_id, keys, clock())

    one = named(database, workspace_id, key, clock(), known_through)
    with progress.task(f"Campaign {key}", unit="members") as task:
        return _give_all(database, workspace_id, one, secret, clock, task.advance)


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What a run would give."""

    members: int = 0
    by_store: dict[str, int] = field(default_factory=dict)
    """Vouchers by ``installation/store``."""
    without_store: tuple[int, ...] = ()
    """Ids of members."""


def foresee(
    database: Database,
    workspace_id: int,
    clock: Clock,
    key: str,
    *,
    known_through: datetime | None,
    progress: Progress,
) -> Foreseen:
    """What :func:`run_campaign` would give now; nothing is written."""
    one = named(database, workspace_id, key, clock(), known_through)
    members = 0
    by_store: dict[str, int] = {}
    without: list[int] = []
    with progress.task(f"Campaign {key}", unit="members") as task:
        for found in _judged_all(database, workspace_id, one, clock(), task.advance):
            members += len(found.winners)
            without += found.without_store
            for winner in found.winners:
                if winner.store is not None:
                    by_store[winner.store.name] = by_store.get(winner.store.name, 0) + 1
    return Foreseen(members, dict(sorted(by_store.items())), tuple(without))


def named(
    database: Database,
    workspace_id: int,
    key: str,
    now: datetime,
    known_through: datetime | None,
) -> Running:
    """Raises BridgeError, naming the campaigns there are."""
    with database.reading() as session:
        known = versions(session, workspace_id)
        newest = known.newest
        campaigns = newest.programme.campaigns if newest else {}
        if newest is None or key not in campaigns:
            hint = did_you_mean(
                key, campaigns, nothing=sentence("The programme has no campaigns yet.")
            )
            raise BridgeError(
                sentence("There is no campaign `%(key)s`. %(hint)s", key=key, hint=hint)
            )
        if campaigns[key].occasion not in COME_BY_THEMSELVES:
            raise BridgeError(
                sentence(
                    "%(key)s makes baskets cheaper by itself: `loyalty-bridge plan` and `apply` "
                    "bring it into the shops, and nobody is given anything.",
                    key=key,
                )
            )
        return _running(known.known, key, now, now - MOST_BEHIND, known_through)


# -- what runs ------------------------------------------------------------------------------


def running(
    session: Session, workspace_id: int, now: datetime, known_through: datetime | None
) -> list[Running]:
    """The campaigns of the programme in force that give something to members by themselves."""
    known = versions(session, workspace_id).known
    if not known:
        return []
    followed = session.get(FollowedClock, (workspace_id, CLOCK))
    since = max(followed.through - LOOK_BACK, now - MOST_BEHIND) if followed else now - MOST_BEHIND
    return [
        _running(known, key, now, since, known_through)
        for key, campaign in known[-1].programme.campaigns.items()
        if campaign.occasion in COME_BY_THEMSELVES
    ]


def _running(
    known: Sequence[Version],
    key: str,
    now: datetime,
    since: datetime,
    known_through: datetime | None,
) -> Running:
    newest = known[-1]
    campaign = newest.programme.campaigns[key]
    begins = _begins(known, key, campaign)
    zone = ZoneInfo(newest.programme.timezone)
    first = max(day_of(since, zone), day_of(begins, zone))
    window = Window(first, day_of(now, zone), known_through)
    return Running(key, campaign, newest.programme, newest.number, begins, window)


def _begins(known: Sequence[Version], key: str, campaign: Campaign) -> datetime:
    """Since when the programme has had it without a gap, for the same occasion."""
    begins = known[-1].since
    for version in reversed(known):
        older = version.programme.campaigns.get(key)
        if older is None or older.occasion != campaign.occasion:
            break
        begins = version.since
    return begins


def _give_all(
    database: Database,
    workspace_id: int,
    one: Running,
    secret: Secret,
    clock: Clock,
    advance: Callable[[int], None] = lambda _: None,
) -> Given:
    total = Given()
    for ids in _batches(database, workspace_id, one):

        def give_some(session: Session, ids: list[int] = ids) -> Given:
            return give(session, workspace_id, one, ids, secret, clock())

        total += again_when_lost(database, give_some)
        advance(len(ids))
    return total


def _judged_all(
    database: Database,
    workspace_id: int,
    one: Running,
    now: datetime,
    advance: Callable[[int], None],
) -> Iterator[Judged]:
    for ids in _batches(database, workspace_id, one):
        with database.reading() as session:
            yield judged(session, workspace_id, one, ids, now)
        advance(len(ids))


def _batches(database: Database, workspace_id: int, one: Running) -> Iterator[list[int]]:
    last = 0
    while True:
        with database.reading() as session:
            ids = candidates(session, workspace_id, one, last)
        if ids:
            yield ids
            last = ids[-1]
        if len(ids) < BATCH:
            return


def _follow(database: Database, workspace_id: int, now: datetime) -> None:
    row = {"workspace_id": workspace_id, "name": CLOCK, "through": now, "last_id": 0}
    with database.writing() as session:
        upsert(session, FollowedClock, [row])
