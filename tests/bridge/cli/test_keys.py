"""`keys …`, as an admin uses it."""

from __future__ import annotations

import pytest

from bridge.kit.key_file import read_keys


def test_rotate_leaves_every_store_reachable(cli, shops) -> None:
    cli.add()
    before = read_keys(cli.home / "loyalty-bridge.keys")
    assert "1 set of credentials" in cli.ok("keys", "rotate")
    assert read_keys(cli.home / "loyalty-bridge.keys") != before
    assert cli("store", "check").exit_code == 0


def test_keys_of_the_environment_are_rotated_by_whoever_sets_them(
    bare, shops, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = bare.ok("keys", "new").strip(), bare.ok("keys", "new").strip()
    monkeypatch.setenv("LOYALTY_BRIDGE_KEYS", old)
    bare.ok("init")
    bare.add()
    line = bare.error("keys", "rotate")
    assert "LOYALTY_BRIDGE_KEYS" in line
    assert old not in line
    monkeypatch.setenv("LOYALTY_BRIDGE_KEYS", f"{new},{old}")
    assert "take the old keys out" in bare.ok("keys", "rotate")
    monkeypatch.setenv("LOYALTY_BRIDGE_KEYS", new)
    assert bare("store", "check").exit_code == 0


def test_a_damaged_key_file_is_left_alone(cli, shops) -> None:
    cli.add()
    path = cli.home / "loyalty-bridge.keys"
    path.write_text("rubbish\n")
    for command in (("keys", "rotate"), ("init",)):
        assert "is not a key file" in cli.error(*command)
    assert path.read_text() == "rubbish\n"
