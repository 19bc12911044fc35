"""Letters to members, and which of them each does not want."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bridge.kit.columns import UtcDateTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "letters",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("not_before", UtcDateTime(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("begun_at", UtcDateTime(), nullable=True),
        sa.Column("sent_at", UtcDateTime(), nullable=True),
        sa.Column("lease_owner", sa.String(), nullable=False),
        sa.Column("lease_until", UtcDateTime(), nullable=True),
        sa.Column("error", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"]),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("workspace_id", "kind", "cause", name="one_cause_one_letter"),
    )
    op.create_index("ix_letters_due", "letters", ["workspace_id", "state", "not_before"])
    op.create_index("ix_letters_begun", "letters", ["workspace_id", "begun_at"])
    op.create_index("ix_letters_member", "letters", ["workspace_id", "member_id"])
    op.create_table(
        "letter_refusals",
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("refused_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"]),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"]),
        sa.PrimaryKeyConstraint("workspace_id", "member_id", "kind"),
    )
    op.create_index("ix_vouchers_made", "vouchers", ["workspace_id", "made_at"])
    _take_over_thanks()


def _take_over_thanks() -> None:
    """Letters to who recommended somebody are letters to members now."""
    details = "'{\"referral\": ' || l.referral_id || '}'"
    if op.get_bind().dialect.name == "postgresql":
        details = f"CAST({details} AS JSON)"
    op.execute(_TAKE_OVER.replace("DETAILS", details))
    op.execute("DELETE FROM referral_letters WHERE kind = 'reward'")


_TAKE_OVER = """
INSERT INTO letters (workspace_id, kind, cause, member_id, details, made_at, not_before, state,
  attempts, begun_at, sent_at, lease_owner, lease_until, error)
SELECT l.workspace_id, 'referral', CAST(l.referral_id AS VARCHAR), c.member_id, DETAILS,
  l.made_at, l.not_before,
  CASE WHEN l.sent_at IS NOT NULL THEN 'sent' WHEN l.is_dead THEN 'failed' ELSE 'waiting' END,
  l.attempts, l.sent_at, l.sent_at, '', NULL, l.error
FROM referral_letters l
JOIN referrals r ON r.id = l.referral_id
JOIN referral_codes c ON c.id = r.code_id
WHERE l.kind = 'reward'
"""


def downgrade() -> None:
    op.drop_index("ix_vouchers_made", "vouchers")
    op.drop_table("letter_refusals")
    op.drop_index("ix_letters_member", "letters")
    op.drop_index("ix_letters_begun", "letters")
    op.drop_index("ix_letters_due", "letters")
    op.drop_table("letters")
