"""What is in a backup, and whether the present keys read its secrets."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from shutil import copyfileobj

from bridge.backups.copies import Copy, opened
from bridge.backups.file import new_file
from bridge.installations.rotating import SEALED
from bridge.kit.encryption import KeyRing, UnreadableSecret
from bridge.kit.errors import BridgeError
from bridge.kit.progress import Progress
from bridge.schema import SchemaState, state_of

DATABASE_NAMES = {"SQLite": "loyalty-bridge.db", "PostgreSQL": "loyalty-bridge.dump"}
"""What the copy is called beside its keys, by its kind."""
KEYS_NAME = "loyalty-bridge.keys"


@dataclass(frozen=True, slots=True)
class Contents:
    kind: str
    """``SQLite`` or ``PostgreSQL``."""
    revision: str
    """Its last migration."""
    state: SchemaState
    """Compared with this version of the bridge."""
    workspaces: list[str]
    entries: int
    newest_entry: datetime | None
    """When the last entry of the book was posted, of whatever workspace."""
    secrets: int
    """Shops' credentials and whatever else is encrypted."""
    unread: int
    """Those that the present keys do not open."""
    has_keys: bool
    """Whether keys are in it."""
    unread_by_its_own: int
    """Those that the keys in it do not open; all, when there are none."""


def look(path: Path, keys: Sequence[str], progress: Progress) -> Contents:
    """Changes nothing. ``keys``: the present ones; may be none. Raises BridgeError when it is no
    backup or is damaged, and FileNotFoundError."""
    with _unpacked(path) as (copy, own), progress.task("Checking the copy"):
        return contents(opened(copy), keys, own)


def contents(copy: Copy, keys: Sequence[str], own: Sequence[str] = ()) -> Contents:
    """Raises BridgeError when it is damaged, or not the bridge's. ``own``: the keys beside it."""
    copy.require_sound()
    revision = next(copy.column("alembic_version", "version_num"), None)
    if revision is None:
        raise BridgeError("This is a database, but not one of the bridge.")
    posted = [_moment(one) for one in copy.column("entries", "posted_at")]
    sealed = [token for table, name in SEALED for token in copy.column(table, name)]
    return Contents(
        kind=copy.kind,
        revision=revision,
        state=state_of(revision),
        workspaces=sorted(copy.column("workspaces", "key")),
        entries=len(posted),
        newest_entry=max(posted, default=None),
        secrets=len(sealed),
        unread=_unread(sealed, keys),
        has_keys=bool(own),
        unread_by_its_own=_unread(sealed, own),
    )


@contextmanager
def _unpacked(path: Path) -> Iterator[tuple[Path, list[str]]]:
    """The copy of the database, and the keys beside it."""
    if not zipfile.is_zipfile(path):
        yield path, []
        return
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(path) as archive:
        name = next((n for n in DATABASE_NAMES.values() if n in archive.namelist()), None)
        if name is None or KEYS_NAME not in archive.namelist():
            raise BridgeError(f"{path} is no backup of the bridge.")
        copy = new_file(Path(folder) / name)
        try:
            with archive.open(name) as packed, copy.open("wb") as file:
                copyfileobj(packed, file, 1 << 20)
            keys = archive.read(KEYS_NAME).decode("ascii").split()
        except (zipfile.BadZipFile, UnicodeDecodeError) as error:
            raise BridgeError(f"{path} is damaged: {error}.") from error
        yield copy, keys


def _unread(sealed: Sequence[str], keys: Sequence[str]) -> int:
    if not keys:
        return len(sealed)
    ring = KeyRing(keys)
    return sum(not _reads(ring, token) for token in sealed)


def _reads(ring: KeyRing, token: str) -> bool:
    try:
        ring.decrypt(token)
    except UnreadableSecret:
        return False
    return True


def _moment(text: str) -> datetime:
    """SQLite keeps moments in UTC and without a zone."""
    found = datetime.fromisoformat(text)
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
