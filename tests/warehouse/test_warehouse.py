"""The warehouse on SQLite and on PostgreSQL.

Migrations, releases, as-of, running again, reading while writing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.exc import IntegrityError

from almanac import warehouse
from almanac.flows.harvest.plan import Order
from almanac.flows.pipeline.pipeline import Plain, line
from almanac.schemas.claim import Claim
from almanac.warehouse.engine import engine, migrate
from almanac.warehouse.read.reader import NotThere
from almanac.warehouse.read.views import V1
from almanac.warehouse.tables import FOREVER
from almanac.warehouse.write.store import Store
from tests.conftest import BUILT, Save, build

OFFER = "openai:openai/gpt-4o-mini"


def _page(price: float, *names: str) -> str:
    return json.dumps(
        {
            n: {"litellm_provider": "openai", "mode": "chat", "input_cost_per_token": price}
            for n in names or ("gpt-4o-mini",)
        }
    )


def test_migrations_go_up_and_down_with_data_in_them(
    database: str, save: Save, tmp_path: Path
) -> None:
    build(tmp_path / "h", save("litellm", "2026-01-01", _page(1.5e-07)), database=database)
    db = engine(database)
    assert {"claim", "figure", "look", "model", "refusal", "release", "spell", "unresolved"} <= set(
        inspect(db).get_table_names()
    )
    assert set(V1) <= set(inspect(db).get_view_names())
    migrate(db, "base")
    assert "figure" not in inspect(db).get_table_names()
    migrate(db)
    assert "figure" in inspect(db).get_table_names()
    db.dispose()


def test_a_schema_taken_back_keeps_every_look_and_goes_up_again(
    database: str, save: Save, tmp_path: Path
) -> None:
    for day in ("2026-01-01", "2026-01-02", "2026-01-03"):
        folder = save("litellm", day, _page(1.5e-07))
    built = build(tmp_path / "h", folder, database=database)
    before = built.open().release()
    db = engine(database)
    migrate(db, "0002")
    with db.connect() as c:
        assert [r[0][:10] for r in c.execute(text("SELECT fetched_at FROM look ORDER BY 1"))] == [
            "2026-01-01",
            "2026-01-02",
            "2026-01-03",
        ]
        assert not set(V1) & set(inspect(db).get_view_names())
    migrate(db)
    db.dispose()
    reader = warehouse.open(database)
    assert reader.release() == replace(before, sources={}), (
        "an older schema keeps no account of sources"
    )
    assert [f.number for f in reader.figures(subject=OFFER, field="price")] == [150_000_000]
    (claim,) = reader.claims([1]).values()
    assert claim.last_look == "2026-01-03T00:00:00Z"
    again = build(tmp_path / "h", folder, database=database)
    assert not again.report.fresh and again.report.sources[0].unchanged == 3


def test_prices_come_in_the_order_of_their_claims(
    database: str, save: Save, tmp_path: Path
) -> None:
    """Where two sources price one offer the guards take the last, whatever moved in the file."""
    names = ("o3-mini", "gpt-4o-mini", "o1", "gpt-4.1", "gpt-4o", "gpt-5", "gpt-4.1-mini")
    build(tmp_path / "h", save("litellm", "2026-01-01", _page(1.5e-07, *names)), database=database)
    store = Store(database)
    with store.engine.begin() as c:
        c.execute(text("UPDATE claim SET printed = printed || ' ' WHERE id % 3 = 1"))
        wanted = c.execute(
            text("SELECT model FROM claim WHERE field = 'price' AND model <> '' ORDER BY id")
        )
        models = list(wanted.scalars())
    assert [row[0] for row in store.standing_prices()] == models and len(models) > 5
    assert models != sorted(models)
    store.close()


def test_the_schema_is_what_the_models_say(database: str) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext
    from sqlmodel import SQLModel

    store = Store(database)
    with store.engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "include_object": lambda o, n, k, r, c: (
                    k != "table" or n in SQLModel.metadata.tables
                )
            },
        )
        assert compare_metadata(context, SQLModel.metadata) == []
    store.close()


def test_a_price_that_goes_and_comes_back_is_three_intervals(
    database: str, save: Save, tmp_path: Path
) -> None:
    for day, names in (
        ("2026-01-01", ("gpt-4o-mini", "gpt-4o")),
        ("2026-01-02", ("gpt-4o",)),
        ("2026-01-03", ("gpt-4o-mini", "gpt-4o")),
    ):
        folder = save("litellm", day, _page(1.5e-07, *names))
    built = build(tmp_path / "h", folder, database=database)
    history = [(f.valid_from[:10], f.valid_to[:10]) for f in built.open().history(OFFER, "price")]
    assert history == [("2026-01-01", "2026-01-02"), ("2026-01-03", FOREVER[:10])]
    assert built.figure(OFFER, "price", "input", as_of="2026-01-02") is None
    assert built.figure(OFFER, "price", "input", as_of="2026-01-01T12:00:00Z").number == 150_000_000


def test_as_of_asks_for_the_price_of_the_day(database: str, save: Save, tmp_path: Path) -> None:
    save("litellm", "2026-01-01", _page(3e-06))
    built = build(tmp_path / "h", save("litellm", "2026-02-01", _page(2e-06)), database=database)
    assert built.figure(OFFER, "price", "input").number == 2_000_000_000
    assert built.figure(OFFER, "price", "input", as_of="2026-01-31").number == 3_000_000_000
    assert built.figure(OFFER, "price", "input", as_of="2025-12-31") is None


def test_captures_in_any_order_give_the_same_figures(save: Save, tmp_path: Path) -> None:
    for day, price in (("2026-01-01", 3e-06), ("2026-01-02", 2e-06), ("2026-01-03", 3e-06)):
        folder = save("litellm", day, _page(price))
    forward = build(tmp_path / "forward", folder)
    parts = tmp_path / "parts"
    for day in ("2026-01-03", "2026-01-01", "2026-01-02"):
        capture = parts / day / "litellm" / day
        capture.parent.mkdir(parents=True)
        capture.symlink_to(folder / "litellm" / day)
        backward = build(tmp_path / "backward", parts / day)
    assert backward.report.release == 3
    assert backward.open().release().digest == forward.open().release().digest


def test_running_again_changes_nothing(database: str, save: Save, tmp_path: Path) -> None:
    folder = save("litellm", "2026-01-01", _page(1.5e-07))
    first = build(tmp_path / "h", folder, database=database)
    again = build(tmp_path / "h", folder, database=database)
    assert (first.report.release, first.report.fresh) == (1, True)
    assert (again.report.release, again.report.fresh) == (1, False)
    assert again.report.sources[0].unchanged == 1 and len(again.open().releases()) == 1


def test_an_old_release_still_says_what_it_said(database: str, save: Save, tmp_path: Path) -> None:
    build(tmp_path / "h", save("litellm", "2026-01-01", _page(3e-06)), database=database)
    built = build(tmp_path / "h", save("litellm", "2026-02-01", _page(2e-06)), database=database)
    old = warehouse.open(database).as_of(known=1)
    assert [f.number for f in old.figures(subject=OFFER, field="price")] == [3_000_000_000]
    assert built.open().release(2).parent == 1
    diff = built.open().release(2).diff
    assert diff["change"] >= 1 and not diff["correction"]


def test_a_reader_sees_a_release_or_the_one_before_but_no_part(
    database: str, save: Save, tmp_path: Path
) -> None:
    built = build(tmp_path / "h", save("litellm", "2026-01-01", _page(3e-06)), database=database)
    reader = built.open()
    store = Store(database)
    with pytest.raises(RuntimeError), store.engine.execution_options(writing=True).begin() as c:
        c.execute(text("UPDATE figure SET closed_release = 1"))
        assert [f.number for f in reader.figures(subject=OFFER, field="price")] == [
            3_000_000_000
        ], "the writer has not committed"
        raise RuntimeError("killed")
    assert [f.number for f in reader.figures(subject=OFFER, field="price")] == [3_000_000_000]
    store.close()


def test_checks_stand_behind_the_models(database: str) -> None:
    store = Store(database)
    row = (
        "INSERT INTO spell (claim_id, first_look, last_look) VALUES (1, '2026-02-01', '2026-01-01')"
    )
    with pytest.raises(IntegrityError), store.engine.execution_options(writing=True).begin() as c:
        c.execute(text(row))
    store.close()


def test_a_claim_is_validated_before_it_is_a_row() -> None:
    good = {
        "source": "s",
        "capture": "0" * 64,
        "subject": "offer",
        "provider": "p",
        "model": "m",
        "field": "price",
        "meter": "input",
        "value": 1,
        "unit": "usd_per_mtok",
        "printed": "$1",
        "locator": "x",
    }
    Claim(**good)  # type: ignore[arg-type]
    for wrong in (
        {"meter": "inputs"},
        {"provider": None},
        {"field": "prize"},
        {"value": None},
        {"model": " "},
        {"surprise": 1},
    ):
        with pytest.raises(ValueError):
            Claim(**{**good, **wrong})  # type: ignore[arg-type]


def test_views_answer_what_the_python_api_answers(
    database: str, save: Save, tmp_path: Path
) -> None:
    built = build(tmp_path / "h", save("litellm", "2026-01-01", _page(1.5e-07)), database=database)
    db = engine(database)
    with db.connect() as c:
        rows = c.execute(text("SELECT offer, meter, amount_nano, unit FROM v1_prices")).all()
        for view in V1:
            c.execute(text(f"SELECT * FROM {view}")).all()
    assert [tuple(r) for r in rows] == [
        (f.subject, f.meter, f.number, f.unit) for f in built.open().figures(field="price")
    ]
    db.dispose()


def test_no_warehouse_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(NotThere, match="almanac refresh"):
        warehouse.open(f"sqlite:///{tmp_path / 'none.db'}")
    (tmp_path / "text.db").write_text(
        "not a database, only text that is long enough to be looked at" * 20
    )
    with pytest.raises(NotThere, match="is no warehouse"):
        warehouse.open(f"sqlite:///{tmp_path / 'text.db'}")


def test_a_broken_release_is_never_published(
    save: Save, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from almanac.flows.validation import expectations
    from almanac.schemas.expectations import Rule

    folder = save("litellm", "2026-01-01", _page(1.5e-07))
    built = build(tmp_path / "h", folder)
    monkeypatch.setattr(
        expectations,
        "figures_suite",
        lambda least: [Rule("row_count", low=1_000_000, high=2_000_000, why="seeded")],
    )
    with pytest.raises(expectations.Rejected, match="row_count"):
        line(
            Order(
                BUILT,
                (),
                save("litellm", "2026-02-01", _page(9e-06)),
                home=built.home,
                database=built.database,
            ),
            Plain(),
        )
    assert built.open().known == 1
    assert [f.number for f in built.open().figures(subject=OFFER, field="price")] == [150_000_000]
    monkeypatch.undo()
    mended = build(built.home, folder, database=built.database)
    assert mended.report.release == 2, (
        "the claims of the rejected run are kept, and the next run finishes"
    )


def test_a_collapse_is_not_published(save: Save, tmp_path: Path) -> None:
    names = ("gpt-4o-mini", "gpt-4o", "gpt-4.1", "gpt-4.1-mini", "o3")
    built = build(tmp_path / "h", save("litellm", "2026-01-01", _page(1e-06, *names)))
    from almanac.flows.validation.expectations import Rejected

    with pytest.raises(Rejected, match="a source has collapsed"):
        build(
            built.home, save("litellm", "2026-02-01", _page(1e-06, "o3")), database=built.database
        )
    assert built.open().known == 1 and len(built.open().figures(field="price")) == 5


def test_a_correction_takes_a_false_claim_out_and_says_when_its_cause_is_gone(
    save: Save, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from datetime import date

    from almanac.schemas import catalogue

    wrong = catalogue.Correction(
        "litellm",
        "openai/gpt-4o-mini",
        "price",
        "drop",
        "9000000000",
        "a tester",
        date(2026, 1, 2),
        "printed per 1K",
        meter="input",
    )
    monkeypatch.setattr(catalogue, "corrections", lambda: (wrong,))
    built = build(tmp_path / "h", save("litellm", "2026-01-01", _page(9e-06)))
    f = built.figure(OFFER, "price", "input")
    assert (
        f.value is None
        and built.citations(f, "dissent")[0][2]
        == "corrected by a tester on 2026-01-02: printed per 1K"
    )
    assert built.report.outlived == []
    mended = build(
        built.home, save("litellm", "2026-02-01", _page(1.5e-07)), database=built.database
    )
    assert mended.figure(OFFER, "price", "input").number == 150_000_000
    assert "found no claim of 9000000000" in mended.report.outlived[0]


def _as_output(claims: Iterable[Claim]) -> Iterator[Claim]:
    """Yield the claims of a page as a reader would that takes an input's price for an output's."""
    return (c.model_copy(update={"meter": "output"}) if c.meter == "input" else c for c in claims)


def test_a_newer_reader_reads_old_captures_again_and_old_releases_keep_their_word(
    database: str, save: Save, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from almanac.spiders.sources import litellm

    for day, price in (("2026-01-01", 3e-06), ("2026-01-02", 2e-06)):
        folder = save("litellm", day, _page(price))
    first = build(tmp_path / "h", folder, database=database)
    assert first.figure(OFFER, "price", "input").number == 2_000_000_000
    monkeypatch.setattr(litellm.LiteLLM, "version", litellm.LiteLLM.version + 1)
    read = litellm.LiteLLM.read
    monkeypatch.setattr(
        litellm.LiteLLM, "read", lambda source, page: _as_output(read(source, page))
    )
    again = build(tmp_path / "h", folder, database=database)
    assert (again.report.release, again.report.sources[0].looks) == (2, 2)
    assert again.figure(OFFER, "price", "input") is None
    assert [f.number for f in again.open().history(OFFER, "price") if f.meter == "output"] == [
        3_000_000_000,
        2_000_000_000,
    ]
    third = build(tmp_path / "h", folder, database=database)
    assert (third.report.release, third.report.sources[0].unchanged) == (2, 2)
    old = warehouse.open(database).as_of(known=1)
    (figure,) = old.figures(subject=OFFER, field="price")
    (claim,) = old.claims(i for i, _ in figure.sides()[0]).values()
    assert figure.meter == "input" and claim.printed == "2e-06"


def test_a_newer_reader_without_the_bodies_leaves_what_was_read(
    save: Save, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from almanac.spiders.sources import litellm

    build(tmp_path / "h", save("litellm", "2026-01-01", _page(3e-06)))
    for path in (tmp_path / "h" / "captures").iterdir():
        path.unlink()
    monkeypatch.setattr(litellm.LiteLLM, "version", litellm.LiteLLM.version + 1)
    later = tmp_path / "later" / "litellm" / "2026-02-01"
    save("litellm", "2026-02-01", _page(2e-06))
    later.parent.mkdir(parents=True)
    later.symlink_to(tmp_path / "saved" / "litellm" / "2026-02-01")
    built = build(tmp_path / "h", tmp_path / "later")
    standing = [f for f in built.open().history(OFFER, "price") if f.closed_release is None]
    assert [f.number for f in standing] == [3_000_000_000, 2_000_000_000]
