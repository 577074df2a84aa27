"""looks that gave nothing, and the time in which a source is stale"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "missed_look",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("page", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("first_at", sa.String(), nullable=False),
        sa.Column("again", sa.Text(), nullable=False),
        sa.Column("last_at", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_missed_look")),
    )
    op.create_index("ix_missed_look_page", "missed_look", ["source", "page", "last_at"])
    op.create_table(
        "stale_source",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("since", sa.String(), nullable=False),
        sa.Column("last_at", sa.String(), nullable=False),
        sa.Column("until", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("told", sa.String(), nullable=False),
        sa.Column("waiting", sa.String(), nullable=False),
        sa.CheckConstraint("told IN ('', 'stale', 'well')", name=op.f("ck_stale_source_told")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stale_source")),
    )
    op.create_index("ix_stale_source_until", "stale_source", ["until"])
    op.create_index(op.f("ix_stale_source_source"), "stale_source", ["source"])


def downgrade() -> None:
    op.drop_table("stale_source")
    op.drop_table("missed_look")
