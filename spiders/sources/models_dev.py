"""models.dev: its published JSON, a day's snapshot of its repository, or one of its TOML files."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from almanac.schemas.claim import Claim
from almanac.schemas.fields import FIELDS
from almanac.schemas.terms import Terms
from almanac.spiders.base import Source, card
from almanac.spiders.page import LayoutChanged, Page, Unreadable
from almanac.spiders.parsers.records import KeyedRecord, KeyedRecords, pointer

SCORE = {"name": "benchmark", "source": "cited"} | {
    name: name for name in ("metric", "variant", "date", "harness", "dataset", "version")
}
OF_MODEL = frozenset(("knowledge", "open_weights", "license"))
"""What the row of an offer repeats of its model, of which it is no second voice."""
STATUS = {"alpha": "preview", "beta": "preview"}


class ModelsDev(Source):
    name = "models_dev"
    version = 2
    named_by_url = True
    start_urls = ("https://models.dev/api.json",)

    def read(self, page: Page) -> Iterator[Claim]:
        records = KeyedRecords(page, card(self.name).records, RULES)
        if re.search(r"\.toml$", page.url) or re.match(r"\s*(?:#[^\n]*\n\s*)*\w+ = ", page.text):
            yield from _toml(records)
        else:
            yield from _json(records)
        records.refuse_unknown()


def _json(records: KeyedRecords) -> Iterator[Claim]:
    data = records.page.json
    if not isinstance(data, dict):
        raise LayoutChanged("not an object of providers")
    whole = "models" in data and "providers" in data
    models: dict[str, Any] = data["models"] if whole else {}
    for name, row in models.items():
        yield from records.row("model", KeyedRecord(row, name, None, pointer("models", name)))
    for provider, entry in data.get("providers", data).items():
        if not isinstance(entry, dict) or not isinstance(entry.get("models"), dict):
            raise LayoutChanged(f"provider {provider!r} has no models")
        for name, row in entry["models"].items():
            at = pointer(*(["providers"] if "providers" in data else []), provider, "models", name)
            base = models.get(row.get("base_model") or row.get("extends_from") or "", {})
            inherited = OF_MODEL | _inherited(row, base)
            yield from records.row(
                "offer", KeyedRecord(row, name, provider, at, inherited=inherited)
            )


def _toml(records: KeyedRecords) -> Iterator[Claim]:
    page = records.page
    if re.fullmatch(r"[\w./:@-]+\.toml", page.text.strip()):
        raise Unreadable(f"a link to another file: {page.text.strip()}")
    path = re.search(
        r"(?:^|/)(?:(providers)/([^/]+)/)?models/(.+)\.toml$",
        page.url.removeprefix("file:").replace("__", "/"),
    )
    row = page.toml
    if not path:
        raise LayoutChanged("the URL does not say which model the file is about")
    record = KeyedRecord(row, path[3], path[2], "", inherited=OF_MODEL if path[1] else frozenset())
    yield from records.row("offer" if path[1] else "model", record)


def _inherited(row: Mapping[str, Any], base: Mapping[str, Any]) -> set[str]:
    """Return the keys that an offer's row takes over from its base model."""
    if not (row.get("base_model") or row.get("extends_from")):
        return set()
    if "_own" in row:
        return {key for key in row if key not in row["_own"]}
    return {key for key in row if base and row[key] == base.get(key)}


def _costs(records: KeyedRecords, offer: KeyedRecord, key: str) -> Iterator[Claim]:
    yield from records.read("cost", offer.within(key))


def _mode(records: KeyedRecords, modes: KeyedRecord, key: str) -> Iterator[Claim]:
    """Yield the prices of a faster mode: of the tier that a call asks for, else of its name."""
    mode = modes.within(key)
    body = ((mode.fields.get("provider") or {}).get("body") or {}).items()
    tier = dict(body).get("service_tier", key)
    odd = [name for name, _ in body if name not in ("service_tier", "speed")]
    odd += [name for name in mode.fields if name not in ("cost", "provider")]
    if odd:
        records.refuse_block(f"a mode under what is not known: {', '.join(odd)}", mode)
    elif "cost" in mode.fields:
        yield from records.read("cost", mode.within("cost", tier=tier))


def _tiers(records: KeyedRecords, cost: KeyedRecord, key: str) -> Iterator[Claim]:
    for n, _ in enumerate(cost.fields[key]):
        if tier := records.conditioned("cost", cost.within(key, n), WHEN):
            yield from records.read("cost", tier)


def _above(records: KeyedRecords, cost: KeyedRecord, key: str) -> Iterator[Claim]:
    """Yield the prices of `context_over_200k`."""
    thousands = re.fullmatch(r"context_over_(\d+)k", key)
    if not thousands:
        records.refuse("no threshold in the name of a block of prices", cost, key)
        return
    yield from records.read("cost", cost.within(key, above_input=int(thousands[1]) * 1000))


def _threshold(tier: Mapping[str, Any]) -> Terms:
    """Return the size above which a tier's prices hold. Raises ValueError for another kind."""
    stated = tier.get("tier") or {}
    if stated.get("type", "context") != "context" or stated.keys() - {"type", "size"}:
        raise ValueError(f"a tier by what this reader does not know: {stated}")
    return Terms.of(above_input=int(stated.get("size") or tier.get("above") or tier["size"]))


WHEN = dict.fromkeys(("tier", "above", "size"), _threshold)


def _listed(records: KeyedRecords, offer: KeyedRecord, key: str) -> list[Claim]:
    """Return the day from which a provider lists a model, where its own row states it."""
    if offer.basis_of(key) != "stated":
        return []
    printed = str(offer.fields[key])
    entry = FIELDS[("offer", "first_offered")]
    return records.stated(entry, printed, printed, offer, key, basis="derived")


def _stage(records: KeyedRecords, record: KeyedRecord, key: str) -> list[Claim]:
    printed = str(record.fields[key])
    entry = FIELDS[("offer" if record.provider else "model", "lifecycle")]
    return records.stated(entry, STATUS.get(printed, printed), printed, record, key)


def _levels(records: KeyedRecords, record: KeyedRecord, key: str) -> list[Claim]:
    """Return the levels of effort; a toggle and a budget of tokens are no levels."""
    levels: list[str] = []
    for option in record.fields[key]:
        if option.get("type") == "effort":
            levels += [value for value in option.get("values") or () if value]
    entry = FIELDS[("offer" if record.provider else "model", "reasoning_levels")]
    content = tuple(levels) or None
    return records.stated(entry, content, ", ".join(levels), record, key)


def _benchmarks(records: KeyedRecords, model: KeyedRecord, key: str) -> Iterator[Claim]:
    for n, _ in enumerate(model.fields[key]):
        yield from records.scored(model.within(key, n), "score", SCORE)


RULES = {
    "costs": _costs,
    "mode": _mode,
    "tiers": _tiers,
    "above": _above,
    "listed": _listed,
    "stage": _stage,
    "levels": _levels,
    "benchmarks": _benchmarks,
}
