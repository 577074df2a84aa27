"""views of releases and events; more columns of the history (the views themselves are made anew by `migrate`)"""

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
