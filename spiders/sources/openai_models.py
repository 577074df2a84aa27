"""OpenAI's model pages: one model's limits, prices and features on lines of their own.

Also the list of models.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from almanac.schemas.claim import Claim
from almanac.spiders.base import Source
from almanac.spiders.page import LayoutChanged, Page
from almanac.spiders.parsers.flat import lines
from almanac.spiders.parsers.price_cards import read_cards

PROVIDER = "OpenAI"
LIMITS = (
    ("context_window", re.compile(r"([\d,]+) context window")),
    ("max_output_tokens", re.compile(r"([\d,]+) max output tokens")),
    ("knowledge_cutoff", re.compile(r"(\w{3,9} \d{1,2}, \d{4}) knowledge cutoff")),
)
FEATURES = {
    "streaming": "streaming",
    "function calling": "function_calling",
    "structured outputs": "structured_outputs",
    "fine-tuning": "fine_tuning",
    "code interpreter": "code_execution",
    "computer use": "computer_use",
}
MEDIA = {"text": "text", "image": "image", "audio": "audio", "video": "video"}
PAGE = re.compile(r"/docs/models/([\w.-]+?)(?:\?.*)?$")


class OpenAIModels(Source):
    name = "openai_models"
    start_urls = (
        "https://platform.openai.com/docs/models",
        "https://platform.openai.com/docs/models/gpt-5",
    )

    def read(self, page: Page) -> Iterator[Claim]:
        text = lines(page)
        if any(LIMITS[0][1].fullmatch(line) for line in text):
            yield from self._model(page, text)
        elif listed := list(
            dict.fromkeys(re.findall(r"(?:\]\(|href=\")/docs/models/([\w.-]+)[)\"]", page.text))
        ):
            for model in listed:
                yield from page.say(
                    "offered",
                    True,
                    model=model,
                    provider=PROVIDER,
                    printed=f"/docs/models/{model}",
                    locator=f"link to /docs/models/{model}",
                )
        else:
            raise LayoutChanged("neither a model's page nor a list of models")

    def _model(self, page: Page, text: list[str]) -> Iterator[Claim]:
        name = _name(page.url, text)
        for n, line in enumerate(text, 1):
            for field, pattern in LIMITS:
                if m := pattern.fullmatch(line):
                    yield from page.say(field, m[1], model=name, locator=f"line {n}", printed=line)
            if line == "Reasoning token support":
                yield from page.say(
                    "reasoning", True, model=name, locator=f"line {n}", printed=line
                )
        start = text.index("Text tokens") if "Text tokens" in text else None
        if start is not None:
            end = next(
                (
                    i
                    for i in range(start, len(text))
                    if text[i] in ("Quick comparison", "Modalities")
                ),
                len(text),
            )
            yield from read_cards(page, list(enumerate(text, 1))[start:end], PROVIDER, name)
        yield from self._pairs(page, text, name)

    def _pairs(self, page: Page, text: list[str], name: str) -> Iterator[Claim]:
        """`Function calling` then `Supported`: a known label, and what the next line says of it."""
        sides: dict[str, list[str]] = {"input": [], "output": []}
        at = 0
        for n, (label, said) in enumerate(pairwise(text), 1):
            low = label.lower()
            if low in FEATURES and said in ("Supported", "Not supported"):
                yield from page.say(
                    FEATURES[low],
                    said == "Supported",
                    model=name,
                    locator=f"line {n}",
                    printed=f"{label}: {said}",
                )
            elif low in MEDIA and said in (
                "Input and output",
                "Input only",
                "Output only",
                "Not supported",
            ):
                at = at or n
                for side, kinds in sides.items():
                    kinds += [MEDIA[low]] if side in said.lower() else []
        for side, kinds in sides.items():
            yield from page.say(
                f"{side}_modalities",
                tuple(kinds) or None,
                model=name,
                locator=f"line {at}",
                printed=", ".join(kinds),
            )


def _name(url: str, text: list[str]) -> str:
    """Return the model: the page's address names it, else the icon of its own card does."""
    icons = [m[1] for line in text if (m := re.match(r"!\[([\w.-]+)\]\(", line))]
    if m := PAGE.search(url):
        return m[1]
    if not icons or len(set(icons)) != 1:
        raise LayoutChanged("neither the address nor one icon names the model")
    return icons[0]
