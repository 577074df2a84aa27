"""what names are linked by, ids that went, and what a page states beside the marks of a name"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

COLUMNS = (
    ("claim", sa.Column("conditions", sa.String(), nullable=False, server_default="")),
    ("model", sa.Column("listed", sa.Boolean(), nullable=False, server_default=sa.false())),
    ("model", sa.Column("in_use", sa.Boolean(), nullable=False, server_default=sa.true())),
    ("model", sa.Column("successors", sa.String(), nullable=True)),
)


def upgrade() -> None:
    """Add what is needed to link names again; of old claims all terms are taken as stated."""
    op.create_table(
        "linking",
        sa.Column("inputs", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("inputs", name=op.f("pk_linking")),
    )
    for table, column in COLUMNS:
        op.add_column(table, column.copy())
    op.execute("UPDATE claim SET conditions = terms")


def downgrade() -> None:
    for table, column in COLUMNS:
        op.execute(f"ALTER TABLE {table} DROP COLUMN {column.name}")  # in place: others refer to it
    op.drop_table("linking")
