"""Making a backup: copied, looked at, packed with the keys if wished, and only then named."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bridge.application import environment_keys
from bridge.backups.copies import POSTGRESQL, SQLITE, opened
from bridge.backups.copying import copy_postgresql, copy_sqlite
from bridge.backups.file import folder_beside, new_file, put
from bridge.backups.looking import DATABASE_NAMES, KEYS_NAME, Contents, contents
from bridge.config import Settings
from bridge.db import Database
from bridge.kit.errors import BridgeError
from bridge.kit.key_file import KeyFileMissing, read_keys
from bridge.kit.progress import Progress
from bridge.schema import SchemaState, schema_state

_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Made:
    path: Path
    size: int
    """Bytes of the file."""
    contents: Contents


def make(
    settings: Settings,
    database: Database,
    path: Path,
    now: datetime,
    progress: Progress,
    *,
    with_keys: bool,
) -> Made:
    """Whatever version made the database. Raises BridgeError (KeyFileMissing with ``with_keys``);
    then there is no file."""
    if schema_state(database) is SchemaState.MISSING:
        raise BridgeError("The database has no tables yet: there is nothing to back up.")
    keys = _keys(settings, required=with_keys)
    kind = SQLITE if database.is_sqlite else POSTGRESQL
    with folder_beside(path) as folder:
        copy = folder / DATABASE_NAMES[kind]
        if database.is_sqlite:
            copy_sqlite(database.engine, copy, progress)
        else:
            copy_postgresql(settings.url, copy, progress)
        # `keys rotate` may have run meanwhile: what was copied is under the old or the new ones.
        keys = list(dict.fromkeys([*_keys(settings, required=with_keys), *keys]))
        with progress.task("Checking the copy"):
            found = contents(opened(copy), keys, keys if with_keys else ())
        made = _packed(copy, keys, now, progress) if with_keys else copy
        put(made, path)
    return Made(path, path.stat().st_size, found)


def _keys(settings: Settings, *, required: bool) -> list[str]:
    try:
        return environment_keys(settings) or read_keys(settings.key_file)
    except KeyFileMissing:
        if required:
            raise
        return []


def _packed(copy: Path, keys: list[str], now: datetime, progress: Progress) -> Path:
    path = new_file(copy.with_suffix(".zip"))
    total = copy.stat().st_size
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive,
        progress.task("Packing", total >> 10, "KiB") as task,
    ):
        archive.writestr(_member(KEYS_NAME, now), "".join(f"{key}\n" for key in keys))
        with (
            copy.open("rb") as file,
            archive.open(_member(copy.name, now), "w", force_zip64=True) as packed,
        ):
            while chunk := file.read(_CHUNK):
                packed.write(chunk)
                task.advance(len(chunk) >> 10)
    with zipfile.ZipFile(path) as archive:
        damaged = archive.testzip()
    if damaged is not None:
        raise BridgeError(f"{damaged} could not be packed. No file was left; try again.")
    return path


def _member(name: str, now: datetime) -> zipfile.ZipInfo:
    found = zipfile.ZipInfo(name, now.timetuple()[:6])
    found.external_attr = 0o600 << 16
    found.compress_type = zipfile.ZIP_DEFLATED
    return found
