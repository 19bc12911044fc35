"""Stores that are being set up: one a user, readable after keys moved, forgotten after a day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from bridge.db import Database
from bridge.installations import drafts, rotating
from bridge.installations.service import NewInstallation
from bridge.kit import key_file
from bridge.kit.encryption import KeyRing
from bridge.users.service import make_user
from bridge.workspaces.service import ensure_workspace, workspace_id
from connectors.base import Currency, ShopInfo, Store

NOW = datetime(2026, 11, 22, tzinfo=UTC)
SECRETS = {"key": "S3CR3T"}
INFO = ShopInfo(
    "orchard", "3.1", (Store("1", "main", "Main", "EUR"),), (Currency("EUR", "1", True),)
)


def test_a_draft_outlives_a_new_key_and_no_other_user_or_day(
    database: Database, tmp_path: Path
) -> None:
    keys = tmp_path / "keys"
    key_file.create_keys(keys)

    def ring() -> KeyRing:
        return KeyRing(key_file.read_keys(keys))

    with database.writing() as session:
        ensure_workspace(session, "acme", NOW)
        acme = workspace_id(session, "acme")
        ann, ben = (
            make_user(session, f"{name}@acme.example", name, "", NOW).id or 0
            for name in ("ann", "ben")
        )
        for url in ("https://first.example", "https://shop.example"):
            new = NewInstallation("shop", "orchard", url, SECRETS, {}, is_public_only=True)
            drafts.keep(session, acme, ann, new, INFO, lambda plain: ring().encrypt(plain), NOW)
    rotating.rotate(database, keys)
    with database.reading() as session:
        found = drafts.draft(session, acme, ann, NOW)
        assert found is not None
        assert drafts.draft(session, acme, ben, NOW) is None
        assert drafts.draft(session, acme, ann, NOW + timedelta(days=2)) is None
        assert drafts.info_of(found) == INFO
        assert "S3CR3T" not in str(found)
        secrets = ring().decrypt(found.credentials)
    made = drafts.complete(found, secrets, {"scope": "all"})
    assert (made.url, made.credentials, made.settings, made.is_public_only) == (
        "https://shop.example",
        SECRETS,
        {"scope": "all"},
        True,
    )
    for later, left in ((timedelta(hours=23), 1), (timedelta(days=2), 0)):
        with database.writing() as session:
            drafts.forget(session, acme, NOW + later)
            assert len(drafts.sealed(session, acme)) == left
