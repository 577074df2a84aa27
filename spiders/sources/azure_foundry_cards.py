"""Microsoft Foundry model cards (Markdown): licence, sizes, limits and benchmarks."""

from __future__ import annotations

from almanac.spiders.base import Source
from almanac.spiders.reading.declared import Declared


class AzureFoundryCards(Source):
    name = "azure_foundry_cards"
    version = 3
    named_by_url = True
    start_urls = (
        "https://raw.githubusercontent.com/Azure/azureml-assets/main/assets/models/system/Phi-4/description.md",
    )
    declared = Declared(
        "azure",
        facts="model",
        subject=("asset",),
        maker="microsoft",
        own_addresses=("https://ai.azure.com/", "file:"),
        scores="own",
        sentences=True,
        sections={"sample": "samples of code"},
    )
