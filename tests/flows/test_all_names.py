"""What names mean follows from all of them together, and from nothing else.

It is the same whichever look came first, in however many runs, on whatever backend, and after the
warehouse was lost; what a release said stays as it said it.
"""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from sqlalchemy import text

from almanac import warehouse
from almanac.flows.entity_resolution import all_names
from almanac.flows.entity_resolution.linker import Link, Linker
from almanac.flows.ingest.claim_links import observed, relink
from almanac.flows.ingest.page_captures import ingest
from almanac.flows.reconciliation import draft
from almanac.out import Refused
from almanac.schemas.claim import Capture, Claim
from almanac.schemas.codes import LinkStatus
from almanac.schemas.observation import Observation
from almanac.schemas.rulings import NameRuling
from almanac.spiders.archive.warc import Archive
from almanac.subject import model as meant
from almanac.warehouse.write.store import Linking, Look, Store
from tests.conftest import Save, build

ROWS: dict[str, dict[str, tuple[str, ...]]] = {
    "2026-01-01": {"groq": ("gpt-9", "jamba-9-large-fp8"), "ai21": ("jamba-large-9",)},
    "2026-02-01": {"openai": ("gpt-9", "gpt-9-mini"), "anthropic": ("claude-sonnet-latest",)},
    "2026-03-01": {"ai21": ("jamba-9-large", "jamba-mini-9"), "groq": ("gpt-9-mini:free",)},
    "2026-04-01": {"openai": ("gpt-9-2026-03-05", "gpt-9-pro"), "nano-gpt": ("gpt-9-pro-2026",)},
    "2026-05-01": {"google": ("gemini-9-flash", "gemini-9-flash-preview-02-2026")},
    "2026-06-01": {"anthropic": ("claude-sonnet-9", "claude-sonnet-latest"), "groq": ("jamba 9",)},
}
"""By day, the names that each provider's row has on a page of models.dev and one of LiteLLM."""


class State(NamedTuple):
    """A warehouse by what it says, without numbers of rows."""

    links: list[Any]
    models: list[tuple[str, str, bool]]
    figures: list[Any]


def pages(day: str) -> dict[str, bytes]:
    """Return what models.dev and LiteLLM show on a day."""
    shown = ROWS[day]
    price = 1 + int(day[5:7])
    catalogue = {
        provider: {"models": {n: {"name": n, "cost": {"input": price}} for n in names}}
        for provider, names in shown.items()
    }
    rows = {
        f"{provider}/{n}": {"litellm_provider": provider, "input_cost_per_token": price / 1e6}
        for provider, names in shown.items()
        for n in names
    }
    return {"models_dev": json.dumps(catalogue).encode(), "litellm": json.dumps(rows).encode()}


def take_in(store: Store, archive: Archive, looks: list[tuple[str, str]]) -> None:
    """Take in looks, as (source, day), each at a page of its own, and link all names."""
    linker = Linker(store.known_models())
    for source, day in looks:
        captures = [
            archive.add(
                source,
                f"https://example.org/{day}.json",
                pages(day)[source],
                datetime.fromisoformat(f"{day}T00:00:00+00:00"),
            )
        ]
        ingest(source, captures, archive, store, linker)
    relink(store, ())


def state(store: Store) -> State:
    with store.engine.connect() as c:
        links = c.execute(
            text(
                "SELECT DISTINCT c.source, c.provider_said, c.model_said, c.model, c.provider,"
                " c.terms, c.link_score, c.link_reason, c.link_status, s.first_look, s.last_look"
                " FROM claim c JOIN spell s ON s.claim_id = c.id"
            )
        ).all()
    store.have_resolved(store.subjects())
    figures = [
        {k: v for k, v in figure.items() if k not in ("support", "dissent")}
        for figure in draft.build(store).figures
    ]
    return State(
        sorted((tuple(row) for row in links), key=str),
        [(m.id, m.name, m.listed) for m in store.known_models()],
        sorted(figures, key=str),
    )


LOOKS = [(source, day) for day in ROWS for source in ("models_dev", "litellm")]


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> State:
    """What there is after all looks in one run, in the order of time."""
    home = tmp_path_factory.mktemp("expected")
    store = Store(f"sqlite:///{home / 'warehouse.db'}")
    with Archive(home / "captures") as archive:
        take_in(store, archive, LOOKS)
    now = state(store)
    store.close()
    return now


@pytest.mark.parametrize("seed", range(6))
def test_any_order_in_any_runs_gives_the_same_links_models_and_figures(
    seed: int, expected: State, database: str, tmp_path: Path
) -> None:
    drawn = random.Random(seed)
    looks = drawn.sample(LOOKS, len(LOOKS))
    cuts = [0, *sorted(drawn.sample(range(1, len(looks)), 3)), len(looks)]
    for a, b in itertools.pairwise(cuts):
        store = Store(database)
        with Archive(tmp_path / "captures") as archive:
            take_in(store, archive, looks[a:b])
        store.close()
    store = Store(database)
    assert state(store) == expected
    store.close()


