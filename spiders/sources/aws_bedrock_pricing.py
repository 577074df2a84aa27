"""Amazon Bedrock's price page as Markdown tables; prices are per 1,000 tokens."""

from __future__ import annotations

import re
from collections.abc import Iterator

from almanac.schemas.claim import Claim, terms
from almanac.schemas.terms import STANDARD, Terms
from almanac.spiders.base import Source
from almanac.spiders.page import Page
from almanac.spiders.parsers.flat import tables
from almanac.spiders.parsers.price_table import Form, first_line, read_tables

OPTIMISED = re.compile(r"\s*\((?:w/|with)\s*latency[- ]optimi[sz]ed inference\)", re.I)


class AwsBedrockPricing(Source):
    name = "aws_bedrock_pricing"
    start_urls = ("https://aws.amazon.com/bedrock/pricing/",)

    def read(self, page: Page) -> Iterator[Claim]:
        yield from read_tables(
            page,
            tables(page),
            Form(
                "Amazon Bedrock",
                name=lambda cell: OPTIMISED.sub("", first_line(cell)),
                row_terms=row_terms,
            ),
        )


def row_terms(cell: str) -> Terms:
    """Latency-optimised inference is a tier of the same model, not a model."""
    return terms(tier="latency optimised") if OPTIMISED.search(cell) else STANDARD
