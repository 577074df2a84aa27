"""The acceptance cases of the five founding documents, by their ids.

They run on the real line over recorded pages.
"""

from __future__ import annotations

import ast
import inspect
import itertools
import json
import re
import sys
import textwrap
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

import pytest

from almanac.comparisons import formatting
from almanac.comparisons.comparison import compare
from almanac.comparisons.model_profile import side
from almanac.comparisons.pricing.monthly import Traffic, costs
from almanac.comparisons.pricing.traffic_mixes import MIXES, cheapest, markup, routes, saving
from almanac.flows.entity_resolution.linker import Linker
from almanac.flows.entity_resolution.name_parser import parse
from almanac.flows.entity_resolution.providers import provider_id
from almanac.schemas import catalogue
from almanac.schemas.claim import Claim
from almanac.schemas.dates import utc
from almanac.schemas.quantity import read_count
from almanac.spiders import base
from almanac.spiders.page import Page
from tests.conftest import Built, Save, build
from tests.support.recorded import CAPTURES, reading

GA, PREVIEW, NEMO = (
    "google/gemini-3.1-flash-lite",
    "google/gemini-3.1-flash-lite-preview",
    "mistral/mistral-nemo",
)


LIST = (
    *(f"A-{n:02}" for n in range(1, 22)),
    *(f"B-{n:02}" for n in range(1, 12)),
    *(f"C-{n:02}" for n in range(1, 8)),
    "C-01b",
    "C-1",
    *(f"D-{n:02}" for n in range(1, 11)),
    *(f"E-{n:02}" for n in range(1, 5)),
    *(f"R{n}" for n in range(1, 10)),
)
"""Every case and rule of the founding documents, by its letter."""
Test = TypeVar("Test", bound=Callable[..., None])


def case(*ids: str) -> Callable[[Test], Test]:
    """Mark a test as that of a case."""

    def mark(test: Test) -> Test:
        test.cases = ids  # type: ignore[attr-defined]
        return test

    return mark


def changed(page: str, old: str, new: str) -> tuple[tuple[Claim, ...], tuple[Claim, ...]]:
    """Return the claims of a recorded page, and those of it with other words.

    The other has some of its words put as its original has them.
    """
    body = CAPTURES / page / "body"
    capture = json.loads(body.with_name("capture.json").read_text(encoding="utf-8"))
    text = body.read_text(encoding="utf-8")
    assert text.count(old) == 1
    source = base.source(page.partition("/")[0])
    bodies = (text.encode(), text.replace(old, new).encode())
    plain, other = (
        base.read_page(
            source, Page(source.name, capture["url"], b, utc(capture["fetched_at"]))
        ).claims
        for b in bodies
    )
    return plain, other


# Gemini 3.1 Flash-Lite


@pytest.mark.parametrize("provider", ["google-ai-studio", "google-vertex", "openrouter", "vercel"])
@case("A-01")
def test_a01_input_price_is_a_quarter_on_every_route(everything: Built, provider: str) -> None:
    f = everything.figure(f"{provider}:{GA}", "price", "input")
    assert (f.number, f.unit, f.state) == (250_000_000, "usd_per_mtok", "known")


@case("A-01")
def test_a01_a_sellers_figures_for_rivals_are_kept_as_dissent(everything: Built) -> None:
    f = everything.figure(f"google-ai-studio:{GA}", "price", "input")
    dissent = {(s, p): n for s, p, n in everything.citations(f, "dissent")}
    assert "rival" in dissent[("llm_api", "~$0.075")] and ("llm_api", "$0.05") in dissent


@case("A-01")
def test_a01_a_sellers_own_price_is_about_its_own_route_and_flagged(everything: Built) -> None:
    f = everything.figure(f"llm-api:{GA}", "price", "input")
    assert (f.number, f.rule) == (30_000_000, "self-reported")


@case("A-01")
def test_a01_an_unchecked_price_wins_no_comparison(everything: Built) -> None:
    offers = everything.open().figures(model=GA, kind="offer")
    own = min(
        (f for f in offers if (f.field, f.meter, f.terms) == ("price", "input", "")),
        key=lambda f: f.number or 10**12,
    )
    assert (own.provider, own.rule) == ("llm-api", "self-reported"), (
        "it is the lowest price there is"
    )
    served = {r.provider for r in routes(offers)}
    assert "llm-api" not in served and "google-ai-studio" in served


@case("A-02")
def test_a02_output_price(everything: Built) -> None:
    assert everything.figure(f"google-ai-studio:{GA}", "price", "output").number == 1_500_000_000


