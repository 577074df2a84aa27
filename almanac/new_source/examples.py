"""Pages to begin with where none was saved: one of each form."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

_HTML = """<!doctype html>
<html><body>
<h2>Price per 1M tokens</h2>
<table>
<tr><th>Model</th><th>Input</th><th>Output</th></tr>
<tr><td>Example 1</td><td>$1.00</td><td>$2.00</td></tr>
<tr><td>Example 2</td><td>$0.10</td><td>$0.40</td></tr>
</table>
</body></html>
"""
_MARKDOWN = """## Price per 1M tokens

| Model | Input | Output |
|---|---|---|
| Example 1 | $1.00 | $2.00 |
| Example 2 | $0.10 | $0.40 |
"""
_JSON = """{"data": [
 {"id": "example-1", "context_length": 131072, "price_per_1m_input_tokens_usd": 1.00},
 {"id": "example-2", "context_length": 32768, "price_per_1m_input_tokens_usd": 0.10}
]}
"""


def example_for(url: str) -> bytes:
    """Return a page of the form that an address suggests."""
    path = urlsplit(url).path
    if re.search(r"\.json$|/v\d+/|/api/", path):
        return _JSON.encode()
    return (_MARKDOWN if re.search(r"\.(?:md|mdx|txt)$", path) else _HTML).encode()
