"""runs of unchanged looks, pages and trees, what a release knew of its sources"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    with op.batch_alter_table("look") as batch:
        batch.add_column(sa.Column("last_at", sa.String(), nullable=False, server_default=""))
        batch.add_column(sa.Column("again", sa.Text(), nullable=False, server_default=""))
        batch.drop_constraint(op.f("ck_look_digest"), type_="check")
        batch.create_check_constraint(op.f("ck_look_digest"), "length(digest) IN (40, 64)")
    op.execute("UPDATE look SET last_at = fetched_at")
    with op.batch_alter_table("look") as batch:
        batch.alter_column(
            "last_at", server_default=None, existing_type=sa.String(), existing_nullable=False
        )
        batch.alter_column(
            "again", server_default=None, existing_type=sa.Text(), existing_nullable=False
        )
    op.create_table(
        "page",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("page", sa.String(), nullable=False),
        sa.Column("tree", sa.String(), nullable=False),
        sa.Column("last_look", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("source", "page", name=op.f("pk_page")),
    )
    op.execute(
        "INSERT INTO page (source, page, tree, last_look) SELECT source, page, '',"
        " max(CASE WHEN good THEN fetched_at END) FROM look GROUP BY source, page"
    )
    op.add_column("release", sa.Column("sources", sa.Text(), nullable=False, server_default="{}"))
    op.add_column("release", sa.Column("retired_at", sa.String(), nullable=True))


def downgrade() -> None:
    """Each run of looks becomes its looks again.

    What was read of repositories goes: no older table can hold it.
    """
    op.execute(
        "DELETE FROM spell WHERE claim_id IN (SELECT c.id FROM claim c"
        " JOIN page p ON p.source = c.source AND p.page = c.page WHERE p.tree <> '')"
    )
    op.execute("DELETE FROM look WHERE length(digest) <> 64")
    look = sa.Table("look", sa.MetaData(), autoload_with=op.get_bind())
    same = [c for c in look.c if c.name not in ("id", "fetched_at", "last_at", "again")]
    runs = op.get_bind().execute(sa.select(look.c.again, *same).where(look.c.again != "")).all()
    rows = [
        {
            **dict(zip([c.name for c in same], kept, strict=True)),
            "fetched_at": moment,
            "last_at": moment,
            "again": "",
        }
        for again, *kept in runs
        for moment in again.split()
    ]
    if rows:
        op.bulk_insert(look, rows)
    op.drop_table("page")
    op.execute("ALTER TABLE release DROP COLUMN sources")  # in place: figures refer to the table
    op.execute("ALTER TABLE release DROP COLUMN retired_at")
    with op.batch_alter_table("look") as batch:
        batch.drop_constraint(op.f("ck_look_digest"), type_="check")
        batch.create_check_constraint(op.f("ck_look_digest"), "length(digest) = 64")
        batch.drop_column("again")
        batch.drop_column("last_at")
