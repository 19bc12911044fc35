"""Thanks that were to be sent before letters to members were a matter of their own."""

from __future__ import annotations

from alembic import command
from sqlalchemy import text
from sqlmodel import select

from bridge.db import Database
from bridge.letters.models import Letter
from bridge.migrations import _config, migrate

BEFORE = "0010"
ROWS = """
INSERT INTO workspaces (id, key, created_at) VALUES (1, 'acme', '2026-03-02 09:00:00');
INSERT INTO members (id, workspace_id, joined_at, merged_by, tier)
  VALUES (5, 1, '2026-03-02 09:00:00', '', '');
INSERT INTO referral_codes (id, workspace_id, member_id, partner, code, made_at)
  VALUES (6, 1, 5, '', 'ADA', '2026-03-02 09:00:00');
INSERT INTO referrals (id, workspace_id, code_id, email, mailbox, store_id, token_hash, nonce,
  language, state, reasons, asked_at, order_id, decided_by, reward_points)
  SELECT 7 + n, 1, 6, n || '@example.com', '', '', '', '', 'en', 'rewarded', '[]',
  '2026-03-02 09:00:00', '', '', 500 FROM (SELECT 0 AS n UNION SELECT 1 UNION SELECT 2) AS many;
INSERT INTO referral_letters (workspace_id, referral_id, kind, made_at, not_before, times_sent,
  attempts, lease_owner, error, is_dead)
  SELECT 1, id, 'reward', '2026-03-02 09:00:00', '2026-03-02 09:00:00', 0, 1, '', '', id = 8
  FROM referrals;
UPDATE referral_letters SET sent_at = '2026-03-02 09:00:00' WHERE referral_id = 7;
INSERT INTO referral_letters (workspace_id, referral_id, kind, made_at, not_before, times_sent,
  attempts, lease_owner, error, is_dead)
  VALUES (1, 7, 'code', '2026-03-02 09:00:00', '2026-03-02 09:00:00', 0, 0, '', '', '0');
"""


def test_they_are_letters_to_members_now_and_none_is_sent_twice(database: Database) -> None:
    with database.migrating() as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.downgrade(config, BEFORE)
        for statement in ROWS.split(";")[:-1]:
            connection.execute(text(statement))
    migrate(database)
    with database.reading() as session:
        letters = session.exec(select(Letter).order_by(Letter.cause)).all()  # type: ignore[arg-type]
        left = session.connection().execute(text("SELECT kind FROM referral_letters")).scalars()
        assert list(left) == ["code"]
    assert [(one.cause, one.state, one.member_id, one.details) for one in letters] == [
        ("7", "sent", 5, {"referral": 7}),
        ("8", "failed", 5, {"referral": 8}),
        ("9", "waiting", 5, {"referral": 9}),
    ]
