"""What of the bridge's own is installed inside a shop."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("shop_facts", sa.Column("plugin", sa.JSON(), nullable=True))


def downgrade() -> None:
    op.drop_column("shop_facts", "plugin")