@case("A-03")
def test_a03_a_direct_contradiction_is_recorded_and_names_the_sibling(everything: Built) -> None:
    f = everything.figure(f"google-ai-studio:{GA}", "price", "output")
    assert f.state == "known" and ("llm_api", "~$0.075") in {
        (s, p) for s, p, _ in everything.citations(f, "dissent")
    }


@case("A-04")
def test_a04_context_is_exact_with_its_twins_in_support(everything: Built) -> None:
    f = everything.figure(GA, "context_window")
    support = {(s, p): n for s, p, n in everything.citations(f, "support")}
    assert (f.number, f.state) == (1_048_576, "known")
    assert "twin" in support[("llm_reference", "1.05m")]
    assert any(s == "modelslab" and "1M" in p and "twin" in n for (s, p), n in support.items())
    assert ("llm_api", "128K") in {(s, p) for s, p, _ in everything.citations(f, "dissent")}


@case("A-04")
def test_a04_mid_sized_yields_no_value() -> None:
    with pytest.raises(ValueError):
        read_count("a mid-sized context window")


@case("A-05")
def test_a05_max_output_is_the_makers_and_not_the_resellers(everything: Built) -> None:
    f = everything.figure(GA, "max_output_tokens")
    assert f.number == 65_536 and ("llm_api", "4K") in {
        (s, p) for s, p, _ in everything.citations(f, "dissent")
    }


@case("A-06")
def test_a06_input_and_output_modalities_are_two_fields(everything: Built) -> None:
    taken = json.loads(everything.figure(GA, "input_modalities").value)
    assert "image" in taken and json.loads(everything.figure(GA, "output_modalities").value) == [
        "text"
    ]
    assert everything.figure(GA, "vision").value == "true"


@case("A-07")
def test_a07_reasoning_is_yes_with_levels(everything: Built) -> None:
    assert everything.figure(GA, "reasoning").value == "true"
    assert set(json.loads(everything.figure(GA, "reasoning_levels").value)) == {
        "minimal",
        "low",
        "medium",
        "high",
    }


@case("A-07")
def test_a07_standard_is_no_level(everything: Built) -> None:
    refused = [
        r
        for r in everything.open().refusals(stage="read", source="modelslab")
        if r["field"] == "reasoning_levels"
    ]
    assert refused and "standard" in refused[0]["printed"]


@case("A-08")
def test_a08_function_calling_is_yes_and_advice_is_no_claim(everything: Built) -> None:
    f = everything.figure(GA, "function_calling")
    assert f.value == "true" and not {s for s, _, _ in everything.citations(f, "dissent")} & {
        "llm_api",
        "modelslab",
    }


@case("A-09")
def test_a09_tags_are_derived_and_not_ingested(everything: Built) -> None:
    plain, tagged = changed(
        "llm_reference/2026-06-19",
        "words of oursother words",
        "Coding, RAG, AgentsCoding, Long context, Classification",
    )
    assert [c.value for c in plain] == [c.value for c in tagged] and len(plain) > 30
    c = compare(everything.open(), GA, NEMO)
    for model, codes in ((GA, "true"), (NEMO, "false")):
        tags = {t["tag"] for t in c.tags[model]}
        assert everything.figure(model, "code_execution").value == codes and ("Coding" in tags) is (
            codes == "true"
        )
        assert {"Long context", "Tool calling"} <= tags and not tags & {"RAG", "Classification"}


@case("A-10")
def test_a10_preview_and_ga_are_two_models_with_two_dates(everything: Built) -> None:
    assert everything.figure(GA, "release_date").value == "2026-05-07"
    assert everything.figure(PREVIEW, "release_date").value == "2026-03-03"
    assert everything.figure(PREVIEW, "announced_date").value == "2026-03"


@pytest.mark.parametrize(
    "name",
    [
        "gemini-3.1-flash-lite",
        "gemini-3-1-flash-lite",
        "Gemini 3.1 Flash Lite",
        "Gemini 3.1 Flash-Lite",
        "google/gemini-3.1-flash-lite",
    ],
)
@case("A-11")
def test_a11_every_spelling_links(name: str) -> None:
    assert Linker().link(name).model == GA


@case("A-12")
def test_a12_makers_have_aliases() -> None:
    assert {parse(f"{m}/x-1").maker for m in ("google", "Google DeepMind")} == {"google"}
    assert {
        parse(f"{m}/x-1").maker for m in ("mistral", "mistralai", "MistralAI", "Mistral AI")
    } == {"mistral"}


