"""Points that are held for shoppers' baskets."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bridge.kit.columns import UtcDateTime

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

_INDEXES = {
    "ix_vouchers_customer": ["installation_id", "customer_id", "state"],
    "ix_vouchers_basket": ["installation_id", "is_wanted", "removed_at"],
}
_OF_BASKETS = sa.text("basket_minor IS NOT NULL")
_AT = "ix_basket_requests_at"


def upgrade() -> None:
    op.add_column("vouchers", sa.Column("basket_minor", sa.BigInteger(), nullable=True))
    op.add_column(
        "vouchers", sa.Column("customer_id", sa.String(), nullable=False, server_default="")
    )
    for name, columns in _INDEXES.items():
        op.create_index(
            name, "vouchers", columns, sqlite_where=_OF_BASKETS, postgresql_where=_OF_BASKETS
        )
    op.create_table(
        "basket_requests",
        sa.Column("workspace_id", sa.Integer(), sa.ForeignKey("workspaces.id"), nullable=False),
        sa.Column("request", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "request"),
    )
    op.create_index(_AT, "basket_requests", ["workspace_id", "at"])


def downgrade() -> None:
    op.drop_table("basket_requests")
    for name in _INDEXES:
        op.drop_index(name, "vouchers")
    op.drop_column("vouchers", "customer_id")
    op.drop_column("vouchers", "basket_minor")
