"""Why a delivery is of no use."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("inbox", sa.Column("reason", sa.String(), nullable=True))


def downgrade() -> None:
    op.drop_column("inbox", "reason")