@case("A-13")
def test_a13_speeds_without_a_common_method_have_no_winner(everything: Built) -> None:
    figures = list(everything.open().figures(model=GA, field="throughput"))
    assert len({f.subject for f in figures}) >= 4, "each is a claim about its own route"
    assert "throughput" not in {r["field"] for r in compare(everything.open(), GA, NEMO).specs}


@case("A-14")
def test_a14_latencies_stay_claims_about_their_routes(everything: Built) -> None:
    assert {f.model for f in everything.open().figures(field="latency")} >= {GA}
    assert not everything.open().figures(subject=GA, field="latency")


@case("A-15")
def test_a15_a_ratio_to_another_model_is_refused_as_a_measurement(everything: Built) -> None:
    assert [
        r
        for r in everything.open().refusals(stage="read", source="modelslab")
        if "2.5x" in r["printed"]
    ]


@case("A-15")
def test_a15_the_conflict_inside_the_document_is_reported(everything: Built) -> None:
    refused = [
        r
        for r in everything.open().refusals(stage="read", source="modelslab")
        if "contradicts itself" in r["reason"]
    ]
    assert (
        refused
        and "output speed" in refused[0]["reason"]
        and "time to first token" in refused[0]["reason"]
    )


@case("A-16")
def test_a16_promised_and_measured_uptime_are_kept_apart(everything: Built) -> None:
    promised = everything.figure(f"llm-api:{GA}", "uptime", terms="kind=promised")
    measured = everything.figure(f"llm-api:{GA}", "uptime", terms="kind=measured;window=30d")
    assert (promised.value, measured.value) == ("99.99", "99.8")


@case("A-17")
def test_a17_predecessor(everything: Built) -> None:
    assert everything.figure(GA, "predecessor").value == "Gemini 2.5 Flash"


@case("A-18")
def test_a18_cutoff_from_glued_cells(everything: Built) -> None:
    f = everything.figure(GA, "knowledge_cutoff")
    assert f.value == "2025-01" and "llm_reference" in {
        s for s, _, _ in everything.citations(f, "support")
    }


@case("A-19")
def test_a19_a_template_default_is_no_fact(everything: Built) -> None:
    f = everything.figure(GA, "architecture")
    assert (
        f.value is None and not f.usable and "template" in everything.citations(f, "dissent")[0][2]
    )


@case("A-20")
def test_a20_routes_are_a_union_and_gemini_api_is_ai_studio(everything: Built) -> None:
    served = {f.provider for f in everything.open().figures(model=GA, kind="offer")}
    assert served >= {"google-ai-studio", "google-vertex", "openrouter", "vercel", "llm-api"}
    assert provider_id("Gemini API") == provider_id("Google AI Studio") == "google-ai-studio"


@case("A-21")
def test_a21_superlatives_are_not_ingested(everything: Built) -> None:
    plain, boasting = changed(
        "modelslab/2026-03-15",
        "Gemini 3.1 Flash-Lite API: a test page in the structure of the source",
        "Gemini 3.1 Flash-Lite API: the cheapest fast LLM in 2026",
    )
    assert [c.value for c in plain] == [c.value for c in boasting] and len(plain) >= 8
    figures = [
        f
        for f in everything.open().figures(model=GA)
        if "modelslab" in {s for s, _, _ in everything.citations(f, "support")}
    ]
    assert figures and not [
        f for f in figures if "cheapest" in f"{f.field} {f.value} {f.why}".lower()
    ]


# Mistral NeMo


@case("B-01")
def test_b01_a_count_of_routes_is_derived_and_a_cut_list_says_so(everything: Built) -> None:
    c = compare(everything.open(), GA, NEMO)
    assert c.providers[NEMO]["count"] == len(c.providers[NEMO]["names"])
    assert formatting.listed(list("abcdefg")) == "a, b, c, d, e and 2 more"


@case("B-02")
def test_b02_no_overlap_is_said_as_of_a_date_over_tracked_offers(s0: Built) -> None:
    sentence = compare(s0.open().as_of("2026-06-30"), GA, NEMO).overlap["said"]
    assert sentence == "No overlap among 3 + 5 tracked offers as of 2026-06-30."


@case("B-02")
def test_b02_overlap_is_found_where_openrouter_and_vercel_serve_both(everything: Built) -> None:
    overlap = compare(everything.open(), GA, NEMO).overlap
    assert {"openrouter", "vercel"} <= set(overlap["providers"]) and "No overlap" not in overlap[
        "said"
    ]


