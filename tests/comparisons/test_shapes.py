"""Drop-in files, proved with the clients that load them.

Bills are ours to the last digit a float has, and every difference is listed.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from genai_prices import Usage, calc_price, data_snapshot, types

from almanac.comparisons.pricing.quotes import Prices, usage
from almanac.comparisons.pricing.tariff import Unpriced
from almanac.comparisons.shapes import SHAPES, export, genai_prices, litellm, models_dev
from almanac.comparisons.shapes.offered import Offered
from almanac.schemas.dates import utc
from tests.comparisons.test_price import component
from tests.conftest import Built, Save, almanac, build
from tests.support.clients import client
from tests.support.recorded import CAPTURES

LITELLM = "litellm==1.105.1"  # 1.107.0 is reported compromised
QUESTIONS = [
    (1000, 100, 0, ""),
    (10_000, 1, 4000, ""),
    (300_000, 1000, 0, ""),
    (1000, 100, 0, "batch"),
    (1000, 100, 0, "priority"),
    (1000, 100, 0, "flex"),
]
"""Input, output, cached, tier."""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """A release of the recorded pages and of the data that installed packages carry.

    It has 1,600 offers.
    """
    return build(tmp_path_factory.mktemp("world"), CAPTURES, installed=True)


@pytest.fixture(scope="module")
def files(world: Built, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("shapes")
    for name in SHAPES:
        export(world.open(), name, folder / name)
    return {name: folder / name for name in SHAPES}


def day_of(world: Built) -> list[datetime]:
    """Return moments of the day that the release speaks of: prices go by the hour.

    Never of today.
    """
    newest = utc(world.open().newest_look())
    return [newest + timedelta(hours=h) for h in (0, 2.5, 7, 12, 16.5, 23)]


def ours(
    book: Prices,
    subject: str,
    input: int,
    output: int,
    cached: int,
    tier: str,
    at: datetime | None = None,
) -> Decimal | None:
    """Return our own bill, None where it is refused or not in dollars."""
    try:
        bill = book.tariff(subject).bill(usage(input, output, cached=cached, tier=tier, at=at))
    except Unpriced:
        return None
    return (
        bill.total
        if bill.currency == "USD" and "request" not in {line.meter for line in bill.lines}
        else None
    )


def test_litellms_cost_functions_bill_as_we_do(files: dict[str, Path], world: Built) -> None:
    path = files["litellm"] / "model_prices_and_context_window.json"
    entries = json.loads(path.read_text())
    book = Prices(world.open())
    asked: list[dict[str, Any]] = []
    for name, entry in entries.items():
        for input, output, cached, tier in QUESTIONS:
            expected = ours(book, entry["metadata"]["model_almanac"], input, output, cached, tier)
            # Its own function for Perplexity bills cached tokens in full, whatever the map says.
            if expected is not None and (
                not cached
                or (
                    "cache_read_input_token_cost" in entry
                    and entry["litellm_provider"] != "perplexity"
                )
            ):
                asked.append(
                    {
                        "model": name,
                        "provider": entry["litellm_provider"],
                        "input": input,
                        "output": output,
                        "cached": cached,
                        "tier": tier,
                        "expected": str(expected),
                    }
                )
    environment = {
        **os.environ,
        "PYTHONPATH": str(client(LITELLM)),
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    }
    script = Path(__file__).parents[1] / "support/litellm_bills.py"
    done = subprocess.run(
        [sys.executable, str(script), str(path)],
        input="\n".join(map(json.dumps, asked)),
        capture_output=True,
        text=True,
        env=environment,
        cwd=path.parent,
        timeout=300,
        check=True,
    )
    said = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(said) == len(asked) > 1000
    wrong = [
        (q, s)
        for q, s in zip(asked, said, strict=True)
        if isinstance(s, str)
        or abs(s - float(q["expected"])) > 1e-9 * max(float(q["expected"]), 1e-9)
    ]
    assert not wrong[:5], f"{len(wrong)} of {len(asked)}"
    assert (
        {q["tier"] for q in asked} == {"", "batch", "priority", "flex"}
        and any(q["input"] == 300_000 for q in asked)
        and any(q["cached"] for q in asked)
    )


@pytest.fixture
def snapshot(files: dict[str, Path]) -> Iterator[list[dict[str, Any]]]:
    """Our data in genai-prices' own calculator."""
    raw = json.loads((files["genai-prices"] / "data.json").read_text())
    data_snapshot.set_custom_snapshot(
        data_snapshot.DataSnapshot(providers=types._providers_from_raw(raw), from_auto_update=False)
    )
    yield json.loads((files["genai-prices"] / "data.json").read_text())
    data_snapshot.set_custom_snapshot(None)


