"""LLM Reference's comparison pages of May and June 2026: HTML, piped or glued text."""

from __future__ import annotations

from almanac.spiders.base import Source
from almanac.spiders.reading.declared import Declared
from almanac.spiders.reading.set_phrase import SetPhrase


class LlmReference(Source):
    name = "llm_reference"
    version = 2
    declared = Declared(
        "",
        facts="model",
        scores="all",
        archived=True,
        opinions=("architecture",),  # it says decoder only of every model
        labels={
            "cheapest tracked route": "provider",
            "cheapest tracked route/tier": "provider",
            "tool use": "hosted tools",
        },
        ignored={
            "cheapest output": "the output price, which stands below it",
            "decision fit": "advice",
            "provider routes": "a count of providers, which the page lists",
            "shared benchmarks": "a count of benchmarks, which the page lists",
        },
        phrases=(SetPhrase("offered", "{model} is available on {providers}.", value=True),),
    )
