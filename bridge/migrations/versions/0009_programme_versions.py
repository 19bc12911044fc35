"""Versions of a programme say who made them, why, and what he wrote."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("made_by", "why", "source"):
        op.add_column(
            "programme_versions",
            sa.Column(name, sa.String(), nullable=False, server_default=""),
        )


def downgrade() -> None:
    for name in ("source", "why", "made_by"):
        op.drop_column("programme_versions", name)
