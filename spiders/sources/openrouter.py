"""OpenRouter's list of models: its own routes, and what it says of each model."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from almanac.schemas.claim import Claim
from almanac.schemas.dates import read_date
from almanac.spiders.base import Source
from almanac.spiders.page import LayoutChanged, Page
from almanac.spiders.sources._openrouter_prices import prices

MODALITIES = {"file": "pdf", "embeddings": "embedding", "rerank": "score"}
PARAMETERS = {
    "tools": "function_calling",
    "structured_outputs": "structured_outputs",
    "reasoning": "reasoning",
}


def unwrap(answer: Any) -> list[dict[str, Any]]:
    """Return the models of an answer, bare or as collectors wrap it.

    Raises LayoutChanged for another shape.
    """
    for _ in range(3):
        if (
            isinstance(answer, list)
            and answer
            and all(isinstance(m, dict) and "id" in m for m in answer)
        ):
            return answer
        if not isinstance(answer, dict):
            break
        answer = next((answer[k] for k in ("body", "data", "models") if k in answer), None)
    raise LayoutChanged("no list of models under data")


class OpenRouter(Source):
    name = "openrouter"
    start_urls = ("https://openrouter.ai/api/v1/models",)

    def read(self, page: Page) -> Iterator[Claim]:
        for i, model in enumerate(unwrap(page.json)):
            yield from page.attempt(
                self._model,
                page,
                model,
                f"/data/{i}",
                locator=f"/data/{i}",
                model=str(model.get("id", "")),
            )

    def _model(self, page: Page, m: dict[str, Any], at: str) -> Iterator[Claim]:
        name, top = m["id"], m.get("top_provider") or {}
        offer = {"model": name, "provider": "openrouter"}
        yield from prices(
            page, m["pricing"], model=name, provider="openrouter", locator=f"{at}/pricing"
        )
        yield from page.say(
            "context_window", m.get("context_length"), model=name, locator=f"{at}/context_length"
        )
        yield from page.say(
            "context_window",
            top.get("context_length"),
            **offer,
            locator=f"{at}/top_provider/context_length",
        )
        yield from page.say(
            "max_output_tokens",
            top.get("max_completion_tokens"),
            **offer,
            locator=f"{at}/top_provider/max_completion_tokens",
        )
        yield from page.say(
            "knowledge_cutoff",
            m.get("knowledge_cutoff"),
            model=name,
            locator=f"{at}/knowledge_cutoff",
        )
        yield from page.say(
            "withdrawn", m.get("expiration_date"), **offer, locator=f"{at}/expiration_date"
        )
        if m.get("created"):
            day = datetime.fromtimestamp(int(m["created"]), UTC).date().isoformat()
            yield from page.say(
                "first_offered",
                read_date(day),
                **offer,
                printed=str(m["created"]),
                locator=f"{at}/created",
            )
        shape = m.get("architecture") or {}
        for side in ("input", "output"):
            kinds = tuple(MODALITIES.get(k, k) for k in shape.get(f"{side}_modalities") or ())
            yield from page.say(
                f"{side}_modalities",
                kinds or None,
                model=name,
                locator=f"{at}/architecture/{side}_modalities",
            )
        for parameter, field in PARAMETERS.items():
            if parameter in (m.get("supported_parameters") or ()):
                yield from page.say(
                    field, True, **offer, printed=parameter, locator=f"{at}/supported_parameters"
                )
        levels = tuple((m.get("reasoning") or {}).get("supported_efforts") or ())
        yield from page.say(
            "reasoning_levels",
            levels or None,
            model=name,
            locator=f"{at}/reasoning/supported_efforts",
        )
