"""Sending a message to try a subscriber, while somebody waits for the answer."""

from __future__ import annotations

import secrets

from bridge.application import Application
from bridge.audit.service import Actor, Subject, record
from bridge.subscribers.composing import body, test_data
from bridge.subscribers.event_types import TEST
from bridge.subscribers.models import SubscriberMessage
from bridge.subscribers.rules import Reply
from bridge.subscribers.sending import LEASE, Batch, Leased, replies_to
from bridge.subscribers.service import secrets_of, with_id
from bridge.subscribers.settling import settle
from bridge.subscribers.signing import headers, new_id

_NOT_SENT = Reply(None, "It was not sent: the clock of this machine jumped")


def try_out(app: Application, subscriber_id: int, actor: Actor) -> Reply:
    """What it answers, to one attempt. It stands among its messages, and is not repeated. Also
    of one that is disabled. Raises UnknownSubscriber, UnreadableSecret."""
    owner = f"try {secrets.token_hex(8)}"
    batch = _leased(app, subscriber_id, owner, actor)
    replies = replies_to(app, batch)
    settle(app, owner, subscriber_id, batch, replies)
    return replies[0] or _NOT_SENT


def _leased(app: Application, subscriber_id: int, owner: str, actor: Actor) -> Batch:
    now = app.now()
    with app.database.writing() as session:
        subscriber = with_id(session, app.workspace_id, subscriber_id)
        webhook_id = new_id()
        message = SubscriberMessage(
            workspace_id=app.workspace_id,
            subscriber_id=subscriber_id,
            event=f"{TEST}/{webhook_id}",
            webhook_id=webhook_id,
            type=TEST,
            at=now,
            data=test_data(subscriber),
            made_at=now,
            not_before=now,
            attempts=1,
            begun_at=now,
            lease_owner=owner,
            lease_until=now + LEASE,
        )
        session.add(message)
        subject = Subject("subscriber", str(subscriber_id), subscriber.name)
        record(session, app.workspace_id, actor, "subscriber.tried", subject, now)
        session.flush()
        assert message.id is not None
        content = body(session, subscriber, message)
        valid = secrets_of(subscriber, app.keyring(), now)
        signed = headers(valid, webhook_id, int(now.timestamp()), content)
        leased = Leased(message.id, webhook_id, content, signed, now + LEASE)
        return Batch(subscriber.name, subscriber.url, subscriber.is_public_only, [leased])
