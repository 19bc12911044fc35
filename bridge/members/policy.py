"""What the programme says of who is who."""

from __future__ import annotations

from bridge.members.identity import IdentityPolicy
from bridge.programme.document import Programme
from bridge.programme.points import Guests


def policy_of(programme: Programme | None) -> IdentityPolicy:
    """``None``: no programme was in force."""
    if programme is None:
        return IdentityPolicy()
    points = programme.points
    return IdentityPolicy(
        link_unconfirmed=programme.identity.link_unconfirmed,
        collect_guests=points is not None and points.guests is Guests.COLLECT,
    )
