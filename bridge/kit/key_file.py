"""The file of encryption keys: one a line, newest first, readable by its owner alone."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from bridge.kit.encryption import KeyRing, generate_key
from bridge.kit.errors import BridgeError


class KeyFileMissing(BridgeError):
    def __init__(self, path: Path) -> None:
        super().__init__(
            f"The key file {path} is missing. Restore it from a backup; "
            "on a new installation run `loyalty-bridge init`."
        )


def read_keys(path: Path) -> list[str]:
    """The keys, newest first. Raises :class:`KeyFileMissing`, and BridgeError when it is bad."""
    try:
        text = path.read_text("ascii")
    except FileNotFoundError as error:
        raise KeyFileMissing(path) from error
    except UnicodeDecodeError as error:
        raise BridgeError(f"{path} is not a key file. Restore it from a backup.") from error
    keys = [line.strip() for line in text.splitlines() if line.strip()]
    try:
        KeyRing(keys)
    except ValueError as error:
        raise BridgeError(f"{path} is not a key file: {error} Restore it from a backup.") from error
    return keys


def create_keys(path: Path) -> None:
    """A new key file with one key. Raises FileExistsError rather than replace one."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    _fill(descriptor, [generate_key()])
    sync_folder(path.parent)


def replace_keys(path: Path, keys: Sequence[str]) -> None:
    """Replaces the file's keys at once: whoever reads it, also after a crash or a power cut,
    sees all the old ones or all the new ones."""
    new = path.with_name(path.name + ".new")
    new.unlink(missing_ok=True)
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    _fill(descriptor, keys)
    new.replace(path)
    sync_folder(path.parent)


def _fill(descriptor: int, keys: Sequence[str]) -> None:
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.writelines(f"{key}\n" for key in keys)
        file.flush()
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Makes names that were given in this folder last through a power cut."""
    if os.name == "nt":  # a folder cannot be opened there
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
