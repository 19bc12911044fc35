"""What the steps over the inbox need: handlers, what failed, up to when everything is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlmodel import Session, col

from bridge.catalogue.models import Pull
from bridge.earning.arriving import activity_handler
from bridge.earning.awards import award_handler
from bridge.earning.batch import versions
from bridge.engine.bench import Bench
from bridge.engine.order_news import OrderNews
from bridge.inbox import known
from bridge.inbox.handling import Arrived, Handler, Outcome
from bridge.inbox.models import InboxState
from bridge.inbox.review import listed
from bridge.installations.models import Installation
from bridge.installations.service import installations
from bridge.kit.encryption import UnreadableSecret
from bridge.kit.errors import BridgeError
from bridge.members.arriving import customer_handler
from bridge.members.identity import IdentityPolicy
from bridge.members.policy import policy_of

_MOST_NAMED = 1_000
_BEHIND = timedelta(days=1)
"""A shop that was not read for so long, and holds up what depends on it, is told of."""
_PULL_TAKES = timedelta(minutes=10)


@dataclass
class CustomersSeen:
    """Whether a customer was among what was handled."""

    any: bool = False


def handlers(seen: CustomersSeen, orders: OrderNews) -> dict[str, Handler]:
    """By resource, in the order in which they are handled: who bought is known before what."""
    store = customer_handler(identity_policy)

    def customer(session: Session, arrived: Arrived, now: datetime) -> Outcome:
        seen.any = True
        return store(session, arrived, now)

    return {
        "customer": customer,
        "order": orders.one,
        "activity": activity_handler,
        "award": award_handler,
    }


def identity_policy(session: Session, workspace_id: int, now: datetime) -> IdentityPolicy:
    """What the programme in force says of who is who."""
    version = versions(session, workspace_id).at(now)
    return policy_of(version.programme if version else None)


def is_being_pulled(bench: Bench, shop: Installation) -> bool:
    """By somebody else. Who died over it is not waited for, once it has taken too long."""
    newest = _newest_pull(bench, shop)
    return newest is not None and _is_running(bench, newest)


def waits_for_first_pull(bench: Bench, shop: Installation) -> bool:
    """What orders earn may depend on categories that only a pull tells. One that failed is not
    waited for: orders must come in whatever else does not work."""
    if shop.pulled_at is not None:
        return False
    newest = _newest_pull(bench, shop)
    return newest is None or _is_running(bench, newest)


def _newest_pull(bench: Bench, shop: Installation) -> Pull | None:
    with bench.app.database.reading() as session:
        return session.scalars(
            select(Pull)
            .where(
                col(Pull.workspace_id) == bench.app.workspace_id,
                col(Pull.installation_id) == shop.id,
            )
            .order_by(col(Pull.id).desc())
            .limit(1)
        ).first()


def _is_running(bench: Bench, pull: Pull) -> bool:
    return pull.finished_at is None and bench.app.now() - pull.started_at < _PULL_TAKES


# -- what failed ----------------------------------------------------------------------------


def failing(bench: Bench) -> dict[int, int]:
    """How often each failed row was tried, by its id."""
    with bench.app.database.reading() as session:
        rows = listed(session, bench.app.workspace_id, [InboxState.FAILED.value], limit=_MOST_NAMED)
    return {row.id: row.attempts for row in rows}


def newly_failed(bench: Bench, before: Mapping[int, int]) -> tuple[str, ...]:
    """A line for each row that failed since."""
    with bench.app.database.reading() as session:
        rows = listed(session, bench.app.workspace_id, [InboxState.FAILED.value], limit=_MOST_NAMED)
    return tuple(
        f"{row.store}: {row.resource} {row.label}: {row.error}"
        for row in rows
        if before.get(row.id) != row.attempts
    )


# -- up to when everything is known ---------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Known:
    through: datetime | None
    problems: tuple[str, ...] = ()


def known_through(bench: Bench) -> Known:
    """Every order placed before this time, in any shop that tells of orders, was handled. A shop
    that cannot even be opened makes that unknown."""
    app = bench.app
    walks, closed = order_walks(bench)
    if closed:
        return Known(None, closed)
    now = app.now()
    with app.database.reading() as session:
        through = known.known_through(session, app.workspace_id, walks, now)
    if through is not None and now - through > _BEHIND:
        day = through.date().isoformat()
        return Known(
            through,
            (
                f"Points of orders since {day} wait where they depend on other orders: a store "
                "was not read since, or an order cannot be handled.",
            ),
        )
    return Known(through)


def order_walks(bench: Bench) -> tuple[dict[int, tuple[str, ...]], tuple[str, ...]]:
    """By installation, the resources that tell of its orders; and why shops are not among them
    that cannot be opened."""
    with bench.app.database.reading() as session:
        shops = installations(session, bench.app.workspace_id)
    walks: dict[int, tuple[str, ...]] = {}
    closed = []
    for shop in shops:
        try:
            with bench.connectors.using(shop) as connector:
                feed = connector.feed
        except (BridgeError, UnreadableSecret) as error:
            closed.append(f"{shop.name}: {error}")
            continue
        if feed is not None and shop.id is not None:
            walks[shop.id] = feed.order_resources
    return walks, tuple(closed)
