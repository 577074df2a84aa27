"""Keyed records: no key vanishes, and no price stands without its condition."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import yaml

from almanac.schemas.claim import Claim
from almanac.schemas.record_keys import RecordKeys
from almanac.schemas.terms import Terms
from almanac.schemas.weekly_hours import WEEK, WeeklyHours
from almanac.spiders import base
from almanac.spiders.page import Page
from almanac.spiders.parsers.records import UNKNOWN, KeyedRecord, KeyedRecords
from almanac.spiders.sources.litellm import split
from almanac.spiders.sources.openrouter_endpoints import placed
from tests.support.recorded import RECORDED

MOMENT = datetime(2026, 9, 1, tzinfo=UTC)
PRICE = {"prompt": "0.000001", "completion": "0.000002"}
ROW = {"litellm_provider": "p", "input_cost_per_token": 1e-06, "output_cost_per_token": 2e-06}


def read(source: str, content: Any, url: str = "u") -> base.Reading:
    body = content if isinstance(content, str) else json.dumps(content)
    return base.read_page(base.source(source), Page(source, url, body.encode(), MOMENT))


def prices(reading: base.Reading, meter: str = "input") -> dict[str, int]:
    """Return prices in nano-units by their terms."""
    return {str(c.terms): c.value for c in reading.claims if c.meter == meter}  # type: ignore[misc]


# No key vanishes

PLACES: dict[str, tuple[str, ...]] = {
    "openrouter": ("/data/0", "/data/0/pricing", "/data/0/architecture", "/data/0/top_provider"),
    "openrouter_endpoints": ("/data", "/data/endpoints/0", "/data/endpoints/0/pricing"),
    "models_dev": (
        "/models/anthropic~1claude-opus-4-6",
        "/providers/anthropic/models/claude-opus-4-6",
        "/providers/anthropic/models/claude-opus-4-6/cost",
        "/providers/anthropic/models/claude-opus-4-6/limit",
        "/providers/anthropic/models/claude-opus-4-6/experimental/modes/fast",
    ),
    "portkey": ("/gpt-4o", "/gpt-4o/pricing_config", "/gpt-4o/pricing_config/pay_as_you_go"),
    "llmstats": ("/models~1ai21~1jamba-1.5-large~1model.json",),
    "genai_prices": ("/0", "/0/models/0", "/0/models/0/prices"),
    "huggingface_inference": ("/data/0", "/data/0/providers/0", "/data/0/providers/0/pricing"),
    "deepinfra": ("/0", "/0/pricing"),
    "llm_prices": ("/models/0/price_history/0",),
    "api_list_models": ("/data/0",),
    "vercel_ai_gateway": ("/data/0", "/data/0/pricing"),
    "telekom": ("/0/modelQuotaConfigs/0",),
    "poe": ("/data/0", "/data/0/architecture", "/data/0/pricing"),
}


def recorded(source: str) -> Iterator[tuple[Any, str]]:
    """Yield (content, URL) of the recorded pages of a source that are JSON."""
    for body in RECORDED:
        text = body.read_text(encoding="utf-8")
        if body.parent.parent.name == source and text.lstrip()[:1] in "{[":
            capture = json.loads(body.with_name("capture.json").read_text(encoding="utf-8"))
            yield json.loads(text), capture["url"]


def at(content: Any, pointer: str) -> Any:
    """Return what a JSON pointer leads to; None where it leads nowhere."""
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        if isinstance(content, list):
            content = content[int(key)] if key.isdecimal() and int(key) < len(content) else None
        else:
            content = content.get(key) if isinstance(content, dict) else None
    return content


@pytest.mark.parametrize(
    "source, pointer", [(s, p) for s, pointers in PLACES.items() for p in pointers]
)
@pytest.mark.parametrize("novelty", ["0.5", 7, True, {"a": 1}, [{"a": 1}]])
def test_a_key_that_no_table_names_is_refused_by_its_name(
    source: str, pointer: str, novelty: Any
) -> None:
    content, url = next((c, u) for c, u in recorded(source) if isinstance(at(c, pointer), dict))
    before = read(source, content, url)
    at(content, pointer)["zz_novelty"] = novelty
    after = read(source, content, url)
    assert [r for r in after.refusals if "zz_novelty" in r.reason + r.locator]
    kept = {c.model_dump_json(exclude={"capture"}) for c in after.claims}
    assert kept <= {c.model_dump_json(exclude={"capture"}) for c in before.claims}


@pytest.mark.parametrize("source", [*PLACES, "litellm", "together"])
def test_every_key_of_a_recorded_page_is_named_by_its_table(source: str) -> None:
    pages = list(recorded(source))
    refusals = [r for c, u in pages for r in read(source, c, u).refusals]
    assert (pages or source == "together") and not [r for r in refusals if UNKNOWN in r.reason]


def test_a_key_is_refused_once_with_how_often_it_is_there() -> None:
    rows = {f"gpt-{n}": {**ROW, "zz": n} for n in range(40)}
    (refusal,) = read("litellm", rows).refusals
    assert refusal.reason == f"{UNKNOWN}: zz; it is there 40 times" and refusal.model == "gpt-0"


@pytest.mark.parametrize("nothing", [None, "", [], {}])
def test_a_key_without_a_value_states_nothing(nothing: Any) -> None:
    reading = read("litellm", {"gpt-9": {**ROW, "zz": nothing}})
    assert len(reading.claims) == 2 and not reading.refusals


@pytest.mark.parametrize(
    "table, reason",
    [
        ({"facts": {"a": "context"}}, "no such field: context"),
        ({"facts": {"a": "price"}, "ignored": {"x": ["a"]}}, "named twice: a"),
        ({"prices": {"a": {"input": "dollars"}}}, "no unit of a price"),
        ({"prices": {"a": {"tier": "batch"}}}, "one meter"),
        ({"prices": {"a": {"input": "USD per token", "output": "USD per token"}}}, "one meter"),
        ({"facts": {"a": "offered"}, "other": {}}, "other"),
    ],
)
def test_a_table_that_could_not_be_read_is_refused(table: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        RecordKeys.model_validate(table)


def test_of_two_rules_the_deeper_holds_and_a_pattern_after_a_name() -> None:
    keys = RecordKeys.model_validate(
        {
            "facts": {"a/limit": "context_window"},
            "ignored": {"whole": ["a"], "some": ["in_*"]},
            "prices": {"in_1": {"input": "USD per 1M tokens"}},
        }
    )
    page = Page("litellm", "u", b"{}", MOMENT)
    records = KeyedRecords(page, {"k": keys})
    fields = {"a": {"limit": 8, "other": 1}, "in_1": 3, "in_2": 4}
    claims = records.row("k", KeyedRecord(fields, "m", "p", ""))
    records.refuse_unknown()
    assert [(c.field, c.locator) for c in claims] == [
        ("context_window", "/a/limit"),
        ("price", "/in_1"),
    ] and not page.refusals


# A limit of 0 is not stated

ZEROES: dict[str, tuple[Any, str]] = {
    "openrouter": (
        {
            "data": [
                {
                    "id": "m",
                    "pricing": PRICE,
                    "context_length": 0,
                    "top_provider": {"context_length": 0, "max_completion_tokens": 0},
                }
            ]
        },
        "u",
    ),
    "litellm": ({"m": {**ROW, "max_input_tokens": 0, "max_output_tokens": "0"}}, "u"),
    "models_dev": (
        {"p": {"models": {"m": {"cost": {"input": 1}, "limit": {"context": 0, "output": 0}}}}},
        "u",
    ),
    "vercel_ai_gateway": (
        {"data": [{"id": "m", "pricing": {"input": "0.1"}, "context_window": 0, "max_tokens": 0}]},
        "u",
    ),
    "deepinfra": (
        [{"model_name": "m", "max_tokens": 0, "pricing": {"cents_per_input_token": 1e-05}}],
        "u",
    ),
    "together": ([{"id": "m", "context_length": 0, "pricing": {"input": 1, "output": 1}}], "u"),
    "huggingface_inference": (
        {
            "data": [
                {"id": "m", "providers": [{"provider": "p", "status": "live", "context_length": 0}]}
            ]
        },
        "u",
    ),
    "api_list_models": ({"data": [{"id": "m", "context_length": 0, "max_tokens": 0}]}, "u"),
    "llmstats": (
        {"qualitative_metrics": [], "name": "m", "input_context_size": 0, "multimodal": True},
        "u",
    ),
}


@pytest.mark.parametrize("source", ZEROES)
def test_a_limit_of_nothing_is_not_stated(source: str) -> None:
    reading = read(source, *ZEROES[source])
    assert reading.claims and not reading.failed and not reading.refusals
    assert not [c for c in reading.claims if c.unit == "tokens"]


# Conditions


def spans_of(claims: tuple[Claim, ...], meter: str) -> list[WeeklyHours]:
    return [
        WeeklyHours.parse(c.terms.get("window") or "00:00-24:00")
        for c in claims
        if c.meter == meter
    ]


def overridden(seed: int) -> tuple[str, Any]:
    draw = random.Random(seed)
    edges = sorted(draw.sample(range(0, 24), 2 * draw.randint(1, 3)))
    blocks = [
        {"utc_start": a * 100, "utc_end": b * 100, **PRICE, "prompt": f"0.00000{n}"}
        for n, (a, b) in enumerate(zip(edges[::2], edges[1::2], strict=True), 2)
    ]
    return "openrouter", {"data": [{"id": "m", "pricing": {**PRICE, "overrides": blocks}}]}


def off_peak(seed: int) -> tuple[str, Any]:
    draw = random.Random(seed)
    windows = [
        {
            "hours_utc": [f"{draw.randrange(24):02}:00-{draw.randrange(24):02}:30"],
            "weekdays": draw.sample(range(1, 8), draw.randint(1, 7)),
        }
        for _ in range(draw.randint(1, 3))
    ]
    zone = {"weekday_timezone": "Asia/Shanghai"} if seed % 2 else {}
    block = {"input_cost_per_token": 5e-07, "output_cost_per_token": 1e-06, "windows": windows}
    return "litellm", {"m": {**ROW, "off_peak_pricing": {**block, **zone}}}


@pytest.mark.parametrize("make", [overridden, off_peak])
@pytest.mark.parametrize("seed", range(12))
def test_at_every_moment_of_a_week_one_price_holds(make: Any, seed: int) -> None:
    source, content = make(seed)
    reading = read(source, content)
    assert not reading.refusals
    for meter in ("input", "output"):
        hours = spans_of(reading.claims, meter)
        for minute in range(0, WEEK // 60, 30):
            moment = datetime(2026, 8, 3, tzinfo=UTC) + timedelta(minutes=minute)
            assert sum(h.holds(moment) for h in hours) == 1, (meter, moment)


def test_an_alias_of_a_price_is_off_peak_too() -> None:
    block = {"cache_read_input_token_cost": 1e-07, "hours_utc": "16:00-00:00"}
    row = {**ROW, "input_cost_per_token_cache_hit": 2e-07, "off_peak_pricing": block}
    assert prices(read("litellm", {"m": row}), "cache_read") == {
        "window=00:00-16:00": 200_000_000,
        "window=16:00-24:00": 100_000_000,
    }


@pytest.mark.parametrize(
    "block",
    [
        {"windows": [{"hours_utc": "01:00-02:00", "holidays": True}]},
        {"windows": [{"hours_utc": "at night"}]},
        {"hours_utc": "01:00-02:00", "weekdays": [9]},
        {"hours_utc": "01:00-02:00", "weekdays": [1], "weekday_timezone": "Europe/Berlin"},
        {"hours_utc": "01:00-02:00", "season": "winter"},
        {},
    ],
)
def test_beside_hours_that_are_not_understood_no_price_stands(block: dict[str, Any]) -> None:
    row = {**ROW, "off_peak_pricing": {"input_cost_per_token": 5e-07, **block}}
    reading = read("litellm", {"m": row})
    assert not prices(reading) and prices(reading, "output") == {"": 2 * 10**9}
    assert {r.locator for r in reading.refusals} == {
        "/m/off_peak_pricing",
        "/m/input_cost_per_token",
    }


@pytest.mark.parametrize(
    "condition, stands",
    [
        ({"max_completion_tokens": 5}, True),
        ({}, True),
        ({"min_prompt_tokens": 9, "region": "eu"}, True),
        ({"utc_start": 2500, "utc_end": 100}, False),
        ({"utc_start": 100, "utc_end": 200, "weekdays": [1]}, False),
    ],
)
def test_a_block_under_a_condition_not_understood_is_refused(
    condition: dict[str, Any], stands: bool
) -> None:
    block = {**condition, "prompt": "0.000009"}
    pricing = {**PRICE, "overrides": [block, {"min_prompt_tokens": 100, "completion": "0.000003"}]}
    reading = read("openrouter", {"data": [{"id": "m", "pricing": pricing}]})
    assert prices(reading) == ({"": 10**9} if stands else {})
    assert prices(reading, "output") == {"": 2 * 10**9, "above_input=100": 3 * 10**9}
    assert "/data/0/pricing/overrides/0" in {r.locator for r in reading.refusals}


@pytest.mark.parametrize(
    "ranges, terms",
    [
        ([[0, 256e3], [256e3, 1e6]], ["", "above_input=256000"]),
        ([[0, 32e3], [32e3, 128e3], [128e3, 1e6]], ["", "above_input=32000", "above_input=128000"]),
        ([[0, 32e3], [64e3, 1e6]], []),
        ([[1, 32e3], [32e3, 1e6]], []),
        ([[0, 32e3], [32e3]], []),
    ],
)
def test_tiers_follow_upon_each_other_or_are_refused(
    ranges: list[list[float]], terms: list[str]
) -> None:
    tiers = [{"range": r, "input_cost_per_token": n * 1e-06} for n, r in enumerate(ranges, 1)]
    reading = read("litellm", {"m": {**ROW, "tiered_pricing": tiers}})
    assert list(prices(reading)) == terms and bool(reading.refusals) is not bool(terms)
    assert prices(reading, "output") == {"": 2 * 10**9}


@pytest.mark.parametrize(
    "key, terms",
    [
        ("input_cost_per_token_batches", "tier=batch"),
        ("input_cost_per_token_batch_requests", "tier=batch"),
        ("input_cost_per_token_above_272k_tokens_flex", "above_input=272000;tier=flex"),
        ("output_cost_per_second_1080p", "resolution=1080p"),
        ("output_cost_per_image_0.5K", "resolution=0.5K"),
        ("output_cost_per_image_512", "resolution=512"),
        (
            "cache_creation_input_token_cost_above_1hr_above_200k_tokens",
            "above_input=200000;cache_ttl=1h",
        ),
        ("input_cost_per_token", ""),
    ],
)
def test_conditions_are_read_out_of_a_key(key: str, terms: str) -> None:
    assert split(key)[1] == Terms.parse(terms) and len(split(key)[0]) <= len(key)


@pytest.mark.parametrize(
    "key",
    [
        "input_dbu_cost_per_token",
        "output_cost_per_pixel",
        "input_cost_per_video_per_second_above_15s_interval",
        "output_cost_per_image_above_512_and_512_pixels_and_premium_image",
        "regional_processing_uplift_multiplier_eu",
        "input_cost_per_token_decisions",
        "input_cost_per_banana",
        "output_cost_per_token_on_tuesdays",
    ],
)
def test_a_price_that_no_term_can_hold_is_refused_by_its_key(key: str) -> None:
    reading = read("litellm", {"m": {**ROW, key: 0.5}})
    assert len(reading.claims) == 2
    assert [r.locator for r in reading.refusals] == [f"/m/{key}"]


def test_a_mode_of_models_dev_is_a_tier_or_refused() -> None:
    def terms(mode: dict[str, Any]) -> tuple[set[str], int]:
        row = {"cost": {"input": 1, "output": 2}, "experimental": {"modes": {"fast": mode}}}
        reading = read("models_dev", {"p": {"models": {"m": row}}})
        return set(prices(reading)), len(reading.refusals)

    cost = {"input": 3}
    assert terms({"cost": cost}) == ({"", "tier=fast"}, 0)
    body = {"service_tier": "priority"}
    assert terms({"cost": cost, "provider": {"body": body}}) == ({"", "tier=priority"}, 0)
    assert terms({"cost": cost, "provider": {"body": {"depth": 9}}}) == ({""}, 1)
    assert terms({"cost": cost, "until": "noon"}) == ({""}, 1)


@pytest.mark.parametrize(
    "tier, terms",
    [
        ({"tier": {"size": 200_000}}, "above_input=200000"),
        ({"tier": {"type": "context", "size": 200_000}}, "above_input=200000"),
        ({"above": 5}, "above_input=5"),
        ({"tier": {"type": "hour", "size": 3}}, ""),
        ({"tier": {"size": 3, "until": 4}}, ""),
        ({}, ""),
        ({"tier": {"size": 3}, "region": "eu"}, ""),
    ],
)
def test_a_tier_of_models_dev_has_its_threshold_or_is_refused(
    tier: dict[str, Any], terms: str
) -> None:
    row = {"cost": {"input": 1, "tiers": [{"input": 2, **tier}]}}
    reading = read("models_dev", {"p": {"models": {"m": row}}})
    assert set(prices(reading)) == {"", terms} and bool(reading.refusals) is not bool(terms)


# Marks of an endpoint


@pytest.mark.parametrize(
    "tag, quantization, terms, number",
    [
        ("p/fp8", None, "quantisation=fp8", ""),
        ("p/fp8", "unknown", "quantisation=fp8", ""),
        ("p/int4/turbo", "int4", "quantisation=int4;tier=turbo", ""),
        ("p/us-west-9", "bf16", "quantisation=bf16;region=us-west-9", ""),
        ("p/global/flex", None, "region=global;tier=flex", ""),
        ("p/swedencentral", None, "region=swedencentral", ""),
        ("p/default/priority", None, "tier=priority", ""),
        ("p/2", None, "", "2"),
        ("p/highspeed", None, "tier=highspeed", ""),
        ("p", None, "", ""),
        (None, "fp8", "quantisation=fp8", ""),
    ],
)
def test_the_marks_of_a_tag_are_placed(
    tag: str | None, quantization: str | None, terms: str, number: str
) -> None:
    endpoint = {"tag": tag, "quantization": quantization}
    assert placed(endpoint) == (Terms.parse(terms), number)


@pytest.mark.parametrize(
    "tag, quantization",
    [("p/beta", None), ("p/zdr", None), ("p/fp8", "fp4"), ("p/eu/us", None), ("p/m-dedicated", "")],
)
def test_a_mark_that_cannot_be_placed_refuses_the_endpoint(
    tag: str, quantization: str | None
) -> None:
    endpoint = {"provider_name": "P", "tag": tag, "quantization": quantization, "pricing": PRICE}
    other = {"provider_name": "Q", "tag": "q", "pricing": PRICE}
    reading = read("openrouter_endpoints", {"data": {"id": "m", "endpoints": [endpoint, other]}})
    assert {c.provider for c in reading.claims} == {"Q"}
    assert [r.locator for r in reading.refusals] == ["/data/endpoints/0"]


def test_a_number_is_a_term_only_between_endpoints_that_differ_by_it() -> None:
    def regions(*tags: str) -> list[str]:
        endpoints = [{"provider_name": "P", "tag": t, "pricing": PRICE} for t in tags]
        reading = read("openrouter_endpoints", {"data": {"id": "m", "endpoints": endpoints}})
        return sorted(prices(reading))

    assert regions("p/2") == ["via=openrouter"]
    assert regions("p", "p/2") == ["endpoint=2;via=openrouter", "via=openrouter"]
    assert regions("p/eu", "p/2") == ["region=eu;via=openrouter", "via=openrouter"]


# Features


@pytest.mark.parametrize("feature", ["tool-call", "multi-tool-call", "stream-tool-call"])
def test_each_way_of_calling_tools_says_that_functions_are_called(feature: str) -> None:
    file = {"model": "m", "model_type": "llm", "features": [feature, "agent-thought"]}
    reading = read("dify", yaml.safe_dump(file), "https://x/models/acme/models/llm/m.yaml")
    assert [(c.field, c.value, c.printed) for c in reading.claims] == [
        ("function_calling", True, feature)
    ]


@pytest.mark.parametrize(
    "source, row, key",
    [
        ("models_dev", {"name": "MMLU", "score": 80, "metric": "accuracy"}, "benchmarks"),
        ("llmstats", {"dataset_name": "MMLU", "score": 0.8}, "qualitative_metrics"),
    ],
)
def test_a_score_under_what_is_not_known_is_refused(
    source: str, row: dict[str, Any], key: str
) -> None:
    def scores(score: dict[str, Any]) -> tuple[int, int]:
        model = {key: [score], "release_date": "2026-01-01"}
        content = model if source == "llmstats" else {"models": {"m": model}, "providers": {}}
        reading = read(source, content, "https://x/models/acme/m/model.json")
        return len([c for c in reading.claims if c.field == "score"]), len(reading.refusals)

    assert scores(row) == (1, 0)
    assert scores({**row, "shots": 5}) == (0, 1)
    assert scores({**row, "shots": None}) == (1, 0)
