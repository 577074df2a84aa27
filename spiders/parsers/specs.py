"""What model cards state in tables of two columns and in lists.

That is limits, sizes, licences, modalities and dates.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from almanac.schemas.claim import Claim
from almanac.schemas.quantity import LONGEST, is_missing
from almanac.spiders.page import Page
from almanac.spiders.parsers.flat import matches
from almanac.spiders.parsers.html_tables import PageTable

SPECS = {
    "context length": "context_window",
    "context window": "context_window",
    "native context length": "context_window",
    "total parameters": "parameters",
    "number of parameters": "parameters",
    "params": "parameters",
    "parameters": "parameters",
    "model size": "parameters",
    "active parameters": "active_parameters",
    "activated parameters": "active_parameters",
    "number of activated parameters": "active_parameters",
    "architecture": "architecture",
    "cutoff date": "training_cutoff",
    "knowledge cutoff": "knowledge_cutoff",
    "license": "licence",
    "licence": "licence",
    "tool calling": "function_calling",
    "input modalities": "input_modalities",
    "output modalities": "output_modalities",
    "release date": "release_date",
    "max output tokens": "max_output_tokens",
}
MEDIA = {
    "text": "text",
    "multilingual text": "text",
    "image": "image",
    "images": "image",
    "audio": "audio",
    "video": "video",
    "code": "code",
    "text embeddings": "embedding",
    "embeddings": "embedding",
    "embedding": "embedding",
    "embedding vectors": "embedding",
    "vectors": "embedding",
    "score": "score",
    "scores": "score",
}
FOOTNOTE = re.compile(r"[¹²³⁴⁵⁶⁷⁸⁹ⁱᵃᵇᶜ*†‡]+$")


def read_specs(page: Page, table: PageTable, model: str) -> Iterator[Claim]:
    """Yield what a table of label and value says of one model."""
    for i, row in enumerate(table.rows):
        yield from spec(page, row[0], row[1], model, table.row(i))


def spec(page: Page, label: str, printed: str, model: str, at: str) -> list[Claim]:
    """Return what one label and its value say; nothing for a label no card of ours knows."""
    field = (
        SPECS.get(FOOTNOTE.sub("", label).strip(" :*").lower()) if len(label) <= LONGEST else None
    )
    if field and len(printed) > LONGEST:
        page.refuse(
            f"{len(printed):,} characters, more than any figure has",
            printed=printed,
            locator=at,
            model=model,
            field=field,
        )
        return []
    text = FOOTNOTE.sub("", printed.strip()).strip()
    if not field or is_missing(text):
        return []
    if field.endswith("_modalities"):
        return modalities(page, field, text, model, at)
    if field in ("context_window", "max_output_tokens", "parameters", "active_parameters"):
        # `262,144 tokens (256K)`: the bracket says it again, or what is left out.
        text = re.sub(r"\s*(?:natively.*|\([^)]*\))$", "", text)
    elif field.endswith(("_cutoff", "_date")):
        text = re.sub(r"\s*\([^)]*\)$", "", text)  # `July 2025 (model released August 2025)`
    return page.say(field, text, model=model, locator=at, printed=printed)


def modalities(page: Page, field: str, text: str, model: str, at: str) -> list[Claim]:
    """Return modalities from words such as `Multilingual Text and code`.

    A word this reader does not know refuses them.
    """
    text = re.sub(r"\s*\([^)]*\)", "", text)
    parts = [p.strip().lower() for p in re.split(r"[,;/+&]|\band\b|\n", text) if p.strip()]
    kinds = [MEDIA.get(p) for p in parts]
    if None in kinds:
        page.refuse(
            "a modality this reader does not know",
            printed=text,
            locator=at,
            model=model,
            field=field,
        )
        return []
    return page.say(field, tuple(k for k in kinds if k), model=model, locator=at, printed=text)


BULLET = re.compile(
    r"^[^\S\n]*[-*]\s+(?:\*\*)?(?P<label>[A-Z][A-Za-z ]{2,32}?)"
    r"(?::\*\*|\*\*\s*:|:)\s*(?P<value>\S.*)$",
    re.M,
)


def bullets(text: str) -> Iterator[tuple[int, str, str]]:
    """Yield (line, label, value) of list items such as `- **License:** MIT`."""
    for n, m in matches(BULLET, text, "label"):
        yield n, m["label"], m["value"].rstrip()
