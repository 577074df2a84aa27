"""Identity: names link when they differ in no meaningful part, and stay unlinked otherwise."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from flows.link import Linker, mintable, own_maker, provider_id
from spiders import base

LINKER = Linker()


@pytest.mark.parametrize(
    "name, model",
    [
        ("us.anthropic.claude-sonnet-4-6", "anthropic/claude-sonnet-4-6"),
        ("anthropic/claude-opus-4.8", "anthropic/claude-opus-4-8"),
        ("Google: Gemini 2.5 Flash", "google/gemini-2.5-flash"),
        ("accounts/fireworks/models/mistral-nemo-instruct-2407", "mistral/mistral-nemo"),
        ("neuralmagic/Mistral-Nemo-Instruct-2407-FP8", "mistral/mistral-nemo"),
        ("gemma-4-26b-a4b-it-maas", "google/gemma-4-26b-a4b-it"),
        ("nvidia/nemotron-nano-12b-v2-vl:free", "nvidia/nemotron-nano-12b-v2-vl"),
        ("meta-llama/Llama-3.3-70B-Instruct", "meta/llama-3.3-70b-instruct"),
        ("z-ai/glm-5.1", "zhipuai/glm-5.1"),
        ("mistral-small-3.1-24b-instruct", "mistral/mistral-small-2503"),
    ],
)
def test_links(name: str, model: str) -> None:
    assert LINKER.link(name).model == model


@pytest.mark.parametrize("name", ["", "gpt", "llama", "openrouter/auto", "gemini-9.9-ultra", "my-finetune-of-gpt-4o", "<script>alert(1)</script>", "mistral-small"])
def test_prefers_to_fail(name: str) -> None:
    assert LINKER.link(name).model == ""


def test_a_free_route_is_the_model_with_a_mark() -> None:
    assert dict(LINKER.link("nvidia/nemotron-nano-12b-v2-vl:free").marks) == {"tier": "free"}


def test_an_unlinked_name_comes_with_its_nearest_candidates() -> None:
    assert "google/gemini-3.1-flash-lite" in LINKER.link("gemini-3.1-flash-lite-turbo-9000").candidates


def test_only_a_maker_introduces_a_model() -> None:
    assert own_maker(base.card("openai_pricing"), "OpenAI", "gpt-9") == "openai"
    assert own_maker(base.card("models_dev"), "mistral", "mistral-large-9999") == "mistral"
    assert own_maker(base.card("models_dev"), "nano-gpt", "gpt-9") == ""
    assert own_maker(base.card("llm_api"), "LLM API", "GPT-9") == ""


@pytest.mark.parametrize("name", ["mistral-large-latest", "Claude Opus 9", "x@y z", "model-fp8"])
def test_pointers_prose_and_hosts_variants_are_no_ids(name: str) -> None:
    assert mintable(name) == ""


@pytest.mark.parametrize("said, provider", [("vertex_ai-language-models", "google-vertex"), ("Google", "google-ai-studio"), ("Some New Host", "some-new-host")])
def test_providers(said: str, provider: str) -> None:
    assert provider_id(said) == provider


def test_first_party_is_the_makers_own_platform() -> None:
    assert provider_id("first-party", "google") == "google-ai-studio"


def test_on_the_open_gold(shared: Path) -> None:
    """Stages 1–3 against the open part of the identity gold; the full grammar is a later piece of work."""
    gold = json.loads(gzip.decompress((shared / "peers/entity-gold/open-70.json.gz").read_bytes()))
    right = wrong = missed = 0
    for entry in gold:
        want = entry["canonical"]
        if want and want.startswith("hf:"):
            continue
        got = LINKER.link(entry["alias"], entry["provider"]).model
        right += bool(got) and got == want
        wrong += bool(got) and got != want
        missed += bool(want) and got != want
    assert right / (right + wrong) >= 0.98 and right / (right + missed) >= 0.85, (right, wrong, missed)
