"""Amazon Bedrock's price page as Markdown tables; prices are per 1,000 tokens."""

from __future__ import annotations

from almanac.spiders.base import Source
from almanac.spiders.reading.declared import Declared


class AwsBedrockPricing(Source):
    name = "aws_bedrock_pricing"
    version = 2
    start_urls = ("https://aws.amazon.com/bedrock/pricing/",)
    declared = Declared("Amazon Bedrock")