def test_genai_prices_calculator_bills_as_we_do(
    snapshot: list[dict[str, Any]], world: Built
) -> None:
    book, seen, checked, tiers = Prices(world.open()), world.open(), 0, set()
    moments = day_of(world)
    by_hour = {f.subject for f in seen.figures(field="price") if "window=" in f.terms}
    differ_by_hour = set()
    spelled = {
        (p.lower(), m.lower()): s
        for s, names in seen.spelled("genai_prices").items()
        for p, m in names
    }
    for provider in snapshot:
        for model in provider["models"]:
            subject = spelled.get((provider["id"], model["id"].lower()))
            for (input, output, cached, tier), at in product(
                QUESTIONS, moments if subject in by_hour else moments[:1]
            ):
                expected = ours(book, subject, input, output, cached, tier, at) if subject else None
                standard = (
                    model["prices"][0]["prices"]
                    if isinstance(model["prices"], list)
                    else model["prices"]
                )
                variants = [v["when"] for v in model.get("price_variants", [])]
                when = {"batch": {"processing": "batch"}, "": None}.get(
                    tier, {"service_tier": tier}
                )
                if (
                    expected is None
                    or (cached and "cache_read_mtok" not in standard)
                    or (when and when not in variants)
                ):
                    continue
                said = calc_price(
                    Usage(
                        input_tokens=input, output_tokens=output, cache_read_tokens=cached or None
                    ),
                    model["id"],
                    provider_id=provider["id"],
                    price_context=when,
                    genai_request_timestamp=at,
                ).total_price
                assert said == expected, (provider["id"], model["id"], input, tier, at)
                checked += 1
                tiers.add(tier)
                differ_by_hour |= (
                    {subject}
                    if expected != ours(book, subject, input, output, cached, tier)
                    else set()
                )
    assert checked > 1000 and tiers == {"", "batch", "priority", "flex"}
    assert differ_by_hour, "some offer asks another price by the hour"


def test_every_name_answers_in_genai_prices_calculator(
    snapshot: list[dict[str, Any]], world: Built
) -> None:
    names = [
        (provider["id"], clause["equals"])
        for provider in snapshot
        for model in provider["models"]
        for clause in model["match"]["or"]
    ]
    assert len(names) > 1000 and len({provider for provider, _ in names}) > 20
    moment = day_of(world)[0]
    for provider, name in names:
        assert (
            calc_price(
                Usage(input_tokens=10, output_tokens=1),
                name,
                provider_id=provider,
                genai_request_timestamp=moment,
            ).total_price
            >= 0
        )


