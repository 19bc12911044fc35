"""Shops where a plugin holds the balances."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bridge.kit.columns import UtcDateTime

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "balance_places",
        sa.Column(
            "installation_id", sa.Integer(), sa.ForeignKey("installations.id"), nullable=False
        ),
        sa.Column("workspace_id", sa.Integer(), sa.ForeignKey("workspaces.id"), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("installation_id"),
    )
    op.create_index("ix_balance_places_workspace_id", "balance_places", ["workspace_id"])


def downgrade() -> None:
    op.drop_index("ix_balance_places_workspace_id", table_name="balance_places")
    op.drop_table("balance_places")
