"""Gemini API models: a card for each model with label and value in turn."""

from __future__ import annotations

import re
from collections.abc import Iterator

from almanac.schemas.claim import Claim
from almanac.spiders.base import Source
from almanac.spiders.bounds import paced
from almanac.spiders.page import LayoutChanged, Page
from almanac.spiders.parsers.flat import lines
from almanac.spiders.parsers.html_tables import plain

PROVIDER = "Google AI Studio"
LIMITS = {"input token limit": "max_input_tokens", "output token limit": "max_output_tokens"}
CAPABILITIES = {
    "batch api": "batch",
    "caching": "prompt_caching",
    "code execution": "code_execution",
    "function calling": "function_calling",
    "structured outputs": "structured_outputs",
    "structured output": "structured_outputs",
    "thinking": "reasoning",
    "computer use": "computer_use",
}
SUPPORT = {"supported": True, "not supported": False}
MEDIA = {
    "text": "text",
    "image": "image",
    "images": "image",
    "audio": "audio",
    "video": "video",
    "videos": "video",
    "pdf": "pdf",
    "text embeddings": "embedding",
}
CODE = re.compile(r"(?:id_card)?\s*model code", re.I)
ID = re.compile(r"(?:models/)?((?:gemini|gemma|imagen|veo|lyria|learnlm)-[\w.-]+\w|aqa)")


class GoogleModels(Source):
    name = "google_models"
    start_urls = ("https://ai.google.dev/gemini-api/docs/models",)

    def read(self, page: Page) -> Iterator[Claim]:
        text = [plain(line.replace("\\_", "_")) for line in lines(page)]
        starts = [i for i, line in enumerate(text) if CODE.fullmatch(line)]
        if not starts:
            raise LayoutChanged("no Model code on the page")
        for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
            found = ID.fullmatch(text[start + 1]) if start + 1 < len(text) else None
            if not found:
                page.refuse(
                    "no id under Model code",
                    printed=text[start + 1][:200] if start + 1 < len(text) else "",
                    locator=f"text line {start + 1}",
                )
                continue
            yield from self._card(page, found[1], text, start, end)

    def _card(
        self, page: Page, model: str, text: list[str], start: int, end: int
    ) -> Iterator[Claim]:
        for i in paced(range(start, end - 1)):
            label, said, at = (
                re.sub(
                    r"\[[^\[\]]*\]|^(?:save|token_auto|handyman|calendar_month|cognition_2|123)",
                    "",
                    text[i],
                )
                .strip()
                .lower(),
                text[i + 1],
                f"text line {i + 1}",
            )
            if label in LIMITS:
                yield from self._both(page, LIMITS[label], said, model, at)
            elif label in CAPABILITIES and said.lower() in SUPPORT:
                yield from self._both(
                    page,
                    CAPABILITIES[label],
                    SUPPORT[said.lower()],
                    model,
                    at,
                    f"{text[i]}: {said}",
                )
            elif label in ("inputs", "input", "output", "outputs"):
                kinds = [
                    MEDIA.get(k.strip().lower()) for k in re.split(r",|\band\b", said) if k.strip()
                ]
                if None in kinds:
                    page.refuse(
                        "a modality this reader does not know",
                        printed=said[:200],
                        locator=at,
                        model=model,
                        field=f"{label.rstrip('s')}_modalities",
                    )
                    continue
                yield from self._both(
                    page,
                    f"{label.rstrip('s')}_modalities",
                    tuple(k for k in kinds if k),
                    model,
                    at,
                    said,
                )
            elif label == "knowledge cutoff":
                yield from page.say("knowledge_cutoff", said, model=model, locator=at)

    def _both(
        self, page: Page, field: str, said: object, model: str, at: str, printed: str | None = None
    ) -> Iterator[Claim]:
        """The maker's page is also the serving provider's."""
        yield from page.say(field, said, model=model, locator=at, printed=printed)
        yield from page.say(
            field, said, model=model, provider=PROVIDER, locator=at, printed=printed
        )