def test_every_difference_from_the_clients_own_data_is_listed(
    files: dict[str, Path], world: Built
) -> None:
    """The list has every offer that genai-prices' calculator bills otherwise on our data.

    That is otherwise than on its own data; the list says why.
    """
    raw = json.loads((files["genai-prices"] / "data.json").read_text())
    mine = data_snapshot.DataSnapshot(
        providers=types._providers_from_raw(raw), from_auto_update=False
    )
    listed = {
        d["subject"]
        for d in json.loads((files["genai-prices"] / "differences.json").read_text())
        if d["field"] == "price"
    }
    same, differ, unlisted, moments = 0, 0, [], day_of(world)
    for subject, names in world.open().spelled("genai_prices").items():
        for (provider, model), at in product(names, moments):
            question = (Usage(input_tokens=1000, output_tokens=100), model, provider, None, at)
            try:
                own = data_snapshot.get_snapshot().calc(*question).total_price
                other = mine.calc(*question).total_price
            except (LookupError, ValueError):
                continue
            # Some of its amounts carry the noise of a float.
            equal = abs(own - other) <= own * Decimal("1e-9")
            same, differ = same + equal, differ + (not equal)
            if not equal and subject not in listed:
                unlisted.append((subject, model, own, other))
    assert not unlisted and same > 500 and differ > 5
    told = [
        d["state"]
        for name in SHAPES
        for d in json.loads((files[name] / "differences.json").read_text())
        if d["field"] == "price"
    ]
    assert {"known", "conflicted"} <= set(told), "a conflict that leaves us silent is told too"
    for name in SHAPES:
        for d in json.loads((files[name] / "differences.json").read_text()):
            assert (
                d["why"]
                and d["theirs"]
                and (d["ours"] is None) == (d["state"] not in ("known", "approximate"))
            )


def hourly(*windows: str) -> Offered:
    """An offer whose input costs another price within each of these windows."""
    rows = [
        component("input", "3"),
        component("output", "9"),
        *(component("input", str(n), f"window={w}") for n, w in enumerate(windows, 1)),
    ]
    facts = {
        f: (
            component("input", "1")._replace(
                subject_kind="model", field=f, value=v, number=n, unit=""
            )
        )
        for f, v, n in (
            ("release_date", "2026-01-01", None),
            ("context_window", "8000", 8000),
            ("max_output_tokens", "800", 800),
            ("input_modalities", '["text"]', None),
            ("output_modalities", '["text"]', None),
            ("open_weights", "true", None),
            ("reasoning", "false", None),
            ("function_calling", "false", None),
        )
    }
    return Offered("p", "m/x", "X", tuple(rows), facts, (("p", "x"),))


def test_a_price_by_the_hour_is_told_where_a_shape_can_and_left_out_where_it_cannot(
    world: Built, files: dict[str, Path]
) -> None:
    seen = world.open()
    plain, by_hour = hourly(), hourly("01:00:00Z-04:00:00Z", "20:00-05:00-23:30-05:00")
    (provider,), count = genai_prices.shape(seen, [by_hour])
    assert count == 1 and [p.get("constraint") for p in provider["models"][0]["prices"]] == [
        None,
        {"start_time": "01:00:00Z", "end_time": "04:00:00Z"},
        {"start_time": "20:00-05:00", "end_time": "23:30-05:00"},
    ]
    assert [p["prices"]["input_mtok"] for p in provider["models"][0]["prices"]] == [
        3,
        1,
        2,
    ] and provider["models"][0]["prices"][2]["prices"]["output_mtok"] == 9
    assert genai_prices.shape(seen, [hourly("at night")]) == ([], 0), "hours in other words"
    assert litellm.shape(seen, [plain])[1] == 1 and litellm.shape(seen, [by_hour]) == ({}, 0), (
        "its map knows no hours"
    )
    costs = [
        models_dev.shape(seen, [o])[0]["p"]["models"]["x"].get("cost") for o in (plain, by_hour)
    ]
    assert costs == [{"input": 3, "output": 9}, None]
    timed = {f.subject for f in seen.figures(field="price") if "window=" in f.terms}
    entries = json.loads((files["litellm"] / "model_prices_and_context_window.json").read_text())
    assert timed and not timed & {e["metadata"]["model_almanac"] for e in entries.values()}