@case("B-03")
def test_b03_a_free_route_is_not_the_cheapest_paid_one(everything: Built) -> None:
    figures = everything.open().figures(model=NEMO, kind="offer")
    assert everything.figure(f"github-models:{NEMO}", "price", "input").number == 0
    best = cheapest(routes(figures), MIXES["ref_800_250"])
    assert best is not None and best.provider != "github-models" and (best.output.number or 0) > 0


@case("B-04")
def test_b04_a_thousandfold_price_is_held_and_not_published(everything: Built) -> None:
    f = everything.figure(f"helicone:{NEMO}", "price", "input")
    assert (f.value, f.state, f.rule) == (None, "conflicted", "held")
    assert "times the median" in everything.citations(f, "dissent")[0][2]
    assert "helicone" not in {
        r.provider for r in routes(everything.open().figures(model=NEMO, kind="offer"))
    }


@case("B-05")
def test_b05_the_models_limit_and_each_routes_limit_are_different_figures(
    everything: Built,
) -> None:
    model = everything.figure(NEMO, "context_window")
    assert (model.number, model.state) == (128_000, "known")
    assert "twin" in {p: n for _, p, n in everything.citations(model, "support")}["131072"]
    assert everything.figure(f"novita-ai:{NEMO}", "context_window").number == 60_288


@case("B-06")
def test_b06_released_and_added_on_a_route_are_two_fields(everything: Built) -> None:
    assert everything.figure(NEMO, "release_date").subject_kind == "model"
    routes_ = {f.value for f in everything.open().figures(model=NEMO, field="first_offered")}
    assert len(routes_) > 1


@case("B-07")
def test_b07_without_the_maker_disagreeing_cutoffs_stay_open(everything: Built) -> None:
    f = everything.figure(NEMO, "knowledge_cutoff")
    assert (f.value, f.state) == (None, "conflicted") and "2024-04" in f.why and "2024-07" in f.why


@case("B-08")
def test_b08_function_calling_is_a_flag_of_the_model_and_of_each_route(everything: Built) -> None:
    assert everything.figure(NEMO, "function_calling").value == "true"
    assert {
        f.value
        for f in everything.open().figures(model=NEMO, field="function_calling", kind="offer")
    } == {"true", "false"}


@case("B-09")
def test_b09_what_speaks_for_a_model_follows_one_rule_for_both(everything: Built) -> None:
    points = compare(everything.open(), GA, NEMO).tradeoffs
    assert [p for p in points[GA] if "larger context" in p] and not [
        p for p in points[NEMO] if "larger context" in p
    ]


@case("B-10")
def test_b10_only_what_one_has_and_the_other_lacks_tells_them_apart(everything: Built) -> None:
    alone = [
        p for p in compare(everything.open(), GA, NEMO).tradeoffs[GA] if p.startswith("alone has")
    ]
    assert alone and "Function calling" not in alone[0], "both have it"
    assert "Structured outputs" in alone[0] and "Code execution" in alone[0], "never cut at three"


@case("B-11")
def test_b11_a_score_without_variant_is_shown_with_that_caveat(everything: Built) -> None:
    (row,) = compare(everything.open(), GA, NEMO).benchmarks["shared"]
    assert (row["benchmark"], row["lead"], row["leader"], row["variant_known"]) == (
        "GPQA",
        Decimal("29.8"),
        GA,
        False,
    )


# Mistral Small, Nemotron


@case("D-01")
def test_d01_a_record_that_mixes_versions_is_refused_as_a_chimera(everything: Built) -> None:
    refused = [
        r
        for r in everything.open().refusals(stage="link", source="llm_reference")
        if r["model"] == "Mistral Small"
    ]
    assert refused and all("chimera" in r["reason"] for r in refused)
    for version in ("2402", "2503", "2603"):
        f = everything.figure(f"mistral:mistral/mistral-small-{version}", "price", "input")
        assert f is None or (
            "llm_reference" not in {s for s, _, _ in everything.citations(f, "support")}
        )


@case("D-02")
def test_d02_a_moving_name_means_what_it_meant_on_the_day() -> None:
    linker = Linker()
    assert linker.link("Mistral Small", on=date(2024, 6, 1)).model == "mistral/mistral-small-2402"
    assert linker.link("Mistral Small", on=date(2026, 5, 19)).model == "mistral/mistral-small-2603"
    undated = linker.link("Mistral Small")
    assert not undated.model and len(undated.candidates) == 6


