"""ModelsLab's blog: a list of specs about one model, prices of others, advice.

HTML or flattened text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from almanac.schemas.claim import Claim
from almanac.schemas.money import read_price
from almanac.spiders.base import Source
from almanac.spiders.bounds import paced
from almanac.spiders.page import LayoutChanged, Page
from almanac.spiders.parsers.flat import lines

LISTED = re.compile(
    r"(?P<model>[A-Z][\w.-]*(?: [\w.-]+){0,5})(?: \((?P<where>self-hosted)\))?: "
    r"(?P<price>~?\$[\d.]+(?:-[\d.]+)?/1M(?: input| output)?)\b(?P<rest>.*)"
)
LEVEL = re.compile(r"thinking: \"(\w+)\"")
LEVELS = {"none", "minimal", "low", "medium", "high", "xhigh", "max"}
SUCCEEDS = re.compile(
    r"(?P<ratio>\d+(?:\.\d+)?x) faster than its predecessor "
    r"(?P<old>[A-Z][\w.-]*(?: [\w.-]*\w)+)(?P<rest>[^;.]*)"
)
RELEASED = re.compile(
    r"released (?P<model>.{1,300}?) in (?P<when>(?:early |mid |late )?[A-Z][a-z]+ \d{4})"
)


class ModelsLab(Source):
    name = "modelslab"
    version = 2

    def read(self, page: Page) -> Iterator[Claim]:
        text = lines(page)
        title = next((m for line in text if (m := re.match(r"(.+?) API: ", line))), None)
        specs = {
            m[1].lower(): (m[2], n)
            for n, line in reversed(list(enumerate(text, 1)))
            if (m := re.fullmatch(r"([A-Z][\w ()/:]{2,40}?): (.+)", line))
        }
        if not title or "input pricing" not in specs:
            raise LayoutChanged("no title `MODEL API: …` with a list of specs")
        model = title[1].strip()
        preview = "preview" in specs.get("status", ("",))[0].lower()
        yield from self._specs(page, specs, model, preview)
        for n, line in enumerate(paced(text), start=1):
            if m := LISTED.match(line):
                yield from self._listed(page, m, n)
            if (m := RELEASED.search(line)) and m["model"] == model:
                # The post says it is in preview: the day it came out is the preview's,
                # not the GA model's.
                field = "announced_date" if preview else "release_date"
                yield from page.say(
                    field,
                    m["when"],
                    model=f"{model} Preview" if preview else model,
                    printed=m[0],
                    locator=f"line {n}",
                )
            if m := SUCCEEDS.search(line):
                yield from page.say(
                    "predecessor",
                    m["old"],
                    model=model,
                    printed=m[0].removesuffix(m["rest"]),
                    locator=f"line {n}",
                )
                self._ratio(page, m, n, specs, model)
            if (m := LEVEL.search(line)) and m[1] not in LEVELS:
                page.refuse(
                    "a reasoning level no maker's list has",
                    printed=m[0],
                    locator=f"line {n}",
                    model=model,
                    field="reasoning_levels",
                )
            if "text and code only" in line:
                yield from page.say(
                    "output_modalities",
                    ("text",),
                    model=model,
                    printed="text and code only",
                    locator=f"line {n}",
                    basis="derived",
                )
        if "thinking levels" in specs:
            yield from page.say(
                "reasoning",
                True,
                model=model,
                printed=specs["thinking levels"][0],
                locator=f"line {specs['thinking levels'][1]}",
                basis="derived",
            )

    def _specs(
        self, page: Page, specs: dict[str, tuple[str, int]], model: str, preview: bool
    ) -> Iterator[Claim]:
        for label, meter in (("input pricing", "input"), ("output pricing", "output")):
            if label in specs:
                printed, n = specs[label]
                yield from page.say(
                    "price",
                    printed,
                    model=model,
                    provider="first-party",
                    meter=meter,
                    locator=f"line {n}",
                )
        if "output speed" in specs:
            printed, n = specs["output speed"]
            speed = re.fullmatch(r"(\d+) tokens/second", printed)
            yield from page.say(
                "throughput",
                Decimal(speed[1]) if speed else printed,
                model=model,
                provider="first-party",
                printed=printed,
                locator=f"line {n}",
            )
        if "context window" in specs:
            printed, n = specs["context window"]
            yield from page.say(
                "context_window",
                re.sub(r"\s*\(.*\)$", "", printed),
                model=model,
                printed=printed,
                locator=f"line {n}",
            )
        if preview:
            printed, n = specs["status"]
            yield from page.say(
                "lifecycle",
                "preview",
                model=f"{model} Preview",
                printed=printed,
                locator=f"line {n}",
            )
        if "time to first token" in specs:
            printed, n = specs["time to first token"]
            page.refuse(
                "a ratio to another model is no measurement",
                printed=printed,
                locator=f"line {n}",
                model=model,
                field="latency",
            )

    def _ratio(
        self, page: Page, m: re.Match[str], n: int, specs: dict[str, tuple[str, int]], model: str
    ) -> None:
        """Refuse a ratio that the prose says of one metric and the list of another."""
        listed, at = specs.get("time to first token", ("", 0))
        if listed.startswith(m["ratio"]) and "output speed" in m["rest"]:
            reason = (
                "the document contradicts itself:"
                f" here {m['ratio']} is of output speed, in line {at} of time to first token"
            )
            page.refuse(reason, printed=m[0], locator=f"line {n}", model=model, field="throughput")

    def _listed(self, page: Page, m: re.Match[str], n: int) -> Iterator[Claim]:
        meter = (
            "input"
            if m["price"].endswith("input")
            else "output"
            if m["price"].endswith("output")
            else "token"
        )
        if meter == "token" and not m["where"]:
            page.refuse(
                "a price that does not say for which tokens",
                printed=m[0][:200],
                locator=f"line {n}",
                model=m["model"],
                field="price",
            )
            return
        yield from page.say(
            "price",
            m["price"],
            model=m["model"],
            provider=m["where"] or "first-party",
            meter=meter,
            basis="rival",
            printed=m["price"] + (m["rest"] if m["where"] else ""),
            locator=f"line {n}",
            read=lambda said: read_price(said, "tokens"),
        )
