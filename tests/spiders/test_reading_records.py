"""Objects in pages, made up: a key is a label, an object that names a model its row."""

from __future__ import annotations

import pytest

from almanac.schemas.dates import utc
from almanac.spiders.page import LayoutChanged, Page
from almanac.spiders.reading.declared import Declared
from almanac.spiders.reading.page import read_document
from almanac.spiders.vocabulary.keys import key_words

SOLD = Declared("Acme", object_unit="USD per 1M tokens")


def read(text: str, declared: Declared = SOLD) -> tuple[set[tuple[str, str, str, object]], Page]:
    """Return (model, field or meter, terms, value) of each claim of a page, and the page."""
    page = Page("x", "https://x.example/", text.encode(), utc("2026-11-01"))
    claims = list(read_document(page, declared))
    return {(c.model, c.meter or c.field, str(c.terms), c.value) for c in claims}, page


LIST = """# Models

export const catalogue = [
  {
    model_id: "vole-3-mini",
    displayName: "Vole 3 mini",
    limits: { context: 32_000, output: 4_096 },
    cost: { input: "$0.20", cached_input: "$0.02", output: "$0.80", batch: { output: "$0.40" } },
    modalities: { input: ["text", "image"], output: ["text"] },
    supportsVision: true,
    functionCalling: false,
    deprecated: true,
  },
  { model_id: "vole-3-max", context_length: "200K", releaseDate: "2030-02-01" },
];
"""


def test_a_list_of_objects_gives_each_model_its_own() -> None:
    claims, page = read(LIST.replace("32_000", "32000").replace("4_096", "4096"))
    stated = {(model, name, terms) for model, name, terms, _ in claims}
    assert {value for model, name, _, value in claims if name == "context_window"} == {
        32000,
        200000,
    }
    assert ("vole-3-mini", "output", "tier=batch") in stated
    assert {"input", "output", "cache_read", "max_output_tokens"} <= {n for _, n, _ in stated}
    assert {(n, v) for m, n, _, v in claims if isinstance(v, bool)} == {
        ("vision", True),
        ("function_calling", False),
    }
    assert ("vole-3-mini", "lifecycle", "", "deprecated") in claims
    assert ("vole-3-max", "release_date", "", "2030-02-01") in {
        (m, n, t, str(v)) for m, n, t, v in claims
    }
    assert not page.refusals


def test_objects_keyed_by_an_id_are_named_by_it() -> None:
    page = """<Prices data={{ "vole-3": { inputPricePer1KTokens: 0.5, contextWindow: 8000 } }} />"""
    claims, _ = read(page)
    assert ("vole-3", "context_window", "", 8000) in claims
    assert {(m, n) for m, n, _, _ in claims} == {("vole-3", "context_window"), ("vole-3", "input")}


@pytest.mark.parametrize(
    "keys",
    [
        "pricing: { surge: 3 }",
        "pricing: { image: 0.01 }",
        "inputCentsPerToken: 2",
        "pricing: [{ upTo: 1000, input: 1 }, { upTo: 2000, input: 2 }]",
        "pricing: { input: 1, output: 2, currency: 'EUR', unit: 'per token or so' }",
    ],
)
def test_a_price_whose_condition_is_not_read_is_refused(keys: str) -> None:
    claims, page = read(f"<Card model={{{{ id: 'vole-3', contextWindow: 8000, {keys} }}}} />")
    prices = {(n, v) for _, n, _, v in claims if n != "context_window"}
    assert page.refusals or "EUR" in keys
    assert len(prices) <= (2 if "EUR" in keys else 0)


def test_a_number_that_no_key_calls_a_price_is_none() -> None:
    claims, _ = read("<Card model={{ id: 'vole-3', context: 8000, tokens: { input: 6000 } }} />")
    assert claims == {("vole-3", "context_window", "", 8000)}


def test_objects_that_name_no_model_say_nothing() -> None:
    text = """<Plans plans={[{id: 'plus', price: '$20 per month', seats: 3}]} />
<p style={{ width: '100%', padding: 8 }}>x</p>
<Languages languages={[{ name: 'English', code: 'en' }, { name: 'Spanish', code: 'es' }]} />
"""
    with pytest.raises(LayoutChanged):
        read(text)


def test_figures_over_several_models_are_of_none() -> None:
    text = """<Family data={{ name: 'Vole 3', contextWindow: 8000, models: [
      { id: 'vole-3-a', contextWindow: 4000 }, { id: 'vole-3-b', contextWindow: 9000 }] }} />
"""
    claims, page = read(text)
    assert {(m, v) for m, _, _, v in claims} == {("vole-3-a", 4000), ("vole-3-b", 9000)}
    assert [r.printed for r in page.refusals] == ["8000"]


def test_the_words_of_a_key_are_found_however_it_is_written() -> None:
    keys = ["max_output_tokens", "maxOutputTokens", "MaxOutputTokens", "max-output-tokens"]
    assert {key_words(key) for key in keys} == {"max output tokens"}
    assert key_words("modelID") == "model id" and key_words("上下文长度") == "上下文长度"


def test_several_objects_of_a_page_are_read_each_with_its_own_unit() -> None:
    text = """export const small = { id: 'vole-5', pricing: { in: 1, out: 2 } }
export const large = { id: 'vole-6', pricing: { input: 3, output: 4, per: '1K tokens' } };
"""
    claims, _ = read(text)
    assert {(m, n, v) for m, n, _, v in claims} == {
        ("vole-5", "input", 10**9),
        ("vole-5", "output", 2 * 10**9),
        ("vole-6", "input", 3 * 10**12),
        ("vole-6", "output", 4 * 10**12),
    }


def test_keys_that_are_regions_are_the_terms_of_what_they_hold() -> None:
    text = """<Card model={{ id: 'vole-5', pricing: {
      us: { input: 1 }, 'eu-west-1': { input: 2 } } }} />"""
    claims, _ = read(text)
    assert {t for _, _, t, _ in claims} == {"region=us", "region=eu-west-1"}


def test_a_scale_is_no_speed_and_nothing_is_no_limit() -> None:
    text = """<Card model={{ id: 'vole-5', contextWindow: 8000, maxOutput: 0, speed: 4 }} />"""
    claims, _ = read(text)
    assert claims == {("vole-5", "context_window", "", 8000)}


def test_a_model_with_snapshots_keeps_its_own_figures() -> None:
    text = """<Card model={{ id: 'vole-5', contextWindow: 8000, snapshots: [
      { id: 'vole-5-0101', contextWindow: 4000 }] }} />"""
    claims, page = read(text)
    assert {(m, v) for m, _, _, v in claims} == {("vole-5", 8000), ("vole-5-0101", 4000)}
    assert not page.refusals
