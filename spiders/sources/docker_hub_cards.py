"""Docker Hub model cards: characteristics, variants by tag, benchmarks."""

from __future__ import annotations

from almanac.spiders.base import Source
from almanac.spiders.reading.declared import Declared


class DockerHubCards(Source):
    name = "docker_hub_cards"
    version = 3
    named_by_url = True
    start_urls = ("https://hub.docker.com/r/ai/mistral-nemo",)
    declared = Declared(
        "docker-hub",
        facts="model",
        subject=("first heading",),
        scores="own",
        labels={"cutoff date": "training cutoff"},
    )
