"""A backup that is made while points are written is a book that balances."""

from __future__ import annotations

import threading
from datetime import timedelta
from pathlib import Path

import pytest
from sound_book import NOON, assert_sound
from sqlalchemy import text

from bridge.application import Application
from bridge.backups.looking import look
from bridge.backups.making import make
from bridge.config import Settings
from bridge.db import Database
from bridge.kit.errors import BridgeError
from bridge.kit.key_file import create_keys
from bridge.kit.progress import NoProgress
from bridge.migrations import migrate
from bridge.points.adjusting import give
from bridge.points.book import Book, Cause
from bridge.points.models import Holder
from bridge.workspaces.service import ensure_workspace

QUIET = NoProgress()


class Home:
    """A home folder after `init`."""

    def __init__(self, folder: Path, database: Path | None = None) -> None:
        folder.mkdir(mode=0o700)
        self.settings = Settings(home=folder, database_url=None, keys=None, workspace="default")
        self.file = folder / "loyalty-bridge.db"
        if database is not None:
            database.rename(self.file)
        else:
            create_keys(self.settings.key_file)
        self.database = Database(self.settings.url)
        migrate(self.database)
        with self.database.writing() as session:
            ensure_workspace(session, "default", NOON)

    def back_up(self, path: Path, *, with_keys: bool = False) -> Path:
        return make(self.settings, self.database, path, NOON, QUIET, with_keys=with_keys).path

    def entries(self) -> int:
        with self.database.reading() as session:
            return int(
                session.connection().execute(text("SELECT count(*) FROM entries")).scalar_one()
            )


class Writers:
    """Threads that give points, each entry in a unit of work of its own, until they are stopped."""

    def __init__(self, database: Database, threads: int = 3) -> None:
        self._database = database
        self._over = threading.Event()
        self.under_way = threading.Event()
        self._failed: list[BaseException] = []
        self._threads = [threading.Thread(target=self._write, args=(n,)) for n in range(threads)]

    def __enter__(self) -> Writers:
        for thread in self._threads:
            thread.start()
        assert self.under_way.wait(30)
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join(30)
        assert self._failed == []

    def _write(self, writer: int) -> None:
        number = 0
        try:
            while not self._over.is_set():
                number += 1
                self._give(writer, number)
                if number == 20:
                    self.under_way.set()
        except Exception as error:  # noqa: BLE001 - told by the thread that waits
            self._failed.append(error)
            self.under_way.set()

    def _give(self, writer: int, number: int) -> None:
        at = NOON + timedelta(seconds=number)
        with self._database.writing() as session:
            book = Book(session, 1, at)
            key = (Holder.MEMBER, 1)
            give(book, book.open([key])[key], 7, Cause("adjust", f"{writer}-{number}", at))
            book.write()


def test_what_is_backed_up_while_points_are_written_balances_in_a_new_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bridge.backups.copying.STEP", 1)  # much is written between two steps
    home = Home(tmp_path / "old")
    with Writers(home.database):
        before = home.entries()
        copy = home.back_up(tmp_path / "copy.db")
        after = home.entries()
    assert copy.stat().st_mode & 0o777 == 0o600
    assert {one.name for one in tmp_path.iterdir()} == {"old", "copy.db"}

    told = look(copy, [], QUIET)
    assert before <= told.entries <= after
    restored = Home(tmp_path / "new", database=copy)
    restored.settings.key_file.write_text(home.settings.key_file.read_text())
    assert restored.entries() == told.entries
    assert_sound(restored.database, 1)
    with Application.open(restored.settings) as app:
        app.keyring()
    home.database.close()
    restored.database.close()


def test_what_fails_half_way_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = Home(tmp_path / "home")

    def broken(*_: object) -> None:
        raise BridgeError("damaged")

    with monkeypatch.context() as patched:
        patched.setattr("bridge.backups.copies.SqliteCopy.require_sound", broken)
        with pytest.raises(BridgeError, match="damaged"):
            home.back_up(tmp_path / "copy.db")
    assert {one.name for one in tmp_path.iterdir()} == {"home"}
    assert home.back_up(tmp_path / "copy.db").exists()
    kept = (tmp_path / "copy.db").read_bytes()
    with pytest.raises(BridgeError, match="already"):
        home.back_up(tmp_path / "copy.db")
    assert (tmp_path / "copy.db").read_bytes() == kept
    home.database.close()


def test_where_links_cannot_be_made_the_file_is_named_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = Home(tmp_path / "home")

    def refused(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr("os.link", refused)
    assert look(home.back_up(tmp_path / "copy.db"), [], QUIET).workspaces == ["default"]
    home.database.close()


def test_a_damaged_copy_is_told(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    copy = home.back_up(tmp_path / "copy.db")
    held = bytearray(copy.read_bytes())
    held[8192:60000] = b"\xff" * (60000 - 8192)
    copy.write_bytes(held)
    with pytest.raises(BridgeError, match=r"copy\.db is damaged"):
        look(copy, [], QUIET)
    copy.write_text("a letter")
    with pytest.raises(BridgeError, match="no backup"):
        look(copy, [], QUIET)
    home.database.close()
