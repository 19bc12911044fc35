"""This process as a holder of leases, and how to tell one that died from one that is slow.

Each worker locks a file of its own; the kernel releases the lock with the process, however it
ends. Where that cannot be asked (another machine, another home folder on the same database),
only the end of the lease tells.
"""

from __future__ import annotations

import fcntl
import os
import socket
import uuid
from contextlib import suppress
from pathlib import Path


class Worker:
    """Takes a name that no other worker has, until it is closed or the process ends."""

    def __init__(self, home: Path) -> None:
        folder = home / "workers"
        folder.mkdir(parents=True, exist_ok=True)
        name = uuid.uuid4().hex
        self.id = f"{_place(folder)}/{name}"
        self._path = folder / f"{name}.lock"
        self._handle = os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600)
        fcntl.flock(self._handle, fcntl.LOCK_EX)

    def close(self) -> None:
        self._path.unlink(missing_ok=True)
        os.close(self._handle)


def is_alive(home: Path, owner: str) -> bool:
    """Whether the process that took this name still runs; yes when it cannot be told."""
    place, _, name = owner.rpartition("/")
    folder = home / "workers"
    if not folder.exists() or place != _place(folder):
        return True
    path = folder / f"{name}.lock"
    try:
        handle = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    else:
        path.unlink(missing_ok=True)
        return False
    finally:
        os.close(handle)


def _place(folder: Path) -> str:
    """Host and home together. The folder's own name would not do: two containers may have the
    same one, and the same host name too."""
    path = folder / "home"
    if not path.exists():
        made = folder / f"{uuid.uuid4().hex}.tmp"
        made.write_text(uuid.uuid4().hex)
        with suppress(FileExistsError):
            os.link(made, path)  # whoever is first names it
        made.unlink()
    return f"{socket.gethostname()}/{path.read_text()}"
