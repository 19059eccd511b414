"""The donations of the fund's sites."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "donation",
        sa.Column("portal", sa.String(), primary_key=True),
        sa.Column("site", sa.String(), primary_key=True),
        sa.Column("donation_id", sa.BigInteger(), primary_key=True, autoincrement=False),
        *_what_the_site_told(),
        *_what_we_make_of_it(),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("donation_work", "donation", ["portal", "created_at"])
    op.create_index("donation_donor", "donation", ["portal", "donor_key"])
    op.create_index("donation_charge", "donation", ["portal", "transaction_id"])


def downgrade() -> None:
    op.drop_table("donation")


def _what_the_site_told() -> list[sa.Column[Any]]:
    return [
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("status_seq", sa.BigInteger(), nullable=False),
        sa.Column("snapshot_seq", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("snapshot_hash", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("amount", sa.String(), nullable=True),
        sa.Column("amount_total", sa.String(), nullable=True),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("payment_type", sa.String(), nullable=False),
        sa.Column("subscription_id", sa.BigInteger(), nullable=True),
        sa.Column("campaign_id", sa.BigInteger(), nullable=True),
        sa.Column("donor_key", sa.String(), nullable=False),
        sa.Column("gateway", sa.String(), nullable=False),
        sa.Column("transaction_id", sa.String(), nullable=False),
        sa.Column("placeholder", sa.Boolean(), nullable=False),
    ]


def _what_we_make_of_it() -> list[sa.Column[Any]]:
    return [
        sa.Column("repeated", sa.Boolean(), nullable=False),
        sa.Column("duplicate_of", sa.BigInteger(), nullable=True),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("worked", sa.String(), nullable=False),
        sa.Column("deal_id", sa.BigInteger(), nullable=True),
        sa.Column("contact_id", sa.BigInteger(), nullable=True),
        sa.Column("superseded_by", sa.BigInteger(), nullable=True),
        sa.Column("flags", sa.JSON(), nullable=False),
    ]