@case("D-03")
def test_d03_unknown_then_known(everything: Built) -> None:
    nemotron = "nvidia/nemotron-nano-12b-v2-vl"
    assert everything.figure(nemotron, "context_window", as_of="2026-05-19") is None
    assert everything.figure(nemotron, "context_window").number == 128_000


@case("D-04")
def test_d04_no_winner_against_an_unknown(everything: Built) -> None:
    nemotron = "nvidia/nemotron-nano-12b-v2-vl"
    points = compare(everything.open().as_of("2026-06-20"), GA, nemotron).tradeoffs
    assert not [p for p in points[GA] if "context" in p]


@case("D-05")
def test_d05_structured_output_and_tools_are_two_tags(everything: Built) -> None:
    plain, tagged = changed(
        "llm_reference/2026-05-19",
        "Decision fit | words | words",
        "Decision fit | JSON / Tool use, Vision | JSON / Tool use",
    )
    assert [c.value for c in plain] == [c.value for c in tagged] and len(plain) > 20
    nemotron = "nvidia/nemotron-nano-12b-v2-vl"
    tags = {
        t["tag"]: t["because"] for t in compare(everything.open(), NEMO, nemotron).tags[nemotron]
    }
    assert [c["field"] for c in tags["Structured output"]] == ["structured_outputs"] and [
        c["field"] for c in tags["Tool calling"]
    ] == ["function_calling"]
    assert not [tag for tag in tags if "JSON" in tag or "/" in tag]


@case("D-06")
def test_d06_reasoning_is_yes_by_the_catalogue(everything: Built) -> None:
    assert everything.figure("nvidia/nemotron-nano-12b-v2-vl", "reasoning").value == "true"


@case("D-07")
def test_d07_an_unknown_licence_is_not_found_and_weights_are_a_model_fact(
    everything: Built,
) -> None:
    licence = everything.figure("nvidia/nemotron-nano-12b-v2-vl", "licence")
    assert (licence.value, licence.state) == (None, "not_found")
    assert everything.figure("nvidia/nemotron-nano-12b-v2-vl", "open_weights").value == "true"


@case("D-08")
def test_d08_the_free_route_and_the_paid_price_said_of_it_are_both_kept(everything: Built) -> None:
    free = everything.figure(
        "openrouter:nvidia/nemotron-nano-12b-v2-vl", "price", "input", "tier=free"
    )
    paid = everything.figure("openrouter:nvidia/nemotron-nano-12b-v2-vl", "price", "input")
    assert free.number == 0 and paid.number == 200_000_000


@case("D-09")
def test_d09_one_mark_for_missing(everything: Built) -> None:
    c = compare(everything.open(), GA, "nvidia/nemotron-nano-12b-v2-vl")
    shown = {x["shown"] for r in c.specs for x in r["cells"]}
    assert "—" in shown and "-" not in shown


@case("D-10")
def test_d10_grammar_of_lists() -> None:
    assert formatting.listed(["vision"]) == "vision" and formatting.listed(["a", "b"]) == "a and b"


# Gemma, Mistral Small 3.1, third parties


@case("C-01")
def test_c01_a_shifted_price_is_nobodys(everything: Built) -> None:
    refused = [
        r
        for r in everything.open().refusals(source="roboflow_playground")
        if "$0.351" in r["printed"]
    ]
    assert any("moved left" in r["reason"] for r in refused)
    assert not list(everything.open().figures(model="google/gemma-4-12b-it", field="price"))


@case("C-01b")
def test_c01b_a_price_imported_from_another_route_is_not_the_makers(everything: Built) -> None:
    f = everything.figure("mistral:mistral/mistral-small-2503", "price", "input")
    assert (f.value, f.rule) == (None, "held") and "a copy of what openrouter asks" in f.why


@case("C-02")
def test_c02_evals_under_the_wrong_head_are_quarantined(everything: Built) -> None:
    refused = [
        r
        for r in everything.open().refusals(source="roboflow_playground")
        if "(11/15)" in r["printed"]
    ]
    assert refused and "cannot be told" in refused[0]["reason"]


@case("C-03")
def test_c03_the_model_sees_and_a_route_does_not(everything: Built) -> None:
    assert everything.figure("mistral/mistral-small-2503", "vision").value == "true"
    route = everything.figure(
        "cloudflare-workers-ai:mistral/mistral-small-2503", "input_modalities"
    )
    assert json.loads(route.value) == ["text"]


@case("C-04")
def test_c04_different_versions_are_never_merged(everything: Built) -> None:
    assert Linker().link("Mistral Small 3.1 24B").model == "mistral/mistral-small-2503"
    context = everything.figure("mistral/mistral-small-2503", "context_window")
    assert context.number == 128_000


