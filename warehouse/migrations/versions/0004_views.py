"""marks of what is to be resolved; views of releases and events

The views themselves are made anew by `migrate`.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column(
        "unresolved", sa.Column("mark", sa.BigInteger(), nullable=False, server_default="0")
    )
    with op.batch_alter_table("unresolved") as batch:
        batch.alter_column(
            "mark", server_default=None, existing_type=sa.BigInteger(), existing_nullable=False
        )


def downgrade() -> None:
    with op.batch_alter_table("unresolved") as batch:
        batch.drop_column("mark")
