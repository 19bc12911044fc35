"""What plugins in the shops were told, and what became of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bridge.kit.columns import UtcDateTime

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "plugin_states",
        sa.Column(
            "installation_id", sa.Integer(), sa.ForeignKey("installations.id"), nullable=False
        ),
        sa.Column("workspace_id", sa.Integer(), sa.ForeignKey("workspaces.id"), nullable=False),
        sa.Column("looked_at", UtcDateTime(), nullable=True),
        sa.Column("watched_until", UtcDateTime(), nullable=True),
        sa.Column("told", sa.String(), nullable=False),
        sa.Column("told_at", UtcDateTime(), nullable=True),
        sa.Column("problem", sa.String(), nullable=False),
        sa.Column("nonce", sa.String(), nullable=False),
        sa.Column("heard_at", UtcDateTime(), nullable=True),
        sa.Column("is_forgotten", sa.Boolean(), nullable=False),
        sa.Column("link_made_at", UtcDateTime(), nullable=True),
        sa.Column("gave_gifts", sa.Boolean(), nullable=False),
        sa.Column("gone_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("installation_id"),
    )
    op.create_index("ix_plugin_states_workspace_id", "plugin_states", ["workspace_id"])


def downgrade() -> None:
    op.drop_index("ix_plugin_states_workspace_id", table_name="plugin_states")
    op.drop_table("plugin_states")