@case("C-05")
def test_c05_a_month_agrees_with_a_day_in_it(everything: Built) -> None:
    f = everything.figure("mistral/mistral-small-2503", "release_date")
    assert f.value == "2025-03-17" and ("Mar 2025", "less precise: Mar 2025") in {
        (p, n.split(";")[0]) for _, p, n in everything.citations(f, "support")
    }


@case("C-06")
def test_c06_licences_are_spdx(everything: Built) -> None:
    assert {
        everything.figure(m, "licence").value for m in (NEMO, "mistral/mistral-small-2503")
    } == {"Apache-2.0"}
    (licence,) = [r for r in compare(everything.open(), GA, NEMO).specs if r["field"] == "licence"]
    assert [c["shown"] for c in licence["cells"]] == ["proprietary", "Apache-2.0 (OSI-approved)"], (
        "the badge belongs to the second licence"
    )


@case("C-07")
def test_c07_smaller_than_is_a_bound(everything: Built) -> None:
    f = everything.figure("mistral/mistral-small-2503", "max_output_tokens")
    assert f.state == "approximate" and "smaller than" in everything.citations(f, "support")[0][1]
    assert formatting.value(f) == "up to 128,000"


@case("E-01")
def test_e01_two_spellings_are_one_model_and_a_siblings_price_is_dissent(everything: Built) -> None:
    assert {
        Linker().link(n).model
        for n in ("Claude 3.5 Haiku", "Claude Haiku 3.5", "claude-3-5-haiku-20241022")
    } == {"anthropic/claude-3-5-haiku-20241022"}
    f = everything.figure("anthropic:anthropic/claude-3-5-haiku-20241022", "price", "input")
    assert (f.number, f.rule) == (800_000_000, "authority agrees with others")
    notes = {p: n for s, p, n in everything.citations(f, "dissent") if s == "llm_api"}
    assert "claude-3-haiku" in notes["$0.25"]


@case("E-02")
def test_e02_a_value_that_is_exactly_a_siblings_is_named(everything: Built) -> None:
    f = everything.figure("openai:openai/gpt-4.1-mini", "price", "input")
    assert f.number == 400_000_000
    assert (
        "openai/gpt-4o-mini"
        in {p: n for s, p, n in everything.citations(f, "dissent") if s == "llm_api"}["$0.15"]
    )


@pytest.mark.parametrize(
    "a, b",
    [
        ("gpt-4.1-mini", "gpt-4o-mini"),
        ("Command R", "Command R+"),
        ("mimo", "minimo"),
        ("claude-3-haiku", "claude-3.5-haiku"),
    ],
)
@case("E-03")
def test_e03_near_names_never_match(a: str, b: str) -> None:
    assert parse(a).key != parse(b).key
    left, right = Linker().link(a).model, Linker().link(b).model
    assert not left or left != right


@case("E-04")
def test_e04_a_range_is_an_interval_and_wins_nothing(everything: Built) -> None:
    """One's own machine sells nothing: its price is an interval, and is refused as an offer."""
    llama = "meta/llama-3.3-70b-instruct"
    (stated,) = (
        claim
        for body in CAPTURES.glob("modelslab/2026-03-15/body")
        for claim in reading(body).claims
        if claim.provider == "self-hosted"
    )
    assert (stated.low, stated.high) == (30_000_000, 50_000_000)
    refused = everything.open().refusals(stage="link", source="modelslab")
    assert [r["printed"] for r in refused if "no seller: Self-hosted" in r["reason"]]
    assert not everything.figure(f"self-hosted:{llama}", "price", "token")
    assert not routes(everything.open().figures(model=llama, kind="offer"))


# The rules of §1.1, with the prices of S0


@case("R1", "R2", "R3", "R5", "R6")
def test_r1_r2_r3_r5_r6_the_arithmetic_of_s0(s0: Built) -> None:
    c = compare(s0.open(), GA, NEMO)
    month = c.cost["mixes"]["ref_800_250"]
    assert (
        month["shown"] == ["$575", "$26.00"]
        and month["gap_shown"] == "$549"
        and month["routes"] == ["Google AI Studio", "DeepInfra"]
    )
    assert c.cost["input"]["saving_pct"] == 92 and c.cost["input"]["markup_pct"] == 1150
    assert "a saving of 92 %" in c.verdict and "mark-up over it is 1,150 %" in c.verdict
    blend = c.cost["mixes"]["blend_70_30"]
    assert (blend["gap_usd"], blend["gap_shown"]) == (Decimal("0.599"), "$0.60")
    assert c.cost["output"]["difference_usd"] == Decimal("1.46")
    assert c.benchmarks["shared"][0]["lead"] == Decimal("29.8")


