"""The acceptance cases of the five founding documents, by their ids, on the real line over recorded pages."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from comparisons import form
from comparisons.comparison import compare
from comparisons.cost import MIXES, cheapest, markup, routes, saving
from flows.link import Linker
from flows.names import parse
from flows.providers import provider_id
from schemas import catalogue
from schemas.quantity import read_count
from tests.conftest import Built, Save, build
from tests.recorded import CAPTURES, reading

GA, PREVIEW, NEMO = "google/gemini-3.1-flash-lite", "google/gemini-3.1-flash-lite-preview", "mistral/mistral-nemo"


# Gemini 3.1 Flash-Lite


@pytest.mark.parametrize("provider", ["google-ai-studio", "google-vertex", "openrouter", "vercel"])
def test_a01_input_price_is_a_quarter_on_every_route(everything: Built, provider: str) -> None:
    f = everything.figure(f"{provider}:{GA}", "price", "input")
    assert (f.number, f.unit, f.state) == (250_000_000, "usd_per_mtok", "known")


def test_a01_a_sellers_figures_for_rivals_are_kept_as_dissent(everything: Built) -> None:
    f = everything.figure(f"google-ai-studio:{GA}", "price", "input")
    dissent = {(s, p): n for s, p, n in everything.said(f, "dissent")}
    assert "rival" in dissent[("llm_api", "~$0.075")] and ("llm_api", "$0.05") in dissent


def test_a01_a_sellers_own_price_is_about_its_own_route_and_flagged(everything: Built) -> None:
    f = everything.figure(f"llm-api:{GA}", "price", "input")
    assert (f.number, f.rule) == (30_000_000, "self-reported")


def test_a01_an_unchecked_price_wins_no_comparison(everything: Built) -> None:
    assert "llm-api" not in {r.provider for r in routes(everything.open().figures(model=GA, kind="offer"))}


def test_a02_output_price(everything: Built) -> None:
    assert everything.figure(f"google-ai-studio:{GA}", "price", "output").number == 1_500_000_000


def test_a03_a_direct_contradiction_is_recorded_and_names_the_sibling(everything: Built) -> None:
    f = everything.figure(f"google-ai-studio:{GA}", "price", "output")
    assert f.state == "known" and ("llm_api", "~$0.075") in {(s, p) for s, p, _ in everything.said(f, "dissent")}


def test_a04_context_is_exact_with_its_twins_in_support(everything: Built) -> None:
    f = everything.figure(GA, "context_window")
    support = {(s, p): n for s, p, n in everything.said(f, "support")}
    assert (f.number, f.state) == (1_048_576, "known")
    assert "twin" in support[("llm_reference", "1.05m")]
    assert any(s == "modelslab" and "1M" in p and "twin" in n for (s, p), n in support.items())
    assert ("llm_api", "128K") in {(s, p) for s, p, _ in everything.said(f, "dissent")}


def test_a04_mid_sized_yields_no_value() -> None:
    with pytest.raises(ValueError):
        read_count("a mid-sized context window")


def test_a05_max_output_is_the_makers_and_not_the_resellers(everything: Built) -> None:
    f = everything.figure(GA, "max_output_tokens")
    assert f.number == 65_536 and ("llm_api", "4K") in {(s, p) for s, p, _ in everything.said(f, "dissent")}


def test_a06_input_and_output_modalities_are_two_fields(everything: Built) -> None:
    taken = json.loads(everything.figure(GA, "input_modalities").value)
    assert "image" in taken and json.loads(everything.figure(GA, "output_modalities").value) == ["text"]
    assert everything.figure(GA, "vision").value == "true"


def test_a07_reasoning_is_yes_with_levels(everything: Built) -> None:
    assert everything.figure(GA, "reasoning").value == "true"
    assert set(json.loads(everything.figure(GA, "reasoning_levels").value)) == {"minimal", "low", "medium", "high"}


def test_a07_standard_is_no_level(everything: Built) -> None:
    refused = [r for r in everything.open().refusals(stage="read", source="modelslab") if r["field"] == "reasoning_levels"]
    assert refused and "standard" in refused[0]["printed"]


def test_a08_function_calling_is_yes_and_advice_is_no_claim(everything: Built) -> None:
    f = everything.figure(GA, "function_calling")
    assert f.value == "true" and not {s for s, _, _ in everything.said(f, "dissent")} & {"llm_api", "modelslab"}


def test_a09_tags_are_not_ingested(everything: Built) -> None:
    assert not [f for f in everything.open().figures(model=GA) if "coding" in (f.value or "").lower()]


def test_a10_preview_and_ga_are_two_models_with_two_dates(everything: Built) -> None:
    assert everything.figure(GA, "release_date").value == "2026-05-07"
    assert everything.figure(PREVIEW, "release_date").value == "2026-03-03"
    assert everything.figure(PREVIEW, "announced_date").value == "2026-03"


@pytest.mark.parametrize("name", ["gemini-3.1-flash-lite", "gemini-3-1-flash-lite", "Gemini 3.1 Flash Lite", "Gemini 3.1 Flash-Lite", "google/gemini-3.1-flash-lite"])
def test_a11_every_spelling_links(name: str) -> None:
    assert Linker().link(name).model == GA


def test_a12_makers_have_aliases() -> None:
    assert {parse(f"{m}/x-1").maker for m in ("google", "Google DeepMind")} == {"google"}
    assert {parse(f"{m}/x-1").maker for m in ("mistral", "mistralai", "MistralAI", "Mistral AI")} == {"mistral"}


def test_a13_speeds_without_a_common_method_have_no_winner(everything: Built) -> None:
    figures = list(everything.open().figures(model=GA, field="throughput"))
    assert len({f.subject for f in figures}) >= 4, "each is a claim about its own route"
    assert "throughput" not in {r["field"] for r in compare(everything.open(), GA, NEMO)["specs"]}


def test_a14_latencies_stay_claims_about_their_routes(everything: Built) -> None:
    assert {f.model for f in everything.open().figures(field="latency")} >= {GA}
    assert not everything.open().figures(subject=GA, field="latency")


def test_a15_a_ratio_to_another_model_is_refused_as_a_measurement(everything: Built) -> None:
    assert [r for r in everything.open().refusals(stage="read", source="modelslab") if "2.5x" in r["printed"]]


def test_a15_the_conflict_inside_the_document_is_reported(everything: Built) -> None:
    refused = [r for r in everything.open().refusals(stage="read", source="modelslab") if "contradicts itself" in r["reason"]]
    assert refused and "output speed" in refused[0]["reason"] and "time to first token" in refused[0]["reason"]


def test_a16_promised_and_measured_uptime_are_kept_apart(everything: Built) -> None:
    promised = everything.figure(f"llm-api:{GA}", "uptime", terms="kind=promised")
    measured = everything.figure(f"llm-api:{GA}", "uptime", terms="kind=measured;window=30d")
    assert (promised.value, measured.value) == ("99.99", "99.8")


def test_a17_predecessor(everything: Built) -> None:
    assert everything.figure(GA, "predecessor").value == "Gemini 2.5 Flash"


def test_a18_cutoff_from_glued_cells(everything: Built) -> None:
    f = everything.figure(GA, "knowledge_cutoff")
    assert f.value == "2025-01" and "llm_reference" in {s for s, _, _ in everything.said(f, "support")}


def test_a19_a_template_default_is_no_fact(everything: Built) -> None:
    f = everything.figure(GA, "architecture")
    assert f.value is None and not f.usable and "template" in everything.said(f, "dissent")[0][2]


def test_a20_routes_are_a_union_and_gemini_api_is_ai_studio(everything: Built) -> None:
    served = {f.provider for f in everything.open().figures(model=GA, kind="offer")}
    assert served >= {"google-ai-studio", "google-vertex", "openrouter", "vercel", "llm-api"}
    assert provider_id("Gemini API") == provider_id("Google AI Studio") == "google-ai-studio"


def test_a21_superlatives_are_not_ingested(everything: Built) -> None:
    assert not [f for f in everything.open().figures(model=GA) if "cheapest" in (f.value or "").lower()]


# Mistral NeMo


def test_b01_a_count_of_routes_is_derived_and_a_cut_list_says_so(everything: Built) -> None:
    c = compare(everything.open(), GA, NEMO)
    assert c["providers"][NEMO]["count"] == len(c["providers"][NEMO]["names"])
    assert form.listed(list("abcdefg")) == "a, b, c, d, e and 2 more"


def test_b02_no_overlap_is_said_as_of_a_date_over_tracked_offers(s0: Built) -> None:
    said = compare(s0.open().as_of("2026-06-30"), GA, NEMO)["overlap"]["said"]
    assert said == "No overlap among 3 + 5 tracked offers as of 2026-06-30."


def test_b02_overlap_is_found_where_openrouter_and_vercel_serve_both(everything: Built) -> None:
    overlap = compare(everything.open(), GA, NEMO)["overlap"]
    assert {"openrouter", "vercel"} <= set(overlap["providers"]) and "No overlap" not in overlap["said"]


def test_b03_a_free_route_is_not_the_cheapest_paid_one(everything: Built) -> None:
    figures = everything.open().figures(model=NEMO, kind="offer")
    assert everything.figure(f"github-models:{NEMO}", "price", "input").number == 0
    best = cheapest(routes(figures), MIXES["ref_800_250"])
    assert best is not None and best.provider != "github-models" and (best.output.number or 0) > 0


def test_b04_a_thousandfold_price_is_held_and_not_published(everything: Built) -> None:
    f = everything.figure(f"helicone:{NEMO}", "price", "input")
    assert (f.value, f.state, f.rule) == (None, "conflicted", "held")
    assert "times the median" in everything.said(f, "dissent")[0][2]
    assert "helicone" not in {r.provider for r in routes(everything.open().figures(model=NEMO, kind="offer"))}


def test_b05_the_models_limit_and_each_routes_limit_are_different_figures(everything: Built) -> None:
    model = everything.figure(NEMO, "context_window")
    assert (model.number, model.state) == (128_000, "known")
    assert "twin" in {p: n for _, p, n in everything.said(model, "support")}["131072"]
    assert everything.figure(f"novita-ai:{NEMO}", "context_window").number == 60_288


def test_b06_released_and_added_on_a_route_are_two_fields(everything: Built) -> None:
    assert everything.figure(NEMO, "release_date").subject_kind == "model"
    routes_ = {f.value for f in everything.open().figures(model=NEMO, field="first_offered")}
    assert len(routes_) > 1


def test_b07_without_the_maker_disagreeing_cutoffs_stay_open(everything: Built) -> None:
    f = everything.figure(NEMO, "knowledge_cutoff")
    assert (f.value, f.state) == (None, "conflicted") and "2024-04" in f.why and "2024-07" in f.why


def test_b08_function_calling_is_a_flag_of_the_model_and_of_each_route(everything: Built) -> None:
    assert everything.figure(NEMO, "function_calling").value == "true"
    assert {f.value for f in everything.open().figures(model=NEMO, field="function_calling", kind="offer")} == {"true", "false"}


def test_b09_what_speaks_for_a_model_follows_one_rule_for_both(everything: Built) -> None:
    points = compare(everything.open(), GA, NEMO)["tradeoffs"]
    assert [p for p in points[GA] if "larger context" in p] and not [p for p in points[NEMO] if "larger context" in p]


def test_b10_only_what_one_has_and_the_other_lacks_tells_them_apart(everything: Built) -> None:
    alone = [p for p in compare(everything.open(), GA, NEMO)["tradeoffs"][GA] if p.startswith("alone has")]
    assert alone and "Function calling" not in alone[0], "both have it"
    assert "Structured outputs" in alone[0] and "Code execution" in alone[0], "never cut at three"


def test_b11_a_score_without_variant_is_shown_with_that_caveat(everything: Built) -> None:
    (row,) = compare(everything.open(), GA, NEMO)["benchmarks"]["shared"]
    assert (row["benchmark"], row["lead"], row["leader"], row["variant_known"]) == ("GPQA", Decimal("29.8"), GA, False)


# Mistral Small, Nemotron


def test_d01_a_record_that_mixes_versions_is_refused_as_a_chimera(everything: Built) -> None:
    refused = [r for r in everything.open().refusals(stage="link", source="llm_reference") if r["model"] == "Mistral Small"]
    assert refused and all("chimera" in r["reason"] for r in refused)
    for version in ("2402", "2503", "2603"):
        f = everything.figure(f"mistral:mistral/mistral-small-{version}", "price", "input")
        assert f is None or ("llm_reference" not in {s for s, _, _ in everything.said(f, "support")})


def test_d02_a_moving_name_means_what_it_meant_on_the_day() -> None:
    from datetime import date

    linker = Linker()
    assert linker.link("Mistral Small", on=date(2024, 6, 1)).model == "mistral/mistral-small-2402"
    assert linker.link("Mistral Small", on=date(2026, 5, 19)).model == "mistral/mistral-small-2603"
    undated = linker.link("Mistral Small")
    assert not undated.model and len(undated.candidates) == 6


def test_d03_unknown_then_known(everything: Built) -> None:
    nemotron = "nvidia/nemotron-nano-12b-v2-vl"
    assert everything.figure(nemotron, "context_window", as_of="2026-05-19") is None
    assert everything.figure(nemotron, "context_window").number == 128_000


def test_d04_no_winner_against_an_unknown(everything: Built) -> None:
    nemotron = "nvidia/nemotron-nano-12b-v2-vl"
    points = compare(everything.open().as_of("2026-06-20"), GA, nemotron)["tradeoffs"]
    assert not [p for p in points[GA] if "context" in p]


def test_d05_no_tag_speaks_of_tools(everything: Built) -> None:
    assert not [f for f in everything.open().figures(model="nvidia/nemotron-nano-12b-v2-vl") if "JSON / Tool" in (f.value or "")]


def test_d06_reasoning_is_yes_by_the_catalogue(everything: Built) -> None:
    assert everything.figure("nvidia/nemotron-nano-12b-v2-vl", "reasoning").value == "true"


def test_d07_an_unknown_licence_is_not_found_and_weights_are_a_model_fact(everything: Built) -> None:
    licence = everything.figure("nvidia/nemotron-nano-12b-v2-vl", "licence")
    assert (licence.value, licence.state) == (None, "not_found")
    assert everything.figure("nvidia/nemotron-nano-12b-v2-vl", "open_weights").value == "true"


def test_d08_the_free_route_and_the_paid_price_said_of_it_are_both_kept(everything: Built) -> None:
    free = everything.figure("openrouter:nvidia/nemotron-nano-12b-v2-vl", "price", "input", "tier=free")
    said = everything.figure("openrouter:nvidia/nemotron-nano-12b-v2-vl", "price", "input")
    assert free.number == 0 and said.number == 200_000_000


def test_d09_one_mark_for_missing(everything: Built) -> None:
    c = compare(everything.open(), GA, "nvidia/nemotron-nano-12b-v2-vl")
    shown = {x["shown"] for r in c["specs"] for x in r["cells"]}
    assert "—" in shown and "-" not in shown


def test_d10_grammar_of_lists() -> None:
    assert form.listed(["vision"]) == "vision" and form.listed(["a", "b"]) == "a and b"


# Gemma, Mistral Small 3.1, third parties


def test_c01_a_shifted_price_is_nobodys(everything: Built) -> None:
    refused = [r for r in everything.open().refusals(source="roboflow_playground") if "$0.351" in r["printed"]]
    assert any("moved left" in r["reason"] for r in refused)
    assert not list(everything.open().figures(model="google/gemma-4-12b-it", field="price"))


def test_c01b_a_price_imported_from_another_route_is_not_the_makers(everything: Built) -> None:
    f = everything.figure("mistral:mistral/mistral-small-2503", "price", "input")
    assert (f.value, f.rule) == (None, "held") and "a copy of what openrouter asks" in f.why


def test_c02_evals_under_the_wrong_head_are_quarantined(everything: Built) -> None:
    refused = [r for r in everything.open().refusals(source="roboflow_playground") if "(11/15)" in r["printed"]]
    assert refused and "cannot be told" in refused[0]["reason"]


def test_c03_the_model_sees_and_a_route_does_not(everything: Built) -> None:
    assert everything.figure("mistral/mistral-small-2503", "vision").value == "true"
    route = everything.figure("cloudflare-workers-ai:mistral/mistral-small-2503", "input_modalities")
    assert json.loads(route.value) == ["text"]


def test_c04_different_versions_are_never_merged(everything: Built) -> None:
    assert Linker().link("Mistral Small 3.1 24B").model == "mistral/mistral-small-2503"
    context = everything.figure("mistral/mistral-small-2503", "context_window")
    assert context.number == 128_000


def test_c05_a_month_agrees_with_a_day_in_it(everything: Built) -> None:
    f = everything.figure("mistral/mistral-small-2503", "release_date")
    assert f.value == "2025-03-17" and ("Mar 2025", "less precise: Mar 2025") in {(p, n.split(";")[0]) for _, p, n in everything.said(f, "support")}


def test_c06_licences_are_spdx(everything: Built) -> None:
    assert {everything.figure(m, "licence").value for m in (NEMO, "mistral/mistral-small-2503")} == {"Apache-2.0"}
    (licence,) = [r for r in compare(everything.open(), GA, NEMO)["specs"] if r["field"] == "licence"]
    assert [c["shown"] for c in licence["cells"]] == ["proprietary", "Apache-2.0 (OSI-approved)"], "the badge belongs to the second licence"


def test_c07_smaller_than_is_a_bound(everything: Built) -> None:
    f = everything.figure("mistral/mistral-small-2503", "max_output_tokens")
    assert f.state == "approximate" and "smaller than" in everything.said(f, "support")[0][1]
    assert form.value(f) == "up to 128,000"


def test_e01_two_spellings_are_one_model_and_a_siblings_price_is_dissent(everything: Built) -> None:
    assert {Linker().link(n).model for n in ("Claude 3.5 Haiku", "Claude Haiku 3.5", "claude-3-5-haiku-20241022")} == {"anthropic/claude-3-5-haiku-20241022"}
    f = everything.figure("anthropic:anthropic/claude-3-5-haiku-20241022", "price", "input")
    assert (f.number, f.rule) == (800_000_000, "authority agrees with others")
    notes = {p: n for s, p, n in everything.said(f, "dissent") if s == "llm_api"}
    assert "claude-3-haiku" in notes["$0.25"]


def test_e02_a_value_that_is_exactly_a_siblings_is_named(everything: Built) -> None:
    f = everything.figure("openai:openai/gpt-4.1-mini", "price", "input")
    assert f.number == 400_000_000
    assert "openai/gpt-4o-mini" in {p: n for s, p, n in everything.said(f, "dissent") if s == "llm_api"}["$0.15"]


@pytest.mark.parametrize("a, b", [("gpt-4.1-mini", "gpt-4o-mini"), ("Command R", "Command R+"), ("mimo", "minimo"), ("claude-3-haiku", "claude-3.5-haiku")])
def test_e03_near_names_never_match(a: str, b: str) -> None:
    assert parse(a).key != parse(b).key
    left, right = Linker().link(a).model, Linker().link(b).model
    assert not left or left != right


def test_e04_a_range_is_an_interval_and_wins_nothing(everything: Built) -> None:
    llama = "meta/llama-3.3-70b-instruct"
    f = everything.figure(f"self-hosted:{llama}", "price", "token")
    assert f.state == "approximate"
    assert not routes(everything.open().figures(model=llama, kind="offer"))


# The rules of §1.1, with the prices of S0


def test_r1_r2_r3_r5_r6_the_arithmetic_of_s0(s0: Built) -> None:
    c = compare(s0.open(), GA, NEMO)
    month = c["cost"]["mixes"]["ref_800_250"]
    assert month["shown"] == ["$575", "$26.00"] and month["gap_shown"] == "$549" and month["routes"] == ["Google AI Studio", "DeepInfra"]
    assert c["cost"]["input"]["saving_pct"] == 92 and c["cost"]["input"]["markup_pct"] == 1150
    assert "a saving of 92 %" in c["verdict"] and "mark-up over it is 1,150 %" in c["verdict"]
    blend = c["cost"]["mixes"]["blend_70_30"]
    assert (blend["gap_usd"], blend["gap_shown"]) == (Decimal("0.599"), "$0.60")
    assert c["cost"]["output"]["difference_usd"] == Decimal("1.46")
    assert c["benchmarks"]["shared"][0]["lead"] == Decimal("29.8")


def test_r2_nothing_is_more_than_all_cheaper() -> None:
    assert saving(Decimal("0.25"), Decimal("0.02")) == Decimal("0.92") and markup(Decimal("0.25"), Decimal("0.02")) == Decimal("11.5")
    assert markup(Decimal(1), Decimal(0)) is None


def test_r4_three_to_one_blend() -> None:
    mix = MIXES["blend_3_1"]
    assert Decimal("0.25") * mix.input_mtok + Decimal("1.50") * mix.output_mtok == Decimal("0.5625")


def test_r7_vision_evals_are_pooled_from_whole_numbers() -> None:
    (body,) = list(CAPTURES.glob("roboflow_playground/2026-06-30-html/body"))
    claims = reading(body).claims
    passes, total = (sum(c.value for c in claims if c.field == f) for f in ("passes", "total"))  # type: ignore[misc]
    assert (passes, total) == (42, 67) and round(Decimal(passes) / total * 100, 2) == Decimal("62.69")


def test_every_case_of_the_list_has_a_test() -> None:
    import re
    from pathlib import Path

    text = Path(__file__).read_text(encoding="utf-8")
    have = set(re.findall(r"def test_([a-e]\d\d)", text))
    want = {f"a{i:02}" for i in range(1, 22)} | {f"b{i:02}" for i in range(1, 12)} | {f"c{i:02}" for i in range(1, 8)} | {f"d{i:02}" for i in range(1, 11)}
    assert have >= want | {f"e{i:02}" for i in range(1, 5)}


def test_vocabulary_across_the_documents() -> None:
    assert {provider_id(n) for n in ("AWS Bedrock", "Amazon Bedrock")} == {"amazon-bedrock"}
    assert {provider_id(n) for n in ("Microsoft Foundry", "Azure AI Foundry")} == {"azure"}
    assert {provider_id(n) for n in ("Mistral AI Studio", "La Plateforme")} == {"mistral"}
    assert catalogue.vocabulary("licences")["apache 2.0"] == "Apache-2.0"


def test_a_seeded_thousandfold_price_is_held(save: Save, tmp_path: Any) -> None:
    rows = {f"host{i}/{NEMO.split('/')[1]}": {"litellm_provider": f"host{i}", "mode": "chat", "input_cost_per_token": 2e-08} for i in range(5)}
    rows["slip/mistral-nemo"] = {"litellm_provider": "slip", "mode": "chat", "input_cost_per_token": 2e-05}
    built = build(tmp_path / "h", save("litellm", "2026-01-01", json.dumps(rows)))
    f = built.figure(f"slip:{NEMO}", "price", "input")
    assert f.value is None and f.rule == "held"
    assert built.figure(f"host1:{NEMO}", "price", "input").number == 20_000_000
