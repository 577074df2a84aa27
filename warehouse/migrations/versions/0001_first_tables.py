"""first tables"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "claim",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("source", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("page", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("capture", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("subject_kind", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("subject", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("model", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("provider", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("model_said", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("provider_said", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("field", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("meter", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("terms", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("value", sa.Text(), nullable=True),
        sa.Column("value_integer", sa.BigInteger(), nullable=True),
        sa.Column("readings", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("bound", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("state", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("unit", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("printed", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("locator", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("basis", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("effective_from", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("link_score", sa.Float(), nullable=False),
        sa.Column("link_reason", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.CheckConstraint("(field = 'price') = (meter <> '')", name=op.f("ck_claim_meter")),
        sa.CheckConstraint(
            "(value IS NULL) = (state IN ('not_disclosed', 'not_applicable', 'not_found'))",
            name=op.f("ck_claim_state"),
        ),
        sa.CheckConstraint(
            "field <> 'price' OR value_integer >= 0 OR value IS NULL", name=op.f("ck_claim_price")
        ),
        sa.CheckConstraint(
            "subject_kind IN ('model', 'offer', 'evaluation')", name=op.f("ck_claim_subject_kind")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim")),
        sa.UniqueConstraint("key", name=op.f("uq_claim_key")),
    )
    with op.batch_alter_table("claim", schema=None) as batch_op:
        batch_op.create_index("ix_claim_page", ["source", "page"], unique=False)
        batch_op.create_index(
            "ix_claim_subject", ["subject", "field", "meter", "terms"], unique=False
        )

    op.create_table(
        "look",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("page", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("url", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("fetched_at", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("digest", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("media_type", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("reader_version", sa.Integer(), nullable=False),
        sa.Column("good", sa.Boolean(), nullable=False),
        sa.Column("failed", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("archive_file", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("archive_offset", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("length(digest) = 64", name=op.f("ck_look_digest")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_look")),
        sa.UniqueConstraint("source", "page", "fetched_at", "digest", name=op.f("uq_look_source")),
    )
    with op.batch_alter_table("look", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_look_digest"), ["digest"], unique=False)
        batch_op.create_index(
            "ix_look_page", ["source", "page", "good", "fetched_at"], unique=False
        )

    op.create_table(
        "model",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("maker", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("introduced_by", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_model")),
    )
    with op.batch_alter_table("model", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_model_maker"), ["maker"], unique=False)

    op.create_table(
        "refusal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("source", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("capture", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("stage", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("printed", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("locator", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("model", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("provider", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("field", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("candidates", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refusal")),
        sa.UniqueConstraint("key", name=op.f("uq_refusal_key")),
    )
    with op.batch_alter_table("refusal", schema=None) as batch_op:
        batch_op.create_index("ix_refusal_stage", ["stage", "source"], unique=False)

    op.create_table(
        "release",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("parent", sa.Integer(), nullable=True),
        sa.Column("code_version", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("digest", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("counts", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("stale", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("validation", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("diff", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_release")),
    )
    op.create_table(
        "unresolved",
        sa.Column("subject", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_unresolved")),
    )
    op.create_table(
        "figure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subject_kind", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("subject", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("model", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("provider", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("field", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("meter", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("terms", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("unit", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("value", sa.Text(), nullable=True),
        sa.Column("value_integer", sa.BigInteger(), nullable=True),
        sa.Column("state", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("rule", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("why", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("support", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("dissent", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("valid_from", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("valid_to", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("first_release", sa.Integer(), nullable=False),
        sa.Column("closed_release", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "confidence >= 0 AND confidence <= 1", name=op.f("ck_figure_confidence")
        ),
        sa.CheckConstraint("valid_from < valid_to", name=op.f("ck_figure_valid")),
        sa.ForeignKeyConstraint(
            ["closed_release"], ["release.id"], name=op.f("fk_figure_closed_release_release")
        ),
        sa.ForeignKeyConstraint(
            ["first_release"], ["release.id"], name=op.f("fk_figure_first_release_release")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_figure")),
    )
    with op.batch_alter_table("figure", schema=None) as batch_op:
        batch_op.create_index("ix_figure_conflict", ["state", "valid_to"], unique=False)
        batch_op.create_index("ix_figure_model", ["model", "subject_kind"], unique=False)
        batch_op.create_index(
            "ix_figure_release", ["closed_release", "first_release"], unique=False
        )
        batch_op.create_index(
            "ix_figure_subject", ["subject", "field", "meter", "terms", "valid_from"], unique=False
        )

    op.create_table(
        "spell",
        sa.Column("claim_id", sa.Integer(), nullable=False),
        sa.Column("first_look", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("last_look", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.CheckConstraint(
            "last_look IS NULL OR last_look >= first_look", name=op.f("ck_spell_order")
        ),
        sa.ForeignKeyConstraint(["claim_id"], ["claim.id"], name=op.f("fk_spell_claim_id_claim")),
        sa.PrimaryKeyConstraint("claim_id", "first_look", name=op.f("pk_spell")),
    )


def downgrade() -> None:
    op.drop_table("spell")
    with op.batch_alter_table("figure", schema=None) as batch_op:
        batch_op.drop_index("ix_figure_subject")
        batch_op.drop_index("ix_figure_release")
        batch_op.drop_index("ix_figure_model")
        batch_op.drop_index("ix_figure_conflict")

    op.drop_table("figure")
    op.drop_table("unresolved")
    op.drop_table("release")
    with op.batch_alter_table("refusal", schema=None) as batch_op:
        batch_op.drop_index("ix_refusal_stage")

    op.drop_table("refusal")
    with op.batch_alter_table("model", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_model_maker"))

    op.drop_table("model")
    with op.batch_alter_table("look", schema=None) as batch_op:
        batch_op.drop_index("ix_look_page")
        batch_op.drop_index(batch_op.f("ix_look_digest"))

    op.drop_table("look")
    with op.batch_alter_table("claim", schema=None) as batch_op:
        batch_op.drop_index("ix_claim_subject")
        batch_op.drop_index("ix_claim_page")

    op.drop_table("claim")
