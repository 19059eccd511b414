"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_effect()
    _create_event()
    _create_participation()
    _create_contact_alias()
    _create_inbox()
    _create_counter()
    _create_portal_budget()


def downgrade() -> None:
    for table in ("portal_budget", "counter", "inbox", "contact_alias", "participation", "event", "effect"):
        op.drop_table(table)


def _create_effect() -> None:
    op.create_table(
        "effect",
        sa.Column("portal", sa.String(), primary_key=True),
        sa.Column("kind", sa.String(), primary_key=True),
        sa.Column("key", sa.String(), primary_key=True),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("portal_id", sa.String(), nullable=True),
    )


def _create_event() -> None:
    op.create_table(
        "event",
        sa.Column("portal", sa.String(), primary_key=True),
        sa.Column("event_id", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("section_id", sa.BigInteger(), nullable=True),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=True),
    )


def _create_participation() -> None:
    op.create_table(
        "participation",
        sa.Column("portal", sa.String(), primary_key=True),
        sa.Column("event_id", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("ticket_id", sa.String(), primary_key=True),
        sa.Column("contact_id", sa.BigInteger(), nullable=True),
        sa.Column("element_id", sa.BigInteger(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("attended", sa.Boolean(), nullable=False),
    )
    op.create_index("ix_participation_contact_id", "participation", ["contact_id"])


def _create_contact_alias() -> None:
    op.create_table(
        "contact_alias",
        sa.Column("portal", sa.String(), primary_key=True),
        sa.Column("contact_id", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("survivor_id", sa.BigInteger(), nullable=True),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
    )


def _create_inbox() -> None:
    op.create_table(
        "inbox",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("delivery_key", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("starts", sa.Integer(), nullable=False),
        sa.Column("last_started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("flow_run_id", sa.String(), nullable=True),
        sa.Column("handled_at", sa.DateTime(timezone=True), nullable=True),
        sa.UniqueConstraint("source", "delivery_key", name="inbox_delivery"),
        sqlite_autoincrement=True,
    )
    op.create_index("inbox_state", "inbox", ["state", "source"])


def _create_counter() -> None:
    op.create_table(
        "counter",
        sa.Column("name", sa.String(), primary_key=True),
        sa.Column("total", sa.BigInteger(), nullable=False),
    )


def _create_portal_budget() -> None:
    op.create_table(
        "portal_budget",
        sa.Column("portal", sa.String(), primary_key=True),
        sa.Column("level", sa.Double(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
    )
