"""`keys …`, as an admin uses it."""

from __future__ import annotations

import pytest
from sqlmodel import select

from bridge.audit.service import entries
from bridge.kit.encryption import KeyRing
from bridge.kit.key_file import read_keys
from bridge.member_sign_in.models import MemberLinkKey


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


def test_the_secret_for_links_is_shown_once_and_survives_new_keys(
    cli, shops, opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    cli.add()
    name = cli.json("store", "list")["stores"][0]["name"]
    assert "LOYALTY_BRIDGE_PUBLIC_URL" in cli.error("store", "link-secret", name)
    monkeypatch.setenv("LOYALTY_BRIDGE_PUBLIC_URL", "https://loyalty.example.com/")
    made = cli.json("store", "link-secret", name)
    assert made["address"].startswith("https://loyalty.example.com/m/default/from/")
    cli.ok("keys", "rotate")
    with opened.reading() as session:
        row = session.exec(select(MemberLinkKey)).one()
        (kept,) = KeyRing(read_keys(cli.home / "loyalty-bridge.keys")).decrypt(row.secret).values()
        told = [one.action for one in entries(session, 1, kind="store")]
    assert kept == made["secret"]
    assert told == ["store.link-secret"]
    assert "not taken any more" in cli.ok("store", "link-secret", name, "--drop")
    assert "has no secret" in cli.ok("store", "link-secret", name, "--drop")