@case("R2")
def test_r2_nothing_is_more_than_all_cheaper() -> None:
    assert saving(Decimal("0.25"), Decimal("0.02")) == Decimal("0.92") and markup(
        Decimal("0.25"), Decimal("0.02")
    ) == Decimal("11.5")
    assert markup(Decimal(1), Decimal(0)) is None


@case("R4")
def test_r4_three_to_one_blend() -> None:
    mix = MIXES["blend_3_1"]
    assert Decimal("0.25") * mix.input_mtok + Decimal("1.50") * mix.output_mtok == Decimal("0.5625")


@case("R7")
def test_r7_vision_evals_are_pooled_from_whole_numbers() -> None:
    (body,) = list(CAPTURES.glob("roboflow_playground/2026-06-30-html/body"))
    claims = reading(body).claims
    passes, total = (sum(c.value for c in claims if c.field == f) for f in ("passes", "total"))  # type: ignore[misc]
    assert (passes, total) == (42, 67) and round(Decimal(passes) / total * 100, 2) == Decimal(
        "62.69"
    )


@case("R8")
def test_r8_a_resellers_month_costs_27_times_as_much_by_the_makers_prices(
    everything: Built,
) -> None:
    """11.4 billion tokens in and 9.6 billion out is far from the reference mix.

    It costs $630 or $17,250 by figures of one page.
    """
    snapshot = everything.open()
    month = Traffic(input=Decimal(11_400), output=Decimal(9_600))
    (row,) = costs([side(snapshot, GA)], month)["models"]
    shown = {o["provider"]: (o["shown"], o["wins"]) for o in row["offers"]}
    assert shown["llm-api"] == ("$630", False) and shown["google-ai-studio"] == ("$17,250", True)
    assert row["best"]["shown"] == "$17,250", "what only its seller says wins nothing"
    claims = reading(CAPTURES / "llm_api/2026-06-15/body").claims
    assert not [
        c for c in claims if c.field == "price" and c.value in (11_400_000_000, 9_600_000_000)
    ], "volumes are no prices"


@case("R9")
def test_r9_points_come_in_a_fixed_order_and_no_list_is_cut_in_silence(everything: Built) -> None:
    c = compare(everything.open(), GA, NEMO)
    heads = [
        "leads on",
        "has the larger context",
        "has the lower output",
        "has more tracked",
        "alone has",
        "alone is tagged",
    ]
    for model in (GA, NEMO):
        order = [
            next(i for i, head in enumerate(heads) if point.startswith(head))
            for point in c.tradeoffs[model]
        ]
        assert order == sorted(order) and len(order) >= 3
    lost = next(s for s in c.friction if s["from"] == GA)["said"]
    differing = [
        "Vision",
        "Multimodal",
        "Reasoning",
        "Tool use",
        "Structured outputs",
        "Code execution",
    ]
    assert [word for word in differing if not any(word in sentence for sentence in lost)] == [], (
        "the original cut them at three"
    )
    assert formatting.listed([str(n) for n in range(7)]).endswith(" and 2 more")
    assert [formatting.money(Decimal(x)) for x in ("575", "100", "99.994", "26")] == [
        "$575",
        "$100",
        "$99.99",
        "$26.00",
    ]


@case("C-1")
def test_c1_display_twins_agree_and_the_exact_one_is_kept(everything: Built) -> None:
    fits = {
        "128k": (128_000, 131_072),
        "1M": (1_000_000, 1_048_576),
        "1.05m": (1_045_000, 1_048_576, 1_050_000, 1_054_999),
    }
    assert [
        (t, n) for t, counts in fits.items() for n in counts if not read_count(t).contains(n)
    ] == []
    assert not [
        n for n in (1_044_999, 1_055_000) if read_count("1.05m").contains(n)
    ] and not read_count("128k").contains(64_000)
    f = everything.figure(GA, "context_window")
    rounded = {p for _, p, n in everything.citations(f, "support") if "twin" in n}
    assert (f.number, f.state) == (1_048_576, "known") and "1.05m" in rounded, (
        "a rounded claim never overwrites an exact one"
    )


