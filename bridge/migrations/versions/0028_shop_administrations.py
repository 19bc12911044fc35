"""Whoever comes from a shop's administration."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bridge.kit.columns import UtcDateTime

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

_INDEXED = ("workspace_id", "installation_id", "ends_at")


def upgrade() -> None:
    op.create_table(
        "shop_administrations",
        sa.Column(
            "installation_id", sa.Integer(), sa.ForeignKey("installations.id"), nullable=False
        ),
        sa.Column("workspace_id", sa.Integer(), sa.ForeignKey("workspaces.id"), nullable=False),
        sa.Column("user_id", sa.Integer(), sa.ForeignKey("users.id"), nullable=False),
        sa.PrimaryKeyConstraint("installation_id"),
        sa.UniqueConstraint("user_id"),
    )
    op.create_index(
        "ix_shop_administrations_workspace_id", "shop_administrations", ["workspace_id"]
    )
    op.create_table(
        "administration_tickets",
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("workspace_id", sa.Integer(), sa.ForeignKey("workspaces.id"), nullable=False),
        sa.Column(
            "installation_id", sa.Integer(), sa.ForeignKey("installations.id"), nullable=False
        ),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("shop_user", sa.String(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("token_hash"),
    )
    for column in _INDEXED:
        op.create_index(f"ix_administration_tickets_{column}", "administration_tickets", [column])


def downgrade() -> None:
    op.drop_table("administration_tickets")
    op.drop_table("shop_administrations")
