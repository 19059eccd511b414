"""What of donations has to be known to act on them; what is theirs alone is no flag."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for column in (
        sa.Column("status_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("told", sa.JSON(), nullable=True),
        sa.Column("shown", sa.JSON(), nullable=False, server_default="{}"),
        sa.Column("gone", sa.Boolean(), nullable=False, server_default=sa.false()),
    ):
        op.add_column("donation", column)
    op.drop_column("donation", "flags")
    op.create_index("donation_contact", "donation", ["portal", "contact_id"])
    op.create_index("donation_status", "donation", ["portal", "status_at"])


def downgrade() -> None:
    for index in ("donation_status", "donation_contact"):
        op.drop_index(index, "donation")
    op.add_column("donation", sa.Column("flags", sa.JSON(), nullable=False, server_default="[]"))
    for column in ("gone", "shown", "told", "status_at"):
        op.drop_column("donation", column)
