"""Alembic's environment: the connection comes from the caller; there is no alembic.ini."""

from alembic import context
from sqlmodel import SQLModel

import almanac.warehouse.tables  # noqa: F401  the tables register themselves

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=SQLModel.metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    include_object=lambda o, name, kind, reflected, to: (
        kind != "table" or name in SQLModel.metadata.tables
    ),
)
with context.begin_transaction():
    context.run_migrations()
