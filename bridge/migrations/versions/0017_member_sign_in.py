"""How members come to their own pages: codes, links, sessions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bridge.kit.columns import UtcDateTime

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_DUE = "ix_letters_kind"


def upgrade() -> None:
    _codes()
    _sessions()
    _links()
    op.create_table(
        "member_tries",
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("level", sa.Float(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"]),
        sa.PrimaryKeyConstraint("workspace_id", "subject"),
    )
    op.create_index("ix_member_tries_at", "member_tries", ["at"])
    op.create_index(_DUE, "letters", ["workspace_id", "kind", "state", "not_before"])


def _codes() -> None:
    op.create_table(
        "member_codes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("browser_hash", sa.String(), nullable=False),
        sa.Column("address_hash", sa.String(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=True),
        sa.Column("nonce", sa.String(), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.Column("guesses", sa.Integer(), nullable=False),
        sa.Column("is_over", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"]),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_member_codes_browser", "member_codes", ["workspace_id", "browser_hash"])
    op.create_index("ix_member_codes_ends_at", "member_codes", ["ends_at"])
    op.create_index("ix_member_codes_member_id", "member_codes", ["member_id"])


def _sessions() -> None:
    op.create_table(
        "member_sessions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("address_hash", sa.String(), nullable=False),
        sa.Column("installation_id", sa.Integer(), nullable=True),
        sa.Column("customer_id", sa.String(), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["installation_id"], ["installations.id"]),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"]),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("token_hash"),
    )
    op.create_index("ix_member_sessions_ends_at", "member_sessions", ["ends_at"])
    op.create_index("ix_member_sessions_member_id", "member_sessions", ["member_id"])


def _links() -> None:
    op.create_table(
        "member_link_keys",
        sa.Column("installation_id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("secret", sa.String(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["installation_id"], ["installations.id"]),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"]),
        sa.PrimaryKeyConstraint("installation_id"),
        sa.UniqueConstraint("token"),
    )
    op.create_index("ix_member_link_keys_workspace_id", "member_link_keys", ["workspace_id"])
    op.create_table(
        "member_link_uses",
        sa.Column("installation_id", sa.Integer(), nullable=False),
        sa.Column("nonce", sa.String(), nullable=False),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["installation_id"], ["installations.id"]),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"]),
        sa.PrimaryKeyConstraint("installation_id", "nonce"),
    )
    op.create_index("ix_member_link_uses_ends_at", "member_link_uses", ["ends_at"])
    op.create_index("ix_member_link_uses_workspace_id", "member_link_uses", ["workspace_id"])


def downgrade() -> None:
    op.drop_index(_DUE, table_name="letters")
    for table in (
        "member_tries",
        "member_link_uses",
        "member_link_keys",
        "member_sessions",
        "member_codes",
    ):
        op.drop_table(table)
