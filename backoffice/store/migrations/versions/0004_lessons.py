"""The read model of courses and enrolments."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "course",
        sa.Column("portal", sa.String(), primary_key=True),
        sa.Column("product_id", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("lessons", sa.JSON(), nullable=False),
        sa.Column("unreadable", sa.JSON(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
    )
    _create_enrolment()
    op.create_table(
        "product_card",
        sa.Column("portal", sa.String(), primary_key=True),
        sa.Column("product_id", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("card_id", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "cursor",
        sa.Column("portal", sa.String(), primary_key=True),
        sa.Column("name", sa.String(), primary_key=True),
        sa.Column("value", sa.String(), nullable=False),
    )


def downgrade() -> None:
    for table in ("cursor", "product_card", "enrolment_course", "enrolment", "course"):
        op.drop_table(table)


def _create_enrolment() -> None:
    op.create_table(
        "enrolment",
        sa.Column("portal", sa.String(), primary_key=True),
        sa.Column("deal_id", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("responsible_id", sa.BigInteger(), nullable=False),
        sa.Column("contact_ids", sa.JSON(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "enrolment_course",
        sa.Column("portal", sa.String(), primary_key=True),
        sa.Column("deal_id", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("product_id", sa.BigInteger(), primary_key=True, autoincrement=False),
    )
    op.create_index("ix_enrolment_course_product_id", "enrolment_course", ["portal", "product_id"])