def test_what_is_expected_is_something(expected: State) -> None:
    linked = {(row[2], row[1]): row[3] for row in expected.links}
    assert linked["gpt-9", "groq"] == linked["gpt-9", "openai"] == "openai/gpt-9-2026-03-05"
    assert linked["jamba-9-large", "ai21"] == linked["jamba-large-9", "ai21"]
    assert linked["jamba-9-large-fp8", "groq"] == linked["jamba-9-large", "ai21"]
    assert (
        "openai/gpt-9-mini" in {id for id, _, _ in expected.models} and len(expected.figures) > 10
    )


def test_a_name_linked_late_gets_the_terms_it_would_have_got_at_once(database: str) -> None:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    fact = Claim(
        source="models_dev",
        capture="0" * 64,
        subject="model",
        model="gpt-9-fp8",
        field="context_window",
        value=1000,
        unit="tokens",
        printed="1000",
        locator="x",
    )
    claims = [
        fact,
        fact.model_copy(update={"subject": "offer", "provider": "nano-gpt"}),
        fact.model_copy(update={"subject": "offer", "provider": "openai", "model": "gpt-9"}),
    ]
    nothing = Link("", 0.0, "", LinkStatus.unknown)
    at_once, _ = observed(claims, "models_dev", "p", moment.date(), Linker(["openai/gpt-9"]))
    store = Store(database)
    look = Capture(source="models_dev", url="u", page="p", fetched_at=moment, digest="0" * 64)
    waiting = [Observation.of(claim, nothing, claim.provider or "", "p") for claim in claims]
    store.add("models_dev", "p", [Look(look, 1, waiting)])
    assert relink(store, ()) is not None
    late = store.claims_of([o.subject for o in at_once])
    assert sorted((o.subject, o.terms, o.key) for o in at_once) == sorted(
        (o.subject, o.terms, o.key) for o in late
    )
    store.close()


def test_unchanged_names_are_not_linked_again(database: str, tmp_path: Path) -> None:
    store = Store(database)
    with Archive(tmp_path / "captures") as archive:
        take_in(store, archive, LOOKS[:2])
        assert relink(store, ()) is None
        take_in(store, archive, LOOKS[:2])
        assert relink(store, ()) is None, "the same looks once more"
        ruling = NameRuling("gpt-9", "openai/gpt-4", "a", date(2026, 1, 1), "so", "", "groq")
        assert relink(store, [ruling]) is not None and relink(store, [ruling]) is None
        linker = Linker(store.known_models())
        capture = archive.add(
            "litellm",
            "https://example.org/x.json",
            pages("2026-04-01")["litellm"],
            datetime.now(UTC),
        )
        ingest("litellm", [capture], archive, store, linker)
        assert relink(store, [ruling]) is not None, "a look brought names"
    store.close()


class Use(NamedTuple):
    """A name as a source uses it."""

    source: str
    provider_said: str
    model_said: str
    first_look: str = "2026-01-01T00:00:00Z"


def test_a_bare_name_of_two_makers_means_on_each_ones_pages_its_own() -> None:
    uses = [
        Use("models_dev", maker, f"zorp-9{free}")
        for maker in ("openai", "mistral")
        for free in ("", ":free")
    ]
    linker = all_names.linker_of(uses, ())
    assert [all_names.meaning(use, linker).model for use in uses] == [
        *["openai/zorp-9"] * 2,
        *["mistral/zorp-9"] * 2,
    ]
    assert all_names.meaning(uses[1], linker).marks == (("tier", "free"),)
    assert linker.link("zorp-9", "groq").status is LinkStatus.ambiguous


def test_a_name_that_is_ruled_out_introduces_nothing() -> None:
    ruling = NameRuling("gpt-9", "", "a", date(2026, 1, 1), "prose", "")
    linker = all_names.linker_of([Use("models_dev", "openai", "gpt-9")], [ruling])
    assert "openai/gpt-9" not in linker.models


def test_what_is_asked_of_a_warehouse_is_what_its_names_mean(database: str, tmp_path: Path) -> None:
    """Twins, and the other words for a model, are known to a linker of what is kept."""
    store = Store(database)
    with Archive(tmp_path / "captures") as archive:
        take_in(store, archive, LOOKS)
    names, again = store.names(), Linker(store.known_models())
    linker = all_names.linker_of(names, ())
    assert linker.twins() and again.twins() == linker.twins()
    for name in names:
        asked = (name.model_said, all_names.scope(name), all_names.first_day(name))
        assert again.link(*asked) == linker.link(*asked), name
    store.close()