MODELS_DEV: dict[str, Any] = {
    "type": "object",
    "additionalProperties": {
        "type": "object",
        "required": ["name", "env", "npm", "doc", "models"],
        "properties": {
            "id": {"type": "string"},
            "name": {"type": "string", "minLength": 1},
            "npm": {"type": "string"},
            "doc": {"type": "string"},
            "env": {"type": "array", "items": {"type": "string"}},
            "models": {
                "type": "object",
                "additionalProperties": {
                    "type": "object",
                    "required": [
                        "name",
                        "release_date",
                        "last_updated",
                        "attachment",
                        "reasoning",
                        "tool_call",
                        "open_weights",
                        "limit",
                        "modalities",
                    ],
                    "properties": {
                        "name": {"type": "string"},
                        "attachment": {"type": "boolean"},
                        "reasoning": {"type": "boolean"},
                        "tool_call": {"type": "boolean"},
                        "open_weights": {"type": "boolean"},
                        "release_date": {"type": "string", "pattern": r"^\d{4}(-\d{2}){0,2}$"},
                        "last_updated": {"type": "string", "pattern": r"^\d{4}(-\d{2}){0,2}$"},
                        "knowledge": {"type": "string"},
                        "structured_output": {"type": "boolean"},
                        "limit": {
                            "type": "object",
                            "required": ["context", "output"],
                            "additionalProperties": {"type": "integer", "minimum": 0},
                        },
                        "cost": {
                            "type": "object",
                            "required": ["input", "output"],
                            "properties": {
                                k: {"type": "number", "minimum": 0}
                                for k in (
                                    "input",
                                    "output",
                                    "cache_read",
                                    "cache_write",
                                    "reasoning",
                                    "input_audio",
                                    "output_audio",
                                )
                            },
                        },
                        "modalities": {
                            "type": "object",
                            "required": ["input", "output"],
                            "additionalProperties": {"type": "array", "items": {"type": "string"}},
                        },
                    },
                },
            },
        },
    },
}
"""The shape of models.dev's `api.json`, as its own published rows have it.

It is checked against them where ../shared is.
"""


def test_the_models_dev_file_has_its_published_shape(files: dict[str, Path]) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    document = json.loads((files["models.dev"] / "api.json").read_text())
    jsonschema.validate(document, MODELS_DEV)
    rows = [m for p in document.values() for m in p["models"].values()]
    assert len(rows) > 5 and all(
        p["models"] == {m["id"]: m for m in p["models"].values()} for p in document.values()
    )


def test_the_shape_is_that_of_models_dev_itself(shared: Path) -> None:
    import gzip

    jsonschema = pytest.importorskip("jsonschema")
    with gzip.open(shared / "peers/models.dev/api-2026-07-01.json.gz") as file:
        published = dict(list(json.load(file)["providers"].items())[:40])
    jsonschema.validate(published, MODELS_DEV)
    assert len(published) == 40 and sum(len(p["models"]) for p in published.values()) > 200


def test_an_unknown_price_is_left_out_and_never_zero(save: Save, tmp_path: Path) -> None:
    rows = {
        "gpt-4o-mini": {
            "litellm_provider": "openai",
            "mode": "chat",
            "input_cost_per_token": 1e-06,
            "max_input_tokens": 128000,
        },
        "groq/gemma-4-12b-it": {
            "litellm_provider": "groq",
            "mode": "chat",
            "input_cost_per_token": 0.0,
            "output_cost_per_token": 0.0,
        },
    }
    seen = build(tmp_path / "h", save("litellm", "2026-01-01", json.dumps(rows))).open()
    for name, (_, file, _) in SHAPES.items():
        export(seen, name, tmp_path / name)
        text = (tmp_path / name / file).read_text()
        assert "gpt-4o-mini" not in text or name == "models.dev", "an output price is not known"
    entry = json.loads((tmp_path / "litellm/model_prices_and_context_window.json").read_text())[
        "groq/gemma-4-12b-it"
    ]
    assert entry["input_cost_per_token"] == 0, "free is free"


def test_the_command_writes_them_with_a_manifest(world: Built, tmp_path: Path) -> None:
    done = almanac("export", "litellm", str(tmp_path / "x"), home=world.home)
    manifest = json.loads((tmp_path / "x/manifest.json").read_text())
    assert (
        done.returncode == 0
        and {f["file"] for f in manifest["files"]}
        == {"model_prices_and_context_window.json", "differences.json"}
        and manifest["form"] == "litellm"
    )
    done = almanac("export", "xml", str(tmp_path / "y"), home=world.home)
    assert done.returncode == 2 and "models.dev" in done.stderr and not (tmp_path / "y").exists()
