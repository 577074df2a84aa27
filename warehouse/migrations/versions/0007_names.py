"""what names are linked by, ids that went, and what a page states beside the marks of a name"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add what is needed to link names again; of old claims all terms are taken as stated."""
    op.create_table(
        "linking",
        sa.Column("inputs", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("inputs", name=op.f("pk_linking")),
    )
    op.add_column("model", sa.Column("successors", sa.String(), nullable=True))
    added = sa.Column("conditions", sa.String(), nullable=False, server_default="")
    op.add_column("claim", added)
    op.execute("UPDATE claim SET conditions = terms")


def downgrade() -> None:
    for table, column in (("claim", "conditions"), ("model", "successors")):
        op.execute(f"ALTER TABLE {table} DROP COLUMN {column}")  # in place: others refer to it
    op.drop_table("linking")
