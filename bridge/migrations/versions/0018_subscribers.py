"""Other systems that are told of events, and since when vouchers and tiers are what they are."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bridge.kit.columns import UtcDateTime

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_INDEXES = (
    ("ix_vouchers_ready", "vouchers", ["workspace_id", "ready_at"]),
    ("ix_vouchers_used", "vouchers", ["workspace_id", "used_at"]),
    ("ix_vouchers_ended", "vouchers", ["workspace_id", "ended_at"]),
    ("ix_reward_claims_claimed", "reward_claims", ["workspace_id", "claimed_at"]),
    ("ix_reward_claims_decided", "reward_claims", ["workspace_id", "decided_at"]),
    ("ix_members_merged", "members", ["workspace_id", "merged_at"]),
)


def upgrade() -> None:
    op.add_column("vouchers", sa.Column("ready_at", UtcDateTime(), nullable=True))
    op.add_column("vouchers", sa.Column("used_at", UtcDateTime(), nullable=True))
    for name, table, columns in _INDEXES:
        op.create_index(name, table, columns)
    # What is ready already is not told of anew when its code is read once more.
    op.execute("UPDATE vouchers SET ready_at = issued_at WHERE issued_at IS NOT NULL")
    _make_tier_changes()
    _make_subscribers()
    _make_messages()


def downgrade() -> None:
    for table in ("subscriber_messages", "subscriber_cursors", "subscribers", "tier_changes"):
        op.drop_table(table)
    for name, table, _columns in reversed(_INDEXES):
        op.drop_index(name, table_name=table)
    op.drop_column("vouchers", "used_at")
    op.drop_column("vouchers", "ready_at")


def _make_tier_changes() -> None:
    op.create_table(
        "tier_changes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("before", sa.String(), nullable=False),
        sa.Column("after", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"]),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_tier_changes_at", "tier_changes", ["workspace_id", "at"])
    op.create_index("ix_tier_changes_member_id", "tier_changes", ["member_id"])


def _make_subscribers() -> None:
    op.create_table(
        "subscribers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("types", sa.JSON(), nullable=False),
        sa.Column("with_email", sa.Boolean(), nullable=False),
        sa.Column("is_public_only", sa.Boolean(), nullable=False),
        sa.Column("secret", sa.String(), nullable=False),
        sa.Column("old_secret", sa.String(), nullable=False),
        sa.Column("old_until", UtcDateTime(), nullable=True),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("begins_at", UtcDateTime(), nullable=False),
        sa.Column("disabled", sa.String(), nullable=False),
        sa.Column("disabled_at", UtcDateTime(), nullable=True),
        sa.Column("failing_since", UtcDateTime(), nullable=True),
        sa.Column("failed_at", UtcDateTime(), nullable=True),
        sa.Column("busy", sa.Integer(), nullable=False),
        sa.Column("not_before", UtcDateTime(), nullable=True),
        sa.Column("delivered_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("workspace_id", "name"),
    )
    op.create_table(
        "subscriber_cursors",
        sa.Column("subscriber_id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("through", UtcDateTime(), nullable=False),
        sa.Column("last_id", sa.Integer(), nullable=False),
        sa.Column("seen_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["subscriber_id"], ["subscribers.id"]),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"]),
        sa.PrimaryKeyConstraint("subscriber_id", "source"),
    )


def _make_messages() -> None:
    op.create_table(
        "subscriber_messages",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("subscriber_id", sa.Integer(), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("webhook_id", sa.String(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=True),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("not_before", UtcDateTime(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("begun_at", UtcDateTime(), nullable=True),
        sa.Column("delivered_at", UtcDateTime(), nullable=True),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("error", sa.String(), nullable=False),
        sa.Column("lease_owner", sa.String(), nullable=False),
        sa.Column("lease_until", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"]),
        sa.ForeignKeyConstraint(["subscriber_id"], ["subscribers.id"]),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("subscriber_id", "event", name="one_event_one_message"),
    )
    for name, columns in (
        ("ix_subscriber_messages_due", ["subscriber_id", "state", "not_before"]),
        ("ix_subscriber_messages_listed", ["subscriber_id", "id"]),
        ("ix_subscriber_messages_state", ["workspace_id", "state", "id"]),
        ("ix_subscriber_messages_made", ["workspace_id", "made_at"]),
        ("ix_subscriber_messages_member_id", ["member_id"]),
    ):
        op.create_index(name, "subscriber_messages", columns)
