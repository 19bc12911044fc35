"""Rotating keys: whatever happens half-way, every stored credential can still be read."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import forked
import pytest

from bridge.db import Database
from bridge.installations import rotating, service
from bridge.kit import key_file
from bridge.kit.encryption import KeyRing, UnreadableSecret, generate_key
from bridge.kit.errors import BridgeError
from bridge.workspaces.service import ensure_workspace, workspace_ids

NOW = datetime(2025, 5, 1, tzinfo=UTC)
SECRETS = {"api_token": "S3CR3T"}


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    path = tmp_path / "loyalty-bridge.keys"
    key_file.create_keys(path)
    return path


@pytest.fixture
def connected(database: Database, keys: Path) -> Database:
    """Two workspaces with two stores each."""
    with database.writing() as session:
        for workspace in ("acme", "bolt"):
            ensure_workspace(session, workspace, NOW)
        for workspace in workspace_ids(session):
            for name in ("one", "two"):
                add(session, workspace, name, keys)
    return database


def add(session, workspace: int, name: str, keys: Path) -> None:
    new = service.NewInstallation(name, "orchard", f"https://{name}.example", SECRETS, {})
    seal = lambda secrets: KeyRing(key_file.read_keys(keys)).encrypt(secrets)  # noqa: E731
    service.add(session, workspace, new, seal, NOW)


def tokens(database: Database) -> list[str]:
    with database.reading() as session:
        return [
            token
            for workspace in workspace_ids(session)
            for token in service.sealed(session, workspace).values()
        ]


def readable(database: Database, keys: list[str]) -> int:
    return sum(KeyRing(keys).decrypt(token) == SECRETS for token in tokens(database))


def test_all_workspaces_move_to_a_new_key(connected: Database, keys: Path) -> None:
    before = key_file.read_keys(keys)
    assert rotating.rotate(connected, keys) == 4
    after = key_file.read_keys(keys)
    assert len(after) == 1
    assert after != before
    assert readable(connected, after) == 4
    with pytest.raises(UnreadableSecret):
        readable(connected, before)


def test_between_the_steps_both_keys_are_there(connected: Database, keys: Path) -> None:
    before = key_file.read_keys(keys)
    rotating.take_up_new_key(connected, keys)
    between = key_file.read_keys(keys)
    assert between[1:] == before
    assert readable(connected, between[:1]) == 4


def test_a_rotation_after_a_broken_one_ends_with_one_key(connected: Database, keys: Path) -> None:
    rotating.take_up_new_key(connected, keys)
    rotating.take_up_new_key(connected, keys)
    rotating.rotate(connected, keys)
    assert len(key_file.read_keys(keys)) == 1
    assert readable(connected, key_file.read_keys(keys)) == 4


def test_no_key_is_dropped_that_is_still_needed(connected: Database, keys: Path) -> None:
    old = key_file.read_keys(keys)
    key_file.replace_keys(keys, [generate_key(), *old])
    with pytest.raises(UnreadableSecret):
        rotating.drop_old_keys(connected, keys)
    assert readable(connected, key_file.read_keys(keys)) == 4


def test_nothing_changes_when_a_credential_cannot_be_read(connected: Database, keys: Path) -> None:
    before = tokens(connected)
    lost = key_file.read_keys(keys)
    key_file.replace_keys(keys, [generate_key()])
    with pytest.raises(UnreadableSecret):
        rotating.rotate(connected, keys)
    assert tokens(connected) == before
    assert readable(connected, lost) == 4


def test_keys_of_the_environment_are_not_ours_to_change(connected: Database, keys: Path) -> None:
    old = key_file.read_keys(keys)
    with pytest.raises(BridgeError, match="keys new"):
        rotating.encrypt_under_newest_of(connected, old)
    new = generate_key()
    assert rotating.encrypt_under_newest_of(connected, [new, *old]) == 4
    assert readable(connected, [new]) == 4


def test_stores_added_beside_rotations_are_never_left_behind(
    connected: Database, keys: Path, database_url: str, open_database: Callable[[str], Database]
) -> None:
    with connected.reading() as session:
        workspace = workspace_ids(session)[0]
    beside = open_database(database_url)
    stop = threading.Event()
    added: list[str] = []

    def keep_adding() -> None:
        while not stop.is_set() or not added:
            with beside.writing() as session:
                add(session, workspace, f"more-{len(added)}", keys)
            added.append("one")

    worker = threading.Thread(target=keep_adding)
    worker.start()
    for _ in range(10):
        rotating.rotate(connected, keys)
    stop.set()
    worker.join()
    assert readable(connected, key_file.read_keys(keys)) == 4 + len(added)


def test_two_rotations_at_once_take_turns(
    connected: Database, keys: Path, database_url: str, open_database: Callable[[str], Database]
) -> None:
    beside = open_database(database_url)
    failed: list[Exception] = []

    def rotate_often(database: Database) -> None:
        try:
            for _ in range(5):
                rotating.rotate(database, keys)
        except Exception as error:  # noqa: BLE001 - whatever it is, the test fails with it
            failed.append(error)

    workers = [threading.Thread(target=rotate_often, args=(db,)) for db in (connected, beside)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert failed == []
    assert readable(connected, key_file.read_keys(keys)) == 4


KILLED_ROTATION = """
import os, signal, sys
from pathlib import Path
from sqlalchemy import event
from bridge.db import Database
from bridge.installations import rotating
from bridge.kit import key_file

url, keys, moment = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
passed = 0

def step(*_):
    global passed
    passed += 1
    if passed == moment:
        os.kill(os.getpid(), signal.SIGKILL)

def around(function):
    def run(*args, **kwargs):
        step()
        result = function(*args, **kwargs)
        step()
        return result
    return run

os.fsync = around(os.fsync)
Path.replace = around(Path.replace)
database = Database(url)
for name in ("before_cursor_execute", "commit"):
    event.listen(database.engine, name, step)
rotating.rotate(database, keys)
"""


def test_killed_anywhere_it_loses_nothing(
    connected: Database, keys: Path, database_url: str
) -> None:
    """SIGKILL at each moment in turn, in a process of its own, until one run gets through.

    Between two kills nothing is repaired: each run starts from what the last one left.
    """
    for moment in range(1, 60):
        ended = forked.run(
            [sys.executable, "-c", KILLED_ROTATION, database_url, str(keys), str(moment)],
            timeout=60,
        )
        assert readable(connected, key_file.read_keys(keys)) == 4, f"killed at moment {moment}"
        if ended.returncode == 0:
            break
        assert ended.returncode == -9, ended.stderr
    assert ended.returncode == 0
    assert moment > 20
    assert len(key_file.read_keys(keys)) == 1


def test_the_key_file_is_whole_after_each_replacement(keys: Path) -> None:
    (keys.parent / (keys.name + ".new")).write_text("left behind by a crash")
    key_file.replace_keys(keys, [generate_key(), generate_key()])
    assert len(key_file.read_keys(keys)) == 2
    assert [path.name for path in keys.parent.glob("loyalty-bridge.keys*")] == [keys.name]
    assert keys.stat().st_mode & 0o777 == 0o600
