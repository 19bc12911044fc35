"""A file that is there whole or not at all, and never in the place of another one."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bridge.kit.errors import BridgeError
from bridge.kit.key_file import sync_folder


@contextmanager
def folder_beside(path: Path) -> Iterator[Path]:
    """A folder of one's own, readable by nobody else, where ``path`` is to be; gone at the end.

    Raises BridgeError when ``path`` is there already, or its folder is not.
    """
    _refuse_present(path)
    if not path.parent.is_dir():
        raise BridgeError(f"There is no folder {path.parent}. Make it, or name another one.")
    with tempfile.TemporaryDirectory(prefix=f".{path.name}.", dir=path.parent) as folder:
        yield Path(folder)


def new_file(path: Path) -> Path:
    """An empty file that its owner alone reads and writes."""
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    return path


def put(made: Path, path: Path) -> None:
    """``made`` gets the name ``path``, once it is on the disk. Raises BridgeError when somebody
    else took that name."""
    descriptor = os.open(made, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    try:
        os.link(made, path)
    except FileExistsError:
        _refuse_present(path)
    except OSError:  # a file system without links, such as a USB stick's
        _refuse_present(path)
        made.rename(path)
    sync_folder(path.parent)


def _refuse_present(path: Path) -> None:
    if os.path.lexists(path):
        raise BridgeError(f"There is a file {path} already: name another one, or remove it.")
