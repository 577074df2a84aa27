"""LLM.API's landing pages, HTML or flattened text: a reseller on its own and rivals' routes."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from decimal import Decimal
from functools import partial
from typing import Any

from almanac.schemas.claim import Basis, Claim, terms
from almanac.schemas.quantity import Quantity, exact
from almanac.spiders.base import Source
from almanac.spiders.page import LayoutChanged, Page
from almanac.spiders.parsers.flat import is_html, lines, tables

SELF = "LLM API"
REGION = r"Global|US & EU|US East|US West|US|EU|Asia|APAC|Europe"
OFFER = re.compile(
    rf"(?P<provider>.{{1,80}}?)\s+(?P<region>{REGION})\s+(?P<latency>~?\d+ms)\s+"
    r"(?P<throughput>~?\d+ tps)\s+(?P<uptime>~?[\d.]+%)"
    r"\s+(?P<input>~?\$[\d.]+)\s+(?P<output>~?\$[\d.]+)\s+(?P<context>~?\d+[KM])"
)
# The heads of offers in text, in the order in which `OFFER` takes their cells.
HEADS = "Provider Region Latency Throughput Uptime Input ($/1M) Output ($/1M) Context"
METRICS = {
    "avg latency": "latency",
    "context window": "context_window",
    "input price ($/1m)": "input",
    "output price ($/1m)": "output",
    "max output tokens": "max_output_tokens",
    "throughput": "throughput",
    "uptime": "uptime",
}
CELL = re.compile(r"~?\$?\d+(?:\.\d+)?\s?(?:ms|tps|%|[KM]\b)?")
FAMILY = re.compile(
    r"(?<!^)\s+(?=(?:GPT|Claude|Gemini|Llama|Mistral|Qwen|DeepSeek|Grok|Gemma|Phi|Command)\b)"
)
USED = re.compile(r"(?P<uptime>[\d.]+)%")


class LlmApi(Source):
    name = "llm_api"

    def read(self, page: Page) -> Iterator[Claim]:
        text = lines(page)
        offers, specs = self._from_html(page) if is_html(page) else self._from_text(text)
        if not offers or not specs:
            raise LayoutChanged("no cost comparison and technical specifications")
        _, names, _, _ = specs[0]
        # The title, whatever the first column is.
        model, *_ = [line for line in text if line in names]
        for row, at in offers:
            yield from page.attempt(self._offer, page, model, row, at, locator=at, model=model)
        for label, _, cells, at in specs[1:]:
            if len(cells) != len(names):
                page.refuse("cells do not match the head", printed=f"{label}: {cells}", locator=at)
                continue
            for name, printed in zip(names, cells, strict=True):
                yield from self._spec(page, METRICS[label.lower()], printed, name, at)
        yield from self._usage(page, text, model)

    def _from_html(
        self, page: Page
    ) -> tuple[list[tuple[dict[str, str], str]], list[tuple[str, list[str], list[str], str]]]:
        offers: list[tuple[dict[str, str], str]] = []
        specs: list[tuple[str, list[str], list[str], str]] = []
        keys = {
            "provider": "provider",
            "region": "region",
            "latency": "latency",
            "throughput": "throughput",
            "uptime": "uptime",
            "input ($/1m)": "input",
            "output ($/1m)": "output",
            "context": "context",
        }
        for table in tables(page):
            heads = [h.lower() for h in table.head]
            if set(heads) == set(keys):
                offers = [
                    (dict(zip((keys[h] for h in heads), row, strict=True)), table.row(i))
                    for i, row in enumerate(table.rows)
                ]
            elif heads[0] == "metric":
                specs = [("", list(table.head[1:]), [], table.locator)]
                specs += [
                    (row[0], [], list(row[1:]), table.row(i))
                    for i, row in enumerate(table.rows)
                    if row[0].lower() in METRICS
                ]
        return offers, specs

    def _from_text(
        self, text: list[str]
    ) -> tuple[list[tuple[dict[str, str], str]], list[tuple[str, list[str], list[str], str]]]:
        headed = text.index(HEADS) + 1 if HEADS in text else len(text)
        offers = [
            (m.groupdict(), f"cost comparison, line {n}")
            for n, line in enumerate(text, 1)
            if n > headed and (m := OFFER.fullmatch(" ".join(line.split())))
        ]
        specs: list[tuple[str, list[str], list[str], str]] = []
        for n, line in enumerate(text, start=1):
            if line.startswith("Metric "):
                specs = [("", FAMILY.split(line.removeprefix("Metric ")), [], f"line {n}")]
            elif specs and (
                label := next((x for x in METRICS if line.lower().startswith(x + " ")), None)
            ):
                specs.append(
                    (
                        label,
                        [],
                        [c.strip() for c in CELL.findall(line[len(label) :])],
                        f"technical specifications, line {n}",
                    )
                )
        return offers, specs

    def _offer(self, page: Page, model: str, row: dict[str, str], at: str) -> Iterator[Claim]:
        provider = re.sub(r"\s*(?:\bBEST|\(.*-equivalent\))\s*$", "", row["provider"]).strip()
        basis: Basis = "self_reported" if provider == SELF else "rival"
        if re.fullmatch(REGION, provider):
            raise ValueError(f"no name of a provider: {provider!r}")
        if provider.lower().startswith("custom "):
            page.refuse(
                "no provider is named", printed=" ".join(row.values()), locator=at, model=model
            )
            return
        region = terms(region=None if row["region"] == "Global" else row["region"])
        who: dict[str, Any] = {"model": model, "provider": provider}
        for meter in ("input", "output"):
            yield from page.say(
                "price",
                row[meter],
                **who,
                meter=meter,
                terms=region,
                context=f"{meter} ($/1M)",
                locator=at,
                basis=basis,
            )
        yield from page.say(
            "context_window", row["context"], **who, terms=region, locator=at, basis=basis
        )
        for field in ("latency", "throughput", "uptime"):
            said = terms(**dict(region), kind="promised") if field == "uptime" else region
            yield from page.say(
                field,
                row[field],
                **who,
                terms=said,
                locator=at,
                basis=basis,
                read=partial(_measure, UNITS[field]),
            )

    def _spec(self, page: Page, field: str, printed: str, model: str, at: str) -> Iterator[Claim]:
        if field in ("input", "output"):
            yield from page.say(
                "price",
                printed,
                model=model,
                provider="first-party",
                meter=field,
                context=f"{field} ($/1M)",
                locator=at,
                basis="rival",
            )
        elif field in ("context_window", "max_output_tokens"):
            yield from page.say(field, printed, model=model, locator=at, basis="rival")
        else:
            yield from page.say(
                field,
                printed,
                model=model,
                provider=SELF,
                terms=terms(table="specifications", kind="promised" if field == "uptime" else None),
                locator=at,
                basis="self_reported",
                read=partial(_measure, UNITS[field]),
            )

    def _usage(self, page: Page, text: list[str], model: str) -> Iterator[Claim]:
        for n, (figure, label) in enumerate(itertools.pairwise(text), start=1):
            if label.lower().startswith("avg uptime over last 30 days") and (
                m := USED.fullmatch(figure)
            ):
                yield from page.say(
                    "uptime",
                    Decimal(m["uptime"]),
                    model=model,
                    provider=SELF,
                    terms=terms(kind="measured", window="30d"),
                    printed=f"{figure} {label}",
                    locator=f"usage, line {n}",
                    basis="self_reported",
                )


UNITS = {"latency": "ms", "throughput": "tps", "uptime": "%"}


def _measure(unit: str, printed: str) -> Quantity:
    """Return `~150ms`, `~70 tps` or `99.9%` in milliseconds, tokens a second or percent."""
    m = re.fullmatch(rf"(~?)(\d+(?:\.\d+)?)\s*{unit}", printed.strip())
    if not m:
        raise ValueError(f"no measurement in {unit}: {printed!r}")
    value = exact(Decimal(m[2]))
    return Quantity(value.value, value.readings, bool(m[1]))
