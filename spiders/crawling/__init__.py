"""All that Scrapy runs."""
