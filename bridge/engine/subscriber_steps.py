"""Telling other systems what happened. As in :mod:`bridge.engine.steps`, every step may run
beside itself and says why."""

from __future__ import annotations

from bridge.engine.bench import Bench
from bridge.engine.protocol import Done
from bridge.subscribers.sending import send_messages
from bridge.subscribers.walking import find_events


def events(bench: Bench) -> Done:
    """Finds what subscribers are to be told of. Safe: one event is one message of a subscriber."""
    found = find_events(bench.app)
    return Done({"events": found}, follow=frozenset({"webhooks"}) if found else frozenset())


def webhooks(bench: Bench) -> Done:
    """Sends it. Safe: each message is leased."""
    done = send_messages(bench.app, bench.worker.id, bench.stopping.is_set)
    return Done(
        {"webhooks sent": done.sent},
        tuple(done.problems),
        follow=frozenset({"webhooks"}) if done.has_more else frozenset(),
    )
