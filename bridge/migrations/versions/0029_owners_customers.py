"""Which customers a shop was told to own a code, to take it away from them again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "voucher_owners", sa.Column("customers", sa.String(), nullable=False, server_default="")
    )


def downgrade() -> None:
    op.drop_column("voucher_owners", "customers")
