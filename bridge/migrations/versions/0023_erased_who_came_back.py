"""Who was erased and ordered again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bridge.kit.columns import UtcDateTime

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("erased_keys", sa.Column("back_at", UtcDateTime(), nullable=True))


def downgrade() -> None:
    op.drop_column("erased_keys", "back_at")
