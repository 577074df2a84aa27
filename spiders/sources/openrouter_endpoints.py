"""OpenRouter's endpoints: each provider's terms for one model.

They hold when it is bought through OpenRouter.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from almanac.schemas.claim import Claim
from almanac.schemas.fields import FIELDS
from almanac.schemas.regions import is_region
from almanac.schemas.terms import Terms
from almanac.spiders.base import Source, card
from almanac.spiders.page import LayoutChanged, Page
from almanac.spiders.parsers.records import KeyedRecord, KeyedRecords
from almanac.spiders.sources._openrouter_prices import image, prices
from almanac.spiders.sources.openrouter import unwrap

TIERS = frozenset(
    ("flex", "priority", "batch", "fast", "turbo", "highspeed", "lightning", "ultrafast")
)
QUANTISATION = FIELDS[("offer", "quantisation")]
NO_FORMAT = ("unknown", "none")


class OpenRouterEndpoints(Source):
    name = "openrouter_endpoints"
    version = 2
    start_urls = ("https://openrouter.ai/api/v1/models/google/gemini-3.1-flash-lite/endpoints",)

    def read(self, page: Page) -> Iterator[Claim]:
        answer = page.json
        data = answer.get("data") if isinstance(answer, dict) else None
        at, models = ("", [data]) if isinstance(data, dict) else unwrap(answer)
        if not any("endpoints" in m for m in models):
            raise LayoutChanged("no endpoints in the answer")
        kinds = {**card(self.name).records, "pricing": card("openrouter").records["pricing"]}
        rules = {
            "prices": prices,
            "image": image,
            "quantisation": _quantisation,
            "tag": _tag,
            "uptime": _uptime,
        }
        records = KeyedRecords(page, kinds, rules)
        for n, model in enumerate(models):
            place = "/data" if isinstance(data, dict) else f"{at}/{n}"
            record = KeyedRecord(model, str(model["id"]), None, place)
            yield from records.row("model", record)
            yield from records.agreed(_endpoints(records, record))
        records.refuse_unknown()


def _endpoints(records: KeyedRecords, model: KeyedRecord) -> Iterator[Claim]:
    """Yield the claims of a model's endpoints; those whose tag cannot be placed are refused."""
    places: list[tuple[KeyedRecord, Terms, str]] = []
    for n, endpoint in enumerate(model.fields.get("endpoints") or ()):
        record = model.within("endpoints", n)
        try:
            places.append((record, *placed(endpoint)))
        except (ValueError, KeyError, TypeError) as error:
            records.refuse_block(str(error), record)
    alike = Counter((str(record.fields["provider_name"]), terms) for record, terms, _ in places)
    for record, terms, number in places:
        provider = str(record.fields["provider_name"])
        numbered = number if alike[(provider, terms)] > 1 else None
        yield from records.row(
            "endpoint",
            KeyedRecord(
                record.fields,
                record.model,
                provider,
                record.at,
                Terms.of(via="openrouter", endpoint=numbered).merged(terms),
            ),
        )


def placed(endpoint: dict[str, Any]) -> tuple[Terms, str]:
    """Return the terms that an endpoint's tag and format state, and its number among its like.

    Raises ValueError for a mark that is no format, tier, region or number: what holds under it is
    not known.
    """
    marks: dict[str, str] = {}
    formats = [str(endpoint.get("quantization") or "").lower()]
    for mark in str(endpoint.get("tag") or "").lower().split("/")[1:]:
        kind = _kind(mark)
        if kind == "quantisation":
            formats.append(mark)
        elif marks.setdefault(kind, mark) != mark:
            raise ValueError(f"two marks of one kind: {marks[kind]!r} and {mark!r}")
    formats = [text for text in dict.fromkeys(formats) if text and text not in NO_FORMAT]
    if len(formats) > 1:
        raise ValueError(f"two number formats: {' and '.join(formats)}")
    terms = Terms.of(
        tier=marks.get("tier"), region=marks.get("region"), quantisation="".join(formats)
    )
    return terms, marks.get("number", "")


def _kind(mark: str) -> str:
    kinds = {
        "quantisation": re.fullmatch(QUANTISATION.form, mark) and mark not in NO_FORMAT,
        "tier": mark in TIERS,
        "region": is_region(mark),
        "number": mark.isdecimal(),
        "standard": mark in ("default", "standard"),
    }
    kind = next((kind for kind, fits in kinds.items() if fits), "")
    if not kind:
        raise ValueError(f"a mark of an endpoint that cannot be placed: {mark!r}")
    return kind


def _quantisation(records: KeyedRecords, endpoint: KeyedRecord, key: str) -> list[Claim]:
    text = endpoint.fields[key]
    return [] if text == "unknown" else records.fact(QUANTISATION, endpoint, key)


def _tag(records: KeyedRecords, endpoint: KeyedRecord, key: str) -> list[Claim]:
    """Return the number format where only the tag states it."""
    stated = endpoint.fields.get("quantization") not in (None, "", "unknown")
    text = endpoint.terms.get("quantisation")
    if stated or not text:
        return []
    return records.stated(QUANTISATION, text, text, endpoint, key)


def _uptime(records: KeyedRecords, endpoint: KeyedRecord, key: str) -> list[Claim]:
    entry = FIELDS[("offer", "uptime")]
    measured = Terms.of(kind="measured", window="30m").merged(endpoint.terms)
    content, printed = endpoint.fields[key], str(endpoint.fields[key])
    return records.stated(entry, content, printed, endpoint, key, terms=measured)
