"""What the inbox hands over: orders and activities, as its handlers get them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from bridge.earning.activities import Done, handle_activity
from bridge.earning.handling import News, handle_orders
from bridge.inbox.handling import Arrived, Outcome
from bridge.kit.errors import BridgeError
from connectors.sales import Activity, Order


def order_handler(session: Session, arrived: Arrived, now: datetime) -> Outcome:
    """Raises BridgeError when a person has to mend something first (a missing rate)."""
    (result,) = orders_handler(session, [arrived], now)
    if isinstance(result, BridgeError):
        raise result
    return result


def orders_handler(
    session: Session, arrived: Sequence[Arrived], now: datetime
) -> list[Outcome | BridgeError]:
    """Many orders of one workspace together; what became of each, in their order."""
    news = []
    for one in arrived:
        assert isinstance(one.record, Order)
        news.append(News(one.installation_id, one.record, one.changed_at, one.fetched_at))
    if not news:
        return []
    results = handle_orders(session, arrived[0].workspace_id, news, now)
    return [
        result if isinstance(result, BridgeError) else Outcome.HANDLED if result else Outcome.STALE
        for result in results
    ]


def activity_handler(session: Session, arrived: Arrived, now: datetime) -> Outcome:
    activity = arrived.record
    assert isinstance(activity, Activity)
    done = Done(
        arrived.installation_id,
        activity.id,
        activity.kind.value,
        activity.at,
        activity.is_valid,
        arrived.changed_at,
        arrived.fetched_at,
        activity.customer_id,
        activity.email,
    )
    handled = handle_activity(session, arrived.workspace_id, done, now)
    return Outcome.HANDLED if handled else Outcome.STALE
