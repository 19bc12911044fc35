"""PostgreSQL's own programs, where they are installed."""

from __future__ import annotations

import shutil

from bridge.kit.errors import BridgeError


class ProgramMissing(BridgeError):
    def __init__(self, name: str, instead: str = "") -> None:
        super().__init__(
            f"`{name}` is not on the PATH. Install PostgreSQL's client programs, of the server's "
            f"version or a newer one{instead}."
        )


def program(name: str, instead: str = "") -> str:
    """Where it is. Raises :class:`ProgramMissing`; ``instead``: what else one can do."""
    found = shutil.which(name)
    if found is None:
        raise ProgramMissing(name, instead)
    return found
