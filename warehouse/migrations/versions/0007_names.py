"""what names are linked by, ids that went, and what a page states beside the marks of a name"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

COLUMNS = (
    ("claim", "conditions", sa.String, "''"),
    ("model", "listed", sa.Boolean, "false"),
    ("model", "in_use", sa.Boolean, "true"),
    ("model", "successors", sa.String, None),
)
"""By table: a column, its type and what old rows have; None for a column that may be empty."""


def upgrade() -> None:
    """Add what is needed to link names again; of old claims all terms are taken as stated."""
    op.create_table(
        "linking",
        sa.Column("inputs", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("inputs", name=op.f("pk_linking")),
    )
    for table, column, kind, default in COLUMNS:
        given = sa.text(default) if default else None
        added = sa.Column(column, kind(), nullable=default is None, server_default=given)
        op.add_column(table, added)
    op.execute("UPDATE claim SET conditions = terms")
    op.execute("UPDATE refusal SET code = 'no_seller' WHERE reason LIKE 'no seller: %'")


def downgrade() -> None:
    for table, column, _, _ in COLUMNS:
        op.execute(f"ALTER TABLE {table} DROP COLUMN {column}")  # in place: others refer to it
    op.drop_table("linking")
