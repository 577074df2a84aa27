"""Providers: one entry for each seller, and what sells nothing makes no offer."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from almanac.flows.entity_resolution import providers
from almanac.flows.entity_resolution.linker import Linker
from almanac.flows.entity_resolution.providers import no_seller, provider_id, seller
from almanac.flows.ingest.claim_links import observed
from almanac.flows.reconciliation import draft
from almanac.flows.reconciliation.outlier_checks import PriceGuards
from almanac.flows.reconciliation.reconcile import resolve
from almanac.schemas import catalogue
from almanac.schemas.claim import Capture, Claim, RefusedItem
from almanac.schemas.codes import RefusalCode
from almanac.schemas.observation import Observation
from almanac.spiders import base
from almanac.warehouse.write.store import Look, Store
from tests.support.observations import observation
from tests.support.recorded import RECORDED

LINKER = Linker()
DAY = date(2026, 8, 1)


def claim(provider: str | None, model: str = "mistral-nemo", **more: Any) -> Claim:
    """Return a price that a source states."""
    stated: dict[str, Any] = {
        "source": "litellm",
        "capture": "0" * 64,
        "subject": "offer",
        "provider": provider,
        "model": model,
        "field": "price",
        "meter": "input",
        "value": 20,
        "unit": "usd_per_mtok",
        "printed": "0.02",
        "locator": "/x",
    }
    return Claim(**{**stated, **more})


def taken(*claims: Claim) -> tuple[list[Observation], list[RefusedItem]]:
    return observed(claims, claims[0].source, "p", DAY, LINKER)


def test_no_spelling_belongs_to_two_providers() -> None:
    owners: dict[str, set[str]] = defaultdict(set)
    for entry in catalogue.providers().values():
        for word in (entry.id, entry.name, *entry.aliases):
            owners[providers._spelled(word)].add(entry.id)
    assert not {word: ids for word, ids in owners.items() if len(ids) > 1}


def test_every_provider_of_the_recorded_pages_has_a_display_name_and_a_role() -> None:
    named = {
        (row["provider"], body.parent.parent.name)
        for body in RECORDED
        for row in json.loads(body.with_name("claims.json").read_text())["claims"]
        if row["provider"] not in (None, "first-party")
    }
    assert len(named) > 50
    assert not {
        name for name, source in named if not catalogue.provider(provider_id(name, source=source))
    }


def test_every_provider_that_a_card_speaks_for_and_every_makers_own_is_known() -> None:
    spoken_for = {provider for name in base.names() for provider in base.card(name).providers}
    own = {maker.first_party for maker in catalogue.makers().values()}
    for provider in spoken_for | own:
        entry = catalogue.provider(provider)
        assert entry and entry.name and provider_id(provider) == provider, provider
    for entry in catalogue.providers().values():
        assert entry.first_party_of in ("", *catalogue.makers())
        assert entry.foreign in ("", *catalogue.providers())
        assert {source for source, _ in entry.at} <= set(base.names())


def test_a_role_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="no role 'shop'"):
        catalogue._provider({"id": "x", "name": "X", "role": "shop"})


@pytest.mark.parametrize(
    "provider, spellings",
    [
        ("azure", "azure|azure-ai|azure_ai|azure-openai|azure_text|Azure|Microsoft Foundry"),
        ("mistral", "mistral|mistral-ai|mistralai|Mistral AI|La Plateforme|codestral"),
        ("togetherai", "togetherai|together-ai|together_ai|Together AI|together"),
        ("google-vertex", "google-vertex|vertex-ai|vertex_ai|vertex_ai-text-models|Vertex AI"),
        ("oci", "oci|oracle"),
        ("amazon-bedrock", "bedrock|bedrock-mantle|bedrock_mantle|aws|amazon|Amazon Bedrock"),
        ("cloudflare-workers-ai", "cloudflare|workers-ai|Cloudflare Workers AI"),
        ("perplexity", "perplexity|perplexity-ai|Perplexity"),
        ("gmicloud", "gmi|gmicloud|GMI Cloud|GMICloud"),
        ("friendli", "friendli|friendliai|Friendli"),
        ("voyage", "voyage|voyageai|Voyage AI"),
        ("jina", "jina|jina_ai|Jina AI"),
        ("stability", "stability|stability-ai"),
        ("reka", "reka-ai|Reka"),
        ("snowflake", "snowflake|snowflake-cortex"),
        ("lambda", "lambda_ai|Lambda"),
        ("sakana", "sakana|Sakana AI"),
        ("zai", "zai|z-ai|Z.AI|zhipu|zhipuai|bigmodel"),
        ("moonshotai", "moonshot|moonshot-ai|moonshotai|Moonshot AI"),
        ("meta", "meta|meta_llama|meta-ai|llama|Meta"),
        ("wafer", "wafer|wafer.ai|Wafer"),
        ("digitalocean", "digitalocean|gradient_ai|DigitalOcean"),
    ],
)
def test_one_seller_is_one_id(provider: str, spellings: str) -> None:
    assert {provider_id(word) for word in spellings.split("|")} == {provider}


def test_names_that_only_look_like_a_sellers_are_others() -> None:
    cyrillic_o = "\u043epenai"
    assert provider_id(cyrillic_o) == cyrillic_o
    assert provider_id("openai\u89c6") == "openai\u89c6"
    assert provider_id("\u706b\u5c71\u5f15\u64ce") == "\u706b\u5c71\u5f15\u64ce"
    assert provider_id("openai-reseller") == "openai-reseller"


def test_another_makers_model_at_google_is_served_by_vertex() -> None:
    assert provider_id("google", "google") == provider_id("google") == "google-ai-studio"
    assert provider_id("google", "anthropic") == "google-vertex"
    (sold,), _ = taken(claim("google", "claude-sonnet-4-6"))
    assert sold.subject == "google-vertex:anthropic/claude-sonnet-4-6"
    (sold,), _ = taken(claim("google", "gemini-2.5-flash"))
    assert sold.subject == "google-ai-studio:google/gemini-2.5-flash"


def test_a_source_may_mean_another_by_a_spelling() -> None:
    assert provider_id("Google", "google", "openrouter_endpoints") == "google-vertex"
    assert provider_id("Google AI Studio", "google", "openrouter_endpoints") == "google-ai-studio"


def test_a_host_behind_a_gateway_is_the_seller_through_it() -> None:
    assert seller("huggingface_novita") == ("novita-ai", "huggingface")
    assert seller("huggingface_nobody") == ("huggingface-nobody", "")
    assert seller("vercel_ai_gateway") == ("vercel", "")
    (sold,), _ = taken(claim("huggingface_together"))
    assert (sold.provider, sold.terms) == ("togetherai", "via=huggingface")


@pytest.mark.parametrize(
    "spelling", ["median of providers", "searxng", "tavily", "lmstudio", "self-hosted", "ollama"]
)
def test_what_sells_nothing_makes_no_offer_and_is_counted(spelling: str) -> None:
    observations, refused = taken(claim(spelling), claim("Groq"))
    assert [o.provider for o in observations] == ["groq"]
    (item,) = refused
    assert item.code is RefusalCode.no_seller and item.stage == "link" and item.provider == spelling
    assert item.reason.startswith("no seller: ")


def test_what_is_measured_of_several_sellers_stands() -> None:
    speed = claim(
        "median of providers", field="throughput", meter=None, unit="tokens per second", value=80
    )
    observations, refused = taken(speed, claim("median of providers"))
    assert [o.field for o in observations] == ["throughput"] and len(refused) == 1
    assert not no_seller("median-of-providers", "latency")
    assert no_seller("lmstudio", "latency") and no_seller("lmstudio", "context_window")


def test_a_makers_own_platform_without_an_entry_bears_its_makers_name() -> None:
    assert "allenai" not in catalogue.providers()
    entry = catalogue.provider("allenai")
    assert entry and (entry.name, entry.role, entry.first_party_of) == (
        catalogue.makers()["allenai"].name,
        "first_party",
        "allenai",
    )
    assert catalogue.provider("nobody-we-know") is None


# A maker's own API and its open weights


NANO = "nvidia/nemotron-nano-12b-v2-vl"


def price(source: str, provider: str, terms: str = "") -> Observation:
    stated = {"source": source, "subject_kind": "offer", "model": NANO, "provider": provider}
    return observation(
        **stated,
        subject=f"{provider}:{NANO}",
        field="price",
        meter="input",
        terms=terms,
        value="200",
        value_integer=200,
        unit="usd_per_mtok",
    )


def test_a_makers_own_api_sells_its_open_weights_on_its_own_word_alone() -> None:
    checks = PriceGuards([], {}, {("nvidia", NANO)})
    cards = {"models_dev": base.card("models_dev")}
    held = resolve([price("models_dev", "nvidia")], cards, checks)
    assert (held.value, held.rule) == (None, "held") and "only third parties" in held.why
    assert resolve([price("models_dev", "deepinfra")], cards, checks).value == 200
    through = price("models_dev", "nvidia", "via=openrouter")
    assert resolve([through], cards, checks).value == 200, "a gateway's own offer"
    assert resolve([price("models_dev", "nvidia")], cards, PriceGuards([], {})).value == 200


def test_who_sells_by_others_word_alone_is_known_from_the_claims(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'w.db'}")
    open_weights = claim(
        None, NANO, subject="model", field="open_weights", meter=None, value=True, unit=""
    )
    sold = [claim("nvidia", NANO), claim("deepinfra", NANO), claim("mistral", "mistral-nemo")]
    page(store, "litellm", open_weights, *sold)
    assert "only third parties" in draft.guards(store).unsold(NANO, "nvidia", "")
    assert not draft.guards(store).unsold(NANO, "deepinfra", "")
    page(store, "api_list_models", claim("nvidia", NANO, source="api_list_models"))
    assert not draft.guards(store).unsold(NANO, "nvidia", ""), "the maker says so itself"
    assert catalogue.is_own_api("nvidia", "nvidia") and catalogue.is_own_api("allenai", "allenai")
    assert not catalogue.is_own_api("azure", "microsoft"), "a cloud"


def page(store: Store, source: str, *claims: Claim) -> None:
    """Keep what a page of a source says."""
    observations, _ = observed(claims, source, "p", DAY, LINKER)
    capture = Capture(
        source=source,
        url="https://x.example/",
        page="p",
        fetched_at=datetime(2026, 8, 1, tzinfo=UTC),
        digest=claims[0].capture,
    )
    store.add(source, "p", [Look(capture, 1, observations)], [])