def test_vocabulary_across_the_documents() -> None:
    assert {provider_id(n) for n in ("AWS Bedrock", "Amazon Bedrock")} == {"amazon-bedrock"}
    assert {provider_id(n) for n in ("Microsoft Foundry", "Azure AI Foundry")} == {"azure"}
    assert {provider_id(n) for n in ("Mistral AI Studio", "La Plateforme")} == {"mistral"}
    assert catalogue.vocabulary("licences")["apache 2.0"] == "Apache-2.0"


def test_a_seeded_thousandfold_price_is_held(save: Save, tmp_path: Any) -> None:
    rows = {
        f"host{i}/{NEMO.split('/')[1]}": {
            "litellm_provider": f"host{i}",
            "mode": "chat",
            "input_cost_per_token": 2e-08,
        }
        for i in range(5)
    }
    rows["slip/mistral-nemo"] = {
        "litellm_provider": "slip",
        "mode": "chat",
        "input_cost_per_token": 2e-05,
    }
    built = build(tmp_path / "h", save("litellm", "2026-01-01", json.dumps(rows)))
    f = built.figure(f"slip:{NEMO}", "price", "input")
    assert f.value is None and f.rule == "held"
    assert built.figure(f"host1:{NEMO}", "price", "input").number == 20_000_000


# The list


def marked() -> dict[str, Callable[..., None]]:
    """Return the tests of this file that are of a case, by name."""
    return {
        name: f
        for name, f in vars(sys.modules[__name__]).items()
        if name.startswith("test_") and hasattr(f, "cases")
    }


def sure(test: Callable[..., None]) -> list[ast.stmt]:
    """Return the statements by which a test must fail or pass.

    They are those that run whatever the data are, before anything returns.
    """
    (function,) = ast.parse(textwrap.dedent(inspect.getsource(test))).body
    assert isinstance(function, ast.FunctionDef)
    body = list(itertools.takewhile(lambda s: not isinstance(s, ast.Return), function.body))
    checks = [
        s
        for s in body
        if isinstance(s, ast.Assert)
        and any(isinstance(n, ast.Call | ast.Name) for n in ast.walk(s.test))
    ]
    return [
        *checks,
        *(
            s
            for s in body
            if isinstance(s, ast.With) and "pytest.raises" in ast.unparse(s.items[0].context_expr)
        ),
    ]


def test_every_case_of_the_list_has_a_test() -> None:
    have = {c for test in marked().values() for c in test.cases}  # type: ignore[attr-defined]
    assert have == set(LIST)


def test_the_list_is_that_of_the_documents(shared: Path) -> None:
    text = (shared / "research/cases.md").read_text(encoding="utf-8")
    assert sorted(LIST) == sorted(
        {
            *re.findall(r"^\| ([A-E]-\d\d[a-z]?) \|", text, re.M),
            *re.findall(r"^### (R\d|C-\d) ", text, re.M),
        }
    )


@pytest.mark.parametrize("name", marked())
def test_a_case_is_asserted_and_run(name: str) -> None:
    test = marked()[name]
    assert sure(test), "it asserts nothing that runs whatever the data are"
    assert not [m for m in getattr(test, "pytestmark", []) if m.name in ("skip", "skipif", "xfail")]


@pytest.fixture(scope="module")
def strangers(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """A release that says nothing of what the documents speak of."""
    saved = tmp_path_factory.mktemp("strangers")
    folder = saved / "litellm" / "2026-01-01"
    folder.mkdir(parents=True)
    row = {
        "litellm_provider": "openai",
        "mode": "chat",
        "input_cost_per_token": 1e-06,
        "output_cost_per_token": 2e-06,
    }
    (folder / "body").write_text(json.dumps({"gpt-4o-mini": row, "gpt-4.1-nano": row}))
    (folder / "capture.json").write_text(
        json.dumps({"url": "https://example.org/page", "fetched_at": "2026-01-01T00:00:00Z"})
    )
    return build(saved / "home", saved)


@pytest.mark.parametrize(
    "name",
    [
        n
        for n, test in marked().items()
        if {"everything", "s0"} & inspect.signature(test).parameters.keys()
    ],
)
def test_a_case_fails_where_nothing_is_known_of_it(strangers: Built, name: str) -> None:
    """What holds of an empty shelf proves nothing of a full one."""
    test = marked()[name]
    sets = [
        (m.args[0], m.args[1]) for m in getattr(test, "pytestmark", []) if m.name == "parametrize"
    ]
    given = {names: values[0] for names, values in sets}
    fixtures = {
        p: strangers for p in inspect.signature(test).parameters if p in ("everything", "s0")
    }
    try:
        test(**fixtures, **given)
    except Exception:
        return
    pytest.fail("it passes on a release that says nothing of its models")
