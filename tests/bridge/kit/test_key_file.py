"""The key file: whole or not at all, and nobody else's to read."""

from __future__ import annotations

from pathlib import Path

import pytest

from bridge.kit.encryption import generate_key
from bridge.kit.errors import BridgeError
from bridge.kit.key_file import KeyFileMissing, create_keys, read_keys, replace_keys


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keys"


def test_made_for_its_owner_alone(path: Path) -> None:
    create_keys(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert len(read_keys(path)) == 1
    replace_keys(path, [generate_key(), *read_keys(path)])
    assert path.stat().st_mode & 0o777 == 0o600
    assert len(read_keys(path)) == 2


def test_never_made_over_another(path: Path) -> None:
    create_keys(path)
    before = read_keys(path)
    with pytest.raises(FileExistsError):
        create_keys(path)
    assert read_keys(path) == before


def test_a_failed_replacement_keeps_the_old_keys(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    create_keys(path)
    before = read_keys(path)

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        replace_keys(path, [generate_key()])
    assert read_keys(path) == before


def test_order_is_kept(path: Path) -> None:
    keys = [generate_key() for _ in range(3)]
    replace_keys(path, keys)
    assert read_keys(path) == keys


def test_a_missing_file_says_what_to_do(path: Path) -> None:
    with pytest.raises(KeyFileMissing, match="Restore it from a backup"):
        read_keys(path)


@pytest.mark.parametrize("content", [b"", b"rubbish\n", "schlüssel".encode()])
def test_a_damaged_file_is_named_without_its_content(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(BridgeError, match="is not a key file") as told:
        read_keys(path)
    assert "rubbish" not in str(told.value)
