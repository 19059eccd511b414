"""Alembic's entry: migrates in the transaction of `upgrade`, or the store at `-x url=…` for a developer's alembic."""

from alembic import context
from sqlalchemy import Connection

from backoffice.store.engine import open_engine
from backoffice.store.tables import metadata


def migrate(connection: Connection) -> None:
    # SQLite alters a table by copying it.
    context.configure(connection, target_metadata=metadata, render_as_batch=connection.dialect.name == "sqlite")
    with context.begin_transaction():
        context.run_migrations()


if shared := context.config.attributes.get("connection"):
    migrate(shared)
else:
    engine = open_engine(context.get_x_argument(as_dictionary=True)["url"])
    with engine.execution_options(writes=True).begin() as own:
        migrate(own)
