"""What waits for a person is found without looking through what does not."""

from __future__ import annotations

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_INDEXES = (
    ("ix_deliveries_state", "deliveries", ["workspace_id", "state", "id"]),
    ("ix_shown_balances_dead", "shown_balances", ["workspace_id", "is_dead"]),
    ("ix_vouchers_dead", "vouchers", ["workspace_id", "is_dead"]),
)


def upgrade() -> None:
    for name, table, columns in _INDEXES:
        op.create_index(name, table, columns)


def downgrade() -> None:
    for name, table, _columns in reversed(_INDEXES):
        op.drop_index(name, table_name=table)
