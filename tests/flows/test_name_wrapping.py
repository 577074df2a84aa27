"""Names with what hosts, routes, clouds and local runtimes put round them."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from almanac.flows.entity_resolution.linker import Linker, mintable
from almanac.schemas.known_model import KnownModel

LINKER = Linker()
SONNET = "anthropic/claude-sonnet-4-5-20250929"


@pytest.mark.parametrize(
    ("name", "model", "marks"),
    [
        ("openai:gpt-5.4", "openai/gpt-5.4", {}),
        ("google-gla:gemini-2.5-pro", "google/gemini-2.5-pro", {}),
        ("bedrock:us.anthropic.claude-sonnet-4-6", "anthropic/claude-sonnet-4-6", {"region": "us"}),
        (f"bedrock/eu.{SONNET.replace('/', '.')}-v1:0", SONNET, {"region": "eu"}),
        (
            "arn:aws:bedrock:eu-west-1:999999999999:inference-profile/"
            "eu.anthropic.claude-sonnet-4-5-20250929-v1:0",
            SONNET,
            {"region": "eu"},
        ),
        (
            "arn:aws-us-gov:bedrock:us-gov-west-1::foundation-model/"
            "anthropic.claude-sonnet-4-5-20250929-v1:0",
            SONNET,
            {"region": "us-gov-west-1"},
        ),
        (
            "bedrock/ap-northeast-1/1-month-commitment/anthropic.claude-sonnet-4-5-20250929-v1:0",
            SONNET,
            {"region": "ap-northeast-1", "commitment": "1 month"},
        ),
        ("azure/eu/gpt-5.4", "openai/gpt-5.4", {"region": "eu"}),
        ("gpt-5.4 (EU)", "openai/gpt-5.4", {"region": "eu"}),
        ("gpt-5.4-gt-272k", "openai/gpt-5.4", {"above_input": "272000"}),
        ("gemini-2.5-pro-gte-200k", "google/gemini-2.5-pro", {"above_input": "200000"}),
        ("gemini-2.5-pro-lte-200k", "google/gemini-2.5-pro", {}),
        ("gpt-5.4:flex", "openai/gpt-5.4", {"tier": "flex"}),
        ("glm-4.6-free", "zhipuai/glm-4.6", {"tier": "free"}),
        ("gpt-5.4 (xhigh)", "openai/gpt-5.4", {"effort": "xhigh"}),
        ("openai/o3-mini-high", "openai/o3-mini", {"effort": "high"}),
        ("gpt-oss:120b-cloud", "openai/gpt-oss-120b", {"variant": "cloud"}),
        (
            "hf.co/unsloth/gpt-oss-120b-GGUF:UD-Q6_K_XL",
            "openai/gpt-oss-120b",
            {"quantisation": "ud_q6_k_xl"},
        ),
        (
            "ft:gpt-4o-mini-2024-07-18:somebody::AbCd12",
            "openai/gpt-4o-mini",
            {"variant": "fine-tuned"},
        ),
        ("TEE/glm-4.6", "zhipuai/glm-4.6", {"enclave": "tee"}),
        ("somebody/GLM-4.6-AWQ-4bit", "zhipuai/glm-4.6", {"quantisation": "awq"}),
        ("nvidia/GLM-4.6-NVFP4", "zhipuai/glm-4.6", {"quantisation": "nvfp4"}),
        ("claude-3-5-sonnet-20241022-v2:0", "anthropic/claude-3-5-sonnet-20241022", {}),
        ("gémini-2.5-pro", "google/gemini-2.5-pro", {}),
        ("gpt\u200b-5.4", "openai/gpt-5.4", {}),
    ],
)
def test_what_stands_round_a_name_is_a_mark_or_a_route(
    name: str, model: str, marks: dict[str, str]
) -> None:
    link = LINKER.link(name)
    assert (link.model, dict(link.marks)) == (model, marks)


@pytest.mark.parametrize(
    "name",
    [
        "gpt-4\u043e",  # a Cyrillic o
        "GLM-4.5视觉",
        "deepseek-r1:70b",
        "deepseek-r1:1.5b",
        "gpt-5.4 (frobnicated)",
        "mistral:7b",
        "unknown-route:gpt-frob-5.4",
        "gpt-5.4-v7",
    ],
)
def test_a_part_that_says_something_else_links_nothing(name: str) -> None:
    assert not LINKER.link(name).model


def test_a_size_that_a_model_is_known_by_need_not_stand_in_its_id() -> None:
    assert LINKER.link("deepseek-r1:671b").model == "deepseek/deepseek-r1"
    assert LINKER.link("mistral-nemo:12b-instruct-2407-q8_0").model == "mistral/mistral-nemo"


def test_a_size_beats_a_stamp() -> None:
    models = (
        "mistral/ministral-14b-2512",
        "mistral/ministral-8b-2512",
        "mistral/ministral-3b-2512",
    )
    linker = Linker(models)
    for size in ("3b", "8b", "14b"):
        assert linker.link(f"ministral-{size}-2512").model == f"mistral/ministral-{size}-2512"
        assert linker.link(f"ministral-3-{size}-instruct-2512").model.endswith(f"{size}-2512")
    assert not linker.link("ministral-70b-2512").model


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("deepseek-ai/DeepSeek-V3", "deepseek-v3"),
        ("text-embedding-v4", "text-embedding-v4"),
        ("qwen/qwen3-32b:free", "qwen3-32b"),
        ("us.meta.llama9-8b-instruct-v1:0", "meta.llama9-8b-instruct"),
        ("openai/o9-high", ""),
        ("zai-org/GLM-9-FP8", ""),
    ],
)
def test_an_id_keeps_its_version_and_no_serving_mark(name: str, slug: str) -> None:
    assert mintable(name) == slug


def test_versions_of_one_name_are_models_of_their_own() -> None:
    linker = Linker()
    for version in ("v2", "v3", "v4"):
        linker.mint(f"text-embedding-{version}", "alibaba")
    linked = {linker.link(f"alibaba/text-embedding-{v}").model for v in ("v2", "v3", "v4")}
    assert linked == {f"alibaba/text-embedding-{v}" for v in ("v2", "v3", "v4")}


def test_the_names_of_the_cases(shared: Path) -> None:
    """Every name of the cases, with the models that a replay of them would know."""
    with (shared / "cases/resolution/names.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    models = {row["expected"] or row["got"] for row in rows} | {row["got"] for row in rows}
    linker = Linker(sorted(models - {"", "openai/o3-mini-high", "meta/meta-llama-3.1-8b-instruct"}))
    wrong = {
        row["name"]: link.model
        for row in rows
        if (link := linker.link(row["name"], row["provider"], near=False)).model != row["expected"]
    }
    assert len(rows) > 30 and not wrong


@pytest.mark.parametrize(
    "name, provider, model",
    [
        ("search", "perplexity", "perplexity/search"),
        ("search", "exa", ""),
        ("exa_ai/search", "exa", ""),
        ("perplexity/search", "", "perplexity/search"),
        # Another model, not a way to serve it.
        ("imagen-4.0-fast-generate-001", "", ""),
        ("gemini/veo-3.1-fast-generate-001", "", ""),
        ("glm-4.7-flash-fast", "", "zhipuai/glm-4.7-flash"),
        # Told apart by their context.
        ("doubao-9-pro-256k", "", ""),
        ("doubao-9-pro-32k", "", "bytedance/doubao-9-pro-32k"),
        # A whole date of six digits.
        ("deepseek-v3-250324", "volcengine", "deepseek/deepseek-v3-0324"),
        (
            "arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-sonnet-4-5-20250929-v1:0",
            "",
            SONNET,
        ),
        ("vidu-video-q2.0", "", ""),
    ],
)
def test_what_is_no_mark_is_part_of_the_model(name: str, provider: str, model: str) -> None:
    linker = Linker(
        (
            "perplexity/search",
            "google/imagen-4.0-generate-001",
            "google/veo-3.1-generate-001",
            "bytedance/doubao-9-pro-32k",
            "deepseek/deepseek-v3-0324",
            "tencent/vidu-video.0",
        )
    )
    assert linker.link(name, provider).model == model


def test_a_file_of_quantised_weights_is_told_as_such() -> None:
    link = Linker().link("Llama-3.3-70B-Instruct-GGUF")
    assert link.model and dict(link.marks) == {"quantisation": "gguf"}


def test_a_mark_in_a_display_name_alone_is_no_name_of_the_model_without_it() -> None:
    linker = Linker(
        [
            KnownModel("alibaba/qwen3-next-80b-thinking", "Qwen3 Next 80B (Thinking)"),
            KnownModel("alibaba/qwen3-next-80b-instruct", "Qwen3 Next 80B Instruct"),
        ]
    )
    assert linker.link("qwen3-next-80b").model == "alibaba/qwen3-next-80b-instruct"
