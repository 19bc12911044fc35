"""Members are found by what people type: the beginning of an address or of a company's name."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0006"
branch_labels = None
depends_on = None

BEGINS = "text_pattern_ops"
"""PostgreSQL's way to find what begins with a text, whatever the database's language."""


def upgrade() -> None:
    op.drop_index("ix_shop_customers_email", "shop_customers")
    op.create_index(
        "ix_shop_customers_email",
        "shop_customers",
        ["workspace_id", "email"],
        postgresql_ops={"email": BEGINS},
    )
    op.create_index(
        "ix_member_emails_begins",
        "member_emails",
        ["workspace_id", "email"],
        postgresql_ops={"email": BEGINS},
    )
    _begins("ix_shop_customers_company", "shop_customers", "company")
    _begins("ix_companies_name", "companies", "name")
    op.create_index("ix_members_tier", "members", ["workspace_id", "tier", "id"])
    op.create_index(
        "ix_member_segments_segment", "member_segments", ["workspace_id", "segment", "member_id"]
    )
    op.create_index(
        "ix_identity_questions_answer", "identity_questions", ["workspace_id", "answer", "id"]
    )
    op.create_index("ix_reward_claims_member", "reward_claims", ["workspace_id", "member_id"])


def _begins(name: str, table: str, column: str) -> None:
    in_small_letters = f"lower({column})"
    if op.get_bind().dialect.name == "postgresql":
        in_small_letters += f" {BEGINS}"
    op.create_index(name, table, ["workspace_id", sa.text(in_small_letters)])


def downgrade() -> None:
    op.drop_index("ix_reward_claims_member", "reward_claims")
    op.drop_index("ix_identity_questions_answer", "identity_questions")
    op.drop_index("ix_member_segments_segment", "member_segments")
    op.drop_index("ix_members_tier", "members")
    op.drop_index("ix_companies_name", "companies")
    op.drop_index("ix_shop_customers_company", "shop_customers")
    op.drop_index("ix_member_emails_begins", "member_emails")
    op.drop_index("ix_shop_customers_email", "shop_customers")
    op.create_index("ix_shop_customers_email", "shop_customers", ["workspace_id", "email"])
