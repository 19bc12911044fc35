"""How long to leave alone what just failed. Pure."""

from __future__ import annotations

import hashlib
from datetime import timedelta

SHORTEST = timedelta(seconds=30)
LONGEST = timedelta(minutes=30)


def pause_after(failures: int, what: str, *, a_person_must_act: bool = False) -> timedelta:
    """Doubles with each failure in a row, up to half an hour; at once half an hour where trying
    again cannot help. Between half and the whole of that, by the name of what failed: so that
    the walks of many shops do not come back in step."""
    longest = LONGEST if a_person_must_act else min(LONGEST, SHORTEST * 2 ** min(failures - 1, 10))
    digest = hashlib.sha256(f"{what}/{failures}".encode()).digest()
    return longest / 2 * (1 + digest[0] / 255)
