"""codes beside the sentences by which programs decided"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

COLUMNS = (("claim", "link_status"), ("look", "failure"), ("refusal", "code"))


def upgrade() -> None:
    """Add the columns, and say of each old row what its sentence says."""
    for table, column in COLUMNS:
        added = sa.Column(column, sa.String(), nullable=False, server_default="")
        op.add_column(table, added)
    op.execute(
        "UPDATE claim SET link_status = CASE"
        " WHEN link_reason LIKE 'a name that moves%' THEN 'linked_as_of'"
        " WHEN link_reason LIKE 'a moving name%' THEN 'moving'"
        " WHEN model <> '' THEN 'linked'"
        " WHEN link_reason LIKE 'several models%' THEN 'ambiguous'"
        " WHEN link_reason LIKE 'ruled by %' THEN 'ruled_out'"
        " ELSE 'unknown' END"
    )
    op.execute(
        "UPDATE look SET failure = CASE"
        " WHEN failed LIKE '%archive record%' THEN 'damaged'"
        " WHEN failed LIKE 'layout guard%' THEN 'collapsed'"
        " ELSE 'unread' END WHERE failed <> ''"
    )
    op.execute(
        "UPDATE refusal SET code = 'name_waits'"
        " WHERE stage = 'link' AND locator LIKE '%claims wait, %'"
    )


def downgrade() -> None:
    for table, column in COLUMNS:
        op.execute(f"ALTER TABLE {table} DROP COLUMN {column}")  # in place: others refer to it
