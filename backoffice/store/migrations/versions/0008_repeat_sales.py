"""The copy of the portal's deals, and the calls asked for by what it says."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_sale()
    _create_call_task()


def downgrade() -> None:
    for table in ("call_task", "sale"):
        op.drop_table(table)


def _create_sale() -> None:
    op.create_table(
        "sale",
        sa.Column("portal", sa.String(), primary_key=True),
        sa.Column("deal_id", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("client", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("amount", sa.String(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("responsible_id", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reading", sa.BigInteger(), nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("sale_client", "sale", ["portal", "client", "state", "closed_on"])


def _create_call_task() -> None:
    op.create_table(
        "call_task",
        sa.Column("portal", sa.String(), primary_key=True),
        sa.Column("client", sa.String(), primary_key=True),
        sa.Column("deal_id", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("task_id", sa.BigInteger(), nullable=True),
        sa.Column("responsible_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("asked_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("done_by", sa.BigInteger(), nullable=True),
    )
    op.create_index("call_task_state", "call_task", ["portal", "state"])
