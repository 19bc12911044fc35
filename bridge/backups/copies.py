"""What a copy of a database holds, read without a server and without changing it."""

from __future__ import annotations

import sqlite3
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Protocol

from bridge.backups.programs import program
from bridge.kit.errors import BridgeError

SQLITE = "SQLite"
POSTGRESQL = "PostgreSQL"
_SQLITE_BEGINS = b"SQLite format 3\0"
_DUMP_BEGINS = b"PGDMP"
_NULL = r"\N"


class Copy(Protocol):
    kind: str

    def require_sound(self) -> None:
        """Raises BridgeError when it is damaged."""
        ...

    def column(self, table: str, name: str) -> Iterator[str]:
        """What stands in it, but for what is empty; nothing where there is no such column."""
        ...


def opened(path: Path) -> Copy:
    """Raises BridgeError when it is no copy of a database."""
    with path.open("rb") as file:
        begins = file.read(len(_SQLITE_BEGINS))
    if begins == _SQLITE_BEGINS:
        return SqliteCopy(path)
    if begins.startswith(_DUMP_BEGINS):
        return PostgresqlCopy(path)
    raise BridgeError(f"{path} is no backup of the bridge.")


class SqliteCopy:
    kind = SQLITE

    def __init__(self, path: Path) -> None:
        # One that is in use has a log beside it, which belongs to what it says. Without one,
        # nothing may be made beside it: it may lie where nobody writes.
        in_use = path.with_name(path.name + "-wal").exists()
        how = "mode=ro" if in_use else "mode=ro&immutable=1"
        self._uri = f"{path.absolute().as_uri()}?{how}"
        self._name = path.name

    def require_sound(self) -> None:
        try:
            with closing(self._connect()) as connection:
                found = str(connection.execute("PRAGMA integrity_check(1)").fetchone()[0])
        except sqlite3.DatabaseError as error:
            found = str(error)
        if found != "ok":
            raise BridgeError(f"{self._name} is damaged: {' '.join(found.split())}.")

    def column(self, table: str, name: str) -> Iterator[str]:
        with closing(self._connect()) as connection:
            if name not in {row[1] for row in connection.execute(f"PRAGMA table_info({table})")}:
                return
            asked = f"SELECT {name} FROM {table} WHERE {name} <> ''"  # noqa: S608 - our own names
            for (value,) in connection.execute(asked):
                yield str(value)

    def _connect(self) -> sqlite3.Connection:
        return sqlite3.connect(self._uri, uri=True)


class PostgresqlCopy:
    """A dump of ``pg_dump --format=custom``; ``pg_restore`` writes single tables of it as text."""

    kind = POSTGRESQL

    def __init__(self, path: Path) -> None:
        self._path = path
        self._program = program("pg_restore")

    def require_sound(self) -> None:
        """Reads all of it."""
        command = [self._program, "--file=/dev/null", str(self._path.absolute())]
        done = subprocess.run(command, capture_output=True, text=True)  # noqa: S603
        if done.returncode:
            said = done.stderr.strip().splitlines()[-1:] or ["pg_restore gave no reason"]
            raise BridgeError(f"{self._path.name} is damaged: {said[0].rstrip('.')}.")

    def column(self, table: str, name: str) -> Iterator[str]:
        command = [
            self._program,
            "--data-only",
            f"--table={table}",
            "--file=-",
            str(self._path.absolute()),
        ]
        with subprocess.Popen(  # noqa: S603 - no shell, and nothing of a stranger's in it
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, encoding="utf-8"
        ) as running:
            assert running.stdout is not None
            yield from _values(running.stdout, name)


def _values(lines: Iterable[str], name: str) -> Iterator[str]:
    """Of the table's one ``COPY … (a, b) FROM stdin;``: rows until a line with ``\\.`` alone."""
    place = -1
    for line in lines:
        if line.startswith("COPY "):
            names = [
                one.strip(' "') for one in line[line.index("(") + 1 : line.index(")")].split(",")
            ]
            place = names.index(name) if name in names else -1
        elif line == "\\.\n":
            place = -1
        elif place >= 0:
            value = line.rstrip("\n").split("\t")[place]
            if value not in ("", _NULL):
                yield value
