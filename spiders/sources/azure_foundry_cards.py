"""Microsoft Foundry model cards (Markdown): licence, sizes, limits and benchmarks."""

from __future__ import annotations

from collections.abc import Iterator

from almanac.schemas.claim import Claim
from almanac.schemas.organisations import maker_at
from almanac.spiders.base import Source
from almanac.spiders.page import LayoutChanged, Page
from almanac.spiders.reading.declared import Declared

CATALOGUE = ("https://ai.azure.com/", "file:")
"""Where only Microsoft writes, and copies that their owner saved."""


class AzureFoundryCards(Source):
    name = "azure_foundry_cards"
    version = 3
    named_by_url = True
    start_urls = (
        "https://raw.githubusercontent.com/Azure/azureml-assets/main/assets/models/system/Phi-4/description.md",
    )
    declared = Declared("azure", facts="model", subject=("asset",), scores="own", sentences=True)

    def read(self, page: Page) -> Iterator[Claim]:
        if not page.url.startswith(CATALOGUE) and maker_at(page.url) != "microsoft":
            raise LayoutChanged(
                "the address is not in Microsoft's catalogue, so whose card it is is not known"
            )
        yield from super().read(page)