def test_terms_and_providers_are_put_right_where_the_rules_for_them_change(
    database: str, tmp_path: Path
) -> None:
    store = Store(database)
    with Archive(tmp_path / "captures") as archive:
        take_in(store, archive, LOOKS)
        right = state(store)
        with store.engine.begin() as c:
            c.execute(text("UPDATE claim SET terms = '' WHERE model_said LIKE '%free'"))
            c.execute(
                text("UPDATE claim SET provider = 'grok', subject = 'x' WHERE provider = 'groq'")
            )
            c.execute(text("UPDATE model SET name = 'another'"))
            c.execute(text("DELETE FROM linking"))
        relink(store, ())
    assert state(store) == right
    store.close()


def test_a_run_that_another_overtook_does_not_say_that_names_are_linked(database: str) -> None:
    store = Store(database)
    first, second = store.begin_linking(), store.begin_linking()
    store.link(Linking([], {}), "first", first)
    store.link(Linking([], {}), "second", second)
    assert store.linked_by() == ""
    store.link(Linking([], {}), "third", store.begin_linking())
    assert store.linked_by() == "third"
    store.close()


def test_a_release_keeps_its_word_when_a_name_comes_to_mean_another_model(
    save: Save, tmp_path: Path, database: str
) -> None:
    row = {"name": "x", "cost": {"input": 3, "output": 4}, "limit": {"context": 1000}}
    saved = save("models_dev", "2026-01-01", json.dumps({"openai": {"models": {"gpt-9": row}}}))
    saved = save(
        "litellm",
        "2026-01-01",
        json.dumps({"groq/gpt-9": {"litellm_provider": "groq", "input_cost_per_token": 3e-6}}),
    )
    home = tmp_path / "home"
    first = build(home, saved, database=database)
    before = stated(first.open())
    assert before and first.report.release == 1
    (home / "rulings.yaml").write_text(
        "- {name: gpt-9, provider: groq, model: openai/gpt-4.1, author: a, date: 2026-02-01,"
        " reason: it is, expect: ''}\n"
        "- {name: gpt-9, provider: openai, model: openai/gpt-4.1, author: a, date: 2026-02-01,"
        " reason: it is, expect: ''}\n"
    )
    second = build(home, saved, database=database)
    assert second.report.release == 2
    assert stated(second.open().as_of(known=1)) == before
    now = second.open()
    assert [f.value for f in now.figures(subject="groq:openai/gpt-4.1", field="price")]
    assert not now.figures(subject="groq:openai/gpt-9")
    assert {c.link_reason for c in cited(now, "groq:openai/gpt-4.1").values()} == {
        "ruled by a on 2026-02-01: it is"
    }
    assert meant(now, "openai/gpt-9") == "openai/gpt-4.1", "its one successor"
    assert meant(second.open().as_of(known=1), "openai/gpt-9") == "openai/gpt-9"


def test_an_id_that_was_several_models_names_them_and_is_refused(
    save: Save, tmp_path: Path
) -> None:
    row = {"name": "x", "cost": {"input": 3}}
    rows = {"openai": {"models": {"gpt-9": row}}, "groq": {"models": {"gpt-9": row}}}
    saved = save("models_dev", "2026-01-01", json.dumps(rows))
    home = tmp_path / "home"
    build(home, saved)
    (home / "rulings.yaml").write_text(
        "".join(
            f"- {{name: gpt-9, provider: {provider}, model: openai/{model}, author: a,"
            " date: 2026-02-01, reason: it is, expect: ''}\n"
            for provider, model in (("groq", "gpt-4.1"), ("openai", "gpt-4o"))
        )
    )
    now = build(home, saved).open()
    with pytest.raises(Refused, match=r"its names mean openai/gpt-4\.1 or openai/gpt-4o now"):
        meant(now, "openai/gpt-9")


def stated(snapshot: warehouse.Warehouse) -> list[Any]:
    """Return everything a release says of gpt-9, with who says it and how it was linked."""
    subjects = ("openai/gpt-9", "openai:openai/gpt-9", "groq:openai/gpt-9")
    return [
        (
            f._replace(closed_release=None),
            {
                i: (c.subject, c.terms, c.printed, c.link_reason)
                for i, c in cited(snapshot, s).items()
            },
        )
        for s in subjects
        for f in snapshot.figures(subject=s)
    ]


def cited(snapshot: warehouse.Warehouse, subject: str) -> dict[int, Any]:
    now: Callable[..., Any] = snapshot.claims
    return now(i for f in snapshot.figures(subject=subject) for side in f.sides() for i, _ in side)
