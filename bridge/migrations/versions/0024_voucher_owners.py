"""What shops that guard codes were told of their owners."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bridge.kit.columns import UtcDateTime

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "voucher_owners",
        sa.Column("voucher_id", sa.Integer(), sa.ForeignKey("vouchers.id"), nullable=False),
        sa.Column("workspace_id", sa.Integer(), sa.ForeignKey("workspaces.id"), nullable=False),
        sa.Column(
            "installation_id", sa.Integer(), sa.ForeignKey("installations.id"), nullable=False
        ),
        sa.Column("told", sa.String(), nullable=False),
        sa.Column("told_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("voucher_id"),
    )
    op.create_index("ix_voucher_owners_shop", "voucher_owners", ["workspace_id", "installation_id"])


def downgrade() -> None:
    op.drop_table("voucher_owners")
