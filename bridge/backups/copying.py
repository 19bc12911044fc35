"""One consistent copy of the database, while others go on writing."""

from __future__ import annotations

import os
import shlex
import sqlite3
import subprocess
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO

from sqlalchemy import URL, Engine
from sqlalchemy.engine import make_url

from bridge.backups.file import new_file
from bridge.backups.programs import program
from bridge.kit.errors import BridgeError
from bridge.kit.progress import Progress, Task

STEP = 1024
"""Pages that are copied between two looks at the progress: 4 MiB."""
_KIB = 1024
_LABEL = "Copying the database"


def copy_sqlite(engine: Engine, target: Path, progress: Progress) -> None:
    """A file that needs no other beside it. Raises BridgeError.

    The online backup begins anew whenever another process writes; within a transaction that
    reads, which in WAL mode hinders no writer, it goes on from one state to its end.
    """
    new_file(target)
    try:
        copy = sqlite3.connect(target, isolation_level=None)
        try:
            with engine.connect() as source, progress.task(_LABEL, unit="KiB") as task:
                page = int(source.exec_driver_sql("PRAGMA page_size").scalar_one())
                source.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar_one()
                driver = source.connection.driver_connection
                assert isinstance(driver, sqlite3.Connection)
                driver.backup(copy, pages=STEP, progress=_told(task, page))
            copy.execute("PRAGMA journal_mode=DELETE")
        finally:
            copy.close()
    except sqlite3.Error as error:
        raise BridgeError(f"The copy could not be written: {error}. No file was left.") from error


def _told(task: Task, page: int) -> Callable[[int, int, int], None]:
    before = 0

    def tell(_status: int, remaining: int, total: int) -> None:
        nonlocal before
        done = (total - remaining) * page // _KIB
        task.expect(total * page // _KIB)
        task.advance(done - before)
        before = done

    return tell


def copy_postgresql(url: str, target: Path, progress: Progress) -> None:
    """By ``pg_dump``, in its custom format. Raises ProgramMissing and BridgeError."""
    address, password = _without_password(url)
    options = ["--format=custom", "--no-owner", "--no-password", f"--dbname={address}"]
    by_hand = shlex.join(["pg_dump", *options[:2], options[-1], "--file=FILE"])
    dump = program("pg_dump", f", or run where they are: {by_hand}")
    new_file(target)
    command = [dump, *options, f"--file={target}"]
    environment = {**os.environ, **({"PGPASSWORD": password} if password else {})}
    with (
        tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as said,
        subprocess.Popen(  # noqa: S603 - no shell, and the operator's own address
            command, env=environment, stdin=subprocess.DEVNULL, stderr=said
        ) as running,
    ):
        try:
            _follow(running, target, progress)
        except BaseException:
            running.kill()
            raise
        if running.returncode:
            raise BridgeError(f"pg_dump did not come to its end: {_last(said)}. No file was left.")


def _follow(running: subprocess.Popen[bytes], target: Path, progress: Progress) -> None:
    before = 0
    with progress.task(_LABEL, unit="KiB") as task:
        while running.returncode is None:
            with suppress(subprocess.TimeoutExpired):
                running.wait(0.5)
            size = target.stat().st_size // _KIB
            task.advance(size - before)
            before = size


def _last(said: IO[str]) -> str:
    said.seek(0)
    lines = said.read().strip().splitlines()
    return " ".join(lines[-2:]).rstrip(".") if lines else "it gave no reason"


def _without_password(url: str) -> tuple[str, str]:
    """The address as PostgreSQL's programs take it, which others on the machine can see, and the
    password, which they must not."""
    told = make_url(url)
    asked = told.query.get("password", "")
    password = told.password or (asked if isinstance(asked, str) else asked[-1])
    bare = URL.create(
        "postgresql",
        username=told.username,
        host=told.host,
        port=told.port,
        database=told.database,
        query={k: v for k, v in told.query.items() if k not in ("password", "sslpassword")},
    )
    return bare.render_as_string(hide_password=False), str(password)
